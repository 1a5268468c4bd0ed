//! Trees → objects: which document is what, and each in its list with its place.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use kube::CustomResourceExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::error::{ManifestError, Problem};
use super::shape::{self, Fault};
use super::tree::{Data, Position, Tree};
use super::{Documents, Origin, Place, Text, parse, spelling};
use crate::api::names::derived;
use crate::api::{GravityApp, GravityService};
use crate::validate::object_name;

const API_VERSION: &str = "gravity.dev/v1alpha1";
/// The longest name of a custom resource (a DNS subdomain).
const NAME_LIMIT: usize = 253;

static SERVICE: LazyLock<Value> = LazyLock::new(|| {
    let mut schema = object_schema::<GravityService>();
    let probes = &mut schema["properties"]["spec"]["properties"]["health"]["properties"];
    for probe in ["liveness", "readiness", "startup"] {
        probes[probe] = shape::probe_schema();
    }
    schema
});
static APP: LazyLock<Value> = LazyLock::new(object_schema::<GravityApp>);

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

/// Adds what is in a text to the documents, or what is wrong with it to the problems.
pub(super) fn add(
    text: &Text,
    documents: &mut Documents,
    problems: &mut Vec<Problem>,
) -> Result<(), ManifestError> {
    if text.text.len() > super::MAX_BYTES {
        return Err(ManifestError::TooLarge {
            path: text.name.clone(),
        });
    }
    let trees = match parse::trees(text) {
        Ok(trees) => trees,
        Err(problem) => {
            problems.push(problem);
            return Ok(());
        }
    };
    let mut reader = Reader {
        file: text.name.as_str().into(),
        text: text.text.trim_start_matches('\u{feff}').into(),
        origin: if is_manifest_file(&text.name) {
            Origin::Named
        } else {
            text.origin
        },
        documents,
        faults: Vec::new(),
    };
    if trees.is_empty() && reader.origin == Origin::Named {
        reader.fault(
            Position::START,
            "the file is empty: a manifest begins with `name: `".to_owned(),
        );
    }
    for tree in trees {
        reader.document(tree);
    }
    let faults = std::mem::take(&mut reader.faults);
    let (file, body) = (reader.file, reader.text);
    let told = faults
        .into_iter()
        .map(|fault| Problem::new(&file, &body, fault.position, fault.message));
    problems.extend(told);
    Ok(())
}

fn is_manifest_file(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    matches!(file, "gravity-service.yaml" | "gravity-service.yml")
}

