//! Texts → files. A file is whole or as it was before, on a full disk as well.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::ProjectError;

/// Writes a file that may be there already. It is made beside its place and then put there.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), ProjectError> {
    let beside = beside(path);
    let done = write(&beside, path, text);
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done.map_err(|error| unwritable(path, error))
}

/// Makes a folder and those above it.
pub(super) fn folder(path: &Path) -> Result<(), ProjectError> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, error))
}

fn write(beside: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // Who has it as a link to another place goes on having it so.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(before) = fs::metadata(&place) {
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
