//! `gravity validate`: files are checked as an API server would check them, offline.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{Error, input, output, project};
use crate::manifest::{self, Source};
use crate::repository::MANIFEST_NAMES;
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
    /// Files and folders, - for standard input; the project around this folder, or the manifest in
    /// it, when absent
    #[arg(value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// What was checked.
#[derive(Serialize)]
struct View {
    applications: usize,
    services: usize,
}

/// The project around this folder, or the manifest in it.
fn default_sources() -> Result<Vec<Source>, Error> {
    let project = match project::here() {
        Ok(project) => project,
        Err(error) => {
            let own = MANIFEST_NAMES
                .iter()
                .map(PathBuf::from)
                .find(|name| name.is_file());
            return own.map_or(Err(error.into()), |own| Ok(vec![Source::Path(own)]));
        }
    };
    Ok(project.sources()?)
}

/// Checks the files.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let sources: Vec<Source> = match arguments.files.is_empty() {
        true => default_sources()?,
        false => input::sources(&arguments.files)?,
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
    let count = |number: usize, one: &str, many: &str| {
        (number > 0).then(|| output::count(number, one, many))
    };
    let counted = [
        count(documents.apps.len(), "application", "applications"),
        count(
            documents.services.len(),
            "version of a service",
            "versions of services",
        ),
    ];
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    let view = View {
        applications: documents.apps.len(),
        services: documents.services.len(),
    };
    output::formatted(arguments.output, &view, || {
        format!("{}: all are right.\n", counted.join(" and "))
    })?;
    Ok(ExitCode::SUCCESS)
}
