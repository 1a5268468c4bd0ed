//! The nodes of one service: what each holds and what it waits for.
//!
//! ```text
//! storage
//! wiring ──┬───────────────┐
//! databases ┼─ migration ──┼─ service ── route
//! values ───┘      └ seed  │
//! ordered dependencies ────┘
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::graph::{Held, Node, NodeId, NodeKind, PlannedObject};
use super::route::Front;
use super::values::{self, Values};
use super::wanted::Wanted;
use super::{
    Facts, PlanError, autoscaler, config_map, cron_job, deployment, disruption_budget,
    external_secret, job, mesh, migration, network_policy, route, service, service_account,
    stateful_set,
};
use crate::api::objects::Kind;

/// How long an object may take that is ready once it is there.
pub(super) const AT_ONCE: Duration = Duration::from_secs(60);
/// What a Job takes beside its own limit: to be scheduled, and to be told as failed.
const SLACK: Duration = Duration::from_secs(30);

/// All nodes of the service.
pub(super) fn nodes(
    wanted: &Wanted,
    values: &Values,
    facts: &Facts,
    front: &mut Front,
) -> Result<Vec<Node>, PlanError> {
    let mut nodes = vec![wiring(wanted)];
    nodes.extend(mesh::of_service(wanted));
    nodes.extend(external_secret::node(wanted)?);
    nodes.extend(values.node(wanted));
    let before = before_pods(wanted, &nodes);
    if has_migration(wanted) {
        nodes.push(migration_node(wanted, &before)?);
    }
    if migration::is_seeded(wanted, facts) {
        nodes.push(seed_node(wanted, &before)?);
    }
    nodes.extend(stateful_set::claims(wanted, facts));
    nodes.push(service_node(wanted, &before)?);
    nodes.extend(route::node(wanted, front));
    Ok(nodes)
}

/// The nodes that cannot be sent, or cannot be ready, for what others make is not there.
pub(super) fn held(wanted: &Wanted, values: &Values, facts: &Facts) -> BTreeMap<NodeId, Held> {
    let remote = external_secret::held(wanted, facts);
    let remote = remote.map(|held| (external_secret::id(wanted), held));
    let values = values.held(facts);
    let values = values.map(|held| (values::id(wanted), held));
    remote.into_iter().chain(values).collect()
}

fn wiring(wanted: &Wanted) -> Node {
    let mut objects = vec![service_account::service_account(wanted)];
    objects.extend(network_policy::network_policy(wanted));
    objects.extend(config_map::config_maps(wanted));
    objects.extend(service::service(wanted));
    objects.extend(service::headless(wanted));
    objects.extend(disruption_budget::disruption_budget(wanted));
    Node {
        version: None,
        ..node(wanted, NodeKind::Wiring, BTreeSet::new(), objects)
    }
}

fn migration_node(wanted: &Wanted, before: &BTreeSet<NodeId>) -> Result<Node, PlanError> {
    let objects = vec![migration::migration(wanted)?];
    Ok(Node {
        deadline: wanted.service.migration_timeout + SLACK,
        ..node(wanted, NodeKind::Migration, before.clone(), objects)
    })
}

/// Its version is none: it is not run again for another one.
fn seed_node(wanted: &Wanted, before: &BTreeSet<NodeId>) -> Result<Node, PlanError> {
    let mut needs = before.clone();
    needs.extend(after_migration(wanted));
    let objects = vec![migration::seed(wanted)?];
    Ok(Node {
        version: None,
        deadline: wanted.service.migration_timeout + SLACK,
        ..node(wanted, NodeKind::Seed, needs, objects)
    })
}

fn service_node(wanted: &Wanted, before: &BTreeSet<NodeId>) -> Result<Node, PlanError> {
    let mut needs = before.clone();
    needs.extend(after_migration(wanted));
    let dependencies = wanted.ordered.iter();
    needs.extend(dependencies.map(|name| NodeId::new(NodeKind::Service, *name)));
    let mut objects = vec![workload(wanted)?];
    if wanted.serves() {
        objects.extend(autoscaler::autoscaler(wanted));
    }
    Ok(Node {
        deadline: wanted.service.startup_timeout,
        ..node(wanted, NodeKind::Service, needs, objects)
    })
}

fn workload(wanted: &Wanted) -> Result<PlannedObject, PlanError> {
    match wanted.workload() {
        Kind::CronJob => cron_job::cron_job(wanted),
        Kind::Job => job::job(wanted),
        Kind::StatefulSet => stateful_set::stateful_set(wanted),
        _ => deployment::deployment(wanted),
    }
}

fn has_migration(wanted: &Wanted) -> bool {
    !wanted.service.migration.is_empty()
}

/// What every pod of the service waits for: its databases, and these nodes of its own.
fn before_pods(wanted: &Wanted, own: &[Node]) -> BTreeSet<NodeId> {
    let mut needs = wanted.database_needs();
    needs.extend(own.iter().map(|node| node.id.clone()));
    needs
}

fn after_migration(wanted: &Wanted) -> Option<NodeId> {
    has_migration(wanted).then(|| NodeId::new(NodeKind::Migration, wanted.name()))
}

fn node(
    wanted: &Wanted,
    kind: NodeKind,
    needs: BTreeSet<NodeId>,
    objects: Vec<PlannedObject>,
) -> Node {
    Node {
        id: NodeId::new(kind, wanted.name()),
        service: Some(wanted.name().to_owned()),
        version: Some(wanted.version()),
        needs,
        objects,
        deadline: AT_ONCE,
    }
}
