//! The metadata of planned objects: labels, owner, and the annotation of data.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde::Serialize;
use serde_json::Value;

use super::graph::{Body, PlannedObject};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::validate::ValidApp;

/// The metadata of an object that goes when the app goes: it is owned by the app.
pub fn owned(app: &ValidApp, name: &str, labels: BTreeMap<String, String>) -> ObjectMeta {
    ObjectMeta {
        owner_references: owner(app).map(|owner| vec![owner]),
        ..named(app, name, labels)
    }
}

/// The metadata of an object that holds data: no owner, for the garbage collector must
/// never take it, and the app's name as an annotation instead.
pub fn data(app: &ValidApp, name: &str, labels: BTreeMap<String, String>) -> ObjectMeta {
    let annotation = (names::APP_ANNOTATION.to_owned(), app.name.clone());
    ObjectMeta {
        annotations: Some(BTreeMap::from([annotation])),
        ..named(app, name, labels)
    }
}

/// The object as it is planned: typed by k8s-openapi, or a JSON object of a foreign kind.
pub fn planned(app: &ValidApp, kind: Kind, name: &str, object: &impl Serialize) -> PlannedObject {
    PlannedObject {
        key: key(app, kind, name),
        body: Body::Apply(value(object)),
        data: false,
        initial_replicas: None,
    }
}

/// The object of that kind and name in the app's namespace.
pub fn key(app: &ValidApp, kind: Kind, name: &str) -> ObjectKey {
    ObjectKey {
        kind,
        namespace: app.namespace.clone(),
        name: name.to_owned(),
    }
}

/// The object as JSON. Kubernetes' own types have only text keys, so nothing can fail;
/// were it otherwise, the object would be null and refused by name when it is applied.
pub fn value(object: &impl Serialize) -> Value {
    serde_json::to_value(object).unwrap_or(Value::Null)
}

fn named(app: &ValidApp, name: &str, labels: BTreeMap<String, String>) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(app.namespace.clone()),
        labels: Some(labels),
        ..ObjectMeta::default()
    }
}

/// The owner that the garbage collector follows. `blockOwnerDeletion` is false, so that a
/// foreground deletion of the app does not wait for every object. A file that was never
/// applied has no uid, and what is rendered from it no owner.
fn owner(app: &ValidApp) -> Option<OwnerReference> {
    (!app.uid.is_empty()).then(|| OwnerReference {
        api_version: "gravity.dev/v1alpha1".to_owned(),
        kind: "GravityApp".to_owned(),
        name: app.name.clone(),
        uid: app.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(false),
    })
}
