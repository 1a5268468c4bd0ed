//! Who may come in: [`api::authentication::Authentication`] → [`Access`].
//!
//! [`api::authentication::Authentication`]: crate::api::authentication::Authentication

use std::collections::BTreeMap;

use super::report::Report;
use super::traffic::{header_names, headers_by_claim};
use super::value::header;
use super::value::name::{self, NAME_LIMIT};
use crate::api::authentication::{self as stated, Algorithm, AuthenticationType};

/// Who may come in.
#[derive(Clone, Debug, PartialEq)]
pub enum Access {
    /// Everybody.
    Everybody,
    /// Who has a token that was signed.
    Jwt(Box<Jwt>),
    /// Who has a token that a service of the app calls good.
    TokenCheck(TokenCheck),
    /// Whom a service of the app lets in.
    Forward(Forward),
    /// Who has a name and a password of that Secret.
    Basic(String),
    /// Who has a key of that Secret.
    ApiKey(ApiKey),
}

impl Access {
    /// The services of the app that are asked, with the field that names them.
    pub fn services(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Everybody | Self::Basic(_) | Self::ApiKey(_) => Vec::new(),
            Self::Jwt(jwt) => {
                let blacklist = jwt.blacklist.iter();
                blacklist
                    .map(|it| ("jwt.blacklist.service", it.service.as_str()))
                    .collect()
            }
            Self::TokenCheck(check) => vec![("tokenCheck.service", &check.service)],
            Self::Forward(forward) => vec![("forward.service", &forward.service)],
        }
    }

    /// The headers that tell a service who came in. Nobody else may send them.
    pub fn identity_headers(&self) -> Vec<String> {
        match self {
            Self::Everybody | Self::Basic(_) => Vec::new(),
            Self::Jwt(jwt) => jwt.headers.values().cloned().collect(),
            Self::TokenCheck(check) => check.headers.values().cloned().collect(),
            Self::Forward(forward) => forward.response_headers.clone(),
            Self::ApiKey(_) => vec![OWNER_HEADER.to_owned()],
        }
    }
}

/// The header that tells a service whose key it was.
pub const OWNER_HEADER: &str = "X-API-Key-Owner";

/// How a signed token is checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Jwt {
    /// Where the keys are.
    pub key: Key,
    /// The signatures that are accepted; never empty.
    pub algorithms: Vec<Algorithm>,
    /// Who must have issued it.
    pub issuer: Option<String>,
    /// For whom it must be; for anybody when empty.
    pub audiences: Vec<String>,
    /// Which header a claim becomes.
    pub headers: BTreeMap<String, String>,
    /// What claims must be.
    pub required: BTreeMap<String, Vec<String>>,
    /// Where revoked tokens are.
    pub blacklist: Option<Blacklist>,
    /// The cookie that has the token.
    pub cookie: Option<String>,
}

/// Where the key of a signature is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A JWK Set at that URL.
    Jwks(String),
    /// Under `key` of that Secret.
    Secret(String),
}

/// A Redis with a key for each token that was revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blacklist {
    /// The service that owns it.
    pub service: String,
    /// The database.
    pub database: String,
    /// The key, with `{jti}`, `{sub}` and `{sha256}` in it.
    pub key: String,
}

/// A service that says whether a token is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCheck {
    /// The service.
    pub service: String,
    /// The path.
    pub path: String,
    /// The field of the body that has the token.
    pub token_field: String,
    /// The field of the answer that must be true.
    pub valid_field: Option<String>,
    /// Which header a field of the answer becomes.
    pub headers: BTreeMap<String, String>,
}

/// A service that lets in by 2xx.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The service.
    pub service: String,
    /// The path.
    pub path: String,
    /// The headers of its answer that are handed on.
    pub response_headers: Vec<String>,
}

/// Keys of callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The Secret.
    pub secret: String,
    /// The header that has the key.
    pub header: String,
}

/// Checks who may come in.
pub(super) fn access(
    stated: Option<&stated::Authentication>,
    at: &str,
    report: &mut Report,
) -> Option<Access> {
    let stated = stated?;
    fitting(stated, at, report);
    Some(match stated.type_ {
        AuthenticationType::None => Access::Everybody,
        AuthenticationType::JWT => {
            let stated = stated.jwt.as_ref()?;
            Access::Jwt(Box::new(jwt(stated, &format!("{at}.jwt"), report)?))
        }
        AuthenticationType::TokenCheck => {
            let stated = stated.token_check.as_ref()?;
            Access::TokenCheck(token_check(stated, &format!("{at}.tokenCheck"), report))
        }
        AuthenticationType::Forward => {
            let stated = stated.forward.as_ref()?;
            Access::Forward(forward(stated, &format!("{at}.forward"), report))
        }
        AuthenticationType::Basic => {
            let secret = &stated.basic.as_ref()?.secret_name;
            report.check(format!("{at}.basic.secretName"), name::object(secret));
            Access::Basic(secret.clone())
        }
        AuthenticationType::APIKey => {
            let stated = stated.api_key.as_ref()?;
            Access::ApiKey(api_key(stated, &format!("{at}.apiKey"), report))
        }
    })
}

