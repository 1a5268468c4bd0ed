//! The mounts of a container → configs, secrets, volumes and scratch space.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cluster::Cluster;
use super::pod::{Made, Pods};
use super::source;
use super::values::{Values, said};

/// Adds what a container mounts.
pub(super) fn mounts(
    pods: &Pods,
    container: &Value,
    cluster: &Cluster,
    values: &mut Values,
    made: &mut Made,
) {
    let volumes = pods.template["spec"]["volumes"].as_array();
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for mount in container["volumeMounts"].as_array().into_iter().flatten() {
        let (name, path) = (said(&mount["name"]), said(&mount["mountPath"]));
        let mut all = volumes.into_iter().flatten();
        let volume = all.find(|volume| volume["name"] == *name);
        let Some(volume) = volume else {
            let volume = format!("{}-{name}", pods.name);
            lists
                .entry("volumes")
                .or_default()
                .push(json!(format!("{volume}:{path}")));
            made.volumes.insert(volume);
            continue;
        };
        if let Some(volume) = source::volume(pods, name) {
            let all = lists.entry("volumes").or_default();
            all.push(json!(format!("{volume}:{path}")));
            made.volumes.insert(volume);
        } else if !volume["emptyDir"].is_null() {
            lists.entry("tmpfs").or_default().push(json!(path));
        }
        let (config, secret) = (&volume["configMap"], &volume["secret"]);
        let texts: BTreeMap<String, String> = if !config.is_null() {
            cluster.config_map(said(&config["name"]))
        } else {
            let name = said(&secret["secretName"]);
            let keys = values.keys(name).into_iter();
            keys.map(|key| (key.clone(), values.secret(name, &key)))
                .collect()
        };
        let of = said(&config["name"]);
        let of = if of.is_empty() {
            said(&secret["secretName"])
        } else {
            of
        };
        if texts.is_empty() && !of.is_empty() {
            made.notes.push(format!(
                "{} mounts {of} at {path}, which is somebody else's: mount it by a compose.override.yaml",
                pods.name
            ));
        }
        for (key, text) in texts {
            let target = match said(&mount["subPath"]) {
                "" => format!("{path}/{key}"),
                inner if inner == key => path.to_owned(),
                _ => continue,
            };
            let id = format!(
                "{of}-{}",
                key.replace(|each: char| !each.is_ascii_alphanumeric(), "-")
            );
            let (kind, what) = match values.variable(&text) {
                Some(variable) => ("secrets", json!({"environment": variable})),
                None => ("configs", json!({"content": values.text(&text)})),
            };
            lists
                .entry(kind)
                .or_default()
                .push(json!({"source": id, "target": target}));
            match kind {
                "secrets" => made.secrets.insert(id, what),
                _ => made.configs.insert(id, what),
            };
        }
    }
    for (name, list) in lists {
        made.service.insert(name.to_owned(), Value::Array(list));
    }
}
