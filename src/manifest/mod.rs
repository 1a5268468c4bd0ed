//! manifest: files, folders and standard input → GravityServices and GravityApps.
//!
//! ```text
//! Source ──source──▶ Text ──parse──▶ Tree ──sort──▶ spelling ──▶ shape ──▶ Documents
//!         (reads)                   (with places)  (old names)  (the schema)
//! ```
//! Only `source` touches the file system; the rest is pure over names and texts. A
//! problem says file, line and column, and all problems of all files are told at once.
//!
//! The schema that the trees are checked against is the one of the custom resources, so
//! what is refused here and what an API server refuses cannot drift apart.

pub mod editor;
mod error;
mod look;
pub(crate) mod parallel;
mod parse;
mod place;
mod schema;
mod shape;
mod sort;
mod source;
mod spelling;
mod stated;
#[cfg(test)]
mod tests;
mod tree;
mod wording;
pub mod yaml;

use std::collections::BTreeMap;

pub use error::{ManifestError, Problem, Problems};
use place::Place;
use sort::Object;
pub use source::{Source, files, texts};
pub use stated::{Stated, stated, stated_schema};
pub use tree::Position;

use crate::api::{GravityApp, GravityService};
use crate::validate::{Invalid, object_name};

/// The largest file that is read: 4 MiB. An API server takes no object above 1.5 MiB, so
/// this is room for many; what is larger is no manifest.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A text that may hold manifests.
#[derive(Clone, Debug)]
pub struct Text {
    /// The file's path, or what else messages call it.
    pub name: String,
    /// What is in it.
    pub text: String,
    /// How it came to be read.
    pub origin: Origin,
}

/// How a text came to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A person named it: what has no `kind` is meant as a manifest.
    Named,
    /// An image carries it, which the service runs where its manifest names no other.
    Carried {
        /// The image.
        image: String,
    },
    /// It was found in a folder: what has no `kind` may be anybody's.
    Found,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// The apps, in the order of their files.
    pub apps: Vec<GravityApp>,
    /// The services, in the order of their files.
    pub services: Vec<GravityService>,
    places: BTreeMap<String, Place>,
}

/// Reads all documents of the sources.
///
/// # Errors
/// What cannot be read, and everything that is wrong in what was read.
pub fn read(sources: &[Source]) -> Result<Documents, ManifestError> {
    let texts = source::texts(sources)?;
    let documents = parse(&texts)?;
    if documents.apps.is_empty() && documents.services.is_empty() {
        return Err(ManifestError::Nothing {
            places: source::names(sources),
        });
    }
    Ok(documents)
}

/// Reads all documents of texts; no text and no document is no error here.
///
/// # Errors
/// Everything that is wrong with them, file by file.
pub fn parse(texts: &[Text]) -> Result<Documents, ManifestError> {
    let mut documents = Documents::default();
    let mut problems = Vec::new();
    for sorted in parallel::map(texts, sort::read) {
        let sorted = sorted?;
        problems.extend(sorted.problems);
        for (object, place) in sorted.objects {
            problems.extend(documents.add(object, place).err());
        }
    }
    if problems.is_empty() {
        Ok(documents)
    } else {
        Err(ManifestError::Wrong(Problems(problems)))
    }
}

impl Documents {
    /// Adds an object.
    ///
    /// # Errors
    /// It is there already.
    fn add(&mut self, object: Object, place: Place) -> Result<(), Problem> {
        let name = match &object {
            Object::App(app) => object_name("GravityApp", &app.metadata),
            Object::Service(service) => object_name("GravityService", &service.metadata),
        };
        if let Some(other) = self.place(&name) {
            let way_out = match &object {
                Object::App(_) => "read one of the two at a time, or give one another name",
                Object::Service(_) => "keep one of the two, or give one another version",
            };
            return Err(place.problem_of_all(format!("{name} is in {other} already: {way_out}")));
        }
        self.places.insert(key(&name), place);
        match object {
            Object::App(app) => self.apps.push(*app),
            Object::Service(service) => self.services.push(*service),
        }
        Ok(())
    }

    /// The problem with its place in the file that the object came from, if it did.
    pub fn locate(&self, invalid: &Invalid) -> Option<Problem> {
        let place = self.places.get(&key(&invalid.object))?;
        Some(place.problem(&invalid.field, &invalid.message))
    }

    /// The problem at a field of an object, if that came from a file.
    pub fn problem(&self, object: &str, field: &str, message: String) -> Option<Problem> {
        let place = self.places.get(&key(object))?;
        Some(place.problem_at(field, message))
    }

    /// The file and line that an object came from, as `auth/gravity-service.yaml:1`; the
    /// object as validate names it, `GravityService shop/auth-service-1.4.0`.
    pub fn place(&self, object: &str) -> Option<String> {
        self.places.get(&key(object)).map(Place::line)
    }
}

/// An object's kind and name. A document often has no namespace and is given one later,
/// so the namespace is no part of it.
fn key(object: &str) -> String {
    match object.rsplit_once('/') {
        Some((kind_and_namespace, name)) => {
            let kind = kind_and_namespace.split(' ').next().unwrap_or_default();
            format!("{kind} {name}")
        }
        None => object.to_owned(),
    }
}
