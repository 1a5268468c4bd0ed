//! The Deployment of a service.

use k8s_openapi::api::apps::v1::{
    Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::graph::PlannedObject;
use super::wanted::{SERVICE, Wanted};
use super::{PlanError, pod, pod_patch};
use crate::api::objects::Kind;

/// Old ReplicaSets that are kept for `kubectl rollout undo`. The way back is another
/// version of the service; each one kept is an object more in etcd and in every cache.
pub(super) const REVISIONS: i32 = 3;

/// The Deployment. Where an autoscaler owns the number of pods, it states none.
pub(super) fn deployment(wanted: &Wanted) -> Result<PlannedObject, PlanError> {
    let timeout = wanted.service.startup_timeout.as_secs();
    let object = Deployment {
        metadata: wanted.versioned_meta(wanted.name(), SERVICE),
        spec: Some(DeploymentSpec {
            replicas: wanted.settings.replicas.stated(),
            selector: wanted.selector(),
            template: pod::serving(wanted),
            strategy: Some(strategy()),
            // So Kubernetes and the node's deadline call the same roll-out stuck. It must be
            // above `minReadySeconds`, which stays at its default of none: ready by its own
            // probe is ready, and all that depend on it wait for every second more.
            progress_deadline_seconds: Some(i32::try_from(timeout).unwrap_or(i32::MAX).max(1)),
            revision_history_limit: Some(REVISIONS),
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    };
    let planned = pod_patch::patched(wanted, Kind::Deployment, wanted.name(), &object)?;
    Ok(PlannedObject {
        initial_replicas: wanted.settings.replicas.initial(),
        ..planned
    })
}

/// No pod goes before its successor is ready; a quarter more at once bounds what a
/// roll-out takes beside what runs.
fn strategy() -> DeploymentStrategy {
    DeploymentStrategy {
        type_: Some("RollingUpdate".to_owned()),
        rolling_update: Some(RollingUpdateDeployment {
            max_unavailable: Some(IntOrString::Int(0)),
            max_surge: Some(IntOrString::String("25%".to_owned())),
        }),
    }
}
