//! Files of a location by their paths: what a catalogue's index names.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::find::files_of_git;
use super::found::Found;
use super::location::Remote;
use super::{Location, RepositoryError, built_in, folder};

/// Where files are read from.
#[derive(Clone, Debug)]
pub enum Shelf {
    /// The catalogue that is built in.
    BuiltIn,
    /// A folder of this machine.
    Folder(PathBuf),
    /// A Git repository.
    Git(Box<Remote>),
}

impl TryFrom<Location> for Shelf {
    type Error = RepositoryError;

    fn try_from(location: Location) -> Result<Self, RepositoryError> {
        match location {
            Location::Folder(path) => Ok(Self::Folder(path)),
            Location::Git(remote) => Ok(Self::Git(Box::new(remote))),
            Location::Image(image) => Err(RepositoryError::NoCatalogue {
                image: image.to_string(),
            }),
        }
    }
}

impl Shelf {
    /// Reads the files that are there of those that are asked for.
    ///
    /// # Errors
    /// The location cannot be read, or a path leads out of it.
    pub fn read(&self, paths: &[String], limit: Duration) -> Result<Vec<Found>, RepositoryError> {
        if let Some(path) = paths.iter().find(|path| !is_inside(path)) {
            return Err(RepositoryError::IndexOutside { path: path.clone() });
        }
        match self {
            Self::BuiltIn => Ok(paths
                .iter()
                .filter_map(|path| built_in::found(path))
                .collect()),
            Self::Folder(root) => folder::named(root, paths),
            Self::Git(remote) => files_of_git(remote, paths, limit),
        }
    }
}

/// Whether a path stays below where it begins.
fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}
