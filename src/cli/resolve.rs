//! `gravity resolve`: which version of each service is chosen, and who asks for it.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::input::{Application, DEFAULT_NAMESPACE, Input};
use super::project::VerbError;
use super::table::{Cell, Table};
use super::{Error, output, project};
use crate::project::{Project, Root};
use crate::resolve::{Change, RequirementView, ResolutionView, ResolveError, ResolvedView, fix};

/// What stands on top of a manifest whose range was changed here.
const WIDENED: &str =
    "Written by `gravity resolve --fix`, which changed a range: change it in the service's own
repository too, for `gravity update` reads the manifest anew from there.";

/// The arguments of `gravity resolve`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "A service of wave 0 waits for no other; one of wave 1 only for those of wave 0, and so on.

Examples:
  gravity resolve -f app.yaml -f services/
  gravity resolve --fix                 what would mend a conflict; --write writes it
  gravity resolve -f examples/shop --output json"
)]
pub struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Where no versions fit, find the smallest change of ranges or versions by which they do
    #[arg(long)]
    fix: bool,
    /// Write that change into the project
    #[arg(long, requires = "fix", conflicts_with = "file")]
    write: bool,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A row a service
    Table,
    /// {"services": [{"name", "version", "wave", "requiredBy": [{"name", "range"}]}]};
    /// "contract" stands beside "range" where one is asked for
    Json,
    /// The same as YAML
    Yaml,
}

/// Prints the versions.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let application = arguments.input.read(None, DEFAULT_NAMESPACE)?;
    let resolution = match application.resolve() {
        Ok((_, resolution)) => resolution,
        Err(Error::Resolve(error)) if arguments.fix => {
            return mend(arguments, &application, error);
        }
        Err(error) => return Err(error),
    };
    let view = ResolutionView::from(&resolution);
    match arguments.output {
        Format::Table => output::styled(&table(&view).text(output::width()))?,
        Format::Json => output::json(&view)?,
        Format::Yaml => output::yaml(&view)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What would fit, and what has to be changed for it.
#[derive(Serialize)]
struct Mended {
    changes: Vec<String>,
    #[serde(flatten)]
    resolution: ResolutionView,
}

/// Proposes what mends a conflict, and writes it when that was asked for.
fn mend(
    arguments: &Arguments,
    application: &Application,
    error: ResolveError,
) -> Result<ExitCode, Error> {
    let (app, catalogue) = application.validate()?;
    let Some((changes, resolution)) = fix(&app, &catalogue, &error) else {
        return Err(error.into());
    };
    // What is mended in the same breath is no failure any more.
    match arguments.write {
        true => output::tell(&error.to_string()),
        false => output::error(&Error::Resolve(error)),
    }
    let mut text = "\nThe smallest change by which everything fits:\n".to_owned();
    for change in &changes {
        text += &format!("  - {change}\n");
    }
    let view = Mended {
        changes: changes.iter().map(ToString::to_string).collect(),
        resolution: ResolutionView::from(&resolution),
    };
    match arguments.output {
        Format::Table => {
            let table = table(&view.resolution).text(output::width());
            output::styled(&format!("{text}\n{table}"))?;
        }
        Format::Json => output::json(&view)?,
        Format::Yaml => output::yaml(&view)?,
    }
    if !arguments.write {
        output::hint("Next: gravity resolve --fix --write");
        return Ok(ExitCode::FAILURE);
    }
    let project = project::here()?;
    for change in &changes {
        write(&project, change)?;
    }
    output::tell("It is written.");
    Ok(ExitCode::SUCCESS)
}

fn write(project: &Project, change: &Change) -> Result<(), Error> {
    match change {
        Change::Root { service, to, .. } => project.ask_for(&Root {
            name: service.clone(),
            version: Some(to.clone()),
        })?,
        Change::Unlock { service, .. } => {
            let mut lock = project.lock()?;
            lock.remove(service);
            project.set_lock(&lock)?;
        }
        Change::Range {
            service,
            version,
            dependency,
            to,
            ..
        } => {
            let kept = project.services()?.into_iter();
            let mut kept = kept.filter(|it| {
                it.service.spec.name == *service && it.service.spec.version == *version
            });
            let mut own = kept.next().ok_or_else(|| VerbError::NoService {
                name: service.clone(),
                names: Vec::new(),
            })?;
            let mut needed = own.service.spec.dependencies.iter_mut();
            if let Some(it) = needed.find(|it| it.name == *dependency) {
                it.version = Some(to.clone());
            }
            project.rewrite(&own, WIDENED)?;
        }
    }
    Ok(())
}

/// A row a service.
pub fn table(view: &ResolutionView) -> Table {
    let mut table = Table::new(["NAME", "VERSION", "WAVE", "REQUIRED BY"]);
    for service in &view.services {
        let ResolvedView {
            name,
            version,
            wave,
            required_by,
        } = service;
        let required: Vec<String> = required_by.iter().map(requirement).collect();
        table.row([
            Cell::from(name.as_str()),
            Cell::from(version.as_str()),
            Cell::from(wave.to_string()),
            Cell::from(required.join("; ")),
        ]);
    }
    table
}

fn requirement(requirement: &RequirementView) -> String {
    let RequirementView {
        name,
        range,
        contract,
    } = requirement;
    match (range.as_str(), contract) {
        ("*", None) => name.clone(),
        (range, None) => format!("{name} {range}"),
        (range, Some(contract)) => format!("{name} {range} with contract {contract}"),
    }
}
