//! `gravity lock`: the versions that are chosen are written down, and stay so.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{VerbError, here, shown};
use crate::api::app::Updates;
use crate::cli::input::{DEFAULT_NAMESPACE, Input};
use crate::cli::table::Table;
use crate::cli::{Error, output};
use crate::resolve::Resolution;

/// The arguments of `gravity lock`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Every cluster that this gravity.yaml is applied to then takes these versions, whatever else is in its
catalogue, while they fit. `gravity update` moves them.

Exit codes: 0; 1 for a failure, and with --check when the versions are not locked as they are chosen.

Examples:
  gravity lock
  gravity lock --check        for a pipeline
  gravity lock --remove"
)]
pub struct Arguments {
    /// Write nothing, and fail where something would be written
    #[arg(long, conflicts_with = "remove")]
    check: bool,
    /// Lock no version any more
    #[arg(long)]
    remove: bool,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// What is locked now, and what was changed for it.
#[derive(Serialize)]
struct View {
    lock: BTreeMap<String, String>,
    changes: Vec<Change>,
}

#[derive(Serialize)]
struct Change {
    service: String,
    from: String,
    to: String,
}

impl From<&[String; 3]> for Change {
    fn from([service, from, to]: &[String; 3]) -> Self {
        Self {
            service: service.clone(),
            from: from.clone(),
            to: to.clone(),
        }
    }
}

/// Locks the versions.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let project = here()?;
    let application = Input::of(&project).read(None, DEFAULT_NAMESPACE)?;
    if application.app.spec.updates == Some(Updates::Automatic) && !arguments.remove {
        return Err(VerbError::Automatic.into());
    }
    let before = project.lock()?;
    let after = match arguments.remove {
        true => BTreeMap::new(),
        false => versions(&application.resolve()?.1),
    };
    let changes = changes(&before, &after);
    if arguments.check && !changes.is_empty() {
        return Err(VerbError::NotLocked {
            changes: changes.iter().map(told).collect(),
        }
        .into());
    }
    if !changes.is_empty() {
        project.set_lock(&after)?;
    }
    let view = View {
        lock: after,
        changes: changes.iter().map(Change::from).collect(),
    };
    output::formatted(arguments.output, &view, || match changes.is_empty() {
        true => "The versions are locked as they are chosen.\n".to_owned(),
        false => table(&changes).text(output::width()),
    })?;
    if !changes.is_empty() {
        output::hint(&format!("Changed {}", shown(&project.app_file())));
    }
    Ok(ExitCode::SUCCESS)
}

/// The versions of a resolution, by the service's name.
pub fn versions(resolution: &Resolution) -> BTreeMap<String, String> {
    let services = resolution.services.iter();
    let version = services.map(|(name, it)| (name.clone(), it.service.version.to_string()));
    version.collect()
}

/// What differs: the service, the version before and the one after.
pub fn changes(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<[String; 3]> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let of = |versions: &BTreeMap<String, String>, name: &String| {
        versions.get(name).map_or("-", String::as_str).to_owned()
    };
    let change = |name: &String| [name.clone(), of(before, name), of(after, name)];
    let all = names.into_iter().map(change);
    all.filter(|[_, before, after]| before != after).collect()
}

fn told([name, before, after]: &[String; 3]) -> String {
    match (before.as_str(), after.as_str()) {
        ("-", after) => format!("{name} {after} is chosen and not locked"),
        (before, "-") => format!("{name} {before} is locked and not chosen"),
        (before, after) => format!("{name} is locked to {before}, and {after} is chosen"),
    }
}

/// A row a change.
pub fn table(changes: &[[String; 3]]) -> Table {
    let mut table = Table::new(["SERVICE", "FROM", "TO"]);
    for change in changes {
        table.row(change.clone().map(Into::into));
    }
    table
}
