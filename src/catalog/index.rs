//! The index of a catalogue: made of its manifests, and read instead of them.

use std::collections::{BTreeMap, BTreeSet};

use kube::ResourceExt;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::CatalogError;
use crate::api::GravityService;
use crate::manifest::{self, Text, yaml};

/// The index's file.
pub const INDEX: &str = "index.yaml";
/// The annotation of a GravityService that says in one line what it is.
pub const SUMMARY_ANNOTATION: &str = "gravity.dev/summary";
/// The annotation that says how many people like it, where somebody counts.
const STARS_ANNOTATION: &str = "gravity.dev/stars";

/// What is in a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The entries, by the service's name.
    pub entries: BTreeMap<String, Entry>,
}

/// A service of a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// What it is, in one line.
    pub summary: String,
    /// The folder that it is in, for browsing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// How many people like it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stars: Option<u32>,
    /// The engines of its databases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub engines: Vec<String>,
    /// Its README's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readme: Option<String>,
    /// Its versions, the newest first.
    pub versions: Vec<Release>,
}

/// A version of a service of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The version.
    pub version: String,
    /// The manifest's path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str, file: &str) -> Result<Self, CatalogError> {
        serde_yaml::from_str(text).map_err(|error| CatalogError::Index {
            file: file.to_owned(),
            message: {
                let told = error.without_snippet().to_string();
                let first = told.lines().next().unwrap_or_default();
                first.trim_start_matches("error: ").to_owned()
            },
        })
    }

    /// The file.
    pub fn text(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        format!(
            "# Written by `gravity generate index`: change the manifests instead.\n{}",
            yaml::to_string(&value)
        )
    }

    fn add(&mut self, service: &GravityService, category: &str, path: String) -> &mut Entry {
        let spec = &service.spec;
        let entry = self.entries.entry(spec.name.clone()).or_default();
        category.clone_into(&mut entry.category);
        entry.versions.push(Release {
            version: spec.version.clone(),
            path,
        });
        let number = |release: &Release| Version::parse(&release.version).ok();
        entry
            .versions
            .sort_by_key(|release| std::cmp::Reverse(number(release)));
        // What an entry is, its newest version says.
        if entry.versions[0].version == spec.version {
            let annotation = |name| service.annotations().get(name).cloned();
            entry.summary = annotation(SUMMARY_ANNOTATION).unwrap_or_default();
            entry.stars = annotation(STARS_ANNOTATION).and_then(|text| text.parse().ok());
            let engines = spec.databases.iter().map(|database| database.type_.clone());
            entry.engines = engines.collect::<BTreeSet<_>>().into_iter().collect();
        }
        entry
    }
}

/// The index of a folder's files, by their paths in it: `<category>/<name>/<version>.yaml`, and
/// of the `README.md` beside them. What else there is, is no part of the catalogue.
///
/// # Errors
/// A manifest cannot be read, or is not where its service belongs.
pub fn index(
    files: &BTreeMap<String, Text>,
    readmes: &BTreeSet<String>,
) -> Result<Index, CatalogError> {
    let mut index = Index::default();
    for (path, text) in files {
        let parts: Vec<&str> = path.split('/').collect();
        let [category, name, file] = parts[..] else {
            continue;
        };
        if !file.ends_with(".yaml") {
            continue;
        }
        let documents = manifest::parse(std::slice::from_ref(text))?;
        for service in &documents.services {
            let spec = &service.spec;
            let wanted = format!("{category}/{}/{}.yaml", spec.name, spec.version);
            if *path != wanted {
                return Err(CatalogError::Misplaced {
                    path: path.clone(),
                    object: format!("{} {}", spec.name, spec.version),
                    wanted,
                });
            }
            let entry = index.add(service, category, path.clone());
            let readme = format!("{category}/{name}/README.md");
            entry.readme = readmes.contains(&readme).then_some(readme);
        }
    }
    Ok(index)
}

/// The index of objects that a cluster has; they have no files.
pub fn from_objects(services: &[GravityService]) -> Index {
    let mut index = Index::default();
    for service in services {
        index.add(service, "", String::new());
    }
    index
}
