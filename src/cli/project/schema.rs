//! `gravity schema`: the JSON Schemas that editors complete and check by.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::cli::{Error, output};
use crate::manifest::editor;

/// The arguments of `gravity schema`.
#[derive(Debug, Args)]
#[command(after_long_help = "An editor reads it by a first line as
  # yaml-language-server: $schema=service.jsonschema

Examples:
  gravity schema service > service.jsonschema
  gravity schema app")]
pub struct Arguments {
    /// Whose schema
    #[arg(value_enum)]
    of: Of,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// gravity-service.yaml
    Service,
    /// gravity.yaml
    App,
}

/// Prints the schema.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    output::json(&match arguments.of {
        Of::Service => editor::service(),
        Of::App => editor::app(),
    })?;
    Ok(ExitCode::SUCCESS)
}
