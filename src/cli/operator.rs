//! `gravity operator`: the arguments; `controller/` does the rest.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{ArgAction, Args, ValueEnum};

use super::Error;

/// The arguments of `gravity operator`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = "Examples:
  gravity operator
  gravity operator --namespace shop --namespace blog --catalog-namespace catalogue
  gravity operator --leader-elect=false --log-format text")]
pub struct Arguments {
    /// Serve only this namespace; may be given many times; all of them when absent
    #[arg(long = "namespace", value_name = "NAME")]
    pub namespaces: Vec<String>,
    /// Take services from this namespace too, for every app; may be given many times
    #[arg(long = "catalog-namespace", value_name = "NAME")]
    pub catalog_namespaces: Vec<String>,
    /// How the log is written
    #[arg(long, value_enum, default_value_t = LogFormat::Json, env = "GRAVITY_LOG_FORMAT")]
    pub log_format: LogFormat,
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
    /// The Lease's namespace; the operator's own when absent
    #[arg(long, value_name = "NAME", env = "POD_NAMESPACE")]
    pub lease_namespace: Option<String>,
    /// The Lease's name
    #[arg(long, value_name = "NAME", default_value = "gravity-operator")]
    pub lease_name: String,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// An object a line, for a log store
    Json,
    /// For people
    Text,
}

/// Runs the operator until it is told to stop.
pub fn run(arguments: Arguments) -> Result<ExitCode, Error> {
    let _ = arguments;
    Err(Error::Operator("it is not part of this build".to_owned()))
}
