//! Signed tokens: signature, times, issuer, audience, required claims (RFC 7519), and by whose
//! keys (RFC 7517).

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::Full;
use hyper::Request;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use super::answer::{Answer, find, identity, is_one_of};
use super::settings::{Jwt, Key};
use crate::companion::http::Client;

/// How far the clocks of who issues and who checks may be apart.
const LEEWAY: Duration = Duration::from_secs(30);
/// How long keys are used before they are fetched anew.
const FRESH: Duration = Duration::from_mins(5);
/// How soon they are fetched anew for a key that is not among them: a new one may have come, or
/// somebody makes names up.
const SOONEST: Duration = Duration::from_secs(10);
/// How soon keys are asked for again where there are none: whoever comes meanwhile is told so at
/// once.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a fetch may take: less than a gateway waits, which would else end it each time.
const FETCH: Duration = Duration::from_secs(3);
/// The fewest bytes of a shared secret: those of the digest (RFC 7518, section 3.2).
const LEAST_SECRET: usize = 32;

/// A key and its name, where it has one.
#[derive(Clone)]
struct Named {
    id: Option<String>,
    /// The only algorithm that it is for, where it says so (RFC 7517, section 4.4).
    algorithm: Option<String>,
    key: DecodingKey,
}

impl Named {
    fn is_called(&self, id: Option<&str>) -> bool {
        id.is_none() || self.id.is_none() || self.id.as_deref() == id
    }

    fn is_for(&self, algorithm: Algorithm) -> bool {
        let own = self.algorithm.as_ref();
        own.is_none_or(|own| *own == format!("{algorithm:?}"))
    }
}

/// Keys that were read, and when.
#[derive(Clone)]
struct Known {
    keys: Arc<Vec<Named>>,
    fetched: Instant,
    /// Of a file.
    changed: Option<SystemTime>,
}

/// Checks tokens by one policy.
pub struct Checker {
    policy: Jwt,
    algorithms: Vec<Algorithm>,
    client: Client,
    known: Mutex<Option<Known>>,
    fetching: tokio::sync::Mutex<()>,
    /// When keys could not be had, and none were known, for the last time.
    failed: Mutex<Option<(Instant, String)>>,
}

impl Checker {
    /// Checks by that policy.
    pub fn new(policy: Jwt, client: Client) -> Self {
        let algorithms = policy.algorithms.iter();
        let algorithms = algorithms.filter_map(|each| format!("{each:?}").parse().ok());
        Self {
            algorithms: algorithms.collect(),
            policy,
            client,
            known: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
            failed: Mutex::default(),
        }
    }

    /// The policy.
    pub fn policy(&self) -> &Jwt {
        &self.policy
    }

    /// The claims of a token that is good by itself.
    ///
    /// # Errors
    /// The answer where it is not.
    pub async fn claims(&self, token: &str) -> Result<Value, Answer> {
        const MALFORMED: Answer = Answer::Unknown("invalid_token", "the token is malformed");
        let header = decode_header(token).map_err(|_| MALFORMED)?;
        if !self.algorithms.contains(&header.alg) {
            return Err(Answer::Unknown(
                "invalid_token",
                "its signature is of a kind that is not accepted",
            ));
        }
        if has_critical(token) {
            return Err(Answer::Unknown(
                "invalid_token",
                "it asks for what is not known here",
            ));
        }
        let keys = self.keys(header.kid.as_deref()).await?;
        let fits =
            |named: &&Named| named.is_called(header.kid.as_deref()) && named.is_for(header.alg);
        let validation = self.validation(header.alg);
        let mut worst = Answer::Unknown("invalid_token", "its key is not known");
        for named in keys.iter().filter(fits) {
            match decode::<Value>(token, &named.key, &validation) {
                Ok(data) if !begins(&data.claims) => return Err(MALFORMED),
                Ok(data) => return self.required(data.claims),
                Err(error) => worst = refusal(&error),
            }
        }
        Err(worst)
    }

    /// The answer to a token with these claims.
    pub fn answer(&self, claims: &Value) -> Answer {
        identity(&self.policy.headers, claims).map_or(Answer::Forbidden, Answer::Allowed)
    }

    fn required(&self, claims: Value) -> Result<Value, Answer> {
        let mut required = self.policy.required.iter();
        match required.all(|(claim, values)| is_one_of(find(&claims, claim), values)) {
            true => Ok(claims),
            false => Err(Answer::Forbidden),
        }
    }

