//! The folder that holds all of a cluster: data, logs, certificates, kubeconfigs.

use std::fs::{self, File, TryLockError};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Error;

/// By it a later run recognises what an earlier one left behind.
const PREFIX: &str = "gravity-local-cluster-";

/// A folder that is younger may belong to a run that is just about to lock it.
const SURELY_LOCKED: Duration = Duration::from_secs(60);

/// A cluster's folder, locked against a second cluster for as long as this lives.
#[derive(Debug)]
pub(crate) struct Folder {
    layout: Layout,
    /// Held, never read: the operating system lets go of it even after `kill -9`.
    _lock: File,
    /// Removes the folder in the end, unless the folder was given.
    temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// Makes and locks the given folder, or a temporary one.
    pub(crate) fn open(given: Option<&Path>) -> Result<Self, Error> {
        let temporary = if given.is_some() {
            None
        } else {
            Some(make_temporary()?)
        };
        let path = match (&temporary, given) {
            (Some(temporary), _) => temporary.path().to_path_buf(),
            (None, Some(given)) => make(given)?,
            (None, None) => std::env::temp_dir(),
        };
        let lock = lock(&path)?;
        for part in ["logs", "certificates", "kubeconfigs", "stages", "node"] {
            make(&path.join(part))?;
        }
        Ok(Self {
            layout: Layout { path },
            _lock: lock,
            temporary,
        })
    }

    /// Whether it is removed in the end.
    pub(crate) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }
}

impl Deref for Folder {
    type Target = Layout;

    fn deref(&self) -> &Layout {
        &self.layout
    }
}

/// Where everything is in a cluster's folder, for as long as the folder is there.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    path: PathBuf,
}

impl Layout {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    pub(crate) fn certificate(&self, name: &str) -> PathBuf {
        self.path.join("certificates").join(name)
    }

    /// Writes a file of the cluster and returns where.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<PathBuf, Error> {
        let path = self.path.join(name);
        fs::write(&path, content).map_err(Error::file(&path, "written"))?;
        Ok(path)
    }
}

/// Creates the folder and returns its absolute path, for programs get it as an argument.
fn make(path: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(path).map_err(Error::file(path, "made"))?;
    path.canonicalize().map_err(Error::file(path, "found"))
}

fn make_temporary() -> Result<tempfile::TempDir, Error> {
    remove_abandoned();
    let parent = std::env::temp_dir();
    tempfile::Builder::new()
        .prefix(PREFIX)
        .tempdir()
        .map_err(Error::file(parent, "written to"))
}

fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(Error::file(&path, "made"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::FolderInUse {
            folder: folder.into(),
        }),
        Err(TryLockError::Error(source)) => Err(Error::file(path, "locked")(source)),
    }
}

/// A test process that ends without dropping its cluster (one in a `static`, or a
/// killed one) leaves its folder; the next run removes it. Failure is no matter:
/// the folder may be another user's.
fn remove_abandoned() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_abandoned(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_abandoned(folder: &Path) -> bool {
    let Ok(file) = File::open(folder.join("lock")) else {
        return false;
    };
    let age = file
        .metadata()
        .and_then(|data| data.modified())
        .ok()
        .and_then(|at| at.elapsed().ok());
    age.is_some_and(|age| age > SURELY_LOCKED) && file.try_lock().is_ok()
}
