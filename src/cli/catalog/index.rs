//! `gravity generate index`: the index of a catalogue, made of its manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::catalog::{self, CatalogError, INDEX};
use crate::cli::project::shown;
use crate::cli::{Error, output};
use crate::manifest::{self, Source};
use crate::project::{self, Readers};

/// The arguments of `gravity generate index`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The catalogue's folder, with <category>/<name>/<version>.yaml in it
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Only tell whether it is as it should be, and exit with 1 if it is not
    #[arg(long)]
    check: bool,
}

/// Writes it, or compares it.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let folder = &arguments.folder;
    let index = index(folder)?;
    let (path, text) = (folder.join(INDEX), index.text());
    if arguments.check {
        let same = fs::read_to_string(&path).is_ok_and(|before| before == text);
        let (told, code) = match same {
            true => ("is as it should be", ExitCode::SUCCESS),
            false => (
                "is not what the manifests say: `gravity generate index` writes it anew",
                ExitCode::FAILURE,
            ),
        };
        output::plain(&format!("{} {told}\n", shown(&path)))?;
        return Ok(code);
    }
    project::write(&path, &text, Readers::Usual)?;
    let versions = index.entries.values().map(|entry| entry.versions.len());
    output::plain(&format!(
        "Wrote {}: {} in {}\n",
        shown(&path),
        output::count(index.entries.len(), "service", "services"),
        output::count(versions.sum(), "version", "versions"),
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn index(folder: &Path) -> Result<catalog::Index, Error> {
    let within = |name: &str| {
        let path = Path::new(name).strip_prefix(folder).ok()?;
        Some(path.to_string_lossy().into_owned())
    };
    let texts = manifest::texts(&[Source::Path(folder.to_owned())])?;
    let named = texts.into_iter().map(|text| (within(&text.name), text));
    let files: BTreeMap<_, _> = named
        .filter_map(|(path, text)| Some((path?, text)))
        .collect();
    let folders = files.keys().filter_map(|path| path.rsplit_once('/'));
    let readmes: BTreeSet<String> = folders
        .map(|(inner, _)| format!("{inner}/README.md"))
        .filter(|path| folder.join(path).is_file())
        .collect();
    let index = catalog::index(&files, &readmes)?;
    match index.entries.is_empty() {
        true => Err(CatalogError::Nothing {
            folder: folder.display().to_string(),
        }
        .into()),
        false => Ok(index),
    }
}
