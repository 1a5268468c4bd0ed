//! Where containerd keeps images. To bring them in takes seconds for each; so what comes of
//! it is kept, and the next node with the same images begins with it.
//!
//! Files are linked and not copied: images are never written to, for whatever a container
//! changes is in a layer of its own. Only containerd's two databases are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use sha2::{Digest as _, Sha256};

use crate::Error;

/// What is written to, as paths in the store.
const DATABASES: [&str; 2] = [
    "io.containerd.metadata.v1.bolt/meta.db",
    "io.containerd.snapshotter.v1.overlayfs/metadata.db",
];

/// In a store: which images it has.
const MARK: &str = "images";

/// How long a store is kept after its last use.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How many stores are kept: who works on images has new ones many times a day.
const KEPT_AT_MOST: usize = 4;

/// The store of one node.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    /// Names the images, and their states.
    images: String,
    /// Where the stores of all sets of images are kept.
    kept: Option<PathBuf>,
}

impl Store {
    /// For the images of these archives.
    pub(crate) fn new(path: PathBuf, archives: &[PathBuf]) -> Result<Self, Error> {
        let mut digest = Sha256::new();
        for archive in archives {
            let state = state(archive).map_err(Error::file(archive, "read"))?;
            digest.update(state);
        }
        let images = digest.finalize();
        let images: String = images[..6]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let kept = cache();
        Ok(Self { path, images, kept })
    }

    /// Whether the images are in it, perhaps because they have just been taken from the
    /// stores that are kept.
    pub(crate) fn is_filled(&self) -> Result<bool, Error> {
        let filled = fs::read_to_string(self.path.join(MARK)).is_ok_and(|it| it == self.images);
        // What containers have changed is in a store that is not empty.
        if filled || self.path.join(DATABASES[0]).exists() {
            return Ok(filled);
        }
        let Some(kept) = self.kept().filter(|kept| kept.exists()) else {
            return Ok(false);
        };
        copy(&kept, &self.path).map_err(Error::file(&kept, "copied"))?;
        // Tells that it is still of use.
        self.mark(&kept)?;
        Ok(true)
    }

    /// Keeps what is in it for the next node. Containerd must have ended.
    pub(crate) fn keep(&self) -> Result<(), Error> {
        self.mark(&self.path)?;
        let Some(kept) = self.kept() else {
            return Ok(());
        };
        kept.parent().map(remove_unused);
        let draft = kept.with_extension(std::process::id().to_string());
        let result = copy(&self.path, &draft).and_then(|()| fs::rename(&draft, &kept));
        if result.is_err() {
            let _ = fs::remove_dir_all(&draft);
        }
        // Another start may have kept the same in the meantime, which is as good.
        if kept.exists() {
            return Ok(());
        }
        result.map_err(Error::file(kept, "written"))
    }

    fn mark(&self, store: &Path) -> Result<(), Error> {
        let mark = store.join(MARK);
        fs::write(&mark, &self.images).map_err(Error::file(mark, "written"))
    }

    fn kept(&self) -> Option<PathBuf> {
        Some(self.kept.as_ref()?.join(&self.images))
    }
}

/// Beside the programs and images that are built.
fn cache() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let given = std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty());
    let cache = given.map(PathBuf::from).or_else(home)?;
    Some(cache.join("gravity").join("nodes"))
}

/// Removes the stores that no node has begun with for long, and the oldest of too many: a
/// gigabyte each, and of images that may have changed since. Failure is no matter: the next
/// node tries again.
fn remove_unused(stores: &Path) {
    let entries = fs::read_dir(stores).into_iter().flatten().flatten();
    let age = |store: &Path| {
        let used = fs::metadata(store.join(MARK)).and_then(|mark| mark.modified());
        used.ok().and_then(|used| used.elapsed().ok())
    };
    // One without a mark is still being written.
    let aged = entries.filter_map(|entry| Some((age(&entry.path())?, entry.path())));
    let mut newest_first: Vec<(Duration, PathBuf)> = aged.collect();
    newest_first.sort();
    // Room for the one that is to be kept next.
    for (place, (age, store)) in newest_first.into_iter().enumerate() {
        if age > KEPT_FOR || place + 1 >= KEPT_AT_MOST {
            let _ = fs::remove_dir_all(store);
        }
    }
}

/// What changes when the archive does.
fn state(archive: &Path) -> io::Result<String> {
    let data = fs::metadata(archive)?;
    let changed = data.modified()?.duration_since(UNIX_EPOCH);
    let changed = changed.unwrap_or_default().as_nanos();
    Ok(format!("{} {} {changed}\n", archive.display(), data.len()))
}

/// Links what can be linked, which takes one file system for both.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    if run_copy(&["--archive", "--link"], from, to).is_err() {
        fs::remove_dir_all(to)?;
        fs::create_dir_all(to)?;
        run_copy(&["--archive", "--reflink=auto"], from, to)?;
    }
    for database in DATABASES {
        let path = to.join(database);
        fs::remove_file(&path)?;
        fs::copy(from.join(database), path)?;
    }
    Ok(())
}

fn run_copy(options: &[&str], from: &Path, to: &Path) -> io::Result<()> {
    let mut command = Command::new("cp");
    let output = command.args(options).arg(from.join(".")).arg(to).output()?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(message))
}
