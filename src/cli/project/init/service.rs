//! `gravity init --service`: a manifest for a repository that has none.

use std::path::Path;
use std::{env, fs};

use clap::ValueEnum;

use crate::cli::Error;
use crate::cli::project::VerbError;
use crate::detect::{self, Files, MANIFEST_FOLDERS, TELLING};
use crate::project::{self, Readers};
use crate::repository::MANIFEST_NAMES;
use crate::validate::app_name;

/// A file that is longer tells nothing that a manifest needs.
const LONGEST: u64 = 1024 * 1024;
/// How many files of a folder are looked at.
const MOST: usize = 50;

/// A manifest to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// An API with a database
    Api,
    /// A worker on a queue
    Worker,
    /// What runs by the clock
    Cron,
    /// A service that logs people in
    Auth,
}

impl Template {
    const fn text(self) -> &'static str {
        match self {
            Self::Api => include_str!("templates/api.yaml"),
            Self::Worker => include_str!("templates/worker.yaml"),
            Self::Cron => include_str!("templates/cron.yaml"),
            Self::Auth => include_str!("templates/auth.yaml"),
        }
    }
}

/// Writes the manifest of this folder's service; gives the file, and what a person is told.
pub fn write(name: Option<&str>, template: Option<Template>) -> Result<(String, String), Error> {
    let folder = env::current_dir().map_err(Error::Output)?;
    if let Some(there) = MANIFEST_NAMES
        .iter()
        .find(|name| folder.join(name).exists())
    {
        return Err(VerbError::ManifestThere {
            file: (*there).to_owned(),
        }
        .into());
    }
    let own = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if let Some(name) = name {
        app_name(name).map_err(VerbError::Name)?;
    }
    let text = match template {
        Some(template) => filled(template, name.unwrap_or(&own))?,
        None => detect::manifest(name, &own, &files(&folder)),
    };
    let [file, _] = MANIFEST_NAMES;
    project::write(&folder.join(file), &text, Readers::Usual)?;
    let told = format!("{text}\nMade {file}: review it, and commit it with the service's code.\n");
    Ok((file.to_owned(), told))
}

fn filled(template: Template, name: &str) -> Result<String, VerbError> {
    app_name(name).map_err(VerbError::Name)?;
    let path = name.strip_suffix("-service").unwrap_or(name);
    let stem = path.replace('-', "_");
    let text = template
        .text()
        .replace("{name}", name)
        .replace("{path}", path);
    let text = text.replace("{STEM}", &stem.to_ascii_uppercase());
    Ok(text.replace("{stem}", &stem))
}

/// The files that tell something. One that cannot be read tells nothing.
fn files(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut add = |name: String| {
        let path = folder.join(&name);
        let fits = fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= LONGEST);
        if let Some(text) = fs::read_to_string(path).ok().filter(|_| fits) {
            files.insert(name, text);
        }
    };
    TELLING.iter().for_each(|name| add((*name).to_owned()));
    for inner in MANIFEST_FOLDERS {
        let entries = fs::read_dir(folder.join(inner))
            .into_iter()
            .flatten()
            .flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
            .into_iter()
            .take(MOST)
            .for_each(|name| add(format!("{inner}/{name}")));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Origin, Text, parse};
    use crate::validate::validate_service;

    #[test]
    fn every_template_is_a_manifest() {
        for template in Template::value_variants() {
            let text = filled(*template, "order-service").unwrap();
            let read = Text {
                name: format!("{template:?}"),
                text,
                origin: Origin::Named,
            };
            let documents = parse(&[read]).unwrap();
            validate_service(&documents.services[0]).unwrap();
        }
    }
}
