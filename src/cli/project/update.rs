//! `gravity update`: services are read anew from where they came from.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use clap::Args;
use kube::ResourceExt;
use serde::Serialize;

use super::additions::{Addition, origin, write};
use super::fetched::Asking;
use super::{VerbError, here, lock, shown};
use crate::cli::input::{DEFAULT_NAMESPACE, Input};
use crate::cli::table::Table;
use crate::cli::{Error, output};
use crate::project::{Kept, Project};
use crate::repository::{Origin, Reference, is_version_tag};

/// The arguments of `gravity update`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "What came from a branch or a folder is read again; what came from a tag gets the newer tags beside it;
what came from a revision stays. Versions that gravity.yaml locks move to the newest that fit.

Examples:
  gravity update
  gravity update user-service
  gravity update --offline          only move what is locked"
)]
pub struct Arguments {
    /// The services; all when absent
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    #[command(flatten)]
    asking: Asking,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

#[derive(Serialize)]
struct View {
    changes: Vec<Change>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Change {
    service: String,
    version: String,
    change: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    file: String,
}

/// Updates the services.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let project = here()?;
    let kept = named(project.services()?, &arguments.services)?;
    let fetched = arguments.asking.fetched(&project, &kept);
    let lock = tried(&project, &kept, &fetched.additions, &arguments.services)?;
    let mut changes = replace(&project, &kept, &fetched.additions)?;
    changes.extend(relock(&project, lock)?);
    let code = fetched.code();
    let notes = [fetched.notes, fetched.troubles].concat();
    show(&View { changes, notes }, arguments)?;
    Ok(code)
}

fn show(view: &View, arguments: &Arguments) -> Result<(), Error> {
    output::formatted(arguments.output, view, || match view.changes.is_empty() {
        true => "All is as it was.\n".to_owned(),
        false => table(view).text(output::width()),
    })?;
    output::warnings(&view.notes);
    Ok(())
}

/// Those of the services that are meant.
pub fn named(kept: Vec<Kept>, names: &[String]) -> Result<Vec<Kept>, VerbError> {
    let there = |name: &&String| kept.iter().any(|each| each.service.spec.name == **name);
    if let Some(name) = names.iter().find(|name| !there(name)) {
        let all: BTreeSet<String> = kept
            .iter()
            .map(|each| each.service.spec.name.clone())
            .collect();
        return Err(VerbError::NoService {
            name: name.clone(),
            names: all.into_iter().collect(),
        });
    }
    let is_meant = |each: &Kept| names.is_empty() || names.contains(&each.service.spec.name);
    Ok(kept.into_iter().filter(is_meant).collect())
}

/// Writes what is new or different. A version that its branch or folder no longer has goes.
fn replace(project: &Project, kept: &[Kept], found: &[Addition]) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    let change = |name: &str, version: &str, change, file| Change {
        service: name.to_owned(),
        version: version.to_owned(),
        change,
        file,
    };
    for addition in found {
        let name = addition.service.name_any();
        let before = kept.iter().find(|each| each.service.name_any() == name);
        let (service, file) = write(project, addition)?;
        let word = match before {
            None => "added",
            Some(before) if before.service != service => "updated",
            Some(_) => continue,
        };
        changes.push(change(
            &service.spec.name,
            &service.spec.version,
            word,
            shown(&file),
        ));
    }
    for each in gone(kept, found) {
        let spec = &each.service.spec;
        project.forget(each)?;
        changes.push(change(&spec.name, &spec.version, "gone", shown(&each.file)));
    }
    Ok(changes)
}

/// The versions that their branch or folder no longer has.
fn gone<'k>(kept: &'k [Kept], found: &[Addition]) -> Vec<&'k Kept> {
    let goes = |each: &&Kept| {
        let spec = &each.service.spec;
        let moves = match origin(each) {
            None | Some(Origin::BuiltIn(_) | Origin::Catalog { .. } | Origin::Namespace(_)) => {
                false
            }
            Some(Origin::Git { reference, .. }) => {
                !matches!(reference, Some(Reference::Tag(_) | Reference::Revision(_)))
            }
            Some(Origin::Image(image)) => image.tag.is_some_and(|tag| !is_version_tag(&tag)),
            Some(Origin::Folder(_)) => true,
        };
        let mut own = found
            .iter()
            .filter(|it| it.service.spec.name == spec.name)
            .peekable();
        moves && own.peek().is_some() && !own.any(|it| it.service.spec.version == spec.version)
    };
    kept.iter().filter(goes).collect()
}

/// What would be locked after the update; nothing where nothing is. An update by which the
/// versions would no longer fit is refused before anything is written, unless they do not fit
/// already.
fn tried(
    project: &Project,
    kept: &[Kept],
    found: &[Addition],
    names: &[String],
) -> Result<Option<BTreeMap<String, String>>, Error> {
    let mut application = Input::of(project).read(None, DEFAULT_NAMESPACE)?;
    let fits = application.resolve().is_ok();
    let goes = gone(kept, found);
    let services = &mut application.documents.services;
    services.retain(|service| {
        let same = |name: String| name == service.name_any();
        !goes.iter().any(|each| same(each.service.name_any()))
            && !found.iter().any(|each| same(each.service.name_any()))
    });
    let home = application.app.metadata.namespace.clone();
    services.extend(found.iter().map(|each| {
        let mut service = each.service.clone();
        service.metadata.namespace.clone_from(&home);
        service
    }));
    let is_locked = !application.app.spec.lock.is_empty();
    let free = |name: &String| names.is_empty() || names.contains(name);
    application.app.spec.lock.retain(|name, _| !free(name));
    match application.resolve() {
        Ok((_, resolution)) => Ok(is_locked.then(|| lock::versions(&resolution))),
        Err(error) if fits || is_locked => Err(error),
        Err(_) => Ok(None),
    }
}

/// Writes what is locked now.
fn relock(
    project: &Project,
    after: Option<BTreeMap<String, String>>,
) -> Result<Vec<Change>, Error> {
    let Some(after) = after else {
        return Ok(Vec::new());
    };
    let before = project.lock()?;
    project.set_lock(&after)?;
    let moved = lock::changes(&before, &after).into_iter();
    Ok(moved
        .map(|[service, _, version]| Change {
            service,
            version,
            change: "locked",
            file: shown(&project.app_file()),
        })
        .collect())
}

fn table(view: &View) -> Table {
    let mut table = Table::new(["SERVICE", "VERSION", "CHANGE", "FILE"]);
    for each in &view.changes {
        table.row([
            each.service.as_str().into(),
            each.version.as_str().into(),
            each.change.into(),
            each.file.as_str().into(),
        ]);
    }
    table
}
