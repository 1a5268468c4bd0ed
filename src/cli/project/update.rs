//! `gravity update`: services are read anew from where they came from.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use kube::ResourceExt;
use semver::Version;
use serde::Serialize;

use super::additions::{Addition, additions, origin, read, write};
use super::{VerbError, here, lock, shown};
use crate::catalog::Catalog;
use crate::cli::input::{DEFAULT_NAMESPACE, Input};
use crate::cli::table::Table;
use crate::cli::{Error, duration, output, progress};
use crate::project::{Kept, Project};
use crate::repository::{Found, Location, Origin, Reference, Wanted, find, is_version_tag};

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

/// Whether repositories are asked, and how long.
#[derive(Debug, Args)]
pub struct Asking {
    /// Ask no repository
    #[arg(long)]
    offline: bool,
    /// How long each repository may take
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "120s")]
    timeout: Duration,
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

/// What the origins of services have now.
#[derive(Default)]
pub struct Fetched {
    /// The services.
    pub additions: Vec<Addition>,
    /// What stands against tags.
    notes: Vec<String>,
    /// What is no longer to be had where it came from, or not now.
    pub troubles: Vec<String>,
    /// Whether an origin could not be read.
    failed: bool,
}

impl Fetched {
    /// How the verb ends: what could be done was done.
    pub fn code(&self) -> ExitCode {
        match self.failed {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        }
    }

    /// Takes what an origin has of the services that are here.
    fn take(
        &mut self,
        found: Vec<Addition>,
        against: Vec<String>,
        name: &str,
        kept: &[Kept],
        wanted: &Wanted,
    ) {
        let spec = |it: &Addition| it.service.spec.name.clone();
        let is_here = |it: &Addition| kept.iter().any(|each| each.service.spec.name == spec(it));
        if !found.is_empty() && !found.iter().any(is_here) {
            let names: BTreeSet<String> = found.iter().map(spec).collect();
            let names: Vec<String> = names.into_iter().collect();
            self.troubles.push(format!(
                "{name} is no more where it came from, which has {} now: `gravity add` takes it, and `gravity remove {name}` the old one away",
                names.join(", ")
            ));
        }
        let found = found.into_iter().filter(is_here);
        self.additions
            .extend(found.filter(|it| !wanted.versions || is_newer(it, kept)));
        self.notes.extend(against);
    }

    /// One origin that is away keeps no other one back.
    fn failed(&mut self, services: &str, error: &Error) {
        self.failed = true;
        self.troubles.push(format!(
            "{services} could not be looked for where it came from, and stays as it is: {error}"
        ));
    }
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

impl Asking {
    /// What the services' origins have now, of these services.
    pub fn fetched(&self, project: &Project, kept: &[Kept]) -> Fetched {
        let mut fetched = Fetched::default();
        if self.offline {
            return fetched;
        }
        let mut asked = BTreeSet::new();
        for each in kept {
            let name = each.service.spec.name.as_str();
            let (location, wanted) = match question(project, each, self.timeout) {
                Ok(Some(question)) => question,
                Ok(None) => continue,
                Err(error) => {
                    fetched.failed(name, &error);
                    continue;
                }
            };
            let key = format!("{location:?} {:?} {:?}", wanted.reference, wanted.path);
            if !asked.insert(key) {
                continue;
            }
            let reading = format!("Reading {name}");
            let found = progress::during(&reading, || find(&location, &wanted));
            let found = found.map_err(Error::from);
            match found.and_then(|found| additions(found, &location)) {
                Ok((more, against)) => fetched.take(more, against, name, kept, &wanted),
                Err(error) => fetched.failed(name, &error),
            }
        }
        for (place, names) in catalogues(kept) {
            let reading = format!("Reading {}", place.short());
            let found = progress::during(&reading, || self.of_catalogue(project, &place, &names));
            let services = found.and_then(|found| {
                let all: Result<Vec<_>, Error> = found.iter().map(read).collect();
                Ok(all?.into_iter().flatten())
            });
            match services {
                Ok(services) => fetched
                    .additions
                    .extend(services.filter(|it| is_newer(it, kept))),
                Err(error) => {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    fetched.failed(&names.join(", "), &error);
                }
            }
        }
        fetched
    }