/// Reads the documents of one text.
struct Reader<'a> {
    file: Arc<str>,
    text: Arc<str>,
    origin: Origin,
    documents: &'a mut Documents,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, position: Position, message: String) {
        self.faults.push(Fault { position, message });
    }

    fn document(&mut self, tree: Tree) {
        match self.sort(&tree) {
            Ok(Sort::Manifest) => self.manifest(tree),
            Ok(Sort::Object("GravityService")) => self.service(&tree),
            Ok(Sort::Object(_)) => self.app(&tree),
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
                Origin::Named => Err(fault(format!(
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
            (_, None) => Ok(Sort::Other),
            (version, Some(kind)) => kinded(tree, version, kind),
        }
    }

    /// Without a kind, what a person named is meant as a manifest; what was found in a
    /// folder may be a Compose file as well, so it must look like one.
    fn unkinded<'t>(&self, tree: &Tree) -> Sort<'t> {
        const USUAL: [&str; 6] = [
            "version",
            "image",
            "port",
            "type",
            "databases",
            "dependencies",
        ];
        let usual = USUAL.iter().filter(|field| {
            let list = matches!(**field, "databases" | "dependencies");
            let value = tree.get(field);
            value.is_some_and(|value| !list || matches!(value.data, Data::List(_)))
        });
        let looks = tree.get("name").is_some() && usual.count() >= 2;
        if looks || self.origin == Origin::Named {
            Sort::Manifest
        } else {
            Sort::Other
        }
    }

    fn manifest(&mut self, tree: Tree) {
        let schema = &SERVICE["properties"]["spec"];
        let before = self.faults.len();
        let (tree, faults) = spelling::modern(tree, schema);
        self.faults.extend(faults);
        let spec = shape::check(&tree, schema, "", &mut self.faults);
        if self.faults.len() > before {
            return;
        }
        let word = |key: &str| spec[key].as_str().unwrap_or_default();
        let name = derived(&[word("name"), word("version")], NAME_LIMIT);
        let object = json!({"metadata": {"name": name}, "spec": spec});
        let fields = positions(&tree, "spec");
        self.add_service(&object, &tree, fields, true);
    }

    fn service(&mut self, tree: &Tree) {
        if let Some(object) = self.object(tree, &SERVICE) {
            self.add_service(&object, tree, positions(tree, ""), false);
        }
    }

    fn app(&mut self, tree: &Tree) {
        let Some(object) = self.object(tree, &APP) else {
            return;
        };
        let Some(app) = self.typed::<GravityApp>(&object, tree) else {
            return;
        };
        let name = object_name("GravityApp", &app.metadata);
        if self.take_place(&name, tree, positions(tree, ""), false) {
            self.documents.apps.push(app);
        }
    }

    fn object(&mut self, tree: &Tree, schema: &Value) -> Option<Value> {
        let before = self.faults.len();
        let mut object = shape::check(tree, schema, "", &mut self.faults);
        // What a file says of the status is a memory of some cluster.
        object.as_object_mut()?.remove("status");
        (self.faults.len() == before).then_some(object)
    }

    fn add_service(
        &mut self,
        object: &Value,
        tree: &Tree,
        fields: BTreeMap<String, Position>,
        bare: bool,
    ) {
        let Some(service) = self.typed::<GravityService>(object, tree) else {
            return;
        };
        let name = object_name("GravityService", &service.metadata);
        if self.take_place(&name, tree, fields, bare) {
            self.documents.services.push(service);
        }
    }

    /// Notes where an object stands; an object that stands twice is a fault.
    fn take_place(
        &mut self,
        name: &str,
        tree: &Tree,
        fields: BTreeMap<String, Position>,
        bare: bool,
    ) -> bool {
        let key = super::key(name);
        if let Some(other) = self.documents.place(name) {
            self.fault(
                tree.position,
                format!(
                    "{name} is in {other} already: keep one of the two, or give one another version"
                ),
            );
            return false;
        }
        let place = Place {
            file: Arc::clone(&self.file),
            text: Arc::clone(&self.text),
            start: tree.position,
            fields,
            bare,
        };
        self.documents.places.insert(key, place);
        true
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

/// The schema of a whole object: the resource's own, and of the metadata what matters.
fn object_schema<T: CustomResourceExt>() -> Value {
    let definition = serde_json::to_value(T::crd()).unwrap_or_default();
    let mut schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone();
    let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let metadata = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": NAME_LIMIT},
            "namespace": {"type": "string", "minLength": 1, "maxLength": 63},
            "labels": texts,
            "annotations": texts,
        },
        "x-kubernetes-preserve-unknown-fields": true,
    });
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let text = json!({"type": "string"});
    if let Some(properties) = schema["properties"].as_object_mut() {
        let own = [
            ("metadata", metadata),
            ("status", open),
            ("apiVersion", text.clone()),
            ("kind", text),
        ];
        properties.extend(
            own.map(|(key, schema)| (key.to_owned(), schema))
                .into_iter()
                .collect::<Map<_, _>>(),
        );
    }
    schema["required"] = json!(["metadata", "spec"]);
    schema
}

/// Where each field stands, by its path.
fn positions(tree: &Tree, path: &str) -> BTreeMap<String, Position> {
    let mut positions = BTreeMap::new();
    add_positions(tree, path, &mut positions);
    positions
}

fn add_positions(tree: &Tree, path: &str, positions: &mut BTreeMap<String, Position>) {
    match &tree.data {
        Data::List(items) => {
            for (index, item) in items.iter().enumerate() {
                let inner = format!("{path}[{index}]");
                positions.insert(inner.clone(), item.position);
                add_positions(item, &inner, positions);
            }
        }
        Data::Map(entries) => {
            for entry in entries {
                let inner = if path.is_empty() {
                    entry.key.clone()
                } else {
                    format!("{path}.{}", entry.key)
                };
                let scalar = matches!(entry.value.data, Data::Text(_) | Data::Plain { .. });
                let position = if scalar {
                    entry.value.position
                } else {
                    entry.position
                };
                positions.insert(inner.clone(), position);
                add_positions(&entry.value, &inner, positions);
            }
        }
        Data::Null | Data::Plain { .. } | Data::Text(_) => {}
    }
}
