//! Manifests that were found → services that can come into a project.

use std::collections::BTreeMap;
use std::path::{self, Component, Path, PathBuf};

use kube::ResourceExt;

use super::{VerbError, here};
use crate::api::GravityService;
use crate::api::names::SOURCE_ANNOTATION;
use crate::cli::Error;
use crate::cli::input::texts;
use crate::manifest::{self, ManifestError};
use crate::project::{Kept, Project};
use crate::repository::{Found, Location, Origin};
use crate::validate::{Invalid, validate_service};

/// A service that comes into the project.
pub struct Addition {
    pub service: GravityService,
    pub origin: Origin,
    pub place: String,
}

/// What stands on top of each service's file.
const COMMENT: &str = "Written by `gravity add`, and anew by `gravity update`: change the manifest in the service's own
repository, and what is only for this application in gravity.yaml.";

/// Writes the file of a service that came into the project, with where it came from.
pub fn write(project: &Project, addition: &Addition) -> Result<(GravityService, PathBuf), Error> {
    let mut service = addition.service.clone();
    service.metadata.namespace = None;
    let origin = stored(&addition.origin).to_string();
    let annotations = service.annotations_mut();
    annotations.insert(SOURCE_ANNOTATION.to_owned(), origin);
    let file = project.keep(&service, COMMENT)?;
    Ok((service, file))
}

/// The services of manifests, and what stands against those of tags.
pub fn additions(
    found: Vec<Found>,
    location: &Location,
) -> Result<(Vec<Addition>, Vec<String>), Error> {
    let (mut additions, mut notes) = (Vec::<Addition>::new(), Vec::new());
    let mut taken = BTreeMap::<String, bool>::new();
    for each in found {
        let Some(release) = each.release.clone() else {
            additions.extend(read(&each)?);
            continue;
        };
        let is_taken = taken.entry(each.path.clone()).or_default();
        let services = match read(&each) {
            Ok(services) => services,
            Err(error) => {
                let told = error.to_string();
                let first = told.lines().next().unwrap_or_default().to_owned();
                notes.push(format!("tag {}: {first}", release.tag));
                continue;
            }
        };
        for addition in services {
            let spec = &addition.service.spec;
            // The tag of one service says nothing of another one.
            if release
                .service
                .as_ref()
                .is_some_and(|name| *name != spec.name)
            {
                continue;
            }
            if spec.version != release.version.to_string() {
                notes.push(format!(
                    "tag {}: {} is left out, for its manifest says version {}",
                    release.tag, spec.name, spec.version
                ));
                continue;
            }
            *is_taken = true;
            let same = |other: &Addition| other.service.name_any() == addition.service.name_any();
            if !additions.iter().any(same) {
                additions.push(addition);
            }
        }
    }
    let none = taken.iter().find(|(_, is_taken)| !**is_taken);
    if let Some((path, _)) = none {
        let place = format!("{} in {}", path, location.name());
        return Err(VerbError::NoVersion { place, notes }.into());
    }
    Ok((additions, notes))
}

/// The services of a manifest, checked.
pub fn read(found: &Found) -> Result<Vec<Addition>, Error> {
    let documents = manifest::parse(std::slice::from_ref(&found.text))?;
    if documents.services.is_empty() {
        let places = vec![found.text.name.clone()];
        return Err(ManifestError::Nothing { places }.into());
    }
    let checked = documents.services.iter().map(validate_service);
    let problems: Vec<Invalid> = checked.filter_map(Result::err).flatten().collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(texts(problems.iter(), &documents)));
    }
    let addition = |mut service: GravityService| {
        // A file gets this name, so it is made of what was checked, and of nothing else.
        let spec = &service.spec;
        service.metadata.name = Some(format!("{}-{}", spec.name, spec.version));
        Addition {
            service,
            origin: found.origin.clone(),
            place: found.text.name.clone(),
        }
    };
    Ok(documents.services.into_iter().map(addition).collect())
}

pub fn origin(kept: &Kept) -> Option<Origin> {
    let text = kept.service.annotations().get(SOURCE_ANNOTATION)?;
    text.parse().ok()
}

/// What two versions of a service have in common.
pub fn repository(origin: &Origin) -> String {
    match origin {
        Origin::Folder(path) => path.clone(),
        Origin::BuiltIn(_) | Origin::Namespace(_) => origin.short(),
        Origin::Catalog { place, .. } => format!("catalogue {}", repository(place)),
        Origin::Git { url, .. } => url.clone(),
        Origin::Image(image) => image.name.clone(),
    }
}

/// A folder is found from the project's folder, wherever the person is.
pub fn stored(origin: &Origin) -> Origin {
    match origin {
        Origin::Folder(path) => {
            let project = here().map(|project| project.folder().to_owned());
            let way = relative(Path::new(path), &project.unwrap_or_default());
            Origin::Folder(way.display().to_string())
        }
        Origin::Catalog { path, place } => Origin::Catalog {
            path: path.clone(),
            place: Box::new(stored(place)),
        },
        other => other.clone(),
    }
}

/// The path from the root, as a person would write it: links stay links.
fn full(path: &Path) -> PathBuf {
    let mut full = PathBuf::new();
    for part in path::absolute(path).unwrap_or_default().components() {
        match part {
            Component::ParentDir => drop(full.pop()),
            part => full.push(part),
        }
    }
    full
}

/// The way from one folder to a path.
pub fn relative(path: &Path, from: &Path) -> PathBuf {
    let (path, from) = (full(path), full(from));
    let (path, from): (Vec<Component>, Vec<Component>) =
        (path.components().collect(), from.components().collect());
    let shared = path
        .iter()
        .zip(&from)
        .take_while(|(one, other)| one == other)
        .count();
    let up = from.iter().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.iter().skip(shared).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_folder_goes_up_and_down() {
        let way = |path, from| relative(Path::new(path), Path::new(from));
        assert_eq!(way("/work/auth", "/work/shop"), Path::new("../auth"));
        assert_eq!(way("/work/shop/auth", "/work/shop"), Path::new("auth"));
        assert_eq!(way("/a/b/c", "/d"), Path::new("../a/b/c"));
    }
}
