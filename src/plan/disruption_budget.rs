//! The PodDisruptionBudget of a service.

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::graph::PlannedObject;
use super::meta;
use super::wanted::Wanted;
use crate::api::objects::Kind;

/// One pod at a time may be drained. Said as what may be away, not as what must be there:
/// the latter would block every drain when the autoscaler is at its fewest. One replica
/// alone has nothing to keep, and gets none. Pods that are not ready may always go
/// (kubernetes.io, "Unhealthy Pod Eviction Policy"), or one crash loop would hold a node.
pub(super) fn disruption_budget(wanted: &Wanted) -> Option<PlannedObject> {
    if !wanted.serves() || wanted.settings.replicas.most() <= 1 {
        return None;
    }
    let object = PodDisruptionBudget {
        metadata: wanted.meta(wanted.name()),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(wanted.selector()),
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    };
    let kind = Kind::PodDisruptionBudget;
    Some(meta::planned(wanted.app, kind, wanted.name(), &object))
}