/// The kind, and the field of that kind and no other.
fn fitting(stated: &stated::Authentication, at: &str, report: &mut Report) {
    use AuthenticationType::{APIKey, Basic, Forward, JWT, TokenCheck};
    let fields = [
        (JWT, "jwt", stated.jwt.is_some()),
        (TokenCheck, "tokenCheck", stated.token_check.is_some()),
        (Forward, "forward", stated.forward.is_some()),
        (Basic, "basic", stated.basic.is_some()),
        (APIKey, "apiKey", stated.api_key.is_some()),
    ];
    for (type_, field, is_there) in fields {
        let wanted = stated.type_ == type_;
        if wanted && !is_there {
            report.add(
                format!("{at}.{field}"),
                format!("is missing, and type: {type_:?} needs it"),
            );
        } else if is_there && !wanted {
            report.add(
                format!("{at}.{field}"),
                format!("is for type: {type_:?}: write that type, or take {field} out"),
            );
        }
    }
}

fn jwt(stated: &stated::Jwt, at: &str, report: &mut Report) -> Option<Jwt> {
    if let Some(secret) = &stated.key_secret {
        report.check(format!("{at}.keySecret"), name::object(secret));
    }
    if let Some(url) = &stated.jwks_uri
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        report.add(
            format!("{at}.jwksUri"),
            format!("{url:?} is no URL: write one as https://id.example.com/.well-known/jwks.json"),
        );
    }
    headers_by_claim(
        &stated.claims_to_headers,
        &format!("{at}.claimsToHeaders"),
        report,
    );
    if let Some(cookie) = &stated.cookie {
        report.check(format!("{at}.cookie"), header::header(cookie));
    }
    let key = match (&stated.jwks_uri, &stated.key_secret) {
        (Some(url), None) => Some(Key::Jwks(url.clone())),
        (None, Some(secret)) => Some(Key::Secret(secret.clone())),
        _ => {
            report.add(
                at,
                "says not where the key is: write jwksUri, or keySecret, and not both",
            );
            None
        }
    };
    let blacklist = stated.blacklist.as_ref();
    Some(Jwt {
        key: key?,
        algorithms: match stated.algorithms.as_slice() {
            // A shared secret must be asked for: a public key that was taken for one would let
            // everybody who knows it sign.
            [] => vec![Algorithm::RS256, Algorithm::ES256],
            stated => stated.to_vec(),
        },
        issuer: stated.issuer.clone(),
        audiences: stated.audiences.clone(),
        headers: stated.claims_to_headers.clone(),
        required: stated.required_claims.clone(),
        blacklist: blacklist.map(|each| self::blacklist(each, &format!("{at}.blacklist"), report)),
        cookie: stated.cookie.clone(),
    })
}

/// The key of a revoked token, where nothing is said of it.
const BLACKLIST_KEY: &str = "blacklist:{jti}";

fn blacklist(stated: &stated::Blacklist, at: &str, report: &mut Report) -> Blacklist {
    service(&stated.service, at, report);
    report.check(format!("{at}.database"), name::database(&stated.database));
    let key = stated.key.as_deref().unwrap_or(BLACKLIST_KEY);
    if !["{jti}", "{sub}", "{sha256}"]
        .iter()
        .any(|part| key.contains(part))
    {
        report.add(
            format!("{at}.key"),
            format!("{key:?} is one key for all tokens: write what tells them apart into it, as {BLACKLIST_KEY}"),
        );
    }
    Blacklist {
        service: stated.service.clone(),
        database: stated.database.clone(),
        key: key.to_owned(),
    }
}

fn token_check(stated: &stated::TokenCheck, at: &str, report: &mut Report) -> TokenCheck {
    service(&stated.service, at, report);
    headers_by_claim(
        &stated.fields_to_headers,
        &format!("{at}.fieldsToHeaders"),
        report,
    );
    TokenCheck {
        service: stated.service.clone(),
        path: path(stated.path.as_deref(), "/validate-token", at, report),
        token_field: stated
            .token_field
            .clone()
            .unwrap_or_else(|| "token".to_owned()),
        valid_field: stated.valid_field.clone(),
        headers: stated.fields_to_headers.clone(),
    }
}

fn forward(stated: &stated::Forward, at: &str, report: &mut Report) -> Forward {
    service(&stated.service, at, report);
    header_names(
        &stated.response_headers,
        &format!("{at}.responseHeaders"),
        report,
    );
    Forward {
        service: stated.service.clone(),
        path: path(stated.path.as_deref(), "/", at, report),
        response_headers: stated.response_headers.clone(),
    }
}

fn api_key(stated: &stated::ApiKey, at: &str, report: &mut Report) -> ApiKey {
    report.check(
        format!("{at}.secretName"),
        name::object(&stated.secret_name),
    );
    if let Some(name) = &stated.header {
        report.check(format!("{at}.header"), header::header(name));
    }
    ApiKey {
        secret: stated.secret_name.clone(),
        header: stated
            .header
            .clone()
            .unwrap_or_else(|| "X-API-Key".to_owned()),
    }
}

fn service(service: &str, at: &str, report: &mut Report) {
    report.check(format!("{at}.service"), name::label(service, NAME_LIMIT));
}

fn path(stated: Option<&str>, default: &str, at: &str, report: &mut Report) -> String {
    let path = stated.unwrap_or(default);
    report.check(format!("{at}.path"), name::prefix(path));
    path.to_owned()
}
