//! Texts → files. A file is whole or as it was before, on a full disk as well.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::ProjectError;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever the process' mask lets.
    Usual,
    /// The owner alone: it holds passwords.
    Owner,
}

/// Writes a file that may be there already. It is made beside its place and then put there.
pub(super) fn replace(path: &Path, text: &str, readers: Readers) -> Result<(), ProjectError> {
    let beside = beside(path);
    let done = write(&beside, path, text, readers);
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done.map_err(|error| unwritable(path, error))
}

/// Makes a folder and those above it.
pub(super) fn folder(path: &Path) -> Result<(), ProjectError> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, error))
}

fn write(beside: &Path, path: &Path, text: &str, readers: Readers) -> io::Result<()> {
    if readers == Readers::Owner && path.is_symlink() {
        return Err(io::Error::other(
            "it is a symbolic link, and passwords are not written through one: put a file in its place",
        ));
    }
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    if readers == Readers::Owner {
        options.mode(0o600);
    }
    let mut file = options.open(beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // Who has it as a link to another place goes on having it so.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let (Readers::Usual, Ok(before)) = (readers, fs::metadata(&place)) {
        file.set_permissions(before.permissions())?;
    }
    fs::rename(beside, place)
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}

fn unwritable(path: &Path, error: io::Error) -> ProjectError {
    ProjectError::Unwritable {
        path: path.to_owned(),
        error,
    }
}
