//! `gravity stop`: nothing runs any more, and all data stays.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use kube::ResourceExt;

use super::rest::Rest;
use super::target::Target;
use super::wait;
use crate::cli::cluster;
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
    } = arguments;
    let found = target.find().await?;
    found.services(services)?;
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
        "{what} stops; all data stays, and `{again}` starts it again."
    ));
    if *no_wait {
        return Ok(ExitCode::SUCCESS);
    }
    wait::for_person(&found.cluster, &app, *timeout, &mut Screen::new()).await
}
