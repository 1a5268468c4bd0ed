//! The API server's audit log: who asked for what, and when, to the microsecond.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;

use gravity::api::objects::{Kind, ObjectKey};
use gravity::observe::{Health, Live};
use k8s_openapi::jiff::{Timestamp, Unit};
use kube::api::DynamicObject;
use serde::Deserialize;
use serde_json::Value;

use crate::Error;

/// A request that was answered, or a watch that was opened.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `ResponseComplete`; a watch has `ResponseStarted` as well.
    pub stage: String,
    /// The path and the query.
    #[serde(default, rename = "requestURI")]
    pub uri: String,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`.
    pub verb: String,
    /// Who asked.
    pub user: User,
    /// On what; absent for `/readyz` and the like.
    #[serde(default)]
    pub object_ref: Option<Object>,
    /// The answer.
    #[serde(default)]
    pub response_status: Status,
    /// When the API server had read the request.
    #[serde(rename = "requestReceivedTimestamp")]
    pub received: Timestamp,
    /// When it had answered.
    #[serde(rename = "stageTimestamp")]
    pub answered: Timestamp,
    /// What was sent: of statuses only.
    #[serde(default)]
    pub request_object: Option<Value>,
}

/// Who asked.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// The name.
    pub username: String,
}

/// On what a request is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Object {
    /// The plural.
    pub resource: String,
    /// The namespace.
    pub namespace: String,
    /// The name; absent in a list or a creation.
    pub name: String,
    /// The API group.
    pub api_group: String,
    /// `status` and the like.
    pub subresource: String,
}

/// The answer.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Status {
    /// As HTTP has it.
    #[serde(default)]
    pub code: u16,
}

impl Request {
    /// Whether it was taken.
    pub fn is_taken(&self) -> bool {
        (200..300).contains(&self.response_status.code)
    }

    /// Whether it was to have no effect.
    pub fn is_dry_run(&self) -> bool {
        self.uri.contains("dryRun=All")
    }

    /// Whether it writes the object itself, of that kind and no subresource.
    pub fn writes(&self, kind: Kind) -> bool {
        let writes = ["create", "update", "patch"].contains(&self.verb.as_str());
        writes && self.is_taken() && self.is_on(kind.facts().group, kind.facts().plural, "")
    }

    /// Whether it writes the status of that resource.
    pub fn writes_status(&self, group: &str, plural: &str) -> bool {
        let writes = ["update", "patch"].contains(&self.verb.as_str());
        writes && self.is_taken() && self.is_on(group, plural, "status")
    }

    /// Whether it is on that resource.
    pub fn is_on(&self, group: &str, plural: &str, subresource: &str) -> bool {
        self.object_ref.as_ref().is_some_and(|object| {
            object.api_group == group
                && object.resource == plural
                && object.subresource == subresource
        })
    }

    /// The object, where the request names one.
    pub fn key(&self, kind: Kind) -> Option<ObjectKey> {
        let object = self.object_ref.as_ref()?;
        Some(ObjectKey {
            kind,
            namespace: object.namespace.clone(),
            name: object.name.clone(),
        })
    }
}

/// Reads the whole log; requests come in the order in which they were answered.
pub fn read(log: &Path) -> Result<Vec<Request>, Error> {
    let file = std::fs::File::open(log).map_err(Error::file(log))?;
    let mut requests = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(Error::file(log))?;
        match serde_json::from_str(&line) {
            Ok(request) => requests.push(request),
            // The last line may be half written.
            Err(error) if error.is_eof() => {}
            Err(source) => {
                let what = "a line of the audit log".to_owned();
                return Err(Error::Json { what, source });
            }
        }
    }
    Ok(requests)
}

/// When each object was first asked for, and when that was answered.
pub fn made(
    requests: &[Request],
    keys: &[ObjectKey],
) -> BTreeMap<ObjectKey, (Timestamp, Timestamp)> {
    let mut made: BTreeMap<ObjectKey, (Timestamp, Timestamp)> = BTreeMap::new();
    for kind in Kind::ALL {
        let of_kind = requests.iter().filter(|request| request.writes(kind));
        for request in of_kind {
            let Some(key) = request.key(kind).filter(|key| keys.contains(key)) else {
                continue;
            };
            let times = (request.received, request.answered);
            let first = made.entry(key).or_insert(times);
            if times.0 < first.0 {
                *first = times;
            }
        }
    }
    made
}

/// When the status was written by which each workload first was ready with so many
/// replicas, by Gravity's own rule.
pub fn ready(
    requests: &[Request],
    wanted: &BTreeMap<ObjectKey, i64>,
) -> BTreeMap<ObjectKey, Timestamp> {
    let mut ready = BTreeMap::new();
    for kind in [Kind::Deployment, Kind::StatefulSet, Kind::Job] {
        let facts = kind.facts();
        let written = |request: &&Request| request.writes_status(facts.group, facts.plural);
        for request in requests.iter().filter(written) {
            let Some(body) = &request.request_object else {
                continue;
            };
            let Some(live) = live(kind, body) else {
                continue;
            };
            let number = wanted.get(&live.key).copied();
            let whole = number.is_some_and(|number| kind == Kind::Job || replicas(body) >= number);
            if whole && live.health == Health::Ready {
                ready.entry(live.key).or_insert(request.answered);
            }
        }
    }
    ready
}

fn live(kind: Kind, body: &Value) -> Option<Live> {
    let object: DynamicObject = serde_json::from_value(body.clone()).ok()?;
    Live::new(kind, object)
}

fn replicas(body: &Value) -> i64 {
    body.pointer("/spec/replicas")
        .and_then(Value::as_i64)
        .unwrap_or(1)
}

/// The seconds from one moment to the other.
pub fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.since(from)
        .and_then(|span| span.total(Unit::Second))
        .unwrap_or(f64::NAN)
}
