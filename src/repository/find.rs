//! Location → the manifests that are there.

use std::path::Path;
use std::time::Duration;

use super::found::{Found, Release, Wanted, text};
use super::git::{Entry, Git, Mode, Revision};
use super::image::in_image;
use super::location::Remote;
use super::tags::{VersionTag, version_tag};
use super::{Location, MANIFEST_NAMES, MOST, Origin, Reference, RepositoryError, folder};
use crate::manifest::MAX_BYTES;

/// Finds the manifests of a location, by their paths; there is at least one.
///
/// # Errors
/// The location cannot be read, has no manifest, or one that cannot be taken.
pub fn find(location: &Location, wanted: &Wanted) -> Result<Vec<Found>, RepositoryError> {
    match location {
        Location::Folder(path) => in_folder(path, wanted),
        Location::Git(remote) => in_git(remote, wanted),
        Location::Image(image) => in_image(image, wanted),
    }
}

fn in_folder(path: &Path, wanted: &Wanted) -> Result<Vec<Found>, RepositoryError> {
    let flags = [
        ("--versions", wanted.versions),
        ("--branch, --tag or --rev", wanted.reference.is_some()),
    ];
    if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
        return Err(RepositoryError::FolderHasNone {
            flag,
            folder: path.to_owned(),
        });
    }
    match inner_path(wanted.path.as_deref())? {
        Some(inner) => folder::manifests(&path.join(inner)),
        None => folder::manifests(path),
    }
}

fn in_git(remote: &Remote, wanted: &Wanted) -> Result<Vec<Found>, RepositoryError> {
    let path = wanted.path.as_deref().or(remote.path.as_deref());
    let path = inner_path(path)?;
    let git = Git::open(remote, wanted.limit)?;
    if wanted.versions {
        return versions(&git, remote, path);
    }
    let reference = wanted.reference.as_ref().or(remote.reference.as_ref());
    let revision = git.fetch(reference)?;
    let place = Place {
        remote,
        reference,
        revision: &revision,
    };
    let found = place.manifests(&git, path)?;
    if found.is_empty() {
        return Err(place.nothing(&git, path));
    }
    Ok(found)
}

/// The files that a repository has of those that are named.
pub(super) fn files_of_git(
    remote: &Remote,
    paths: &[String],
    limit: Duration,
) -> Result<Vec<Found>, RepositoryError> {
    let within = inner_path(remote.path.as_deref())?;
    let git = Git::open(remote, limit)?;
    let revision = git.fetch(remote.reference.as_ref())?;
    let place = Place {
        remote,
        reference: remote.reference.as_ref(),
        revision: &revision,
    };
    let whole = |path: &String| within.map_or_else(|| path.clone(), |it| format!("{it}/{path}"));
    let wanted: Vec<String> = paths.iter().map(whole).collect();
    let entries = place.chosen(&git, within, |path| wanted.iter().any(|it| it == path))?;
    let mut found = place.brought(&git, &entries)?;
    for each in &mut found {
        let short = within.and_then(|it| each.path.strip_prefix(it)?.strip_prefix('/'));
        if let Some(short) = short {
            each.path = short.to_owned();
        }
        each.origin = Origin::Catalog {
            path: each.path.clone(),
            place: Box::new(place.origin(within.unwrap_or_default())),
        };
    }
    Ok(found)
}

/// The manifests of all tags that are versions, the newest versions first.
fn versions(git: &Git, remote: &Remote, path: Option<&str>) -> Result<Vec<Found>, RepositoryError> {
    let tags = git.tags()?;
    let mut versions: Vec<VersionTag> = tags.iter().filter_map(|tag| version_tag(tag)).collect();
    versions.sort_by(|one, other| other.cmp(one));
    versions.truncate(MOST);
    let names: Vec<&str> = versions.iter().map(|each| each.tag.as_str()).collect();
    let revisions = if names.is_empty() {
        Vec::new()
    } else {
        git.fetch_tags(&names)?
    };
    let references: Vec<Reference> = versions
        .iter()
        .map(|version| Reference::Tag(version.tag.clone()))
        .collect();
    let places = references
        .iter()
        .zip(&revisions)
        .map(|(reference, revision)| Place {
            remote,
            reference: Some(reference),
            revision,
        });
    let mut chosen = Vec::new();
    for (version, place) in versions.iter().zip(places) {
        chosen.extend(of_tag(place.entries(git, path))?.map(|entries| (version, place, entries)));
    }
    let entries = chosen.iter().flat_map(|(_, _, entries)| entries);
    let objects: Vec<&str> = entries.map(|entry| entry.object.as_str()).collect();
    // One question for all of them, or each tag would take a while of its own.
    git.bring(&objects);
    let mut all = Vec::new();
    for (version, place, entries) in chosen {
        let release = |found: Found| Found {
            release: Some(Release {
                tag: version.tag.clone(),
                version: version.version.clone(),
                service: version.service.clone(),
            }),
            ..found
        };
        let found = of_tag(place.read(git, &entries))?.unwrap_or_default();
        all.extend(found.into_iter().map(release));
    }
    if all.is_empty() {
        return Err(RepositoryError::NoVersions {
            url: remote.url.clone(),
            tags: tags.len(),
        });
    }
    Ok(all)
}

