//! How an app is, in one answer: whoever watches it from outside asks one path, and learns
//! which of its services do not answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::future::join_all;
use http_body_util::Full;
use hyper::Request;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use super::http::Client;
use super::{CompanionError, read, serve};

/// How long a service may take, as its readiness probe may.
const LIMIT: Duration = Duration::from_secs(3);
/// How long an answer holds: many who ask are not to become many who ask the services.
const HOLDS: Duration = Duration::from_secs(1);

/// The services, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// The services.
    pub services: BTreeMap<String, Service>,
}

/// How a service is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// Its host and port.
    pub address: String,
    /// The path of a GET; a connection says enough where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether the app does without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// How the app is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The whole.
    pub status: Status,
    /// Each service.
    pub services: BTreeMap<String, String>,
}

/// How the whole is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Status {
    /// Every service answers.
    Ready,
    /// One that the app does without does not.
    Degraded,
    /// One that it needs does not.
    Unavailable,
}

/// What a service is like that answers.
const READY: &str = "Ready";

struct Health {
    settings: Settings,
    client: Client,
    last: Mutex<Option<(Instant, Report)>>,
}

/// Answers until the process is told to stop.
///
/// # Errors
/// The settings cannot be used, or the address cannot be served on.
pub async fn run(config: &Path, address: SocketAddr) -> Result<(), CompanionError> {
    let settings: Settings = read(config)?;
    let client = Client::new().map_err(|error| CompanionError::Invalid {
        path: config.to_owned(),
        place: "TLS".to_owned(),
        message: format!("there are no certificates to trust: {error}; set SSL_CERT_FILE"),
    })?;
    let health = Arc::new(Health {
        settings,
        client,
        last: Mutex::default(),
    });
    let routes = Router::new()
        .route("/", get(answer))
        .route("/healthz", get(async || "ok\n"))
        .with_state(health);
    serve(address, routes).await
}

async fn answer(State(health): State<Arc<Health>>) -> Response {
    // Who comes meanwhile waits, and gets the same.
    let mut last = health.last.lock().await;
    let kept = last.as_ref().filter(|(since, _)| since.elapsed() < HOLDS);
    let report = match kept {
        Some((_, report)) => report.clone(),
        None => {
            let report = health.ask_all().await;
            *last = Some((Instant::now(), report.clone()));
            report
        }
    };
    let status = match report.status {
        Status::Ready | Status::Degraded => StatusCode::OK,
        Status::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(report)).into_response()
}

impl Health {
    async fn ask_all(&self) -> Report {
        let asked = self
            .settings
            .services
            .iter()
            .map(async |(name, service)| (name.clone(), self.ask(service).await));
        report(&self.settings, join_all(asked).await.into_iter().collect())
    }

    /// How a service is. Its address is nobody's business outside.
    async fn ask(&self, service: &Service) -> String {
        let Some(path) = &service.path else {
            let connected = tokio::time::timeout(LIMIT, TcpStream::connect(&service.address)).await;
            return match connected {
                Ok(Ok(_)) => READY,
                _ => "Unreachable",
            }
            .to_owned();
        };
        let request =
            Request::get(format!("http://{}{path}", service.address)).body(Full::default());
        let Ok(request) = request else {
            return "Unreachable".to_owned();
        };
        match self.client.ask(request, LIMIT).await {
            Ok((status, _)) if status.is_success() || status.is_redirection() => READY.to_owned(),
            Ok((status, _)) => format!("Status {}", status.as_u16()),
            Err(_) => "Unreachable".to_owned(),
        }
    }
}

fn report(settings: &Settings, services: BTreeMap<String, String>) -> Report {
    let fails = |optional: bool| {
        settings.services.iter().any(|(name, service)| {
            service.optional == optional && services.get(name).is_none_or(|says| says != READY)
        })
    };
    let status = match (fails(false), fails(true)) {
        (true, _) => Status::Unavailable,
        (false, true) => Status::Degraded,
        (false, false) => Status::Ready,
    };
    Report { status, services }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_app_needs_counts_and_what_it_does_without_degrades() {
        let service = |optional| Service {
            address: "a:1".to_owned(),
            path: None,
            optional,
        };
        let services = [("api", service(false)), ("mail", service(true))];
        let settings = Settings {
            services: services
                .map(|(name, service)| (name.to_owned(), service))
                .into(),
        };
        let of = |api: &str, mail: &str| {
            let said = [("api", api), ("mail", mail)];
            report(
                &settings,
                said.map(|(name, says)| (name.to_owned(), says.to_owned()))
                    .into(),
            )
            .status
        };
        assert_eq!(of("Ready", "Ready"), Status::Ready);
        assert_eq!(of("Ready", "Unreachable"), Status::Degraded);
        assert_eq!(of("Status 503", "Ready"), Status::Unavailable);
        assert_eq!(
            report(&settings, BTreeMap::new()).status,
            Status::Unavailable
        );
    }
}
