//! The security contexts: what Pod Security's *restricted* level asks for
//! (kubernetes.io, "Pod Security Standards"), but for what an image says it needs.

use k8s_openapi::api::core::v1::{
    Capabilities, PodSecurityContext, SeccompProfile, SecurityContext,
};

use crate::validate::ValidService;

/// The group that owns the claims of a service that does not say which user it runs as.
/// Any number will do, for every process of the pod is a member.
const VOLUME_GROUP: i64 = 10_001;

/// The user of a service that runs from its source and does not say which. Images of languages
/// run as root unless they are told another one.
const SOURCE_USER: i64 = 10_001;

/// The pod's security context.
pub(super) fn of_pod(service: &ValidService) -> PodSecurityContext {
    let root = runs_as_root(service);
    PodSecurityContext {
        run_as_non_root: (!root).then_some(true),
        run_as_user: user(service),
        seccomp_profile: Some(SeccompProfile {
            type_: "RuntimeDefault".to_owned(),
            ..SeccompProfile::default()
        }),
        ..PodSecurityContext::default()
    }
}

/// The pod's security context where it has claims: a fresh volume belongs to root, and a
/// group is how a user without rights can write to it. The owner is changed only when the
/// volume's root has another, or a large volume would delay every start.
pub(super) fn of_pod_with_claims(service: &ValidService) -> PodSecurityContext {
    let group = service.security.run_as_user.unwrap_or(VOLUME_GROUP);
    let root = runs_as_root(service);
    PodSecurityContext {
        fs_group: (!root).then_some(group),
        fs_group_change_policy: (!root).then(|| "OnRootMismatch".to_owned()),
        ..of_pod(service)
    }
}

/// The container's security context. An image that must run as root keeps the runtime's
/// default capabilities: dropping all takes `chown` and `setuid` from it, which is what
/// such an image starts with.
pub(super) fn of_container(service: &ValidService) -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: (!runs_as_root(service)).then(|| Capabilities {
            drop: Some(vec!["ALL".to_owned()]),
            ..Capabilities::default()
        }),
        read_only_root_filesystem: Some(!writes_to_its_root(service)),
        ..SecurityContext::default()
    }
}

/// Whether the image writes to its own file system.
pub(super) fn writes_to_its_root(service: &ValidService) -> bool {
    service.security.writable_root_filesystem == Some(true)
}

/// `None` for the image's own.
fn user(service: &ValidService) -> Option<i64> {
    let root = runs_as_root(service).then_some(0);
    let source = service.runtime.as_ref().map(|_| SOURCE_USER);
    service.security.run_as_user.or(root).or(source)
}

/// The user that fetches the source: the service's own, so that it may change what it finds, but
/// never root.
pub(super) fn fetches_as(service: &ValidService) -> i64 {
    let user = user(service).filter(|user| *user != 0);
    user.unwrap_or(SOURCE_USER)
}

fn runs_as_root(service: &ValidService) -> bool {
    service.security.run_as_root == Some(true)
}
