//! `gravity version`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Error, output};

/// The arguments of `gravity version`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity version
  gravity version --output json")]
pub struct Arguments {
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A line
    Text,
    /// {"version", "apiVersion"}
    Json,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    version: &'static str,
    /// Of the custom resources.
    api_version: &'static str,
}

/// Prints the version.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let version = Version {
        version: env!("CARGO_PKG_VERSION"),
        api_version: "gravity.dev/v1alpha1",
    };
    match arguments.output {
        Format::Text => output::plain(&format!("gravity {}\n", version.version))?,
        Format::Json => output::json(&version)?,
    }
    Ok(ExitCode::SUCCESS)
}
