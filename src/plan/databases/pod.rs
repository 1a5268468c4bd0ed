//! What the pods of servers and of their provisioning have in common.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Capabilities, EmptyDirVolumeSource, EnvVar, EnvVarSource, PodSecurityContext,
    ResourceRequirements, SeccompProfile, SecretKeySelector, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::places::Server;
use crate::api::service::Resources;
use crate::engines::Profile;

/// What Pod Security's *restricted* level asks of a pod, with the image's own user: files
/// of the claim belong to it. They are changed only when the claim's root is not right
/// yet, for a walk over all of them at each start takes minutes on a big claim.
pub(super) fn security(profile: &Profile) -> PodSecurityContext {
    PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(profile.user),
        run_as_group: Some(profile.group),
        fs_group: Some(profile.group),
        fs_group_change_policy: Some("OnRootMismatch".to_owned()),
        seccomp_profile: Some(SeccompProfile {
            type_: "RuntimeDefault".to_owned(),
            ..SeccompProfile::default()
        }),
        ..PodSecurityContext::default()
    }
}

/// What *restricted* asks of a container, and a root file system that cannot be changed.
pub(super) fn container_security(writable_root: bool) -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities {
            drop: Some(vec!["ALL".to_owned()]),
            ..Capabilities::default()
        }),
        read_only_root_filesystem: Some(!writable_root),
        ..SecurityContext::default()
    }
}

/// An empty folder. Shared memory is memory, and counts as the container's.
pub(super) fn scratch(name: &str, path: &str) -> Volume {
    let memory = path == "/dev/shm";
    Volume {
        name: name.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource {
            medium: memory.then(|| "Memory".to_owned()),
            size_limit: memory.then(|| Quantity("256Mi".to_owned())),
        }),
        ..Volume::default()
    }
}

/// A volume at a path.
pub(super) fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        ..VolumeMount::default()
    }
}

/// A volume at a path that cannot be written to.
pub(super) fn mount_read_only(name: &str, path: &str) -> VolumeMount {
    VolumeMount {
        read_only: Some(true),
        ..mount(name, path)
    }
}

/// A variable with a value.
pub(super) fn variable(name: &str, value: impl Into<String>) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value: Some(value.into()),
        ..EnvVar::default()
    }
}

/// A variable from a key of a Secret.
pub(super) fn from_secret(name: &str, secret: &str, key: &str) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: secret.to_owned(),
                key: key.to_owned(),
                ..SecretKeySelector::default()
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    }
}

/// CPU and memory of a server: the app's, each by itself, over the engine's.
pub(super) fn resources(server: &Server<'_>) -> ResourceRequirements {
    let profile = server.profile();
    let stated = server.policy.resources.as_ref();
    resources_over(profile.requests, profile.memory_limit, stated)
}

/// CPU and memory that are stated, each by itself, over what is set aside by default.
pub(super) fn resources_over(
    (cpu, memory): (&str, &str),
    memory_limit: &str,
    stated: Option<&Resources>,
) -> ResourceRequirements {
    let mut requests = quantities(&[("cpu", cpu), ("memory", memory)]);
    let mut limits = quantities(&[("memory", memory_limit)]);
    if let Some(stated) = stated {
        let typed = |(name, value): (&String, &crate::api::IntOrText)| {
            (name.clone(), Quantity(value.to_string()))
        };
        requests.extend(stated.requests.iter().map(typed));
        limits.extend(stated.limits.iter().map(typed));
    }
    ResourceRequirements {
        requests: Some(requests),
        limits: Some(limits),
        ..ResourceRequirements::default()
    }
}

/// Quantities by name.
pub(super) fn quantities(entries: &[(&str, &str)]) -> BTreeMap<String, Quantity> {
    entries
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Quantity((*value).to_owned())))
        .collect()
}
