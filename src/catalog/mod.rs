//! catalog: services that somebody else has written, to be found by what they are for.
//!
//! ```text
//! built in, a folder, a Git repository ──index.yaml──▶ Catalog ──▶ entries
//! a namespace of the cluster ───────────its objects──▶    │
//!                                                         └──▶ manifests, on demand
//! ```
//! The index says what there is, so that a search reads one file.

mod error;
mod index;
mod preset;

use std::collections::BTreeSet;
use std::time::Duration;

pub use error::CatalogError;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;

pub use preset::{Preset, presets};

pub use index::{Entry, INDEX, Index, Release, SUMMARY_ANNOTATION, from_objects, index};

use crate::api::GravityService;
use crate::manifest::{self, Text, yaml};
use crate::repository::{Found, Location, Origin, Shelf};

/// A catalogue whose index has been read.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// What people call it: `built in`, its URL, or its folder.
    pub name: String,
    /// What is in it.
    pub index: Index,
    contents: Contents,
}

/// Where the manifests of a catalogue are.
#[derive(Clone, Debug)]
enum Contents {
    Files(Shelf),
    Objects(Vec<GravityService>),
}

impl Catalog {
    /// The catalogue that is built in.
    ///
    /// # Errors
    /// Its index cannot be read, which a test excludes.
    pub fn built_in() -> Result<Self, CatalogError> {
        Self::open("built in".to_owned(), Shelf::BuiltIn, Duration::ZERO)
    }

    /// The catalogue of a folder or a Git repository, as a person writes it.
    ///
    /// # Errors
    /// It cannot be read, or has no index.
    pub fn at(source: &str, limit: Duration) -> Result<Self, CatalogError> {
        Self::of(Location::parse(source)?, limit)
    }

    /// The catalogue of a folder or a Git repository.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn of(location: Location, limit: Duration) -> Result<Self, CatalogError> {
        Self::open(location.name(), location.try_into()?, limit)
    }

    fn open(name: String, shelf: Shelf, limit: Duration) -> Result<Self, CatalogError> {
        let found = shelf.read(&[INDEX.to_owned()], limit)?;
        let Some(file) = found.first() else {
            return Err(CatalogError::NoIndex { place: name });
        };
        Ok(Self {
            index: Index::parse(&file.text.text, &file.text.name)?,
            name,
            contents: Contents::Files(shelf),
        })
    }

    /// The catalogue of what a namespace of a cluster has.
    pub fn of_namespace(namespace: &str, services: Vec<GravityService>) -> Self {
        Self {
            name: namespace.to_owned(),
            index: from_objects(&services),
            contents: Contents::Objects(services),
        }
    }

    /// The manifests of entries, in all their versions.
    ///
    /// # Errors
    /// They cannot be read, or the index names a file that is not there.
    pub fn manifests(
        &self,
        names: &BTreeSet<String>,
        limit: Duration,
    ) -> Result<Vec<Found>, CatalogError> {
        let shelf = match &self.contents {
            Contents::Files(shelf) => shelf,
            Contents::Objects(objects) => {
                let wanted = objects.iter().filter(|it| names.contains(&it.spec.name));
                return Ok(wanted.map(|it| self.found(it)).collect());
            }
        };
        let entries = self.index.entries.iter();
        let entries = entries.filter(|(name, _)| names.contains(*name));
        let versions = entries.flat_map(|(_, entry)| &entry.versions);
        let paths: Vec<String> = versions.map(|version| version.path.clone()).collect();
        let found = shelf.read(&paths, limit)?;
        let is_there = |path: &&String| found.iter().any(|each| each.path == **path);
        match paths.iter().find(|path| !is_there(path)) {
            Some(path) => Err(CatalogError::Stale {
                place: self.name.clone(),
                path: path.clone(),
            }),
            None => Ok(found),
        }
    }

    /// What an entry's README says; empty where it has none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn readme(&self, entry: &Entry, limit: Duration) -> Result<String, CatalogError> {
        let (Some(path), Contents::Files(shelf)) = (&entry.readme, &self.contents) else {
            return Ok(String::new());
        };
        let found = shelf.read(std::slice::from_ref(path), limit)?;
        Ok(found
            .into_iter()
            .next()
            .map_or_else(String::new, |it| it.text.text))
    }

    fn found(&self, service: &GravityService) -> Found {
        let mut bare = service.clone();
        bare.metadata = ObjectMeta {
            name: service.metadata.name.clone(),
            ..ObjectMeta::default()
        };
        bare.status = None;
        let name = service.name_any();
        let value = serde_json::to_value(&bare).unwrap_or_default();
        Found {
            text: Text {
                name: format!("GravityService {}/{name}", self.name),
                text: yaml::to_string(&value),
                origin: manifest::Origin::Named,
            },
            path: name,
            origin: Origin::Namespace(self.name.clone()),
            release: None,
        }
    }
}
