//! What an authenticator is told: by which policies it checks. Plain data, which the plan
//! writes and the process reads.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::api::authentication::Algorithm;

/// All policies, by name; a gateway asks `/check/NAME`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// The policies.
    pub policies: BTreeMap<String, Policy>,
}

/// How one request is checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Policy {
    /// By a signed token.
    Jwt(Jwt),
    /// By a token that another is asked about.
    TokenCheck(TokenCheck),
    /// By a key in a header.
    ApiKey(ApiKey),
    /// Everybody may come in, and nobody is told who it was: by such an answer a gateway takes
    /// away what a client says of itself.
    Open,
}

/// How a signed token is checked (RFC 7519).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Jwt {
    /// Where the keys are.
    pub key: Key,
    /// The signatures that are accepted.
    pub algorithms: Vec<Algorithm>,
    /// Who must have issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// For whom it must be, one of them; for anybody when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// Which header a claim becomes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What claims must be: one of these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub required: BTreeMap<String, Vec<String>>,
    /// Where revoked tokens are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blacklist: Option<Blacklist>,
    /// The cookie that has the token; the header Authorization when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
}

/// Where the keys of signatures are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Key {
    /// A JWK Set at that URL (RFC 7517).
    Jwks(String),
    /// A file: a public key in PEM, or a shared secret.
    File(PathBuf),
}

/// A Redis that has a key for each token that was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Blacklist {
    /// The variable that holds its URL.
    pub variable: String,
    /// The key, in which `{jti}`, `{sub}` and `{sha256}` stand for what is the token's.
    pub key: String,
}

/// Whom to ask about a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenCheck {
    /// Where the token is posted to, in a JSON body.
    pub url: String,
    /// The field of the body that has the token.
    pub token_field: String,
    /// The field of the answer that must be true; a status of 200 says enough where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_field: Option<String>,
    /// Which header a field of the answer becomes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// Keys of callers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKey {
    /// The folder with a file for each caller: its name is the caller's, its content the key.
    pub folder: PathBuf,
    /// The header that has the key.
    pub header: String,
    /// The header that tells whose key it was.
    pub owner_header: String,
}
