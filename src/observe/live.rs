//! One object as the cluster has it, made small: a thousand services have many of them.

use std::hash::{DefaultHasher, Hash, Hasher};

use k8s_openapi::ByteString;
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::health::{self, Health};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::engines::Status;
use crate::plan::{Beside, LiveServer, NodeKind, Rotation};

/// An object of an app.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// Which object.
    pub key: ObjectKey,
    /// Its uid: a deletion names it, so that a new object of the name is never hit.
    pub uid: String,
    /// Its resource version, as a number (Kubernetes 1.35 promises that it is one).
    pub resource_version: u64,
    /// Whether somebody has asked for its deletion.
    pub deleting: bool,
    /// Since when it is there.
    pub created: Option<Timestamp>,
    /// The hosts and paths that lead to it, of a route.
    pub places: Vec<String>,
    /// The app that owns it.
    pub owner: Option<Owner>,
    /// The node of the plan that it was made for.
    pub node: Option<String>,
    /// The nodes that its node waits for.
    pub needs: Vec<String>,
    /// The version label.
    pub version: Option<String>,
    /// The digest of what was last applied.
    pub applied: Option<String>,
    /// Whether it is ready in its current generation.
    pub health: Health,
    /// Whether it was ready once in what is asked of it now.
    pub completed: bool,
    /// Pods ready and pods wanted, of a workload.
    pub replicas: Option<(i32, i32)>,
    /// A database server's image and series.
    pub server: Option<LiveServer>,
    /// Which set of credentials a Secret holds.
    pub credentials: Option<String>,
    /// The seed that a Secret says to have run in its database.
    pub seeded: Option<String>,
    /// The host that a Secret leads to.
    pub host: Option<String>,
    /// Where the rotation of a Secret's credentials stands; `None` where there never was one.
    pub rotation: Option<Rotation>,
    /// Whether the field manager `gravity` owns `spec.replicas`.
    pub owns_replicas: bool,
    /// Tells the body from another one, so that a changed status costs no new comparison.
    pub fingerprint: u64,
    /// The object without status and managed fields, as JSON text: parsed only when it is
    /// compared, which is rare, for a parsed one takes five times the memory.
    body: Box<str>,
}

/// The app that owns an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The app's name.
    pub name: String,
    /// The app's uid; empty for data, which is known by its annotation only.
    pub uid: String,
}

impl Live {
    /// Makes an object small. `None` when it has no name, which no server sends.
    pub fn new(kind: Kind, object: DynamicObject) -> Option<Self> {
        let annotation = |name: &str| object.annotations().get(name).cloned();
        let needs = annotation(names::NEEDS_ANNOTATION).unwrap_or_default();
        let generation = object.metadata.generation.unwrap_or_default();
        let state = health::of(kind, generation, &object.data);
        let resource_version = version_number(&object);
        let mut live = Self {
            key: ObjectKey {
                kind,
                namespace: object.namespace()?,
                name: object.metadata.name.clone()?,
            },
            uid: object.uid().unwrap_or_default(),
            resource_version,
            deleting: object.metadata.deletion_timestamp.is_some(),
            created: object
                .metadata
                .creation_timestamp
                .as_ref()
                .map(|time| time.0),
            places: annotation(names::PLACES_ANNOTATION)
                .iter()
                .flat_map(|places| places.split(' ').map(str::to_owned))
                .collect(),
            owner: owner(&object),
            node: annotation(names::NODE_ANNOTATION),
            needs: needs
                .split(',')
                .filter(|need| !need.is_empty())
                .map(str::to_owned)
                .collect(),
            version: object.labels().get(names::VERSION_LABEL).cloned(),
            applied: annotation(names::APPLIED_ANNOTATION),
            health: state.health,
            completed: state.completed,
            replicas: state.replicas,
            server: server(kind, &object),
            credentials: credentials(&object),
            seeded: seeded(kind, &object),
            host: host(kind, &object),
            rotation: rotation(kind, &object),
            owns_replicas: owns_replicas(&object),
            fingerprint: 0,
            body: body(kind, object),
        };
        live.fingerprint = fingerprint(&live.body);
        Some(live)
    }

    /// Whether nothing has changed that a schedule or a status could tell of: most events
    /// of a starting app are of counters that nobody reads.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let Self {
            key,
            uid,
            resource_version: _,
            deleting,
            created: _,
            places: _,
            owner,
            node: _,
            needs: _,
            version: _,
            applied: _,
            health,
            completed,
            replicas,
            server: _,
            credentials: _,
            rotation: _,
            seeded: _,
            host: _,
            owns_replicas,
            // What is left out above is read from the body.
            fingerprint,
            body: _,
        } = self;
        *key == other.key
            && *uid == other.uid
            && *deleting == other.deleting
            && *owner == other.owner
            && *health == other.health
            && *completed == other.completed
            && *replicas == other.replicas
            && *owns_replicas == other.owns_replicas
            && *fingerprint == other.fingerprint
    }

    /// Whether it is the Job of a seed.
    pub fn is_seed(&self) -> bool {
        let node = self.node.as_deref().and_then(|node| node.split_once('/'));
        self.key.kind == Kind::Job && node.is_some_and(|(kind, _)| kind == NodeKind::Seed.word())
    }

    /// The object as JSON, without status and managed fields.
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

