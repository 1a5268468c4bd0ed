//! The nodes of one service: what each holds and what it waits for.
//!
//! ```text
//! storage
//! wiring ──┬───────────────┐
//! databases ┴─ migration ──┼─ service ── route
//!                  └ seed  │
//! ordered dependencies ────┘
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use super::graph::{Node, NodeId, NodeKind, PlannedObject};
use super::wanted::Wanted;
use super::{
    Facts, PlanError, autoscaler, config_map, cron_job, deployment, disruption_budget, job,
    migration, network_policy, route, service, service_account, stateful_set,
};
use crate::api::objects::Kind;

/// How long an object may take that is ready once it is there.
const AT_ONCE: Duration = Duration::from_secs(60);
/// What a Job takes beside its own limit: to be scheduled, and to be told as failed.
const SLACK: Duration = Duration::from_secs(30);

/// All nodes of the service.
pub(super) fn nodes(wanted: &Wanted, facts: &Facts) -> Result<Vec<Node>, PlanError> {
    let mut nodes = vec![wiring(wanted)];
    if has_migration(wanted) {
        nodes.push(migration_node(wanted)?);
    }
    if migration::is_seeded(wanted, facts) {
        nodes.push(seed_node(wanted)?);
    }
    nodes.extend(stateful_set::claims(wanted, facts));
    nodes.push(service_node(wanted)?);
    nodes.extend(route::route(wanted, facts).map(|route| route_node(wanted, route)));
    Ok(nodes)
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

fn migration_node(wanted: &Wanted) -> Result<Node, PlanError> {
    let objects = vec![migration::migration(wanted)?];
    Ok(Node {
        deadline: wanted.service.migration_timeout + SLACK,
        ..node(wanted, NodeKind::Migration, before_pods(wanted), objects)
    })
}

/// Its version is none: it is not run again for another one.
fn seed_node(wanted: &Wanted) -> Result<Node, PlanError> {
    let mut needs = before_pods(wanted);
    needs.extend(after_migration(wanted));
    let objects = vec![migration::seed(wanted)?];
    Ok(Node {
        version: None,
        deadline: wanted.service.migration_timeout + SLACK,
        ..node(wanted, NodeKind::Seed, needs, objects)
    })
}

fn service_node(wanted: &Wanted) -> Result<Node, PlanError> {
    let mut needs = before_pods(wanted);
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

/// A route before its service would answer with errors, so it waits for it.
fn route_node(wanted: &Wanted, route: PlannedObject) -> Node {
    let needs = BTreeSet::from([NodeId::new(NodeKind::Service, wanted.name())]);
    Node {
        version: None,
        ..node(wanted, NodeKind::Route, needs, vec![route])
    }
}

fn has_migration(wanted: &Wanted) -> bool {
    !wanted.service.migration.is_empty()
}

/// What every pod of the service waits for.
fn before_pods(wanted: &Wanted) -> BTreeSet<NodeId> {
    let mut needs = wanted.database_needs();
    needs.insert(NodeId::new(NodeKind::Wiring, wanted.name()));
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