    /// One algorithm at a time: a key is of one kind, and what a token says of it is not to be
    /// believed (RFC 8725, section 3.1).
    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY.as_secs();
        validation.validate_nbf = true;
        match self.policy.audiences.as_slice() {
            [] => validation.validate_aud = false,
            audiences => {
                validation.set_audience(audiences);
                validation.required_spec_claims.insert("aud".to_owned());
            }
        }
        if let Some(issuer) = &self.policy.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        validation
    }

    async fn keys(&self, id: Option<&str>) -> Result<Arc<Vec<Named>>, Answer> {
        if let Some(known) = self.fresh(id) {
            return Ok(known);
        }
        // While one fetches keys anew, all others go by those that are known; where none is that
        // would do, they wait, and find what the first has fetched.
        let _alone = match (self.old(id), self.fetching.try_lock()) {
            (Some(known), Err(_)) => return Ok(known),
            (_, Ok(alone)) => alone,
            (None, Err(_)) => self.fetching.lock().await,
        };
        if let Some(known) = self.fresh(id) {
            return Ok(known);
        }
        // Or each of those that waited would wait for a fetch of its own.
        if let Some(why) = self.has_just_failed() {
            return Err(Answer::Unavailable(why));
        }
        let fetched = match &self.policy.key {
            Key::Jwks(url) => self.fetch(url).await.map(|keys| (keys, None)),
            Key::File(path) => read(path, &self.algorithms),
        };
        match (fetched, self.known()) {
            (Ok((keys, changed)), _) => {
                let keys = Arc::new(keys);
                self.keep(Known {
                    keys: keys.clone(),
                    fetched: Instant::now(),
                    changed,
                });
                Ok(keys)
            }
            // Keys outlive the hour in which nobody can fetch them. A file that is taken away is
            // meant to be.
            (Err(why), Some(known)) if matches!(self.policy.key, Key::Jwks(_)) => {
                tracing::warn!(%why, "the keys cannot be read anew, so those that are known are used");
                self.keep(Known {
                    fetched: Instant::now(),
                    ..known.clone()
                });
                Ok(known.keys)
            }
            (Err(why), _) => {
                let why = format!("there are no keys: {why}");
                if matches!(self.policy.key, Key::Jwks(_)) {
                    *lock(&self.failed) = Some((Instant::now(), why.clone()));
                }
                Err(Answer::Unavailable(why))
            }
        }
    }

    fn fresh(&self, id: Option<&str>) -> Option<Arc<Vec<Named>>> {
        let known = self.known()?;
        if let Key::File(path) = &self.policy.key {
            return (modified(path) == known.changed).then_some(known.keys);
        }
        let limit = if known.keys.iter().any(|named| named.is_called(id)) {
            FRESH
        } else {
            SOONEST
        };
        (known.fetched.elapsed() < limit).then_some(known.keys)
    }

    /// Keys of a set that are no longer fresh, and among which that one is.
    fn old(&self, id: Option<&str>) -> Option<Arc<Vec<Named>>> {
        let known = self.known()?;
        let is_set = matches!(self.policy.key, Key::Jwks(_));
        let has = known.keys.iter().any(|named| named.is_called(id));
        (is_set && has).then_some(known.keys)
    }

    fn has_just_failed(&self) -> Option<String> {
        let failed = lock(&self.failed);
        let (at, why) = failed.as_ref()?;
        (at.elapsed() < AGAIN).then(|| why.clone())
    }

    fn known(&self) -> Option<Known> {
        lock(&self.known).clone()
    }

    fn keep(&self, known: Known) {
        *lock(&self.known) = Some(known);
    }

    async fn fetch(&self, url: &str) -> Result<Vec<Named>, String> {
        let request = Request::get(url)
            .body(Full::default())
            .map_err(|error| error.to_string())?;
        let answer = self.client.ask(request, FETCH).await;
        let (status, body) = answer.map_err(|error| format!("{url}: {error}"))?;
        if !status.is_success() {
            return Err(format!("{url} answers {status}"));
        }
        let keys = keys_of(&body).map_err(|why| format!("{url}: {why}"))?;
        match keys.is_empty() {
            true => Err(format!("{url} has no key that can be used")),
            false => Ok(keys),
        }
    }
}

