//! Files and folders → texts: the only place of this step that touches the file system.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{MAX_BYTES, ManifestError, Origin, Text};

/// Where manifests are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, or a folder with all folders below it.
    Path(PathBuf),
    /// A text that was read already, as standard input, and what messages call it.
    Text {
        /// What messages call it.
        name: String,
        /// What is in it.
        text: String,
    },
}

/// Folders that hold other people's files, or files that are not YAML yet.
const SKIPPED: [&str; 3] = ["node_modules", "target", "vendor"];

pub(super) fn names(sources: &[Source]) -> Vec<String> {
    let name = |source: &Source| match source {
        Source::Path(path) => path.display().to_string(),
        Source::Text { name, .. } => name.clone(),
    };
    sources.iter().map(name).collect()
}

/// The texts of all sources, each source's in the order of its paths.
pub fn texts(sources: &[Source]) -> Result<Vec<Text>, ManifestError> {
    let mut texts = Vec::new();
    for source in sources {
        match source {
            Source::Text { name, text } => texts.push(named(name, text)?),
            Source::Path(path) => add_path(path, &mut texts)?,
        }
    }
    Ok(texts)
}

fn named(name: &str, text: &str) -> Result<Text, ManifestError> {
    if text.len() > MAX_BYTES {
        return Err(ManifestError::TooLarge {
            path: name.to_owned(),
        });
    }
    Ok(Text {
        name: name.to_owned(),
        text: text.to_owned(),
        origin: Origin::Named,
    })
}

fn add_path(path: &Path, texts: &mut Vec<Text>) -> Result<(), ManifestError> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, error))?;
    if !metadata.is_dir() {
        texts.push(file(path, Origin::Named)?);
        return Ok(());
    }
    for found in files(path)? {
        texts.push(file(&found, Origin::Found)?);
    }
    Ok(())
}

/// The YAML files of a folder and of the folders below it, sorted. A folder of
/// checked-out repositories is the usual case, so all depths are looked at, and hidden
/// folders, other people's code and Helm's templates (which are not YAML) are not.
///
/// # Errors
/// One of the folders cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, ManifestError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let is_chart = folder.join("Chart.yaml").is_file();
        for entry in fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))? {
            let entry = entry.map_err(|error| unreadable(&folder, error))?;
            let path = entry.path();
            let kind = entry
                .file_type()
                .map_err(|error| unreadable(&path, error))?;
            // A link to a folder may lead back up; a link to a file is how a mounted
            // ConfigMap looks.
            if kind.is_dir() {
                if is_entered(&path, is_chart) {
                    folders.push(path);
                }
            } else if is_yaml(&path) && path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_entered(path: &Path, in_chart: bool) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_template = in_chart && name == "templates";
    !name.starts_with('.') && !SKIPPED.contains(&name.as_ref()) && !is_template
}

fn is_yaml(path: &Path) -> bool {
    let hidden = path
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let yaml = path
        .extension()
        .is_some_and(|ending| ending == "yaml" || ending == "yml");
    yaml && !hidden
}

/// Reads no more than the limit, however long the file is, and a pipe as well.
fn file(path: &Path, origin: Origin) -> Result<Text, ManifestError> {
    let name = path.display().to_string();
    let opened = File::open(path).map_err(|error| unreadable(path, error))?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let read = opened.take(limit).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, error))?;
    if bytes.len() > MAX_BYTES {
        return Err(ManifestError::TooLarge { path: name });
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Text { name, text, origin }),
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(ManifestError::NotText { path: name, line })
        }
    }
}

fn unreadable(path: &Path, source: io::Error) -> ManifestError {
    ManifestError::Unreadable {
        path: path.display().to_string(),
        source,
    }
}