    /// All versions that a catalogue has of services, of those that it still has.
    fn of_catalogue(
        &self,
        project: &Project,
        place: &Origin,
        names: &BTreeSet<String>,
    ) -> Result<Vec<Found>, Error> {
        let catalog = match Location::of(place) {
            Some(Location::Folder(path)) => {
                let folder = Location::Folder(project.folder().join(path));
                Catalog::of(folder, self.timeout)?
            }
            Some(location) => Catalog::of(location, self.timeout)?,
            None => Catalog::built_in()?,
        };
        // The newest first, as tags come.
        let mut found = catalog.manifests(names, self.timeout)?;
        let entries = names.iter().filter_map(|it| catalog.index.entries.get(it));
        let order: Vec<&String> = entries
            .flat_map(|it| &it.versions)
            .map(|it| &it.path)
            .collect();
        found.sort_by_key(|each| order.iter().position(|path| **path == each.path));
        Ok(found)
    }
}

/// The catalogues that services came from, and which.
fn catalogues(kept: &[Kept]) -> Vec<(Origin, BTreeSet<String>)> {
    let mut all = BTreeMap::<String, (Origin, BTreeSet<String>)>::new();
    for each in kept {
        let place = match origin(each) {
            Some(Origin::Catalog { place, .. }) => *place,
            // What it has, it has for all of them.
            Some(Origin::BuiltIn(_)) => Origin::BuiltIn(String::new()),
            _ => continue,
        };
        // One repository is asked once, whichever revision was read.
        let key = Location::of(&place).map_or_else(String::new, |it| format!("{it:?}"));
        let (_, names) = all.entry(key).or_insert((place, BTreeSet::new()));
        names.insert(each.service.spec.name.clone());
    }
    all.into_values().collect()
}

/// Whether it is newer than the oldest version of the service that is here: a release that mends
/// an older line is of interest, what came before all of them is not.
fn is_newer(addition: &Addition, kept: &[Kept]) -> bool {
    let name = &addition.service.spec.name;
    let specs = kept.iter().map(|each| &each.service.spec);
    let own = specs.filter(|spec| spec.name == *name);
    let oldest = own
        .filter_map(|spec| Version::parse(&spec.version).ok())
        .min();
    let version = Version::parse(&addition.service.spec.version).ok();
    version > oldest
}

/// What is asked of the origin of a service; nothing where that is one revision for ever.
fn question(
    project: &Project,
    kept: &Kept,
    limit: Duration,
) -> Result<Option<(Location, Wanted)>, Error> {
    let wanted = |reference, path, versions| Wanted {
        reference,
        path,
        versions,
        limit,
    };
    Ok(match origin(kept) {
        None | Some(Origin::BuiltIn(_) | Origin::Catalog { .. } | Origin::Namespace(_)) => None,
        Some(Origin::Folder(path)) => {
            let location = Location::Folder(project.folder().join(path));
            Some((location, wanted(None, None, false)))
        }
        Some(Origin::Git {
            url,
            reference,
            path,
            ..
        }) => match reference {
            Some(Reference::Revision(_)) => None,
            // One that is no version may have been moved, and no other follows it.
            Some(Reference::Tag(tag)) if !is_version_tag(&tag) => {
                let tag = Some(Reference::Tag(tag));
                Some((Location::parse(&url)?, wanted(tag, Some(path), false)))
            }
            Some(Reference::Tag(_)) => {
                Some((Location::parse(&url)?, wanted(None, Some(path), true)))
            }
            branch => Some((Location::parse(&url)?, wanted(branch, Some(path), false))),
        },
        Some(Origin::Image(mut image)) => {
            image.digest = None;
            image.tag.take().map(|tag| {
                let versions = is_version_tag(&tag);
                let tag = (!versions).then_some(Reference::Tag(tag));
                (Location::Image(image), wanted(tag, None, versions))
            })
        }
    })
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
