//! What of an app is stopped: its pods are planned away, and everything else stays as it is.
//!
//! ```text
//! services that are stopped ─────────────▶ no pods, no autoscaler, no run on a schedule
//! the app stopped, and no pod serves ────▶ no servers, poolers and backups either
//! ```
//! Servers are the last to go, so that services can bring to an end what they have begun.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Facts;
use super::graph::{Body, Node, NodeId, NodeKind, Plan, PlannedObject};
use crate::api::objects::Kind;
use crate::validate::ValidApp;

/// CloudNativePG keeps the claims of a server and takes its pods away, by this annotation
/// (cloudnative-pg.io, "Declarative hibernation").
const HIBERNATION: &str = "cnpg.io/hibernation";

/// Plans the pods away of what is stopped.
pub(super) fn rest(mut plan: Plan, facts: &Facts) -> Plan {
    let app = Arc::clone(&plan.app);
    let stopped: BTreeSet<NodeId> = plan
        .nodes
        .values()
        .filter(|node| is_stopped(node, &app, facts))
        .map(|node| node.id.clone())
        .collect();
    for id in &stopped {
        if let Some(node) = plan.nodes.get_mut(id) {
            node.objects
                .retain(|object| object.key.kind != Kind::HorizontalPodAutoscaler);
            node.objects.iter_mut().for_each(stop);
        }
    }
    for (name, service) in &mut plan.services {
        if app.is_stopped(name) {
            service.replicas = 0;
        }
    }
    Plan { stopped, ..plan }
}

fn is_stopped(node: &Node, app: &ValidApp, facts: &Facts) -> bool {
    let of_app = app.stopped;
    match node.id.kind {
        NodeKind::Service | NodeKind::Migration | NodeKind::Seed | NodeKind::Route => node
            .service
            .as_deref()
            .is_some_and(|name| app.is_stopped(name)),
        NodeKind::Companion => of_app,
        NodeKind::Server
        | NodeKind::Database
        | NodeKind::Provisioning
        | NodeKind::Pooler
        | NodeKind::Backup => of_app && !facts.serving,
        _ => false,
    }
}

/// Takes the pods of an object away. What is no workload has none.
fn stop(object: &mut PlannedObject) {
    let Body::Apply(body) = &mut object.body else {
        return;
    };
    match object.key.kind {
        Kind::Deployment | Kind::StatefulSet => {
            body["spec"]["replicas"] = json!(0);
            object.initial_replicas = None;
        }
        Kind::CronJob => body["spec"]["suspend"] = json!(true),
        Kind::Pooler => body["spec"]["instances"] = json!(0),
        Kind::Cluster => {
            let annotations = &mut body["metadata"]["annotations"];
            if annotations.is_null() {
                *annotations = Value::Object(Map::new());
            }
            annotations[HIBERNATION] = json!("on");
        }
        _ => {}
    }
}

impl NodeId {
    /// Whether it is a Job that is run for what runs, and is not sent while nothing shall run.
    pub(crate) const fn is_preparation(&self) -> bool {
        matches!(
            self.kind,
            NodeKind::Provisioning | NodeKind::Migration | NodeKind::Seed
        )
    }
}
