//! Where each service stands, in one word, and whom it waits for.

use std::collections::BTreeMap;

use k8s_openapi::jiff::{Timestamp, Unit};

use crate::api::GravityAppStatus;
use crate::api::app::{Phase, ServiceStatus};
use crate::observe::Observed;
use crate::plan::{Node, NodeId, NodeKind, Plan, PlannedService};
use crate::schedule::{NodeState, Schedule};

/// The status of every service of the plan, by name.
pub(super) fn services(
    plan: &Plan,
    schedule: &Schedule,
    observed: &Observed,
    previous: &GravityAppStatus,
    now: Timestamp,
) -> Vec<ServiceStatus> {
    let of = |name: &str| {
        previous
            .services
            .iter()
            .find(|service| service.name == name)
    };
    let failed = failed(plan, schedule);
    plan.services
        .iter()
        .map(|(name, service)| {
            let stands = phase(name, plan, schedule, observed, of(name), &failed);
            one(name, service, plan, observed, of(name), stands, now)
        })
        .collect()
}

/// The first failed node of each service that has one. A claim that cannot grow and a way in
/// that cannot be made stop no service that runs.
fn failed<'a>(plan: &'a Plan, schedule: &Schedule) -> BTreeMap<&'a str, &'a NodeId> {
    let mut failed = BTreeMap::new();
    let runs = |service: &str| {
        let workload = NodeId::new(NodeKind::Service, service);
        schedule
            .nodes
            .get(&workload)
            .is_some_and(NodeState::is_settled)
    };
    for node in plan.nodes.values() {
        if let Some(service) = node.service.as_deref()
            && matches!(schedule.nodes.get(&node.id), Some(NodeState::Failed { .. }))
            && !(matches!(node.id.kind, NodeKind::Storage | NodeKind::Route) && runs(service))
        {
            failed.entry(service).or_insert(&node.id);
        }
    }
    failed
}

fn one(
    name: &str,
    service: &PlannedService,
    plan: &Plan,
    observed: &Observed,
    previous: Option<&ServiceStatus>,
    (phase, waits_for): (Phase, Option<NodeId>),
    now: Timestamp,
) -> ServiceStatus {
    let node = workload(name, plan);
    let live = node
        .and_then(Node::primary)
        .and_then(|object| observed.live.get(&object.key));
    let replicas = live.and_then(|live| live.replicas);
    let meant = node.and_then(|node| node.version.as_ref());
    let current = live.and_then(|live| live.version.as_ref());
    ServiceStatus {
        name: name.to_owned(),
        version: service.version.to_string(),
        current_version: current.filter(|_| current != meant).cloned(),
        phase,
        since: Some(since(phase, previous, now)),
        replicas: replicas.map(|(ready, wanted)| format!("{ready}/{wanted}")),
        waits_for: waits_for.map(|id| id.to_string().chars().take(100).collect()),
        databases: service.databases.clone(),
        url: service.url.clone(),
    }
}

fn since(phase: Phase, previous: Option<&ServiceStatus>, now: Timestamp) -> String {
    let kept = previous.filter(|service| service.phase == phase);
    kept.and_then(|service| service.since.clone())
        .unwrap_or_else(|| {
            // A person does not need less than a second, and the text stays short.
            now.round(Unit::Second).unwrap_or(now).to_string()
        })
}

fn workload<'a>(name: &str, plan: &'a Plan) -> Option<&'a Node> {
    plan.nodes.get(&NodeId::new(NodeKind::Service, name))
}

fn phase(
    name: &str,
    plan: &Plan,
    schedule: &Schedule,
    observed: &Observed,
    previous: Option<&ServiceStatus>,
    failed: &BTreeMap<&str, &NodeId>,
) -> (Phase, Option<NodeId>) {
    if let Some(id) = failed.get(name) {
        let itself = id.kind == NodeKind::Service;
        return (Phase::Failed, (!itself).then(|| (*id).clone()));
    }
    let Some(node) = workload(name, plan) else {
        return (Phase::Pending, None);
    };
    match schedule.nodes.get(&node.id) {
        Some(NodeState::Ready) => (Phase::Running, None),
        Some(NodeState::Stopped) => (Phase::Stopped, None),
        Some(NodeState::Waiting(on)) => waiting(on, schedule),
        state => (on_its_way(node, state, observed, previous), None),
    }
}

/// A service that waits is Pending for another service, its mesh, and values that others make,
/// Provisioning for its databases, Migrating for its migration; the furthest of them is told, for it is the cause.
fn waiting(on: &[NodeId], schedule: &Schedule) -> (Phase, Option<NodeId>) {
    let of = |kinds: &[NodeKind]| on.iter().find(|id| kinds.contains(&id.kind)).cloned();
    if let Some(id) = of(&[NodeKind::Service]) {
        return (Phase::Pending, Some(id));
    }
    if let Some(id) = of(&[NodeKind::ExternalSecret, NodeKind::Values, NodeKind::Mesh]) {
        return (Phase::Pending, Some(id));
    }
    let own = of(&[
        NodeKind::Provisioning,
        NodeKind::Pooler,
        NodeKind::Server,
        NodeKind::Database,
        NodeKind::Credentials,
    ]);
    if let Some(id) = own {
        return (Phase::Provisioning, Some(deepest(id, schedule)));
    }
    match of(&[NodeKind::Migration]) {
        Some(id) => match schedule.nodes.get(&id) {
            Some(NodeState::Waiting(_)) => (Phase::Provisioning, Some(deepest(id, schedule))),
            _ => (Phase::Migrating, Some(id)),
        },
        None => (Phase::Starting, on.first().cloned()),
    }
}

/// Whom a waiting node waits for in the end.
fn deepest(id: NodeId, schedule: &Schedule) -> NodeId {
    match schedule.nodes.get(&id) {
        Some(NodeState::Waiting(on)) => on
            .first()
            .cloned()
            .map_or(id, |next| deepest(next, schedule)),
        _ => id,
    }
}

/// A workload whose rollout was completed and that has fewer pods ready than before has lost
/// some: what is about to be changed, or gets more pods, has not. One that is rolling out
/// starts, or is updated if it was ready before, or an older version of it runs.
fn on_its_way(
    node: &Node,
    state: Option<&NodeState>,
    observed: &Observed,
    previous: Option<&ServiceStatus>,
) -> Phase {
    let live = node
        .primary()
        .and_then(|object| observed.live.get(&object.key));
    let sent = state != Some(&NodeState::Sending);
    let settled = |key| sent && !observed.writes.contains_key(key);
    let completed = live.is_some_and(|live| live.completed && settled(&live.key));
    let older = live.is_some_and(|live| node.version.is_some() && live.version != node.version);
    let ready = live.and_then(|live| Some(live.replicas?.0));
    let lost = ready < previous.and_then(pods_ready);
    match previous.map(|service| service.phase) {
        Some(Phase::Running) if completed && lost => Phase::Degraded,
        Some(Phase::Degraded) if completed => Phase::Degraded,
        Some(Phase::Running | Phase::Degraded | Phase::Updating) => Phase::Updating,
        _ if older => Phase::Updating,
        _ => Phase::Starting,
    }
}

/// How many pods were ready, of `replicas` as `2/3`.
fn pods_ready(service: &ServiceStatus) -> Option<i32> {
    let (ready, _) = service.replicas.as_deref()?.split_once('/')?;
    ready.parse().ok()
}
