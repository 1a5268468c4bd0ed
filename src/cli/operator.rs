//! `gravity operator`: the arguments; `controller/` does the rest.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgAction, Args};

use super::{Error, namespace};
use crate::controller::lease::LeaseSettings;
use crate::controller::{self, OperatorError, OperatorSettings};
use crate::telemetry::logs::{self, LogFormat};
use crate::validate::duration;

/// The shortest time between two lists of one watch.
const SHORTEST_RESYNC: Duration = Duration::from_secs(1);

/// The arguments of `gravity operator`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = "Examples:
  gravity operator
  gravity operator --namespace shop --namespace blog --catalog-namespace catalogue
  gravity operator --leader-elect=false --log-format text")]
pub struct Arguments {
    /// Serve only this namespace; may be given many times; all of them when absent
    #[arg(long = "namespace", value_name = "NAME", value_parser = namespace::parse)]
    pub namespaces: Vec<String>,
    /// Take services from this namespace too, for every app; may be given many times
    #[arg(long = "catalog-namespace", value_name = "NAME", value_parser = namespace::parse)]
    pub catalog_namespaces: Vec<String>,
    /// How long until each watch lists all objects anew, to notice what was lost on the way;
    /// as 90m or 10h
    #[arg(long, value_name = "DURATION", default_value = "10h", value_parser = resync)]
    pub resync_period: Duration,
    /// How the log is written
    #[arg(long, value_enum, default_value = "json", env = "GRAVITY_LOG_FORMAT")]
    pub log_format: LogFormat,
    /// The image of the companions that applications ask for: that of the operator itself
    #[arg(long, value_name = "IMAGE", env = "GRAVITY_IMAGE")]
    pub image: Option<String>,
    /// Where /metrics answers
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8080")]
    pub metrics_address: SocketAddr,
    /// Where /healthz and /readyz answer
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8081")]
    pub health_address: SocketAddr,
    /// Write only while holding the Lease, so that several replicas can stand by
    #[arg(
        long,
        value_name = "BOOL",
        action = ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_value_t = true,
        default_missing_value = "true"
    )]
    pub leader_elect: bool,
    /// The Lease's namespace; `default` when absent
    #[arg(long, value_name = "NAME", env = "POD_NAMESPACE", value_parser = namespace::parse)]
    pub lease_namespace: Option<String>,
    /// The Lease's name
    #[arg(long, value_name = "NAME", default_value = "gravity-operator")]
    pub lease_name: String,
}

/// Runs the operator until it is told to stop.
pub fn run(arguments: Arguments) -> Result<ExitCode, Error> {
    logs::init(arguments.log_format)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Error::Output)?;
    let settings = settings(arguments)?;
    runtime.block_on(controller::run(settings))?;
    Ok(ExitCode::SUCCESS)
}

fn settings(arguments: Arguments) -> Result<OperatorSettings, OperatorError> {
    let Arguments {
        namespaces,
        catalog_namespaces,
        resync_period,
        log_format: _,
        image,
        metrics_address,
        health_address,
        leader_elect,
        lease_namespace,
        lease_name,
    } = arguments;
    let namespace = lease_namespace.unwrap_or_else(|| "default".to_owned());
    let lease = leader_elect.then(|| LeaseSettings::new(&namespace, &lease_name));
    Ok(OperatorSettings {
        namespaces,
        resync: resync_period,
        catalogues: catalog_namespaces,
        image,
        metrics_address,
        health_address,
        lease: lease.transpose()?,
    })
}

/// Each list costs the API server as much as the operator's start, so it is not to be had
/// without a pause.
fn resync(text: &str) -> Result<Duration, String> {
    let period = duration(text)?;
    if period < SHORTEST_RESYNC {
        return Err(format!("write {SHORTEST_RESYNC:?} or more"));
    }
    Ok(period)
}
