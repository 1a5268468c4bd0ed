//! `gravity scale`: how many pods a service has.

use std::process::ExitCode;

use clap::{ArgGroup, Args};
use kube::api::{ApiResource, PostParams};
use kube::{Api, ResourceExt};
use serde::Serialize;

use super::RunningError;
use super::target::{Found, Target};
use crate::api::GravityApp;
use crate::api::app::AppService;
use crate::api::names::SCALE_MANAGER;
use crate::api::objects::Kind;
use crate::cli::cluster::{self, ClusterError, Verb};
use crate::cli::{Error, output, project};
use crate::project::Replicas;

/// The arguments of `gravity scale`.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("number").args(["replicas", "auto"]).required(true)),
    after_long_help = "A fixed number takes the place of an autoscaler; --auto gives it back. In a project gravity.yaml is
changed too, or the next `gravity start` would undo it.

Examples:
  gravity scale order-service --replicas 3
  gravity scale order-service --auto"
)]
pub struct Arguments {
    /// The service
    #[arg(value_name = "SERVICE")]
    service: String,
    /// How many pods
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..=1000))]
    replicas: Option<i32>,
    /// As the manifest says
    #[arg(long)]
    auto: bool,
    #[command(flatten)]
    target: Target,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// What was changed, for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    app: String,
    namespace: &'a str,
    service: &'a str,
    /// As the manifest says when absent.
    replicas: Option<i32>,
    /// The autoscaler whose place the number takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    autoscaler: Option<Bounds>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bounds {
    min_replicas: i64,
    max_replicas: i64,
}

/// Changes the number.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    cluster::block_on(scale(arguments))
}

async fn scale(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments {
        service,
        replicas,
        target,
        ..
    } = arguments;
    let found = target.find().await?;
    found.services(std::slice::from_ref(service))?;
    let scaled = autoscaler(&found, service).await?;
    let own = project::here().ok().filter(|project| found.is_of(project));
    change(&found, service, *replicas).await?;
    if let Some(own) = &own {
        own.set_replicas(&Replicas {
            service: service.clone(),
            number: *replicas,
        })?;
        output::tell(&format!("Changed {}.", project::shown(&own.app_file())));
    }
    let text = match (replicas, scaled) {
        (Some(number), Some((min, max))) => format!(
            "{service} has {number} pods now: a fixed number takes the place of its autoscaler ({min} to {max}); `gravity scale {service} --auto` gives that back.\n"
        ),
        (Some(number), None) => format!("{service} is to have {number} pods.\n"),
        (None, _) => format!("{service} has as many pods as its manifest says.\n"),
    };
    let autoscaler = scaled.filter(|_| replicas.is_some());
    let view = View {
        app: found.app.name_any(),
        namespace: &found.namespace,
        service,
        replicas: *replicas,
        autoscaler: autoscaler.map(|(min_replicas, max_replicas)| Bounds {
            min_replicas,
            max_replicas,
        }),
    };
    output::formatted(arguments.output, &view, || text)?;
    Ok(ExitCode::SUCCESS)
}

/// The fewest and the most pods that an autoscaler gives the service.
async fn autoscaler(found: &Found, service: &str) -> Result<Option<(i64, i64)>, Error> {
    let api = crate::observe::api(
        &found.cluster.client,
        Kind::HorizontalPodAutoscaler,
        Some(&found.namespace),
    );
    let of = crate::observe::resource(Kind::HorizontalPodAutoscaler);
    let there = found
        .cluster
        .ask(Verb::Get, &of, || api.get_opt(service))
        .await?;
    Ok(there.map(|it| {
        let number = |field: &str| it.data["spec"][field].as_i64().unwrap_or(1);
        (number("minReplicas"), number("maxReplicas"))
    }))
}

/// Changes the application in the cluster, unless somebody else does so in the same moment.
async fn change(found: &Found, service: &str, replicas: Option<i32>) -> Result<(), Error> {
    let api: Api<GravityApp> = Api::namespaced(found.cluster.client.clone(), &found.namespace);
    let of = ApiResource::erase::<GravityApp>(&());
    let mut app = found.app.clone();
    let entry = app
        .spec
        .services
        .iter_mut()
        .find(|each| each.name == service);
    match entry {
        Some(entry) => entry.replicas = replicas,
        None => app.spec.services.push(AppService {
            name: service.to_owned(),
            replicas,
            ..AppService::default()
        }),
    }
    let params = PostParams {
        field_manager: Some(SCALE_MANAGER.to_owned()),
        ..PostParams::default()
    };
    let name = app.name_any();
    let replaced = found
        .cluster
        .ask(Verb::Patch, &of, || api.replace(&name, &params, &app))
        .await;
    match replaced {
        Err(ClusterError::Conflict { .. }) => Err(RunningError::Changed { app: name }.into()),
        answer => Ok(answer.map(drop)?),
    }
}
