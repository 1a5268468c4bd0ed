//! All that an operator has left in a namespace, so that two namespaces can be compared.

use std::collections::{BTreeMap, BTreeSet};

use gravity::api::objects::{Kind, KindFacts};
use gravity::schedule;
use k8s_openapi::ByteString;
use kube::api::{ApiResource, DynamicObject, ListParams};
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Value, json};

/// All objects of a namespace, by kind and name, but for what is made at random or is
/// another in each namespace.
pub type World = BTreeMap<String, Value>;

/// The kinds of our own, beside those that the operator makes.
const OWN: [KindFacts; 2] = [
    own("GravityApp", "gravityapps"),
    own("GravityService", "gravityservices"),
];

const fn own(kind: &'static str, plural: &'static str) -> KindFacts {
    KindFacts {
        group: "gravity.dev",
        version: "v1alpha1",
        kind,
        plural,
    }
}

/// Everything in a namespace that the operator can have made, and what it told of it.
pub async fn world(client: &Client, namespace: &str) -> World {
    let kinds = Kind::ALL.into_iter();
    let kinds = kinds.filter(|kind| !kind.may_be_missing() && *kind != Kind::Pod);
    let kinds = kinds.map(Kind::facts).chain(OWN);
    let mut world = World::new();
    for facts in kinds {
        for object in list(client, namespace, facts).await {
            let key = format!("{} {}", facts.kind, object.name_any());
            let object = serde_json::to_value(object).unwrap();
            world.insert(key, comparable(object, namespace));
        }
    }
    world
}

/// What every Secret holds that is made once.
pub async fn passwords(client: &Client, namespace: &str) -> BTreeMap<String, Value> {
    let secrets = list(client, namespace, Kind::Secret.facts()).await;
    let password =
        |secret: DynamicObject| (secret.name_any(), secret.data["data"]["password"].clone());
    secrets.into_iter().map(password).collect()
}

/// In what way the second is not as the first.
pub fn differences(wanted: &World, now: &World) -> Vec<String> {
    let keys: BTreeSet<&String> = now.keys().chain(wanted.keys()).collect();
    let told = |key: &String| match (wanted.get(key), now.get(key)) {
        (Some(wanted), Some(now)) if wanted == now => None,
        (Some(wanted), Some(now)) => Some(format!(
            "{key} differs: lacks {:?}, has {:?}",
            schedule::differences(wanted, now),
            schedule::differences(now, wanted)
        )),
        (None, _) => Some(format!("{key} is left over")),
        (_, None) => Some(format!("{key} is missing")),
    };
    keys.into_iter().filter_map(told).collect()
}

/// But for what every namespace has, and what a CronJob makes when its time has come.
async fn list(client: &Client, namespace: &str, facts: KindFacts) -> Vec<DynamicObject> {
    let KindFacts {
        group,
        version,
        kind,
        plural,
    } = facts;
    let group_version = [group, version].into_iter().filter(|part| !part.is_empty());
    let resource = ApiResource {
        group: group.into(),
        version: version.into(),
        api_version: group_version.collect::<Vec<_>>().join("/"),
        kind: kind.into(),
        plural: plural.into(),
    };
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &resource);
    let mut objects = api.list(&ListParams::default()).await.unwrap().items;
    objects.retain(|object| {
        let everywhere = ["default", "kube-root-ca.crt"].contains(&&*object.name_any());
        let mut owners = object.owner_references().iter();
        !everywhere && owners.all(|owner| owner.kind != "CronJob")
    });
    objects
}

/// Where what is random, or another in each namespace, stands. The digest of what was
/// applied is of the namespace's name, too.
const RANDOM: [&str; 21] = [
    "/metadata/uid",
    "/metadata/resourceVersion",
    "/metadata/creationTimestamp",
    "/metadata/managedFields",
    "/metadata/ownerReferences/0/uid",
    "/metadata/annotations/gravity.dev~1applied",
    "/metadata/annotations/gravity.dev~1credential-id",
    "/metadata/annotations/gravity.dev~1first-credential-id",
    "/spec/clusterIP",
    "/spec/clusterIPs",
    "/spec/volumeName",
    "/spec/selector/matchLabels/batch.kubernetes.io~1controller-uid",
    "/spec/template/metadata/labels/batch.kubernetes.io~1controller-uid",
    "/spec/template/metadata/labels/controller-uid",
    "/metadata/labels/batch.kubernetes.io~1controller-uid",
    "/metadata/labels/controller-uid",
    "/data/cookie",
    "/data/password",
    "/data/salt",
    "/data/uri",
    "/status/conditions/0/lastTransitionTime",
];

fn comparable(mut object: Value, namespace: &str) -> Value {
    let password = object.pointer("/data/password").map(decoded);
    if let Some(uri) = object.pointer("/data/uri").map(decoded) {
        let password = password.unwrap_or_default();
        object["data"]["uri text"] = json!(uri.replace(&password, "PASSWORD"));
    }
    if object["kind"] != "GravityApp" && object["kind"] != "GravityService" {
        object["status"].take();
    }
    let annotations = object.pointer_mut("/metadata/annotations");
    if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
        // The volume controller writes them on some claims and not on others, as it comes.
        annotations.retain(|name, _| !name.starts_with("volume."));
    }
    for pointer in RANDOM {
        if let Some(value) = object.pointer_mut(pointer) {
            *value = json!("there");
        }
    }
    let told = object.pointer_mut("/status").and_then(Value::as_object_mut);
    for list in told.into_iter().flat_map(|status| status.values_mut()) {
        for entry in list.as_array_mut().into_iter().flatten() {
            entry["lastTransitionTime"].take();
            entry["since"].take();
        }
    }
    serde_json::from_str(&object.to_string().replace(namespace, "NAMESPACE")).unwrap()
}

fn decoded(value: &Value) -> String {
    let bytes: ByteString = serde_json::from_value(value.clone()).unwrap();
    String::from_utf8(bytes.0).unwrap()
}
