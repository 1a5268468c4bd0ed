//! Trees → objects: which document is what, and each in its list with its place.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::{ManifestError, Problem};
use super::schema::{APP, NAME_LIMIT, SERVICE};
use super::shape::{self, Fault};
use super::tree::{Data, Entry, Position, Tree};
use super::{Origin, Place, Text, look, parse, spelling};
use crate::api::names::derived;
use crate::api::{GravityApp, GravityService};

const API_VERSION: &str = "gravity.dev/v1alpha1";

/// What a document is.
enum Sort<'a> {
    /// A manifest by itself.
    Manifest,
    /// An object of one of Gravity's kinds.
    Object(&'static str),
    /// A list of objects, as `kubectl get -o yaml` prints it.
    List(&'a [Tree]),
    /// Somebody else's.
    Other,
}

/// What is in a text.
#[derive(Default)]
pub(super) struct Sorted {
    /// The objects, each with its place.
    pub objects: Vec<(Object, Place)>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// An object of one of Gravity's kinds.
pub(super) enum Object {
    App(Box<GravityApp>),
    Service(Box<GravityService>),
}

/// Reads a text.
///
/// # Errors
/// It is far too large to be looked at.
pub(super) fn read(text: &Text) -> Result<Sorted, ManifestError> {
    if text.text.len() > super::MAX_BYTES {
        return Err(ManifestError::TooLarge {
            path: text.name.clone(),
        });
    }
    let trees = match parse::trees(text) {
        Ok(trees) => trees,
        Err(problem) => {
            return Ok(Sorted {
                problems: vec![problem],
                ..Sorted::default()
            });
        }
    };
    let is_manifest = is_manifest_file(&text.name);
    let mut reader = Reader {
        file: text.name.as_str().into(),
        text: text.text.trim_start_matches('\u{feff}').into(),
        origin: if is_manifest {
            Origin::Named
        } else {
            text.origin.clone()
        },
        is_manifest,
        objects: Vec::new(),
        faults: Vec::new(),
    };
    if trees.is_empty() && reader.origin != Origin::Found {
        reader.fault(
            Position::START,
            "the file is empty: a manifest begins with `name: `".to_owned(),
        );
    }
    for tree in trees {
        reader.document(tree);
    }
    let (file, body) = (reader.file, reader.text);
    let problem = |fault: Fault| Problem::new(&file, &body, fault.position, fault.message);
    Ok(Sorted {
        objects: reader.objects,
        problems: reader.faults.into_iter().map(problem).collect(),
    })
}

/// What a manifest by itself must be.
fn manifest_schema() -> &'static Value {
    &SERVICE["properties"]["spec"]
}

fn is_manifest_file(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    matches!(file, "gravity-service.yaml" | "gravity-service.yml")
}

/// Reads the documents of one text.
struct Reader {
    file: Arc<str>,
    text: Arc<str>,
    origin: Origin,
    /// Whether the file has the name of a manifest.
    is_manifest: bool,
    objects: Vec<(Object, Place)>,
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, position: Position, message: String) {
        self.faults.push(Fault { position, message });
    }

    fn document(&mut self, tree: Tree) {
        match self.sort(&tree) {
            Ok(Sort::Manifest) => self.manifest(tree),
            Ok(Sort::Object("GravityService")) => self.service(tree),
            Ok(Sort::Object(_)) => self.app(tree),
            Ok(Sort::List(items)) => items.iter().for_each(|item| self.document(item.clone())),
            Ok(Sort::Other) => {}
            Err(fault) => self.faults.push(fault),
        }
    }

    /// What the document is, by its kind, or without one by its look.
    fn sort<'t>(&self, tree: &'t Tree) -> Result<Sort<'t>, Fault> {
        let fault = |message: String| Fault {
            position: tree.position,
            message,
        };
        let Data::Map(_) = &tree.data else {
            return match self.origin {
                Origin::Found => Ok(Sort::Other),
                Origin::Named | Origin::Carried { .. } => Err(fault(format!(
                    "the document is {}, and a manifest is a map that begins with `name: `",
                    tree.noun()
                ))),
            };
        };
        let word = |key: &str| tree.get(key).and_then(Tree::text);
        match (word("apiVersion"), word("kind")) {
            (None, None) => Ok(self.unkinded(tree)),
            (Some(version), None) if version.starts_with("gravity.dev") => Err(fault(
                "`kind` is missing: write kind: GravityApp or kind: GravityService".to_owned(),
            )),
            (Some(_), None) if self.is_manifest => Err(self.stray(tree, "apiVersion")),
            (_, None) => Ok(Sort::Other),
            (version, Some(kind)) => match kinded(tree, version, kind)? {
                Sort::Other if self.is_meant(tree) => Err(self.stray(tree, "kind")),
                sort => Ok(sort),
            },
        }
    }

    /// Whether what says that it is somebody else's is a manifest all the same.
    fn is_meant(&self, tree: &Tree) -> bool {
        let is_bare = self.is_manifest && tree.get("metadata").is_none();
        is_bare || look::is_like_a_manifest(tree, manifest_schema())
    }

    /// A field of objects in what is meant as a manifest: it would be passed over unseen.
    fn stray(&self, tree: &Tree, field: &str) -> Fault {
        let value = tree.get(field);
        let says = value.and_then(Tree::text).unwrap_or_default();
        Fault {
            position: value.map_or(tree.position, |value| value.position),
            message: format!(
                "`{field}: {says}` says that this is an object of somebody else's, and a manifest \
                 has no {field}: take the line out (what a service is stands in `type`), or move \
                 the document to another file if it is none"
            ),
        }
    }

    /// Without a kind, what a person named is meant as a manifest; what was found in a
    /// folder may be a Compose file as well, so it must look like one.
    fn unkinded<'t>(&self, tree: &Tree) -> Sort<'t> {
        if self.origin != Origin::Found || look::is_like_a_manifest(tree, manifest_schema()) {
            Sort::Manifest
        } else {
            Sort::Other
        }
    }

    fn manifest(&mut self, tree: Tree) {
        let schema = manifest_schema();
        let before = self.faults.len();
        let (mut tree, faults) = spelling::modern(tree, schema);
        self.faults.extend(faults);
        self.carried(&mut tree);
        let spec = shape::check(&tree, schema, "", &mut self.faults);
        if self.faults.len() > before {
            return;
        }
        let word = |key: &str| spec[key].as_str().unwrap_or_default();
        let name = derived(&[word("name"), word("version")], NAME_LIMIT);
        let object = json!({"metadata": {"name": name}, "spec": spec});
        if let Some(service) = self.typed::<GravityService>(&object, &tree) {
            self.add(Object::Service(Box::new(service)), tree, true);
        }
    }

    /// The image that carries a manifest stands in it where no other does.
    fn carried(&self, tree: &mut Tree) {
        let Origin::Carried { image } = &self.origin else {
            return;
        };
        let absent = |field: &str| tree.get(field).is_none_or(|it| it.data == Data::Null);
        if !(absent("image") && absent("runtime")) {
            return;
        }
        if let Data::Map(entries) = &mut tree.data {
            entries.retain(|entry| entry.key != "image");
            entries.push(Entry {
                key: "image".to_owned(),
                position: tree.position,
                value: Tree {
                    data: Data::Text(image.clone()),
                    position: tree.position,
                },
            });
        }
    }

    fn service(&mut self, tree: Tree) {
        let object = self.object(&tree, &SERVICE);
        if let Some(service) = object.and_then(|object| self.typed(&object, &tree)) {
            self.add(Object::Service(Box::new(service)), tree, false);
        }
    }

    fn app(&mut self, tree: Tree) {
        let object = self.object(&tree, &APP);
        if let Some(app) = object.and_then(|object| self.typed(&object, &tree)) {
            self.add(Object::App(Box::new(app)), tree, false);
        }
    }

    fn add(&mut self, object: Object, tree: Tree, bare: bool) {
        let place = Place {
            file: Arc::clone(&self.file),
            text: Arc::clone(&self.text),
            tree,
            bare,
        };
        self.objects.push((object, place));
    }

    fn object(&mut self, tree: &Tree, schema: &Value) -> Option<Value> {
        let before = self.faults.len();
        let mut object = shape::check(tree, schema, "", &mut self.faults);
        // What a file says of the status is a memory of some cluster.
        object.as_object_mut()?.remove("status");
        (self.faults.len() == before).then_some(object)
    }

    /// The schema let everything pass; what serde refuses even so is told at the start.
    fn typed<T: DeserializeOwned>(&mut self, object: &Value, tree: &Tree) -> Option<T> {
        match T::deserialize(object) {
            Ok(object) => Some(object),
            Err(error) => {
                self.fault(
                    tree.position,
                    format!("the document cannot be read: {error}"),
                );
                None
            }
        }
    }
}

