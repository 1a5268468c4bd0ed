//! The source of a service that has no image: a service of Compose fetches it into a volume.

use serde_json::{Map, Value, json};

use super::NETWORK;
use super::cluster::Cluster;
use super::pod::{Pods, restart, variables};
use super::values::{Values, said};
use crate::api::objects::Kind;
use crate::plan::{SOURCE_CONTAINER, SOURCE_VOLUME};

/// What fetches the source, once before each start. A new volume is root's, so it runs as its
/// image does.
pub(super) fn fetched(
    pods: &Pods,
    cluster: &Cluster,
    values: &mut Values,
) -> Option<Map<String, Value>> {
    let container = container(&pods.template["spec"])?;
    let variables = variables(container, pods, values, cluster);
    let environment: Map<String, Value> = variables
        .iter()
        .map(|(name, text)| (name.clone(), json!(values.text(text))))
        .collect();
    let words = container["command"].as_array().into_iter().flatten();
    let words: Vec<String> = words.map(|word| values.text(said(word))).collect();
    let folder = said(&container["volumeMounts"][0]["mountPath"]);
    let volume = volume(pods, SOURCE_VOLUME)?;
    let service = json!({
        "image": container["image"],
        "entrypoint": words,
        "environment": environment,
        "networks": [NETWORK],
        "restart": restart(Kind::Job),
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "volumes": [format!("{volume}:{folder}")],
    });
    service.as_object().cloned()
}

/// The volume in which the source waits for those that run it, where that one is meant.
pub(super) fn volume(pods: &Pods, name: &str) -> Option<String> {
    container(&pods.template["spec"])?;
    (name == SOURCE_VOLUME).then(|| format!("{}-{SOURCE_CONTAINER}", pods.name))
}

/// Whether something else runs before the service's container.
pub(super) fn has_others(spec: &Value) -> bool {
    let mut all = spec["initContainers"].as_array().into_iter().flatten();
    all.any(|container| container["name"] != SOURCE_CONTAINER)
}

fn container(spec: &Value) -> Option<&Value> {
    let mut all = spec["initContainers"].as_array()?.iter();
    all.find(|container| container["name"] == SOURCE_CONTAINER)
}
