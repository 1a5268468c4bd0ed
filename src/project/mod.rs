//! project: a folder that holds one application, ready for Git and GitOps.
//!
//! ```text
//! gravity.yaml      the GravityApp: a person's file, edited in place with its comments kept
//! services/*.yaml   a GravityService each: written by `gravity add`, and anew by `update`
//! .gravity/         schemas for editors
//! ```
//! `edit` is pure, text to text; `write` and this file touch the file system.

mod create;
mod edit;
mod error;
mod services;
mod write;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

pub use create::{NewProject, create};
pub use edit::{EditError, Identity, Replicas, Root};
pub use error::ProjectError;
pub use services::Kept;
pub use write::Readers;

use crate::manifest::{MAX_BYTES, Source};

/// The file that makes a folder a project.
pub const APP_FILE: &str = "gravity.yaml";
/// The folder of the services, below the project's.
pub const SERVICES: &str = "services";

/// A folder with an application.
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
}

impl Project {
    /// The project that a folder is in: the nearest one that holds [`APP_FILE`], upwards.
    pub fn around(folder: &Path) -> Option<Self> {
        let folder = folder
            .ancestors()
            .find(|each| each.join(APP_FILE).is_file())?;
        Some(Self {
            folder: folder.to_owned(),
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The application's file.
    pub fn app_file(&self) -> PathBuf {
        self.folder.join(APP_FILE)
    }

    /// What is read of the project: nothing but its own files, for beside them may lie what
    /// was generated from them.
    ///
    /// # Errors
    /// The application names no service yet, which no cluster would take.
    pub fn sources(&self) -> Result<Vec<Source>, ProjectError> {
        let text = self.app_text()?;
        if edit::roots(&text).is_ok_and(|roots| roots.is_empty()) {
            return Err(ProjectError::Empty {
                file: self.app_file(),
            });
        }
        let mut sources = vec![Source::Path(self.app_file())];
        if self.services_folder().is_dir() {
            sources.push(Source::Path(self.services_folder()));
        }
        Ok(sources)
    }

    /// The names of the services that the application asks for itself.
    ///
    /// # Errors
    /// The file cannot be read, or holds no GravityApp.
    pub fn roots(&self) -> Result<Vec<String>, ProjectError> {
        edit::roots(&self.app_text()?).map_err(|error| self.unfit(error))
    }

    /// Asks for a service, or for it in another version. What the file says of it beside that
    /// stays.
    ///
    /// # Errors
    /// The file cannot be read, edited or written; then it is as it was.
    pub fn ask_for(&self, root: &Root) -> Result<(), ProjectError> {
        self.edit(|text| edit::ask_for(text, root))
    }

    /// Which application it holds.
    ///
    /// # Errors
    /// The file cannot be read, or holds no GravityApp.
    pub fn identity(&self) -> Result<Identity, ProjectError> {
        edit::identity(&self.app_text()?).map_err(|error| self.unfit(error))
    }

    /// Says how many pods a service has, or leaves that to its manifest again.
    ///
    /// # Errors
    /// The file cannot be read, edited or written; then it is as it was.
    pub fn set_replicas(&self, replicas: &Replicas) -> Result<(), ProjectError> {
        self.edit(|text| edit::set_replicas(text, replicas))
    }

    /// The versions that are locked, by the service's name.
    ///
    /// # Errors
    /// The file cannot be read, or holds no GravityApp.
    pub fn lock(&self) -> Result<BTreeMap<String, String>, ProjectError> {
        edit::lock(&self.app_text()?).map_err(|error| self.unfit(error))
    }

    /// Locks these versions and no others.
    ///
    /// # Errors
    /// The file cannot be read, edited or written; then it is as it was.
    pub fn set_lock(&self, lock: &BTreeMap<String, String>) -> Result<(), ProjectError> {
        self.edit(|text| edit::set_lock(text, lock))
    }

    /// Asks for a service no more; whether it was asked for.
    ///
    /// # Errors
    /// The file cannot be read, edited or written; then it is as it was.
    pub fn drop_root(&self, name: &str) -> Result<bool, ProjectError> {
        let asked = self.roots()?.iter().any(|root| root == name);
        if asked {
            self.edit(|text| edit::drop_root(text, name))?;
        }
        Ok(asked)
    }

    fn edit(
        &self,
        change: impl FnOnce(&str) -> Result<String, EditError>,
    ) -> Result<(), ProjectError> {
        // Two commands at once change the file one after the other; a system without such locks
        // has none.
        let folder = File::open(&self.folder);
        let _alone = folder.ok().filter(|folder| folder.lock().is_ok());
        let text = self.app_text()?;
        let changed = change(&text).map_err(|error| self.unfit(error))?;
        if changed == text {
            return Ok(());
        }
        write::replace(&self.app_file(), &changed, Readers::Usual)
    }

    fn services_folder(&self) -> PathBuf {
        self.folder.join(SERVICES)
    }

    fn app_text(&self) -> Result<String, ProjectError> {
        read(&self.app_file())
    }

    fn unfit(&self, error: EditError) -> ProjectError {
        ProjectError::Unfit {
            file: self.app_file(),
            error,
        }
    }
}

/// Writes a file, whole or not at all, and the folder that it is in.
///
/// # Errors
/// It cannot be written; what was there is as it was.
pub fn write(file: &Path, text: &str, readers: Readers) -> Result<(), ProjectError> {
    if let Some(folder) = file.parent() {
        write::folder(folder)?;
    }
    write::replace(file, text, readers)
}

fn read(file: &Path) -> Result<String, ProjectError> {
    let unreadable = |error| ProjectError::Unreadable {
        path: file.to_owned(),
        error,
    };
    let length = fs::metadata(file).map_err(unreadable)?.len();
    if usize::try_from(length).is_ok_and(|length| length > MAX_BYTES) {
        return Err(ProjectError::TooLarge {
            path: file.to_owned(),
        });
    }
    fs::read_to_string(file).map_err(unreadable)
}
