//! What services' origins have now: repositories, folders, images and catalogues, each asked once.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use semver::Version;

use super::additions::{Addition, additions, origin, read};
use crate::catalog::Catalog;
use crate::cli::{Error, duration, progress};
use crate::project::{Kept, Project};
use crate::repository::{Found, Location, Origin, Reference, Wanted, find, is_version_tag};

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

/// What the origins of services have now.
#[derive(Default)]
pub struct Fetched {
    /// The services.
    pub additions: Vec<Addition>,
    /// What stands against tags.
    pub notes: Vec<String>,
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
