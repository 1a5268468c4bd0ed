//! `gravity add`: services from a repository or a folder come into the project.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use kube::ResourceExt;
use semver::Version;
use serde::Serialize;

use super::additions::{Addition, additions, origin, repository, stored, write};
use super::pick::pick;
use super::{VerbError, here, shown};
use crate::cli::input::{DEFAULT_NAMESPACE, Input};
use crate::cli::table::{Cell, Table};
use crate::cli::{Error, duration, output, progress};
use crate::project::{Kept, Project, ProjectError, Root};
use crate::repository::{Found, Location, Reference, Wanted, find};

/// The arguments of `gravity add`.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("which").args(["branch", "tag", "rev", "versions"])),
    after_long_help = "SOURCE is the URL of a Git repository (https, ssh or file, or the address of a page of GitHub, GitLab
or Bitbucket), an image that carries its manifest in the label dev.gravity.service, or a folder of
this machine. Its gravity-service.yaml is copied to services/, and gravity.yaml asks for the service.
Git and registries are asked by your own credentials, and never prompt.

Examples:
  gravity add https://github.com/acme/auth-service
  gravity add git@github.com:acme/auth-service.git --tag v1.4.0
  gravity add https://github.com/acme/auth-service --versions     every version that has a tag
  gravity add https://github.com/acme/monorepo --path services/orders
  gravity add oci://registry.example.com/auth-service:1.4.0
  gravity add ../services --all"
)]
pub struct Arguments {
    /// A Git repository's URL, an image as oci://HOST/NAME:TAG, or a folder
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The newest of a branch; the repository's default one when absent
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// A tag
    #[arg(long, value_name = "NAME")]
    tag: Option<String>,
    /// A revision, by its whole hash
    #[arg(long, value_name = "HASH")]
    rev: Option<String>,
    /// Every tag that is a version, so that a version can be chosen that fits
    #[arg(long)]
    versions: bool,
    /// The folder in the repository, or the manifest itself
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// All manifests, where there are several
    #[arg(long)]
    all: bool,
    /// Only offer it to the services that need it: gravity.yaml does not ask for it
    #[arg(long)]
    as_dependency: bool,
    /// Take the place of a service of the same name from elsewhere
    #[arg(long)]
    replace: bool,
    /// How long the repository or registry may take
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "120s")]
    timeout: std::time::Duration,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

#[derive(Serialize)]
struct View {
    added: Vec<Added>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Added {
    name: String,
    version: String,
    file: String,
    source: String,
    change: &'static str,
}

/// Adds what is found, or nothing when a part of it cannot be.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let project = here()?;
    let location = Location::parse(&arguments.source)?;
    let reading = format!("Reading {}", location.name());
    let found = progress::during(&reading, || find(&location, &arguments.wanted()))?;
    let found = choose(found, &location, arguments)?;
    let (additions, notes) = additions(found, &location)?;
    let kept = project.services()?;
    check(&additions, &kept, arguments)?;
    let added = take(&project, &additions, &kept, arguments)?;
    show(&project, &View { added, notes }, arguments)?;
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn wanted(&self) -> Wanted {
        let reference = self.branch.clone().map(Reference::Branch);
        let reference = reference.or_else(|| self.tag.clone().map(Reference::Tag));
        Wanted {
            reference: reference.or_else(|| self.rev.clone().map(Reference::Revision)),
            path: self.path.clone(),
            versions: self.versions,
            limit: self.timeout,
        }
    }
}

/// Those of several manifests that are meant: by their paths, for a path is in many versions.
fn choose(
    found: Vec<Found>,
    location: &Location,
    arguments: &Arguments,
) -> Result<Vec<Found>, Error> {
    let mut paths: Vec<String> = found.iter().map(|each| each.path.clone()).collect();
    paths.sort();
    paths.dedup();
    let chosen = pick(&location.name(), &paths, arguments.all)?;
    let is_chosen = |each: &Found| chosen.iter().any(|index| paths[*index] == each.path);
    Ok(found.into_iter().filter(is_chosen).collect())
}

