//! Why a project is not read, made or changed.

use std::io;
use std::path::PathBuf;

use super::{APP_FILE, EditError};
use crate::manifest::{MAX_BYTES, ManifestError};

/// Why a project is not read, made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There is a project already.
    #[error(
        "{}: there is a project already: go on in it by `gravity add SOURCE`, or name another folder", file.display()
    )]
    Exists {
        /// Its application's file.
        file: PathBuf,
    },
    /// The application has no service.
    #[error(
        "{}: the application has no services yet: add one by `gravity add SOURCE`, where SOURCE is a Git repository, image or folder with a gravity-service.yaml", file.display()
    )]
    Empty {
        /// The application's file.
        file: PathBuf,
    },
    /// There is no project where a verb needs one.
    #[error(
        "no {APP_FILE} in {} or a folder above it: make a project by `gravity init NAME`, or go to its folder", folder.display()
    )]
    None {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The application's file cannot be edited as it is.
    #[error("{}: {error}", file.display())]
    Unfit {
        /// The file.
        file: PathBuf,
        /// Why not.
        error: EditError,
    },
    /// A file of the services has mistakes.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file holds more than the service that is to go.
    #[error(
        "{}: holds other objects beside {service}: take it out there by hand, or give each a file of its own", file.display()
    )]
    Shared {
        /// The file.
        file: PathBuf,
        /// The service that was to go.
        service: String,
    },
    /// A file or folder cannot be read.
    #[error("{}: cannot be read: {error}", path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A file is too large.
    #[error("{}: is larger than {} MiB, the most that is read", path.display(), MAX_BYTES / 1024 / 1024)]
    TooLarge {
        /// Its path.
        path: PathBuf,
    },
    /// A file or folder cannot be written.
    #[error("{}: cannot be written: {error}: what was there is as it was", path.display())]
    Unwritable {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}
