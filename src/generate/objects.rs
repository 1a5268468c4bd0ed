//! The objects of a plan as they are without the operator: what only it reads is left out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::names;
use crate::plan::{Body, Generated, Node, NodeKind, Plan, PlannedObject};

/// The annotations that only the operator reads.
const OPERATORS: [&str; 3] = [
    names::NODE_ANNOTATION,
    names::NEEDS_ANNOTATION,
    names::APPLIED_ANNOTATION,
];

/// The folder of the services' files, with a slash.
pub(super) const SERVICES: &str = "services/";
/// How often a Job is tried. Without the operator it begins before its server is ready, and
/// nobody makes another one.
const TRIES: i32 = 60;

/// A Secret whose values are yet to be made.
pub(super) struct Unmade<'a> {
    pub name: &'a str,
    pub stated: &'a Value,
    pub generate: &'a BTreeMap<String, Generated>,
}

/// The whole objects by the file that they belong to, in the order in which they start. Each
/// service and each server has a file, and what all have in common is in `application.yaml`.
pub(super) fn by_file(plan: &Plan, manager: &str) -> BTreeMap<String, Vec<Value>> {
    let mut files = BTreeMap::<String, Vec<Value>>::new();
    for node in plan.order() {
        let whole = node.objects.iter().filter_map(whole);
        let objects = whole.map(|object| freed(object, manager));
        files.entry(file(node)).or_default().extend(objects);
    }
    files.retain(|_, objects| !objects.is_empty());
    files
}

/// The Secrets that are made once, by name.
pub(super) fn unmade(plan: &Plan) -> impl Iterator<Item = Unmade<'_>> {
    let objects = plan.order().into_iter().flat_map(|node| &node.objects);
    objects.filter_map(|object| match &object.body {
        Body::Create { stated, generate } if !generate.is_empty() => Some(Unmade {
            name: &object.key.name,
            stated,
            generate,
        }),
        Body::Create { .. } | Body::Apply(_) => None,
    })
}

fn whole(object: &PlannedObject) -> Option<&Value> {
    match &object.body {
        Body::Apply(body) => Some(body),
        Body::Create { stated, generate } => generate.is_empty().then_some(stated),
    }
}

fn file(node: &Node) -> String {
    // Folders, so that no service's name is that of another file.
    match (&node.service, node.id.kind) {
        (Some(service), _) => format!("{SERVICES}{service}.yaml"),
        (None, NodeKind::Gateway | NodeKind::Certificate | NodeKind::Companion) => {
            "application.yaml".to_owned()
        }
        (None, _) => format!("servers/{}.yaml", node.id.name),
    }
}

/// The object as another tool's.
pub(super) fn freed(object: &Value, manager: &str) -> Value {
    let mut object = object.clone();
    free(&mut object, manager);
    if object["kind"] == "Job" {
        object["spec"]["backoffLimit"] = json!(TRIES);
    }
    object
}

fn free(value: &mut Value, manager: &str) {
    match value {
        Value::Object(fields) => {
            for name in OPERATORS {
                fields.remove(name);
            }
            if let Some(label) = fields.get_mut(names::MANAGED_BY_LABEL) {
                *label = json!(manager);
            }
            fields.retain(|name, inner| {
                free(inner, manager);
                name != "annotations" || inner.as_object().is_none_or(|all| !all.is_empty())
            });
        }
        Value::Array(items) => items.iter_mut().for_each(|item| free(item, manager)),
        _ => {}
    }
}
