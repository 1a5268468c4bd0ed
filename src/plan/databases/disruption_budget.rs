//! How many members of a server a drain may take away.

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::places::Server;
use crate::api::names;
use crate::api::objects::Kind;
use crate::plan::graph::PlannedObject;
use crate::plan::meta;
use crate::validate::ValidApp;

/// One at a time, so that the rest keep their majority. One member alone gets no budget:
/// it would block every drain.
pub(super) fn disruption_budget(app: &ValidApp, server: &Server<'_>) -> Option<PlannedObject> {
    if server.members() < 2 {
        return None;
    }
    let labels = names::labels(&app.name, &server.name, "database");
    let budget = PodDisruptionBudget {
        metadata: meta::owned(app, &server.name, labels),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(LabelSelector {
                match_labels: Some(names::selector(&app.name, &server.name)),
                ..LabelSelector::default()
            }),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    };
    Some(meta::planned(
        app,
        Kind::PodDisruptionBudget,
        &server.name,
        &budget,
    ))
}
