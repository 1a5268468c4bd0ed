//! Why a catalogue cannot be read.

use crate::manifest::ManifestError;
use crate::repository::RepositoryError;

use super::INDEX;

/// Why a catalogue cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Where it is cannot be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A manifest of it cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// There is no index.
    #[error(
        "{place} is no catalogue, for it has no {INDEX}: `gravity generate index FOLDER` writes it; `gravity add` takes services from a repository without one"
    )]
    NoIndex {
        /// The catalogue.
        place: String,
    },
    /// The index is none.
    #[error(
        "{file} is no index of a catalogue: {message}; `gravity generate index FOLDER` writes it anew"
    )]
    Index {
        /// The file.
        file: String,
        /// What is wrong with it.
        message: String,
    },
    /// The index is older than the files.
    #[error(
        "the index of {place} names {path}, which is not there: `gravity generate index FOLDER` writes it anew"
    )]
    Stale {
        /// The catalogue.
        place: String,
        /// The file.
        path: String,
    },
    /// A folder has nothing to make an index of.
    #[error(
        "{folder} has no GravityService, as <category>/<name>/<version>.yaml, to make an index of"
    )]
    Nothing {
        /// The folder.
        folder: String,
    },
    /// A file is not where its service belongs.
    #[error("{path} holds {object}: a catalogue has it as {wanted}")]
    Misplaced {
        /// The file.
        path: String,
        /// What is in it.
        object: String,
        /// Where that belongs.
        wanted: String,
    },
}