/// Two bodies with one fingerprint are the same body, but for one chance in 2^64.
fn fingerprint(body: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

/// The resource version as a number; 0 where it is none.
pub fn version_number(object: &DynamicObject) -> u64 {
    object
        .resource_version()
        .and_then(|version| version.parse().ok())
        .unwrap_or_default()
}

/// The app that owns the object: by owner reference, or for data by annotation.
pub fn owner(object: &impl ResourceExt) -> Option<Owner> {
    let references = object.owner_references();
    let by_reference = references.iter().find(|reference| {
        reference.kind == "GravityApp" && reference.api_version.starts_with("gravity.dev/")
    });
    let by_annotation = || object.annotations().get(names::APP_ANNOTATION);
    by_reference
        .map(|reference| Owner {
            name: reference.name.clone(),
            uid: reference.uid.clone(),
        })
        .or_else(|| {
            by_annotation().map(|name| Owner {
                name: name.clone(),
                uid: String::new(),
            })
        })
}

/// Which set of credentials a Secret holds, as a plan calls it.
pub fn credentials(secret: &impl ResourceExt) -> Option<String> {
    set_of_credentials(secret, names::CREDENTIALS_ANNOTATION)
}

/// The set of credentials that an annotation names, as a plan calls it.
fn set_of_credentials(secret: &impl ResourceExt, annotation: &str) -> Option<String> {
    let id = secret.annotations().get(annotation)?;
    let is_first = secret.annotations().get(names::FIRST_ANNOTATION) == Some(id);
    let id = if is_first {
        names::FIRST_CREDENTIALS
    } else {
        id
    };
    Some(id.to_owned())
}

/// A StatefulSet with a series runs a database server, and so does what an operator takes
/// for one.
fn server(kind: Kind, object: &DynamicObject) -> Option<LiveServer> {
    let series = object.labels().get(names::SERIES_LABEL)?;
    let image = match kind {
        Kind::StatefulSet => "/spec/template/spec/containers/0/image",
        _ => Status::of(kind)?.image?,
    };
    let image = object.data.pointer(image)?.as_str()?;
    let members = object.data.pointer("/spec/replicas");
    let members = members.and_then(Value::as_i64).unwrap_or(1);
    Some(LiveServer {
        image: image.to_owned(),
        series: series.clone(),
        members: i32::try_from(members).unwrap_or(1),
    })
}

/// The host of a login, as the Service Binding specification has it. What a person wrote
/// there before the Secret was Gravity's says nothing of where its data is.
fn host(kind: Kind, object: &DynamicObject) -> Option<String> {
    object.annotations().get(names::CREDENTIALS_ANNOTATION)?;
    let host = object.data["data"].get("host")?;
    let bytes: ByteString = serde_json::from_value(host.clone()).ok()?;
    let host = String::from_utf8(bytes.0).ok()?;
    (kind == Kind::Secret && !host.is_empty()).then_some(host)
}

/// The seed that a login's Secret says to have run.
fn seeded(kind: Kind, object: &DynamicObject) -> Option<String> {
    let seeded = object.annotations().get(names::SEEDED_ANNOTATION)?;
    (kind == Kind::Secret).then(|| seeded.clone())
}

/// What the annotations of a Secret say. The password of a next login is there as long as
/// it is one.
fn rotation(kind: Kind, object: &DynamicObject) -> Option<Rotation> {
    let annotations = object.annotations();
    let of = |name: &str| annotations.get(name).filter(|_| kind == Kind::Secret);
    let staged = object.data["data"].get(names::NEXT_PASSWORD_KEY).is_some();
    let next = of(names::NEXT_ANNOTATION).filter(|_| staged).cloned();
    let previous = || {
        of(names::PREVIOUS_ANNOTATION)
            .cloned()
            .map(Beside::Previous)
    };
    let rotation = Rotation {
        asked: of(names::ROTATE_ANNOTATION).map(|text| names::digest8(text.as_bytes())),
        done: of(names::ROTATED_ANNOTATION).cloned(),
        beside: next.map(Beside::Next).or_else(previous),
        given: of(names::GIVEN_ANNOTATION).is_some(),
    };
    (rotation != Rotation::default()).then_some(rotation)
}

fn owns_replicas(object: &DynamicObject) -> bool {
    object.managed_fields().iter().any(|entry| {
        entry.manager.as_deref() == Some(names::FIELD_MANAGER)
            && entry.operation.as_deref() == Some("Apply")
            && entry
                .fields_v1
                .as_ref()
                .is_some_and(|fields| fields.0.pointer("/f:spec/f:replicas").is_some())
    })
}

/// The items of a list come without their type, so it is put back.
fn body(kind: Kind, mut object: DynamicObject) -> Box<str> {
    let metadata = json!({
        "name": object.metadata.name,
        "namespace": object.metadata.namespace,
        "labels": object.metadata.labels.take(),
        "annotations": object.metadata.annotations.take(),
        "ownerReferences": object.metadata.owner_references.take(),
        "creationTimestamp": object.metadata.creation_timestamp.take(),
    });
    if let Some(fields) = object.data.as_object_mut() {
        fields.remove("status");
        fields.insert("metadata".to_owned(), metadata);
        fields.insert("apiVersion".to_owned(), kind.api_version().into());
        fields.insert("kind".to_owned(), kind.facts().kind.into());
    }
    object.data.to_string().into_boxed_str()
}
