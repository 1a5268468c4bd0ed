//! A pod template → a service of Compose.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::cluster::Cluster;
use super::health::healthcheck;
use super::mounts::mounts;
use super::values::{Values, expanded, said};
use super::{KEEPS_RUNNING, NETWORK, source};
use crate::api::objects::Kind;
use crate::api::quantity::{ONE, nanos};
use crate::plan::Node;

/// The pods of a workload.
pub(super) struct Pods<'a> {
    pub name: &'a str,
    pub kind: Kind,
    pub body: &'a Value,
    pub template: &'a Value,
    pub node: &'a Node,
}

/// What the pods come to.
#[derive(Default)]
pub(super) struct Made {
    pub service: Map<String, Value>,
    pub configs: BTreeMap<String, Value>,
    pub secrets: BTreeMap<String, Value>,
    pub volumes: BTreeSet<String>,
    /// What fetches its source before it starts.
    pub source: Option<Map<String, Value>>,
    pub notes: Vec<String>,
}

/// Makes the service: of a pod's containers the first one.
pub(super) fn service(pods: &Pods, cluster: &Cluster, values: &mut Values) -> Made {
    let spec = &pods.template["spec"];
    let containers = spec["containers"].as_array();
    let container = containers
        .and_then(|all| all.first())
        .unwrap_or(&Value::Null);
    let mut made = Made::default();
    if containers.is_some_and(|all| all.len() > 1) || source::has_others(spec) {
        made.notes.push(format!(
            "of the pods of {} only the first container is in the Compose file",
            pods.name
        ));
    }
    let variables = variables(container, pods, values, cluster);
    // A migration has what its service has.
    let mut notes = match pods.kind {
        Kind::Job => Vec::new(),
        _ => foreign(container, pods, values, cluster),
    };
    let mut put = |name: &str, value: Value| drop(made.service.insert(name.to_owned(), value));
    put("image", container["image"].clone());
    if !container["workingDir"].is_null() {
        put("working_dir", container["workingDir"].clone());
    }
    for (field, of) in [("entrypoint", "command"), ("command", "args")] {
        if let Some(words) = container[of].as_array() {
            let words = words.iter().map(|word| expanded(said(word), &variables));
            put(field, words.map(|word| values.text(&word)).collect());
        }
    }
    if !variables.is_empty() {
        let environment: Map<String, Value> = variables
            .iter()
            .map(|(name, text)| (name.clone(), json!(values.text(text))))
            .collect();
        put("environment", Value::Object(environment));
    }
    if let Some(check) = healthcheck(container) {
        put("healthcheck", check);
    }
    put(
        "networks",
        json!({NETWORK: {"aliases": cluster.aliases(pods)}}),
    );
    put("restart", json!(restart(pods.kind)));
    if pods.kind == Kind::StatefulSet {
        put("hostname", json!(format!("{}-0", pods.name)));
    }
    if pods.kind == Kind::CronJob {
        notes.push(format!(
            "{0} runs on a schedule in a cluster: here `docker compose run --rm {0}` runs it once",
            pods.name
        ));
        // Compose has no schedule: a person or the machine's cron runs it.
        put("profiles", json!(["cron"]));
    }
    made.notes.append(&mut notes);
    made.source = source::fetched(pods, cluster, values);
    limits(container, &mut made.service);
    who(spec, pods, &mut made.service);
    mounts(pods, container, cluster, values, &mut made);
    made
}

pub(super) fn restart(kind: Kind) -> &'static str {
    match kind {
        Kind::CronJob => "no",
        // What a Job needs may be ready a moment later than it says.
        Kind::Job => "on-failure:5",
        _ => KEEPS_RUNNING,
    }
}

/// The variables, with what the cluster would put into them.
pub(super) fn variables(
    container: &Value,
    pods: &Pods,
    values: &mut Values,
    cluster: &Cluster,
) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for from in container["envFrom"].as_array().into_iter().flatten() {
        let prefix = said(&from["prefix"]);
        let secret = said(&from["secretRef"]["name"]);
        for key in values.keys(secret) {
            let text = values.secret(secret, &key);
            all.insert(format!("{prefix}{key}"), text);
        }
        for (key, text) in cluster.config_map(said(&from["configMapRef"]["name"])) {
            all.insert(format!("{prefix}{key}"), text);
        }
    }
    for each in container["env"].as_array().into_iter().flatten() {
        let from = &each["valueFrom"];
        let (secret, config) = (&from["secretKeyRef"], &from["configMapKeyRef"]);
        let text = if let Some(text) = each["value"].as_str() {
            expanded(text, &all)
        } else if !secret.is_null() {
            values.secret(said(&secret["name"]), said(&secret["key"]))
        } else if !config.is_null() {
            let (name, key) = (said(&config["name"]), said(&config["key"]));
            let own = cluster.config_map(name).remove(key);
            own.unwrap_or_else(|| values.secret(name, key))
        } else {
            of_pod(said(&from["fieldRef"]["fieldPath"]), pods)
        };
        all.insert(said(&each["name"]).to_owned(), text);
    }
    for text in all.values_mut() {
        *text = cluster.at_container_port(text);
    }
    all
}

/// The Secrets and ConfigMaps of somebody else whose every key is a variable: nobody here knows
/// which these are.
fn foreign(container: &Value, pods: &Pods, values: &Values, cluster: &Cluster) -> Vec<String> {
    let from = container["envFrom"].as_array().into_iter().flatten();
    let names = from.filter_map(|from| {
        let secret = from["secretRef"]["name"].as_str();
        let secret = secret.filter(|name| values.keys(name).is_empty());
        let config = from["configMapRef"]["name"].as_str();
        secret.or_else(|| config.filter(|name| cluster.config_map(name).is_empty()))
    });
    names
        .map(|name| {
            format!(
                "{} takes its variables from {name}, which is somebody else's: give them by a compose.override.yaml",
                pods.name
            )
        })
        .collect()
}

/// What a pod would say of itself. Compose knows no addresses before it runs, and names do.
fn of_pod(field: &str, pods: &Pods) -> String {
    match (field, pods.kind) {
        ("metadata.namespace", _) => said(&pods.body["metadata"]["namespace"]).to_owned(),
        (_, Kind::StatefulSet) => format!("{}-0", pods.name),
        _ => pods.name.to_owned(),
    }
}

fn limits(container: &Value, service: &mut Map<String, Value>) {
    let limits = &container["resources"]["limits"];
    if let Some(memory) = limits["memory"].as_str().and_then(nanos) {
        service.insert("mem_limit".to_owned(), json!(format!("{}b", memory / ONE)));
    }
    if let Some(cpu) = limits["cpu"].as_str().and_then(nanos) {
        let thousandths = cpu / (ONE / 1_000);
        let cpus = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
        service.insert("cpus".to_owned(), json!(cpus));
    }
}

/// Who it runs as. What has a volume runs as its image says, for Compose gives a volume to nobody
/// but to whom the image has given the folder.
fn who(spec: &Value, pods: &Pods, service: &mut Map<String, Value>) {
    let context = &spec["securityContext"];
    let keeps = pods.kind == Kind::StatefulSet;
    if let (Some(user), false) = (context["runAsUser"].as_i64(), keeps) {
        let group = context["runAsGroup"].as_i64().unwrap_or(user);
        service.insert("user".to_owned(), json!(format!("{user}:{group}")));
    }
    if !keeps {
        service.insert("cap_drop".to_owned(), json!(["ALL"]));
        service.insert("security_opt".to_owned(), json!(["no-new-privileges:true"]));
    }
}
