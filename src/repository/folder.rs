//! A folder of this machine → its manifests.

use std::fs;
use std::path::{Path, PathBuf};

use super::found::text;
use super::{Found, MANIFEST_NAMES, MOST, Origin, RepositoryError};
use crate::manifest::{self, MAX_BYTES};

/// What tells which language and tools a repository has, so that its maker finds the way.
const TELLING: [&str; 8] = [
    "Dockerfile",
    "compose.yaml",
    "docker-compose.yml",
    "package.json",
    "pyproject.toml",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
];

/// The manifests of a folder, or the file that is named.
pub(super) fn manifests(path: &Path) -> Result<Vec<Found>, RepositoryError> {
    let Ok(metadata) = fs::metadata(path) else {
        return Err(RepositoryError::NoFolder {
            path: path.to_owned(),
        });
    };
    if !metadata.is_dir() {
        return Ok(vec![found(path)?]);
    }
    let files = manifest::files(path).map_err(|error| RepositoryError::Unreadable {
        path: path.to_owned(),
        error: std::io::Error::other(error),
    })?;
    let files: Vec<PathBuf> = files.into_iter().filter(|file| is_manifest(file)).collect();
    if files.is_empty() {
        return Err(RepositoryError::NoManifest {
            place: path.display().to_string(),
            files: telling(|name| path.join(name).exists()),
        });
    }
    if files.len() > MOST {
        return Err(RepositoryError::TooMany {
            place: path.display().to_string(),
            count: files.len(),
        });
    }
    let root = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let inside = |file: &PathBuf| {
        let real = fs::canonicalize(file);
        match real.is_ok_and(|real| real.starts_with(&root)) {
            true => found(file),
            false => Err(RepositoryError::Link {
                place: file.display().to_string(),
            }),
        }
    };
    files.iter().map(inside).collect()
}

/// The files that are there of those that are named, below a folder and not out of it.
pub(super) fn named(root: &Path, paths: &[String]) -> Result<Vec<Found>, RepositoryError> {
    if !root.is_dir() {
        return Err(RepositoryError::NoFolder {
            path: root.to_owned(),
        });
    }
    let real = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let mut all = Vec::new();
    for path in paths {
        let file = root.join(path);
        let Ok(target) = fs::canonicalize(&file) else {
            continue;
        };
        if !target.starts_with(&real) {
            return Err(RepositoryError::Link {
                place: file.display().to_string(),
            });
        }
        all.push(Found {
            path: path.clone(),
            origin: Origin::Catalog {
                path: path.clone(),
                place: Box::new(Origin::Folder(root.display().to_string())),
            },
            ..found(&file)?
        });
    }
    Ok(all)
}

/// Those of the telling names that are there.
pub(super) fn telling(is_there: impl Fn(&str) -> bool) -> Vec<String> {
    let there = TELLING.into_iter().filter(|name| is_there(name));
    there.map(str::to_owned).collect()
}

fn is_manifest(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default();
    MANIFEST_NAMES.iter().any(|known| name == *known)
}

fn found(file: &Path) -> Result<Found, RepositoryError> {
    let place = file.display().to_string();
    let bytes = fs::metadata(file)
        .and_then(|metadata| match metadata.len() > MAX_BYTES as u64 {
            true => Ok(None),
            false => fs::read(file).map(Some),
        })
        .map_err(|error| RepositoryError::Unreadable {
            path: file.to_owned(),
            error,
        })?;
    Ok(Found {
        text: text(place.clone(), bytes)?,
        path: place.clone(),
        origin: Origin::Folder(place),
        release: None,
    })
}
