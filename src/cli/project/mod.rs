//! The verbs of a project's folder: what the application is made of. None asks a cluster.

pub mod add;
mod additions;
mod error;
mod fetched;
pub mod init;
pub mod list;
pub mod lock;
pub mod outdated;
mod pick;
pub mod remove;
pub mod schema;
pub mod update;

use std::env;
use std::path::Path;

pub use additions::{Addition, read, relative, write};
pub use error::VerbError;

use crate::project::{Project, ProjectError};

/// The project that this process is run in.
pub fn here() -> Result<Project, ProjectError> {
    let folder = env::current_dir().map_err(|error| ProjectError::Unreadable {
        path: ".".into(),
        error,
    })?;
    Project::around(&folder).ok_or(ProjectError::None { folder })
}

/// A path as a person would write it from here.
pub fn shown(path: &Path) -> String {
    let here = env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    path.display().to_string()
}
