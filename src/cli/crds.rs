//! `gravity crds`: Gravity's CustomResourceDefinitions.

use std::process::ExitCode;

use clap::Args;

use super::{Error, output};
use crate::api::crds;

/// The arguments of `gravity crds`.
#[derive(Debug, Args)]
#[command(after_long_help = "Example:
  gravity crds | kubectl apply --server-side -f -")]
pub struct Arguments {}

/// Prints the definitions.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments {} = arguments;
    output::plain(&crds::to_yaml())?;
    Ok(ExitCode::SUCCESS)
}