/// A panic while a lock was held cannot leave what it guards half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The public keys of a JWK Set. One of a kind that is not known takes no other along, and a
/// secret that everybody can read is none.
fn keys_of(set: &[u8]) -> Result<Vec<Named>, String> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(set).map_err(|error| format!("no JWK Set: {error}"))?;
    let keys = set.keys.into_iter().filter_map(|key| {
        let key: Jwk = serde_json::from_value(key).ok()?;
        let public = !matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
        Some(Named {
            id: key.common.key_id.clone(),
            algorithm: key.common.key_algorithm.map(|it| format!("{it:?}")),
            key: DecodingKey::from_jwk(&key)
                .ok()
                .filter(|_| public && is_for_signatures(&key))?,
        })
    });
    Ok(keys.collect())
}

/// Whether signatures may be checked by the key: it says nothing of what it is for, or that
/// (RFC 7517, sections 4.2 and 4.3).
fn is_for_signatures(key: &Jwk) -> bool {
    let by_use = key.common.public_key_use.as_ref();
    let by_use = by_use.is_none_or(|it| *it == PublicKeyUse::Signature);
    let operations = key.common.key_operations.as_ref();
    by_use && operations.is_none_or(|all| all.contains(&KeyOperations::Verify))
}

/// Whether the token's header names extensions that must be understood: none is (RFC 7515,
/// section 4.1.11).
fn has_critical(token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).unwrap_or_default();
    header.get("crit").is_some()
}

/// Whether the moment before which the token is not good is one, where it is told: another
/// value would be no moment, and count for nothing.
fn begins(claims: &Value) -> bool {
    claims.get("nbf").is_none_or(Value::is_number)
}

fn refusal(error: &jsonwebtoken::errors::Error) -> Answer {
    use jsonwebtoken::errors::ErrorKind::{
        ExpiredSignature, ImmatureSignature, InvalidAudience, InvalidIssuer, MissingRequiredClaim,
    };
    let why = match error.kind() {
        ExpiredSignature => "the token has expired",
        ImmatureSignature => "the token is not valid yet",
        InvalidAudience => "the token is for somebody else",
        InvalidIssuer => "the token is of somebody else",
        MissingRequiredClaim(_) => "the token lacks a claim",
        _ => "the token is not signed by a key that is known",
    };
    Answer::Unknown("invalid_token", why)
}

fn modified(path: &PathBuf) -> Option<SystemTime> {
    std::fs::metadata(path)
        .and_then(|file| file.modified())
        .ok()
}

/// The key of a file: a public key in PEM, or a shared secret. By its kind only signatures of
/// that kind are checked: a public key is never taken for a secret.
fn read(
    path: &PathBuf,
    algorithms: &[Algorithm],
) -> Result<(Vec<Named>, Option<SystemTime>), String> {
    let changed = modified(path);
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let keys = if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
        let all = [
            DecodingKey::from_rsa_pem,
            DecodingKey::from_ec_pem,
            DecodingKey::from_ed_pem,
        ];
        all.iter()
            .filter_map(|read| read(&bytes).ok())
            .collect::<Vec<_>>()
    } else {
        let secret = bytes.trim_ascii();
        if looks_public(secret) {
            return Err(format!(
                "{}: it looks like a public key without its PEM lines (-----BEGIN PUBLIC KEY-----), and is not taken for a secret",
                path.display()
            ));
        }
        if secret.len() < LEAST_SECRET {
            return Err(format!(
                "{}: a shared secret has at least {LEAST_SECRET} bytes, for a shorter one can be guessed",
                path.display()
            ));
        }
        vec![DecodingKey::from_secret(secret)]
    };
    if keys.is_empty() || algorithms.is_empty() {
        return Err(format!(
            "{}: it is neither a public key in PEM nor a shared secret",
            path.display()
        ));
    }
    let named = keys.into_iter().map(|key| Named {
        id: None,
        algorithm: None,
        key,
    });
    Ok((named.collect(), changed))
}

/// A key as JSON, or as the base64 of its DER, which begins with a sequence of ASN.1.
fn looks_public(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{") || (bytes.len() > 50 && bytes.starts_with(b"M"))
}

/// The names of the keys that are taken from a set.
#[cfg(test)]
pub(super) fn names_of(set: &Value) -> Vec<String> {
    let keys = keys_of(set.to_string().as_bytes()).unwrap();
    keys.into_iter().filter_map(|named| named.id).collect()
}
