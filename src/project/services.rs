//! The files of the services: a GravityService each, in a version each.

use std::fs;
use std::path::{Path, PathBuf};

use kube::ResourceExt;
use serde_json::Value;

use super::{Project, ProjectError, Readers, write};
use crate::api::GravityService;
use crate::manifest::{self, Source, yaml};

/// A service of the project and its file.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The file.
    pub file: PathBuf,
    /// The service, in one version.
    pub service: GravityService,
    /// Whether the file holds nothing else.
    pub alone: bool,
}

impl Project {
    /// All services of the project, by name and then by version.
    ///
    /// # Errors
    /// A file cannot be read or has mistakes.
    pub fn services(&self) -> Result<Vec<Kept>, ProjectError> {
        let folder = self.services_folder();
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut kept = Vec::new();
        for file in files(&folder)? {
            let documents = manifest::read(&[Source::Path(file.clone())])?;
            let all: Result<Vec<Value>, _> = serde_yaml::from_multiple(&super::read(&file)?);
            let alone = all.is_ok_and(|all| all.len() == 1);
            let services = documents.services.into_iter();
            kept.extend(services.map(|service| Kept {
                file: file.clone(),
                service,
                alone,
            }));
        }
        kept.sort_by_cached_key(|each| order(&each.service));
        Ok(kept)
    }

    /// Writes a service in a version, over the one that was there; gives the file.
    ///
    /// # Errors
    /// It cannot be written; what was there is as it was.
    pub fn keep(&self, service: &GravityService, comment: &str) -> Result<PathBuf, ProjectError> {
        let folder = self.services_folder();
        write::folder(&folder)?;
        let file = folder.join(format!("{}.yaml", service.name_any()));
        write::replace(&file, &text(service, comment), Readers::Usual)?;
        Ok(file)
    }

    /// Writes a service anew where it stands.
    ///
    /// # Errors
    /// It cannot be written, or its file holds something else, too; then it is as it was.
    pub fn rewrite(&self, kept: &Kept, comment: &str) -> Result<(), ProjectError> {
        if !kept.alone {
            return Err(ProjectError::Shared {
                file: kept.file.clone(),
                service: kept.service.name_any(),
            });
        }
        write::replace(&kept.file, &text(&kept.service, comment), Readers::Usual)
    }

    /// Deletes the file of a service.
    ///
    /// # Errors
    /// It cannot be deleted, or holds something else, too.
    pub fn forget(&self, kept: &Kept) -> Result<(), ProjectError> {
        if !kept.alone {
            return Err(ProjectError::Shared {
                file: kept.file.clone(),
                service: kept.service.name_any(),
            });
        }
        fs::remove_file(&kept.file).map_err(|error| ProjectError::Unwritable {
            path: kept.file.clone(),
            error,
        })
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, ProjectError> {
    let unreadable = |error| ProjectError::Unreadable {
        path: folder.to_owned(),
        error,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_yaml = path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml");
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_yaml && !hidden && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn order(service: &GravityService) -> (String, Option<semver::Version>, String) {
    let spec = &service.spec;
    let version = semver::Version::parse(&spec.version).ok();
    (spec.name.clone(), version, spec.version.clone())
}

/// A file that `kubectl apply` takes as it is.
fn text(service: &GravityService, comment: &str) -> String {
    let object = serde_json::to_value(service).unwrap_or(Value::Null);
    let comment: String = comment.lines().map(|line| format!("# {line}\n")).collect();
    format!("{comment}{}", yaml::to_string(&object))
}
