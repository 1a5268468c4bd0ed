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

mod error;
mod parse;
mod shape;
mod sort;
mod source;
mod spelling;
#[cfg(test)]
mod tests;
mod tree;
pub mod yaml;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use error::{ManifestError, Problem, Problems};
pub use source::Source;
pub use tree::Position;

use crate::api::{GravityApp, GravityService};
use crate::validate::Invalid;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A person named it: what has no `kind` is meant as a manifest.
    Named,
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

/// Where an object stands.
#[derive(Clone, Debug)]
struct Place {
    file: Arc<str>,
    text: Arc<str>,
    start: Position,
    fields: BTreeMap<String, Position>,
    bare: bool,
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
    for text in texts {
        sort::add(text, &mut documents, &mut problems)?;
    }
    if problems.is_empty() {
        Ok(documents)
    } else {
        Err(ManifestError::Wrong(Problems(problems)))
    }
}

impl Documents {
    /// The problem with its place in the file that the object came from, if it did.
    pub fn locate(&self, invalid: &Invalid) -> Option<Problem> {
        let place = self.places.get(&key(&invalid.object))?;
        let field = invalid.field.strip_prefix("spec.").filter(|_| place.bare);
        let message = format!("{}: {}", field.unwrap_or(&invalid.field), invalid.message);
        Some(Problem::new(
            &place.file,
            &place.text,
            place.position(&invalid.field),
            message,
        ))
    }

    /// The file and line that an object came from, as `auth/gravity-service.yaml:1`; the
    /// object as validate names it, `GravityService shop/auth-service-1.4.0`.
    pub fn place(&self, object: &str) -> Option<String> {
        let place = self.places.get(&key(object))?;
        Some(format!("{}:{}", place.file, place.start.line))
    }
}

impl Place {
    /// The place of a field, or of what it would be in.
    fn position(&self, field: &str) -> Position {
        let mut path = field;
        loop {
            if let Some(position) = self.fields.get(path) {
                return *position;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return self.start,
            }
        }
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
