//! `gravity authenticator` and `gravity health`: the arguments; `companion/` does the rest.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Error;
use crate::companion::{authenticator, health};
use crate::telemetry::logs::{self, LogFormat};

/// The arguments of `gravity authenticator`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = "Examples:
  gravity authenticator --config authenticator.json
  gravity authenticator --config authenticator.json --address 127.0.0.1:8080 --log-format text")]
pub struct Authenticator {
    #[command(flatten)]
    arguments: Arguments,
}

/// The arguments of `gravity health`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = "Examples:
  gravity health --config health.json
  gravity health --config health.json --address 127.0.0.1:8080 --log-format text")]
pub struct Health {
    #[command(flatten)]
    arguments: Arguments,
}

#[derive(Clone, Debug, Args)]
struct Arguments {
    /// The file of the settings, in JSON
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where it answers
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8080")]
    address: SocketAddr,
    /// How the log is written
    #[arg(long, value_enum, default_value = "json", env = "GRAVITY_LOG_FORMAT")]
    log_format: LogFormat,
}

/// Answers until it is told to stop.
pub fn authenticator(Authenticator { arguments }: &Authenticator) -> Result<ExitCode, Error> {
    let runtime = begin(arguments)?;
    runtime.block_on(authenticator::run(&arguments.config, arguments.address))?;
    Ok(ExitCode::SUCCESS)
}

/// Answers until it is told to stop.
pub fn health(Health { arguments }: &Health) -> Result<ExitCode, Error> {
    let runtime = begin(arguments)?;
    runtime.block_on(health::run(&arguments.config, arguments.address))?;
    Ok(ExitCode::SUCCESS)
}

fn begin(arguments: &Arguments) -> Result<tokio::runtime::Runtime, Error> {
    logs::init(arguments.log_format)?;
    // Which provider of cryptography TLS has is said once for a process.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Runtime::new().map_err(Error::Output)
}
