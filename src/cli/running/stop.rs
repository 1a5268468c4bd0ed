//! `gravity stop`: nothing runs any more, and all data stays.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use kube::ResourceExt;

use super::rest::Rest;
use super::target::{Found, Target};
use super::wait;
use crate::api::GravityService;
use crate::api::app::{Phase, ServiceStatus};
use crate::cli::cluster::{self, ClusterError};
use crate::cli::screen::Screen;
use crate::cli::{Error, duration, output, project};

/// The arguments of `gravity stop`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Pods end, autoscalers go, and nothing runs on a schedule; claims, passwords and routes stay. Of a
whole application the servers of its databases stop too, after its services. `gravity start`
starts it again, in its order.

Examples:
  gravity stop
  gravity stop order-service
  gravity start order-service"
)]
pub struct Arguments {
    /// The services; the whole application when absent
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    #[command(flatten)]
    target: Target,
    /// Do not wait until it has stopped
    #[arg(long)]
    no_wait: bool,
    /// How long to wait
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "5m")]
    timeout: Duration,
    /// The format of what is printed in the end
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// Stops.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    cluster::block_on(stop(arguments))
}

async fn stop(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments {
        services,
        target,
        no_wait,
        timeout,
        output: format,
    } = arguments;
    let found = target.find().await?;
    found.services(services)?;
    output::warnings(&still_needed(&found, services).await?);
    let mut rest = Rest::of(&found.app);
    rest.app |= services.is_empty();
    rest.services.extend(services.iter().cloned());
    let app = rest.apply(&found.cluster, &found.app).await?;
    let name = found.app.name_any();
    let again = if project::here().is_ok_and(|project| found.is_of(&project)) {
        "gravity start".to_owned()
    } else {
        format!("gravity start --app {name} -n {}", found.namespace)
    };
    let (what, again) = match services.as_slice() {
        [] => (name, again),
        services => (
            services.join(", "),
            format!("{again} {}", services.join(" ")),
        ),
    };
    output::tell(&format!(
        "Stopping {what}; all data stays, and `{again}` starts it again."
    ));
    let mut screen = Screen::new(*format);
    if *no_wait {
        screen.unwaited(&app)?;
        return Ok(ExitCode::SUCCESS);
    }
    wait::for_person(&found.cluster, &app, *timeout, &mut screen).await
}

/// Who runs on and cannot do without what stops.
async fn still_needed(found: &Found, stopping: &[String]) -> Result<Vec<String>, Error> {
    if stopping.is_empty() {
        return Ok(Vec::new());
    }
    let running = found.services(&[])?;
    let goes_on = |service: &&ServiceStatus| {
        service.phase != Phase::Stopped && !stopping.contains(&service.name)
    };
    let versions: BTreeSet<String> = running
        .iter()
        .filter(goes_on)
        .map(|service| format!("{}-{}", service.name, service.version))
        .collect();
    let manifests = found
        .cluster
        .custom::<GravityService>(Some(&found.namespace));
    // What is in another namespace, or may not be looked at, is not told of.
    let manifests = match manifests.await {
        Err(ClusterError::Forbidden { .. }) => return Ok(Vec::new()),
        answer => answer?,
    };
    let own = manifests.iter().map(|manifest| &manifest.spec);
    let own = own.filter(|spec| versions.contains(&format!("{}-{}", spec.name, spec.version)));
    let told = own.filter_map(|spec| {
        let needed = spec.dependencies.iter();
        let needed = needed.filter(|it| it.optional != Some(true) && stopping.contains(&it.name));
        let names: Vec<&str> = needed.map(|it| it.name.as_str()).collect();
        let name = &spec.name;
        (!names.is_empty()).then(|| {
            format!(
                "{name} needs {} and runs on: `gravity stop {name}` stops it too",
                names.join(", ")
            )
        })
    });
    Ok(told.collect())
}
