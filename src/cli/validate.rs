//! `gravity validate`: files are checked as an API server would check them, offline.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Error, input, output, project};
use crate::manifest::{self, Source};
use crate::validate::{Invalid, validate_app, validate_service};

/// The arguments of `gravity validate`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Each file is checked by itself: whether the versions fit is told by `gravity install`.

Examples:
  gravity validate
  gravity validate gravity-service.yaml
  gravity validate services/ gravity.yaml"
)]
pub struct Arguments {
    /// Files and folders; the project around this folder when absent
    #[arg(value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,
}

/// Checks the files.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let sources: Vec<Source> = match arguments.files.is_empty() {
        true => project::here()?.sources()?,
        false => arguments.files.iter().cloned().map(Source::Path).collect(),
    };
    let documents = manifest::read(&sources)?;
    let apps = documents
        .apps
        .iter()
        .filter_map(|app| validate_app(app).err());
    let services = documents
        .services
        .iter()
        .filter_map(|service| validate_service(service).err());
    let problems: Vec<Invalid> = apps.chain(services).flatten().collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(input::texts(problems.iter(), &documents)));
    }
    let count = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    };
    output::plain(&format!(
        "{} and {}: all are right.\n",
        count(documents.apps.len(), "application", "applications"),
        count(
            documents.services.len(),
            "version of a service",
            "versions of services"
        ),
    ))?;
    Ok(ExitCode::SUCCESS)
}
