//! The volumes of a service's pods: configuration, claims, and a folder to write to.

use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, EmptyDirVolumeSource, Volume, VolumeMount,
};

use super::wanted::Wanted;
use super::{security, source, vault};
use crate::api::names;
use crate::api::service::ConfigFiles;

const TEMPORARY: &str = "/tmp";

/// The name of the ConfigMap that holds the files, by their folder:
/// `gateway-config-etc-gateway`. The volume has the same one without the service's name.
pub(super) fn config_name(service: &str, config: &ConfigFiles) -> String {
    let folder = folder(config);
    names::derived(&[service, "config", &folder], names::LABEL_LIMIT)
}

/// The volumes of every pod of the service; those of claims come with the StatefulSet. Vault's
/// injector mounts its own.
pub(super) fn volumes(wanted: &Wanted) -> Option<Vec<Volume>> {
    let configs = wanted.config().into_iter().map(|config| Volume {
        name: volume_name(wanted, config),
        config_map: Some(ConfigMapVolumeSource {
            name: config_name(wanted.name(), config),
            ..ConfigMapVolumeSource::default()
        }),
        ..Volume::default()
    });
    let temporary = has_temporary(wanted).then(|| Volume {
        name: "tmp".to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Volume::default()
    });
    some(
        configs
            .chain(temporary)
            .chain(source::volume(wanted.service))
            .chain(vault::volume(wanted))
            .collect(),
    )
}

/// Where they are mounted.
pub(super) fn mounts(wanted: &Wanted) -> Option<Vec<VolumeMount>> {
    let configs = wanted.config().into_iter().map(|config| VolumeMount {
        name: volume_name(wanted, config),
        mount_path: config.mount_path.clone(),
        read_only: Some(true),
        ..VolumeMount::default()
    });
    let temporary = has_temporary(wanted).then(|| mount("tmp", TEMPORARY));
    let source = source::mounted(wanted.service);
    some(configs.chain(temporary).chain(source).collect())
}

/// Where the claims are mounted.
pub(super) fn claim_mounts(wanted: &Wanted) -> Vec<VolumeMount> {
    wanted
        .storage()
        .into_iter()
        .map(|claim| mount(&claim.name, &claim.mount_path))
        .collect()
}

/// The root file system is read-only, and nearly every runtime writes to `/tmp`; one that
/// writes elsewhere says `writableRootFilesystem` and has its image's own `/tmp`. It has
/// no size limit of ours: passing one evicts the pod, and only the owner knows a figure
/// (`resources.limits.ephemeral-storage`).
fn has_temporary(wanted: &Wanted) -> bool {
    let service = wanted.service;
    let mut mounted = service
        .config
        .iter()
        .map(|config| &config.mount_path)
        .chain(service.storage.iter().map(|claim| &claim.mount_path));
    let taken = service.storage.iter().any(|claim| claim.name == "tmp");
    !security::writes_to_its_root(service)
        && !taken
        && !mounted.any(|path| path.trim_end_matches('/') == TEMPORARY)
}

fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        ..VolumeMount::default()
    }
}

/// The volume's name. A claim of the same name would take its place (kubernetes.io,
/// "StatefulSets", "Volume Claim Templates").
fn volume_name(wanted: &Wanted, config: &ConfigFiles) -> String {
    let folder = folder(config);
    let named = |words: &[&str]| names::derived(words, names::LABEL_LIMIT);
    let first = named(&["config", &folder]);
    let others = (2..).map(|number: u32| named(&["config", &folder, &number.to_string()]));
    let claims = &wanted.service.storage;
    let free = |name: &String| claims.iter().all(|claim| claim.name != *name);
    std::iter::once(first.clone())
        .chain(others)
        .find(free)
        .unwrap_or(first)
}

/// The folder as names of objects can have it: `/etc/gateway` is `etc-gateway`.
fn folder(config: &ConfigFiles) -> String {
    let words: Vec<String> = config
        .mount_path
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() {
        "root".to_owned()
    } else {
        words.join("-")
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
