//! How many members of a server a drain may take away.

use std::collections::BTreeMap;

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
    let selector = names::selector(&app.name, &server.name);
    Some(one_at_a_time(app, &server.name, "database", selector))
}

/// A drain takes one of the selected pods away at a time.
pub(super) fn one_at_a_time(
    app: &ValidApp,
    name: &str,
    component: &str,
    selector: BTreeMap<String, String>,
) -> PlannedObject {
    let budget = PodDisruptionBudget {
        metadata: meta::owned(app, name, names::labels(&app.name, name, component)),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(LabelSelector {
                match_labels: Some(selector),
                ..LabelSelector::default()
            }),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    };
    meta::planned(app, Kind::PodDisruptionBudget, name, &budget)
}
