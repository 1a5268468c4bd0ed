//! companion: processes of Gravity's own that stand beside an app's services. The plan makes
//! their settings and the operator starts them; they know nothing of Kubernetes.
//!
//! ```text
//! gateway ──may this request come in?──▶ authenticator ──▶ keys, Redis, a service of the app
//! gateway ──how is the app?──────────▶ health ─────────▶ each service
//! ```
//! Both fail shut: what cannot be known is no yes.

pub mod authenticator;
pub mod health;
mod http;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::telemetry::server::{Server, ServerError};

/// Why a companion does not run.
#[derive(Debug, thiserror::Error)]
pub enum CompanionError {
    /// The file of its settings cannot be read.
    #[error("{path}: cannot be read: {source}; name the file of the settings by --config")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file is no settings.
    #[error("{path}: {source}; docs/reference/companions.md tells what may stand there")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Something of the settings cannot be used.
    #[error("{path}: {place}: {message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The field.
        place: String,
        /// What is wrong, and what to write.
        message: String,
    },
    /// The address cannot be served on.
    #[error(transparent)]
    Serve(#[from] ServerError),
}

/// Reads settings.
fn read<T: DeserializeOwned>(path: &Path) -> Result<T, CompanionError> {
    let text = std::fs::read(path).map_err(|source| CompanionError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&text).map_err(|source| CompanionError::Malformed {
        path: path.to_owned(),
        source,
    })
}

/// Serves until the process is told to stop.
async fn serve(address: SocketAddr, routes: axum::Router) -> Result<(), CompanionError> {
    let server = Server::bind(address, "--address").await?;
    tracing::info!(address = %server.address(), "answering");
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let Ok(mut signals) = signal(kind) else {
            continue;
        };
        let stop = stop.clone();
        tokio::spawn(async move {
            signals.recv().await;
            stop.cancel();
        });
    }
    Ok(server.serve(routes, stop).await?)
}