/// A manifest of an old tag that is a link or no text spoils no other version; that Git fails
/// does.
fn of_tag<T>(answer: Result<T, RepositoryError>) -> Result<Option<T>, RepositoryError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_of_content() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A revision of a repository, and how it was asked for.
#[derive(Clone, Copy)]
struct Place<'a> {
    remote: &'a Remote,
    reference: Option<&'a Reference>,
    revision: &'a Revision,
}

impl Place<'_> {
    fn manifests(&self, git: &Git, path: Option<&str>) -> Result<Vec<Found>, RepositoryError> {
        self.brought(git, &self.entries(git, path)?)
    }

    /// Where the manifests are.
    fn entries(&self, git: &Git, path: Option<&str>) -> Result<Vec<Entry>, RepositoryError> {
        let entries = self.chosen(git, path, |found| {
            let name = found.rsplit('/').next().unwrap_or_default();
            path == Some(found) || MANIFEST_NAMES.contains(&name)
        })?;
        if entries.len() > MOST {
            return Err(RepositoryError::TooMany {
                place: self.name(path.unwrap_or_default()),
                count: entries.len(),
            });
        }
        Ok(entries)
    }

    /// The files at and below a path that are meant, by their paths. None of them is a link.
    fn chosen(
        &self,
        git: &Git,
        path: Option<&str>,
        is_meant: impl Fn(&str) -> bool,
    ) -> Result<Vec<Entry>, RepositoryError> {
        let mut entries = git.entries(self.revision, path)?;
        entries.retain(|entry| entry.mode != Mode::Submodule && is_meant(&entry.path));
        match entries.iter().find(|entry| entry.mode == Mode::Link) {
            Some(link) => Err(RepositoryError::Link {
                place: self.name(&link.path),
            }),
            None => Ok(entries),
        }
    }

    /// Reads files, which are fetched together first.
    fn brought(&self, git: &Git, entries: &[Entry]) -> Result<Vec<Found>, RepositoryError> {
        let objects: Vec<&str> = entries.iter().map(|entry| entry.object.as_str()).collect();
        if !objects.is_empty() {
            git.bring(&objects);
        }
        self.read(git, entries)
    }

    fn read(&self, git: &Git, entries: &[Entry]) -> Result<Vec<Found>, RepositoryError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let objects: Vec<&str> = entries.iter().map(|entry| entry.object.as_str()).collect();
        let contents = git.read(&objects, MAX_BYTES)?;
        let found = entries.iter().zip(contents);
        found
            .map(|(entry, bytes)| self.found(&entry.path, bytes))
            .collect()
    }

    fn found(&self, path: &str, bytes: Option<Vec<u8>>) -> Result<Found, RepositoryError> {
        Ok(Found {
            text: text(self.name(path), bytes)?,
            path: path.to_owned(),
            origin: self.origin(path),
            release: None,
        })
    }

    fn origin(&self, path: &str) -> Origin {
        Origin::Git {
            url: self.remote.url.clone(),
            reference: self.reference.cloned(),
            path: path.to_owned(),
            revision: self.revision.0.clone(),
        }
    }

    /// What messages call a file: the repository, the revision and the path.
    fn name(&self, path: &str) -> String {
        let url = &self.remote.url;
        let of = self.reference.map_or(String::new(), |reference| {
            let (Reference::Branch(name) | Reference::Tag(name) | Reference::Revision(name)) =
                reference;
            format!("@{name}")
        });
        match path {
            "" => format!("{url}{of}"),
            path => format!("{url}{of}/{path}"),
        }
    }

    fn nothing(&self, git: &Git, path: Option<&str>) -> RepositoryError {
        let entries = git.entries(self.revision, None).unwrap_or_default();
        let is_there = |name: &str| entries.iter().any(|entry| entry.path == name);
        RepositoryError::NoManifest {
            place: self.name(path.unwrap_or_default()),
            files: folder::telling(is_there),
        }
    }
}

/// A path within a repository: neither absolute nor upwards, and nothing that Git takes for
/// a pattern.
fn inner_path(path: Option<&str>) -> Result<Option<&str>, RepositoryError> {
    let Some(path) = path.map(|path| path.trim_matches('/')) else {
        return Ok(None);
    };
    let path = path.strip_prefix("./").unwrap_or(path);
    if path.is_empty() || path == "." {
        return Ok(None);
    }
    let upwards = path.split('/').any(|part| part == "..");
    if upwards || path.starts_with(':') || path.contains(['*', '?', '[', '\\', '\0']) {
        return Err(RepositoryError::PathOutside {
            path: path.to_owned(),
        });
    }
    Ok(Some(path))
}
