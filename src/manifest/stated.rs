//! Files of another type than the custom resources', read as these are: a mistake has its place,
//! and all of them are told at once.

use std::sync::Arc;

use kube::core::schema::{OptionalEnum, StructuralSchemaRewriter};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use schemars::transform::AddNullable;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{ManifestError, Problem, Problems};
use super::place::Place;
use super::shape::{self, Fault};
use super::source::Source;
use super::tree::{Data, Tree};
use super::{Text, parse, source};

/// What a document states, and where.
#[derive(Clone, Debug)]
pub struct Stated<T> {
    /// What it states.
    pub value: T,
    place: Place,
}

impl<T> Stated<T> {
    /// A problem with a field of it, as `ports[0].name`.
    pub fn problem(&self, field: &str, message: &str) -> Problem {
        self.place.problem(field, message)
    }

    /// The file and line, as `engines/valkey.yaml:1`.
    pub fn line(&self) -> String {
        self.place.line()
    }
}

/// Reads all documents of the sources as a type's.
///
/// # Errors
/// What cannot be read, and everything that the type's schema has against what was read.
pub fn stated<T: DeserializeOwned + JsonSchema>(
    sources: &[Source],
) -> Result<Vec<Stated<T>>, ManifestError> {
    let schema = stated_schema::<T>();
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for text in source::texts(sources)? {
        match parse::trees(&text) {
            Ok(trees) => trees
                .into_iter()
                .for_each(|tree| match document(&text, tree, &schema) {
                    Ok(one) => all.push(one),
                    Err(faults) => problems.extend(faults),
                }),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(all)
    } else {
        Err(ManifestError::Wrong(Problems(problems)))
    }
}

fn document<T: DeserializeOwned>(
    text: &Text,
    tree: Tree,
    schema: &Value,
) -> Result<Stated<T>, Vec<Problem>> {
    let mut faults = Vec::new();
    let value = match &tree.data {
        Data::Map(_) => shape::check(&tree, schema, "", &mut faults),
        _ => return Err(vec![no_map(text, &tree)]),
    };
    let place = Place {
        file: text.name.as_str().into(),
        text: Arc::from(text.text.trim_start_matches('\u{feff}')),
        tree,
        bare: false,
    };
    let problem =
        |fault: Fault| Problem::new(&place.file, &place.text, fault.position, fault.message);
    if !faults.is_empty() {
        return Err(faults.into_iter().map(problem).collect());
    }
    match T::deserialize(value) {
        Ok(value) => Ok(Stated { value, place }),
        Err(error) => {
            Err(vec![place.problem_of_all(format!(
                "the document cannot be read: {error}"
            ))])
        }
    }
}

fn no_map(text: &Text, tree: &Tree) -> Problem {
    let message = format!(
        "the document is {}, and a map belongs here (`field: value`, a line each)",
        tree.noun()
    );
    Problem::new(&text.name, &text.text, tree.position, message)
}

/// The type's schema in the form of the custom resources' own, which `shape` knows.
pub fn stated_schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::openapi3().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let generator = settings
        .with_transform(AddNullable::default())
        .with_transform(StructuralSchemaRewriter)
        .with_transform(OptionalEnum)
        .into_generator();
    generator.into_root_schema_for::<T>().to_value()
}
