//! The catalogue that is built in: the files of `catalog/` in this repository.

use super::Origin;
use super::found::Found;
use crate::manifest;

/// Each file's path below `catalog/`, and its text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// The paths of all files, and their texts.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied()
}

/// A file by its path.
pub(super) fn found(path: &str) -> Option<Found> {
    let (path, text) = FILES.iter().find(|(name, _)| *name == path)?;
    Some(Found {
        text: manifest::Text {
            name: format!("the catalogue's {path}"),
            text: (*text).to_owned(),
            origin: manifest::Origin::Named,
        },
        path: (*path).to_owned(),
        origin: Origin::BuiltIn((*path).to_owned()),
        release: None,
    })
}
