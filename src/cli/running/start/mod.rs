//! `gravity start`: the application is applied, and waited for until it runs.

mod apply;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

pub use apply::{forget, of_project};
use clap::Args;
use kube::ResourceExt;

use super::rest::Rest;
use super::target::Found;
use super::{RunningError, wait};
use crate::api::GravityApp;
use crate::api::app::Updates;
use crate::cli::cluster::{self, Cluster, ClusterError, Connection};
use crate::cli::input::{Application, Input};
use crate::cli::progress::{self, ASKING};
use crate::cli::project::{self, lock};
use crate::cli::screen::Screen;
use crate::cli::{Error, duration, output};
use crate::plan::Plan;
use crate::resolve::Resolution;

/// The arguments of `gravity start`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "All is checked before anything is written. The versions are those that `gravity install`
shows. The namespace is made where it is not there. Services that an earlier start has applied and
that the files no longer have are taken out of the cluster's catalogue. What `gravity stop` has
stopped starts again. Ctrl-C ends the waiting; the cluster goes on.

Examples:
  gravity start
  gravity start order-service        that `gravity stop order-service` has stopped
  gravity start --app shop           outside of a project: what `gravity stop` has stopped
  gravity start --environment staging -n shop-staging --timeout 5m
  gravity start -f examples/shop --no-wait"
)]
pub struct Arguments {
    /// Services that were stopped: nothing is applied, and only these start again
    #[arg(value_name = "SERVICE", conflicts_with_all = ["file", "force_conflicts"])]
    services: Vec<String>,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    connection: Connection,
    /// Do not wait until it runs
    #[arg(long)]
    no_wait: bool,
    /// How long to wait
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "10m")]
    timeout: Duration,
    /// Take fields over that somebody else has set
    #[arg(long)]
    force_conflicts: bool,
    /// The format of what is printed in the end
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// Applies and waits.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let input = &arguments.input;
    let files = input.is_given() || input.app().is_none() || project::here().is_ok();
    if arguments.services.is_empty() && files {
        return cluster::block_on(start(arguments));
    }
    cluster::block_on(wake(arguments))
}

/// The cluster takes the versions that `install` shows, whatever ran there before: those of
/// the files, for what the files no longer have goes out of its catalogue.
fn lock(application: &mut Application, resolution: &Resolution) {
    if application.app.spec.updates != Some(Updates::Automatic) {
        application.app.spec.lock = lock::versions(resolution);
    }
}

async fn start(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments {
        input,
        connection,
        no_wait,
        timeout,
        force_conflicts,
        ..
    } = arguments;
    let cluster = connection.connect().await?;
    let mut application = input.read(None, &cluster.namespace)?;
    // What would stand still in the cluster is told here, where it can be mended.
    let planned = application.planned()?;
    lock(&mut application, &planned.resolution);
    let fits = fits(&cluster, &application.app, &planned.plan);
    progress::awaited(ASKING, fits).await?;
    let applied = apply::apply(&cluster, &application, *force_conflicts);
    let applied = progress::awaited("Applying", applied).await?;
    output::tell(&applied.text());
    let mut screen = Screen::new(arguments.output);
    if *no_wait {
        screen.unwaited(&applied.app)?;
        return Ok(ExitCode::SUCCESS);
    }
    wait::for_person(&cluster, &applied.app, *timeout, &mut screen).await
}

/// Refuses what could not run in the cluster, before a namespace is made for it: the kinds are
/// not there, or another application has a service of the same name.
async fn fits(cluster: &Cluster, app: &GravityApp, plan: &Plan) -> Result<(), Error> {
    let namespace = app.namespace().unwrap_or_default();
    let apps = match cluster.custom::<GravityApp>(Some(&namespace)).await {
        // Who may not look may still apply.
        Err(ClusterError::Forbidden { .. }) => return Ok(()),
        answer => answer?,
    };
    let names = |app: &GravityApp| -> BTreeSet<String> {
        let services = app.status.iter().flat_map(|status| &status.services);
        services.map(|service| service.name.clone()).collect()
    };
    let (own, others): (Vec<&GravityApp>, Vec<&GravityApp>) =
        apps.iter().partition(|it| it.name_any() == app.name_any());
    let own: BTreeSet<String> = own.into_iter().flat_map(names).collect();
    for other in others {
        let is_new = |name: &&String| plan.services.contains_key(*name) && !own.contains(*name);
        if let Some(service) = names(other).iter().find(is_new) {
            return Err(RunningError::Shared {
                service: service.clone(),
                other: other.name_any(),
                namespace,
            }
            .into());
        }
    }
    Ok(())
}

/// Starts again what was stopped, without any file.
async fn wake(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments {
        services,
        input,
        connection,
        no_wait,
        timeout,
        ..
    } = arguments;
    let found = Found::by(input.app(), input.namespace(), connection).await?;
    found.services(services)?;
    let mut rest = Rest::of(&found.app);
    if rest.app && !services.is_empty() {
        return Err(RunningError::AllStopped {
            app: found.app.name_any(),
        }
        .into());
    }
    if services.is_empty() {
        rest = Rest::default();
    }
    rest.services.retain(|name| !services.contains(name));
    let app = rest.apply(&found.cluster, &found.app).await?;
    let name = app.name_any();
    if let Some(what) = still_stopped(&app, services) {
        return Err(RunningError::StoppedByFile { app: name, what }.into());
    }
    let what = match services.as_slice() {
        [] => name,
        services => services.join(", "),
    };
    output::tell(&format!("Starting {what}."));
    let mut screen = Screen::new(arguments.output);
    if *no_wait {
        screen.unwaited(&app)?;
        return Ok(ExitCode::SUCCESS);
    }
    wait::for_person(&found.cluster, &app, *timeout, &mut screen).await
}

/// What a file of the application's says is stopped, of what is to start.
fn still_stopped(app: &GravityApp, services: &[String]) -> Option<String> {
    if app.spec.stopped == Some(true) {
        return Some("all".to_owned());
    }
    let mut stopped = app
        .spec
        .services
        .iter()
        .filter(|each| each.stopped == Some(true));
    let found = stopped.find(|each| services.contains(&each.name));
    found.map(|each| each.name.clone())
}