fn kinded<'t>(tree: &'t Tree, version: Option<&str>, kind: &str) -> Result<Sort<'t>, Fault> {
    const KINDS: [&str; 2] = ["GravityApp", "GravityService"];
    let at = |key: &str, message: String| Fault {
        position: tree.get(key).map_or(tree.position, |value| value.position),
        message,
    };
    let ours = version.is_some_and(|version| version.starts_with("gravity.dev"));
    if let (true, Some(Data::List(items))) = (
        kind.ends_with("List"),
        tree.get("items").map(|items| &items.data),
    ) {
        return Ok(Sort::List(items));
    }
    let Some(kind) = KINDS.into_iter().find(|known| *known == kind) else {
        let near = shape::nearest(kind, KINDS)
            .map_or(String::new(), |near| format!(", did you mean {near}?"));
        return if ours || !near.is_empty() {
            Err(at(
                "kind",
                format!("unknown kind {kind}{near} (there are GravityApp and GravityService)"),
            ))
        } else {
            Ok(Sort::Other)
        };
    };
    match version {
        Some(API_VERSION) => Ok(Sort::Object(kind)),
        Some(other) => Err(at(
            "apiVersion",
            format!("a {kind} has apiVersion: {API_VERSION}, and this says {other}"),
        )),
        None => Err(at(
            "kind",
            format!("`apiVersion` is missing: write apiVersion: {API_VERSION}"),
        )),
    }
}
