//! The authenticator: answers a gateway's question whether a request may come in.
//!
//! ```text
//! GET /check/POLICY, with the client's headers ──▶ token or key ──▶ Answer
//!     200 with the headers that tell who came in; 401; 403
//!     503 where it cannot be known: nobody comes in then
//! ```

mod answer;
mod api_key;
mod blacklist;
mod cache;
mod jwt;
mod metrics;
mod settings;
mod token;
mod token_check;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Instant;

use answer::Answer;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use blacklist::Blacklist;
use cache::Cache;
use jwt::Checker;
use metrics::Metrics;
pub use settings::{
    ApiKey, Blacklist as BlacklistSettings, Jwt, Key, Policy, Settings, TokenCheck,
};

use super::http::Client;
use super::{CompanionError, read, serve};

/// What stands ready to check by each policy.
struct Authenticator {
    policies: BTreeMap<String, Ready>,
    client: Client,
    metrics: Metrics,
}

/// A policy, and what it needs.
enum Ready {
    /// Everybody may come in.
    Open,
    Jwt(Box<Checker>, Option<Blacklist>, Cache),
    TokenCheck(TokenCheck, Cache),
    ApiKey(ApiKey),
}

/// Answers until the process is told to stop.
///
/// # Errors
/// The settings cannot be used, or the address cannot be served on.
pub async fn run(config: &FilePath, address: SocketAddr) -> Result<(), CompanionError> {
    let settings: Settings = read(config)?;
    let variable = |name: &str| std::env::var(name).ok();
    let authenticator = Authenticator::new(settings, variable).map_err(|(place, message)| {
        CompanionError::Invalid {
            path: config.to_owned(),
            place,
            message,
        }
    })?;
    serve(address, routes(Arc::new(authenticator))).await
}

fn routes(authenticator: Arc<Authenticator>) -> Router {
    Router::new()
        .route("/check/{policy}", any(check))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async || "ok\n"))
        .route("/metrics", get(metrics_text))
        .with_state(authenticator)
}

async fn check(
    State(authenticator): State<Arc<Authenticator>>,
    Path(policy): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let begun = Instant::now();
    let answer = authenticator.check(&policy, &headers).await;
    if let Answer::Unavailable(why) = &answer {
        tracing::warn!(
            policy,
            why,
            "a request was turned away, for it cannot be known who sent it"
        );
    }
    // A name that somebody makes up is not to be counted by itself.
    let known = authenticator.policies.contains_key(&policy);
    let policy = if known { policy.as_str() } else { "unknown" };
    authenticator
        .metrics
        .checked(policy, &answer, begun.elapsed());
    answer
}

async fn metrics_text(State(authenticator): State<Arc<Authenticator>>) -> Response {
    match authenticator.metrics.text() {
        Ok(text) => (
            [(CONTENT_TYPE, crate::telemetry::metrics::CONTENT_TYPE)],
            text,
        )
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

impl Authenticator {
    fn new(
        settings: Settings,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, (String, String)> {
        let client = Client::new().map_err(|error| {
            let why = format!("there are no certificates to trust: {error}; set SSL_CERT_FILE");
            ("TLS".to_owned(), why)
        })?;
        let mut policies = BTreeMap::new();
        for (name, policy) in settings.policies {
            let ready = ready(policy, &client, &variable);
            let ready = ready.map_err(|why| (format!("policies.{name}"), why))?;
            policies.insert(name, ready);
        }
        Ok(Self {
            policies,
            client,
            metrics: Metrics::new(),
        })
    }

    async fn check(&self, policy: &str, headers: &HeaderMap) -> Answer {
        match self.policies.get(policy) {
            None => Answer::Unavailable("there is no such policy".to_owned()),
            Some(Ready::Open) => Answer::Allowed(HeaderMap::new()),
            Some(Ready::ApiKey(policy)) => api_key::check(policy, headers),
            Some(Ready::TokenCheck(policy, cache)) => {
                let Some(token) = token::token(headers, None) else {
                    return Answer::MISSING;
                };
                let ask = || token_check::check(policy, &self.client, token);
                cache.get(token::digest(token), ask).await
            }
            Some(Ready::Jwt(checker, blacklist, cache)) => {
                let cookie = checker.policy().cookie.as_deref();
                let Some(token) = token::token(headers, cookie) else {
                    return Answer::MISSING;
                };
                // What a token says of itself is looked at each time: it may expire meanwhile.
                let claims = match checker.claims(token).await {
                    Ok(claims) => claims,
                    Err(answer) => return answer,
                };
                let answer = || async {
                    let refused = match blacklist {
                        Some(blacklist) => blacklist.refuses(token, &claims).await,
                        None => None,
                    };
                    refused.unwrap_or_else(|| checker.answer(&claims))
                };
                match blacklist {
                    Some(_) => cache.get(token::digest(token), answer).await,
                    None => answer().await,
                }
            }
        }
    }
}

fn ready(
    policy: Policy,
    client: &Client,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Ready, String> {
    Ok(match policy {
        Policy::Open => Ready::Open,
        Policy::ApiKey(policy) => Ready::ApiKey(policy),
        Policy::TokenCheck(policy) => Ready::TokenCheck(policy, Cache::default()),
        Policy::Jwt(policy) => {
            let blacklist = policy.blacklist.as_ref().map(|settings| {
                let url = variable(&settings.variable);
                let url =
                    url.ok_or_else(|| format!("the variable {} is not set", settings.variable))?;
                Blacklist::new(settings, &url)
            });
            let checker = Checker::new(policy.clone(), client.clone());
            Ready::Jwt(Box::new(checker), blacklist.transpose()?, Cache::default())
        }
    })
}

#[cfg(test)]
mod tests;