/// Whether all of them can be taken.
fn check(additions: &[Addition], kept: &[Kept], arguments: &Arguments) -> Result<(), Error> {
    let mut seen = BTreeMap::<String, &Addition>::new();
    for addition in additions {
        let spec = &addition.service.spec;
        if let Some(other) = seen.insert(addition.service.name_any(), addition) {
            return Err(VerbError::Twice {
                name: spec.name.clone(),
                version: spec.version.clone(),
                one: other.place.clone(),
                other: addition.place.clone(),
            }
            .into());
        }
        let elsewhere = others(addition, kept).next();
        if let Some(other) = elsewhere.filter(|_| !arguments.replace) {
            return Err(VerbError::AnotherSource {
                name: spec.name.clone(),
                here: origin(other).map_or_else(|| shown(&other.file), |it| repository(&it)),
                there: repository(&stored(&addition.origin)),
            }
            .into());
        }
    }
    Ok(())
}

/// The versions of the same service that came from elsewhere.
fn others<'k>(addition: &Addition, kept: &'k [Kept]) -> impl Iterator<Item = &'k Kept> {
    let name = addition.service.spec.name.clone();
    let there = repository(&stored(&addition.origin));
    kept.iter().filter(move |each| {
        let from = origin(each).map(|origin| repository(&origin));
        each.service.spec.name == name && from.as_ref() != Some(&there)
    })
}

fn take(
    project: &Project,
    additions: &[Addition],
    kept: &[Kept],
    arguments: &Arguments,
) -> Result<Vec<Added>, Error> {
    let mut added = Vec::new();
    let goes = |each: &&Kept| {
        additions
            .iter()
            .any(|it| others(it, kept).any(|other| other.file == each.file))
    };
    let replaced: Vec<&Kept> = kept.iter().filter(goes).collect();
    if let Some(shared) = replaced.iter().find(|each| !each.alone) {
        project.forget(shared)?;
    }
    let mut written = Vec::new();
    for addition in additions {
        let before = kept
            .iter()
            .find(|each| each.service.name_any() == addition.service.name_any());
        let (service, file) = write(project, addition)?;
        written.push(file.clone());
        if !arguments.as_dependency {
            project.ask_for(&root(&service.spec.name, additions, kept))?;
        }
        added.push(Added {
            change: match before {
                None => "added",
                Some(before) if before.service == service => "as it was",
                Some(_) => "updated",
            },
            name: service.spec.name,
            version: service.spec.version,
            file: shown(&file),
            source: stored(&addition.origin).short(),
        });
    }
    for other in replaced
        .into_iter()
        .filter(|each| !written.contains(&each.file))
    {
        project.forget(other)?;
        let spec = &other.service.spec;
        added.push(Added {
            name: spec.name.clone(),
            version: spec.version.clone(),
            file: shown(&other.file),
            source: origin(other).map_or_else(String::new, |it| it.short()),
            change: "gone",
        });
    }
    Ok(added)
}

/// Any version will do. Where there are pre-releases only, no range has one but one that names
/// it (semver 2.0.0, section 9).
fn root(name: &str, additions: &[Addition], kept: &[Kept]) -> Root {
    let added = additions.iter().map(|each| &each.service.spec);
    let specs = added.chain(kept.iter().map(|each| &each.service.spec));
    let versions = specs
        .filter(|spec| spec.name == name)
        .filter_map(|spec| Version::parse(&spec.version).ok());
    let newest = versions.max_by_key(|version| (version.pre.is_empty(), version.clone()));
    let newest = newest.filter(|version| !version.pre.is_empty());
    Root {
        name: name.to_owned(),
        version: newest.map(|version| format!("^{version}")),
    }
}

fn show(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    output::formatted(arguments.output, view, || table(view).text(output::width()))?;
    output::warnings(&view.notes);
    // What is still missing is no mistake: the next `gravity add` may bring it.
    match Input::of(project)
        .read(None, DEFAULT_NAMESPACE)
        .and_then(|application| application.resolve())
    {
        Ok(_) => output::hint("Next: gravity install"),
        Err(Error::Project(ProjectError::Empty { .. })) => {}
        Err(error) => output::warnings(&[format!("the application is not complete yet: {error}")]),
    }
    Ok(())
}

fn table(view: &View) -> Table {
    let mut table = Table::new(["SERVICE", "VERSION", "FILE", "CHANGE"]);
    for each in &view.added {
        let cells = [&each.name, &each.version, &each.file];
        let [name, version, file] = cells.map(|text| Cell::from(text.as_str()));
        table.row([name, version, file, each.change.into()]);
    }
    table
}
