//! `gravity remove`: a service leaves the project.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{VerbError, here, shown};
use crate::cli::{Error, output};
use crate::project::Kept;

/// The arguments of `gravity remove`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "What runs in a cluster goes when the change is applied there, as by `gravity start`; its data stays
unless spec.deletionPolicy is Delete.

Examples:
  gravity remove order-service
  gravity remove user-service --keep-manifest     no more asked for, still there for others"
)]
pub struct Arguments {
    /// The services
    #[arg(value_name = "SERVICE", required = true)]
    services: Vec<String>,
    /// Only stop asking for it: what needs it still finds it
    #[arg(long)]
    keep_manifest: bool,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// What went.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    /// What gravity.yaml no longer asks for.
    no_longer_asked_for: Vec<String>,
    /// The files of manifests.
    deleted: Vec<String>,
}

/// Takes the services out, or none when one of them cannot go.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let project = here()?;
    let (roots, kept) = (project.roots()?, project.services()?);
    for name in &arguments.services {
        check(name, arguments, &roots, &kept)?;
    }
    let goes = |each: &&Kept| arguments.services.contains(&each.service.spec.name);
    if let Some(shared) = kept.iter().filter(goes).find(|each| !each.alone)
        && !arguments.keep_manifest
    {
        // It tells why, and nothing was changed yet.
        project.forget(shared)?;
    }
    let (mut text, mut view) = (String::new(), View::default());
    for name in &arguments.services {
        if project.drop_root(name)? {
            view.no_longer_asked_for.push(name.clone());
            text += &format!(
                "{name} is no longer asked for in {}\n",
                shown(&project.app_file())
            );
        }
        let own = kept.iter().filter(|each| each.service.spec.name == *name);
        for each in own.filter(|_| !arguments.keep_manifest) {
            project.forget(each)?;
            view.deleted.push(shown(&each.file));
            text += &format!("Deleted {}\n", shown(&each.file));
        }
    }
    if !arguments.keep_manifest {
        let mut lock = project.lock()?;
        lock.retain(|name, _| !arguments.services.contains(name));
        project.set_lock(&lock)?;
    }
    output::formatted(arguments.output, &view, || text)?;
    Ok(ExitCode::SUCCESS)
}

/// Whether a service is there and nobody who stays needs it.
fn check(
    name: &String,
    arguments: &Arguments,
    roots: &[String],
    kept: &[Kept],
) -> Result<(), VerbError> {
    let specs = || kept.iter().map(|each| &each.service.spec);
    if !roots.contains(name) && !specs().any(|spec| spec.name == *name) {
        let mut names: Vec<String> = specs().map(|spec| spec.name.clone()).collect();
        names.dedup();
        return Err(VerbError::NoService {
            name: name.clone(),
            names,
        });
    }
    let stays = |other: &String| !arguments.services.contains(other);
    let needs = specs().filter(|spec| {
        let mut needed = spec.dependencies.iter();
        stays(&spec.name) && needed.any(|it| it.name == *name && it.optional != Some(true))
    });
    let mut needed_by: Vec<String> = needs.map(|spec| spec.name.clone()).collect();
    needed_by.dedup();
    if needed_by.is_empty() || arguments.keep_manifest {
        return Ok(());
    }
    Err(VerbError::Needed {
        name: name.clone(),
        needed_by,
    })
}
