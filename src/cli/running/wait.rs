//! Waiting until an application runs, and seeing how it gets there.

use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use futures::StreamExt;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::{RunningError, shown};
use crate::api::GravityApp;
use crate::api::app::Phase;
use crate::cli::cluster::Cluster;
use crate::cli::screen::Screen;
use crate::cli::{Error, output};

/// For so long no status is the last word: where only the manifest of a service has changed, the
/// application's own generation says nothing of it, and the operator needs a moment.
const SETTLE: Duration = Duration::from_secs(2);
/// How long an operator may take to look at an application for the first time.
const OPERATOR: Duration = Duration::from_secs(30);

/// What a shell reports of a process that was ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// How the waiting ended.
enum Waited {
    /// It runs.
    Ready,
    /// Somebody must act; why.
    Stalled(String),
    /// By Ctrl-C.
    Interrupted,
}

/// Waits, and tells a person how it ended.
pub async fn for_person(
    cluster: &Cluster,
    app: &GravityApp,
    limit: Duration,
    screen: &mut Screen,
) -> Result<ExitCode, Error> {
    match until_ready(cluster, app, limit, screen).await? {
        Waited::Ready => {
            screen.last()?;
            Ok(ExitCode::SUCCESS)
        }
        Waited::Interrupted => {
            let name = app.name_any();
            output::tell(&format!(
                "Nobody waits any more; the cluster goes on: `gravity status {name}` shows how far it is."
            ));
            Ok(ExitCode::from(INTERRUPTED))
        }
        Waited::Stalled(message) => Err(RunningError::Stalled {
            app: app.name_any(),
            message,
        }
        .into()),
    }
}

/// Waits until the application is ready in the generation that was applied.
async fn until_ready(
    cluster: &Cluster,
    app: &GravityApp,
    limit: Duration,
    screen: &mut Screen,
) -> Result<Waited, Error> {
    let (namespace, name) = (app.namespace().unwrap_or_default(), app.name_any());
    let api: Api<GravityApp> = Api::namespaced(cluster.client.clone(), &namespace);
    // A watch that breaks off is begun again.
    let mut changes = pin!(watcher::watch_object(api, &name).default_backoff());
    let generation = app.metadata.generation;
    let settled = Instant::now() + SETTLE;
    let deadline = Instant::now() + limit;
    let first_look = Instant::now() + OPERATOR.min(limit);
    let mut second = interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut latest = app.clone();
    loop {
        let seen = observed(&latest, generation);
        tokio::select! {
            change = changes.next() => match change {
                Some(Ok(Some(app))) => latest = app,
                Some(Ok(None)) => return Err(RunningError::Gone { app: name }.into()),
                Some(Err(_)) | None => {}
            },
            _ = second.tick() => {}
            _ = &mut interrupt => return Ok(Waited::Interrupted),
            () = sleep_until(deadline), if seen => return Err(too_long(&latest, limit).into()),
            () = sleep_until(first_look), if !seen => {
                let limit = shown(OPERATOR.min(limit));
                return Err(RunningError::NoOperator { app: name, limit }.into());
            }
        }
        screen.show(std::iter::once(&latest));
        if let Some(end) = ended(&latest, generation).filter(|_| Instant::now() >= settled) {
            return Ok(end);
        }
    }
}

/// Whether the operator has seen the generation that was applied.
fn observed(app: &GravityApp, generation: Option<i64>) -> bool {
    let seen = app
        .status
        .as_ref()
        .and_then(|status| status.observed_generation);
    seen.is_some() && seen >= generation
}

fn ended(app: &GravityApp, generation: Option<i64>) -> Option<Waited> {
    if !observed(app, generation) {
        return None;
    }
    let conditions = &app.status.as_ref()?.conditions;
    let is_true = |kind: &str| {
        conditions
            .iter()
            .find(|condition| condition.type_ == kind && condition.status == "True")
    };
    if is_true("Ready").is_some() {
        return Some(Waited::Ready);
    }
    is_true("Stalled").map(|stalled| Waited::Stalled(stalled.message.clone()))
}

fn too_long(app: &GravityApp, limit: Duration) -> RunningError {
    let services = app.status.iter().flat_map(|status| &status.services);
    let late = services.filter(|service| !matches!(service.phase, Phase::Running | Phase::Stopped));
    let told = late.map(|service| {
        let waits = service.waits_for.as_ref();
        let waits = waits.map_or(String::new(), |on| format!(", waits for {on}"));
        format!("{} is {:?}{waits}", service.name, service.phase)
    });
    RunningError::TooLong {
        app: app.name_any(),
        namespace: app.namespace().unwrap_or_default(),
        limit: shown(limit),
        services: told.collect(),
    }
}
