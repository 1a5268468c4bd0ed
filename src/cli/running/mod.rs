//! The verbs of an application that runs, or is to run, in a cluster.

pub mod delete;
mod error;
pub mod events;
pub mod install;
pub mod logs;
pub mod open;
pub mod port_forward;
mod rest;
pub mod restart;
pub mod scale;
pub mod start;
pub mod stop;
mod target;
mod wait;

use std::time::Duration;

pub use error::RunningError;
use k8s_openapi::jiff::SignedDuration;
use serde::Serialize;

/// What a verb has changed of an application, for programs.
#[derive(Serialize)]
struct Changed<'a> {
    app: String,
    namespace: &'a str,
    /// The services that it has changed.
    services: Vec<String>,
    /// What became of them.
    change: &'static str,
}

/// A duration as arguments say it, as 10m.
fn shown(duration: Duration) -> String {
    let duration = SignedDuration::try_from(duration).unwrap_or_default();
    format!("{duration:#}").replace(' ', "")
}
