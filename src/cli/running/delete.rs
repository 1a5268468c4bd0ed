//! `gravity delete`: the application goes, in the order of its dependencies.

use std::io::{self, IsTerminal};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use dialoguer::Confirm;
use futures::StreamExt;
use kube::api::{ApiResource, DeleteParams};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};

use super::start::{forget, of_project};
use super::target::{Found, Target};
use super::{Changed, RunningError};
use crate::api::GravityApp;
use crate::api::app::DeletionPolicy;
use crate::api::names;
use crate::api::objects::Kind;
use crate::cli::cluster::{self, Verb};
use crate::cli::{Error, duration, output};

/// The arguments of `gravity delete`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Data stays unless spec.deletionPolicy is Delete: a new application of the same name takes it up again.
It asks before it deletes.

Examples:
  gravity delete
  gravity delete --app shop -n shop --yes"
)]
pub struct Arguments {
    #[command(flatten)]
    target: Target,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Do not wait until all of it is gone
    #[arg(long)]
    no_wait: bool,
    /// How long to wait
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "10m")]
    timeout: Duration,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// Deletes the application.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    cluster::block_on(delete(arguments))
}

async fn delete(arguments: &Arguments) -> Result<ExitCode, Error> {
    let found = arguments.target.find().await?;
    let Found {
        cluster,
        namespace,
        app,
    } = &found;
    let name = app.name_any();
    output::tell(&what(&found).await?);
    if !arguments.yes {
        confirm(&name)?;
    }
    let api: Api<GravityApp> = Api::namespaced(cluster.client.clone(), namespace);
    let of = ApiResource::erase::<GravityApp>(&());
    let params = DeleteParams::background();
    cluster
        .ask(Verb::Delete, &of, || api.delete(&name, &params))
        .await?;
    if !arguments.no_wait {
        until_gone(api, namespace, &name, arguments.timeout).await?;
    }
    // They were only the catalogue of this application.
    let services = of_project(cluster, namespace, &name).await?;
    forget(cluster, namespace, &name, services).await?;
    let (done, change) = if arguments.no_wait {
        ("is being deleted", "deleting")
    } else {
        ("is gone", "deleted")
    };
    let services = found.services(&[])?.into_iter().map(|it| it.name);
    let view = Changed {
        services: services.collect(),
        namespace,
        change,
        app: name.clone(),
    };
    output::formatted(arguments.output, &view, || format!("{name} {done}.\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// What goes and what stays.
async fn what(found: &Found) -> Result<String, Error> {
    let Found {
        cluster,
        namespace,
        app,
    } = found;
    let name = app.name_any();
    let services = found.services(&[])?;
    let names: Vec<&str> = services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    let claims = cluster
        .made(Kind::PersistentVolumeClaim, Some(namespace))
        .await?;
    let own = |claim: &&kube::api::DynamicObject| {
        claim.annotations().get(names::APP_ANNOTATION) == Some(&name)
            || claim.labels().get(names::INSTANCE_LABEL) == Some(&name)
    };
    let claims = claims.unwrap_or_default();
    let claims: Vec<String> = claims
        .iter()
        .filter(own)
        .map(ResourceExt::name_any)
        .collect();
    let mut text = format!("{namespace}/{name} goes");
    if !names.is_empty() {
        text += &format!(", with its services {}", names.join(", "));
    }
    text += ".\n";
    text += &match (app.spec.deletion_policy, claims.is_empty()) {
        (_, true) => "It has no data.".to_owned(),
        (Some(DeletionPolicy::Delete), false) => format!(
            "ITS DATA GOES TOO, for spec.deletionPolicy is Delete: {}.",
            claims.join(", ")
        ),
        (Some(DeletionPolicy::Retain) | None, false) => format!(
            "Its data stays, with the Secrets to it: {}.",
            claims.join(", ")
        ),
    };
    Ok(text)
}

fn confirm(name: &str) -> Result<(), Error> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(RunningError::NotAsked.into());
    }
    let answer = Confirm::new()
        .with_prompt(format!("Delete {name}?"))
        .default(false)
        // One key is soon pressed by mistake.
        .wait_for_newline(true)
        .interact_opt()
        .map_err(|dialoguer::Error::IO(error)| Error::StandardInput(error))?;
    match answer {
        Some(true) => Ok(()),
        _ => Err(RunningError::Declined.into()),
    }
}

async fn until_gone(
    api: Api<GravityApp>,
    namespace: &str,
    name: &str,
    limit: Duration,
) -> Result<(), Error> {
    let mut changes = pin!(watcher::watch_object(api, name).default_backoff());
    let gone = async {
        while let Some(change) = changes.next().await {
            if matches!(change, Ok(None)) {
                return;
            }
        }
    };
    let waited = tokio::time::timeout(limit, gone).await;
    waited.map_err(|_| {
        RunningError::NotGone {
            app: name.to_owned(),
            namespace: namespace.to_owned(),
            limit: super::shown(limit),
        }
        .into()
    })
}
