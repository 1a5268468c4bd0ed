//! The ConfigMaps of the files that a service mounts.

use k8s_openapi::api::core::v1::ConfigMap;

use super::graph::PlannedObject;
use super::meta;
use super::volumes::config_name;
use super::wanted::Wanted;
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::service::{ConfigFiles, Reload};

/// One ConfigMap for each folder.
pub(super) fn config_maps(wanted: &Wanted) -> Vec<PlannedObject> {
    let configs = wanted.config().into_iter();
    configs.map(|config| config_map(wanted, config)).collect()
}

fn config_map(wanted: &Wanted, config: &ConfigFiles) -> PlannedObject {
    let name = config_name(wanted.name(), config);
    let object = ConfigMap {
        metadata: wanted.meta(&name),
        data: Some(config.files.clone()),
        ..ConfigMap::default()
    };
    meta::planned(wanted.app, Kind::ConfigMap, &name, &object)
}

/// A digest of the files whose change restarts the service; `None` where there are none.
/// It is an annotation of the pod template, so the pods roll when and only when it changes.
pub(super) fn restart_digest(wanted: &Wanted) -> Option<String> {
    let restarting: Vec<_> = wanted
        .config()
        .into_iter()
        .filter(|config| config.reload != Some(Reload::Watch))
        .map(|config| (&config.mount_path, &config.files))
        .collect();
    let text = meta::value(&restarting).to_string();
    (!restarting.is_empty()).then(|| names::digest8(text.as_bytes()))
}
