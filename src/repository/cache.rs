//! Where what Git has fetched is kept: a bare repository for each URL.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::RepositoryError;

/// A folder of the cache, which no other process uses until this is dropped.
pub(super) struct Kept {
    pub folder: PathBuf,
    _lock: File,
}

impl Kept {
    /// Takes away what a Git has left that was killed: nobody else is in the folder now.
    pub(super) fn unlock(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|it| it == "lock") {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Forgets all that was fetched.
    pub(super) fn empty(&self) -> Result<(), RepositoryError> {
        let made = fs::remove_dir_all(&self.folder).and_then(|()| fs::create_dir_all(&self.folder));
        made.map_err(|error| RepositoryError::Cache {
            path: self.folder.clone(),
            error,
        })
    }
}

/// The folder for a URL. Who else uses it is waited for.
pub(super) fn folder(url: &str) -> Result<Kept, RepositoryError> {
    let root = root();
    let failed = |error| RepositoryError::Cache {
        path: root.clone(),
        error,
    };
    let digest = Sha256::digest(url.as_bytes());
    let name: String = digest
        .iter()
        .take(10)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let folder = root.join(&name);
    fs::create_dir_all(&folder).map_err(failed)?;
    let lock = lock(&root.join(format!("{name}.lock"))).map_err(failed)?;
    Ok(Kept {
        folder,
        _lock: lock,
    })
}

fn lock(path: &Path) -> io::Result<File> {
    let file = File::options().create(true).append(true).open(path)?;
    file.lock()?;
    Ok(file)
}

/// As the XDG Base Directory Specification has it.
fn root() -> PathBuf {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    // One that is relative is to be ignored.
    let cache = named("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.filter(|path| path.is_absolute()).or_else(|| {
        let home = PathBuf::from(named("HOME")?);
        Some(home.join(".cache"))
    });
    cache
        .unwrap_or_else(std::env::temp_dir)
        .join("gravity")
        .join("repositories")
}
