//! That nothing goes untold.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::api::GravityApp;
use crate::plan::{Facts, plan};
use crate::resolve::{Lock, resolve};
use crate::validate::{catalogue, validate_app};

fn any_plan() -> Plan {
    let app: GravityApp = serde_json::from_value(json!({
        "apiVersion": "gravity.dev/v1alpha1",
        "kind": "GravityApp",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {"services": [{"name": "web"}]},
    }))
    .unwrap();
    let web = serde_json::from_value(json!({
        "apiVersion": "gravity.dev/v1alpha1",
        "kind": "GravityService",
        "metadata": {"name": "web-1.0.0", "namespace": "shop"},
        "spec": {"name": "web", "version": "1.0.0", "image": "shop/web:1.0.0"},
    }))
    .unwrap();
    let app = Arc::new(validate_app(&app).unwrap());
    let resolution = resolve(&app, &catalogue(&[web], "shop"), &Lock::new()).unwrap();
    plan(&app, &resolution, &Facts::default()).unwrap()
}

/// A seed that ran on after all else was ready belonged to none.
#[test]
fn whatever_kind_of_node_is_not_ready_one_part_says_so() {
    let plan = any_plan();
    for unready in NodeKind::ALL {
        let state = |kind| match kind == unready {
            true => NodeState::Progressing("the Job runs".to_owned()),
            false => NodeState::Ready,
        };
        let nodes = NodeKind::ALL.map(|kind| (NodeId::new(kind, "web"), state(kind)));
        let schedule = Schedule {
            nodes: nodes.into(),
            ..Schedule::default()
        };
        let verdicts = Part::ALL.map(|part| verdict(&plan, &schedule, part));
        let told: Vec<_> = verdicts.iter().filter(|it| !it.is_true()).collect();
        assert_eq!(told.len(), 1, "{unready:?}");
        assert!(told[0].message.contains("the Job runs"), "{unready:?}");
    }
}
