//! `gravity restart`: services get new pods, as by `kubectl rollout restart`.

use std::process::ExitCode;

use clap::Args;
use k8s_openapi::jiff::{Timestamp, Unit};
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use super::target::{Found, Target};
use super::{Changed, RunningError};
use crate::api::objects::Kind;
use crate::cli::cluster::{self, ClusterError, Verb};
use crate::cli::{Error, output};
use crate::observe;

/// The annotation by which kubectl restarts; a rollout sees no difference.
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";
/// The field manager of it.
const MANAGER: &str = "gravity-restart";

/// The arguments of `gravity restart`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Pods are replaced as by an update, so no request is lost. `gravity status --watch` shows it.

Examples:
  gravity restart order-service
  gravity restart                 all services"
)]
pub struct Arguments {
    /// The services; all when absent
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    #[command(flatten)]
    target: Target,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// Restarts the services.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    cluster::block_on(restart(arguments))
}

async fn restart(arguments: &Arguments) -> Result<ExitCode, Error> {
    let found = arguments.target.find().await?;
    let now = Timestamp::now();
    let now = now.round(Unit::Second).unwrap_or(now).to_string();
    let (mut text, mut restarted) = (String::new(), Vec::new());
    for service in found.services(&arguments.services)? {
        match one(&found, &service.name, &now).await? {
            true => {
                text += &format!("{} restarts.\n", service.name);
                restarted.push(service.name);
            }
            false if arguments.services.is_empty() => {}
            false => {
                return Err(RunningError::WrongType {
                    name: service.name,
                    kind: "cron or job",
                    why: "it has no pods that run on, so there is nothing to restart",
                }
                .into());
            }
        }
    }
    let view = Changed {
        app: found.app.name_any(),
        namespace: &found.namespace,
        services: restarted,
        change: "restarted",
    };
    output::formatted(arguments.output, &view, || text)?;
    Ok(ExitCode::SUCCESS)
}

/// Whether the service has pods that run on.
async fn one(found: &Found, name: &str, now: &str) -> Result<bool, Error> {
    let body = json!({"spec": {"template": {"metadata": {"annotations": {RESTARTED: now}}}}});
    let patch = Patch::Strategic(body);
    let params = PatchParams {
        field_manager: Some(MANAGER.to_owned()),
        ..PatchParams::default()
    };
    for kind in [Kind::Deployment, Kind::StatefulSet] {
        let api = observe::api(&found.cluster.client, kind, Some(&found.namespace));
        let of = observe::resource(kind);
        let patched = found
            .cluster
            .ask(Verb::Patch, &of, || api.patch(name, &params, &patch))
            .await;
        match patched {
            Ok(_) => return Ok(true),
            Err(ClusterError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}
