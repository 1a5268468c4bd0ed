//! What the plan dropped goes; data never does.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::object::holds;
use super::way_out::with_way_out;
use super::{Action, Desired, Schedule};
use crate::api::objects::{Kind, ObjectKey};
use crate::observe::{Failure, Live, Observed, Write};
use crate::plan::{NodeId, NodeKind};

/// Deletes what this app owns and no longer wants, when nobody needs it any more.
pub(super) fn prune(desired: &Desired, observed: &Observed, schedule: &mut Schedule) {
    let uid = &desired.plan.app.uid;
    let others = desired.of_others(&observed.live).map(|(_, live)| live);
    let obsolete: Vec<&Arc<Live>> = others
        .filter(|live| owned(live, uid) && !live.deleting)
        .collect();
    if obsolete.is_empty() {
        return;
    }
    // A claim uses nobody: that of backups stays when they end, and would keep its server for good.
    let live = observed.live.values().map(AsRef::as_ref);
    let users = live.filter(|live: &&Live| live.key.kind != Kind::PersistentVolumeClaim);
    let needed = needed(users);
    for live in obsolete {
        if !may_go(live, &needed, schedule) {
            continue;
        }
        match going(live, observed) {
            Going::Now(action) => schedule.actions.push(action),
            Going::UnderWay => {}
            Going::Later(failure) => {
                schedule.wake_at(failure.retry_at);
                schedule.leftovers.push(not_deleted(&live.key, failure));
            }
        }
    }
}

/// The digest of a deletion's failure, for nothing is planned then.
const DELETION: &str = "";

/// What becomes of an object that should go.
pub(super) enum Going<'a> {
    /// This is to be sent.
    Now(Action),
    /// It goes already, or a write of it is under way.
    UnderWay,
    /// It could not be deleted, and that is not tried again yet.
    Later(&'a Failure),
}

/// What becomes of it now.
pub(super) fn going<'a>(live: &Live, observed: &'a Observed) -> Going<'a> {
    match observed.writes.get(&live.key) {
        _ if live.deleting => Going::UnderWay,
        Some(Write::InFlight { .. }) => Going::UnderWay,
        Some(Write::Failed(failure)) if holds(failure, DELETION, observed.now) => {
            Going::Later(failure)
        }
        _ => Going::Now(Action::Delete {
            key: live.key.clone(),
            uid: live.uid.clone(),
        }),
    }
}

/// Why an object that should go is there still.
pub(super) fn not_deleted(key: &ObjectKey, failure: &Failure) -> String {
    let message = with_way_out(&failure.message);
    format!("{key} should go and cannot be deleted: {message}")
}

/// Whether the app of that uid owns the object. Data has an annotation and no owner, so
/// it is never among what is owned; claims and Secrets are kept even if they had one.
pub(super) fn owned(live: &Live, uid: &str) -> bool {
    let kept = matches!(live.key.kind, Kind::PersistentVolumeClaim);
    !kept && !uid.is_empty() && live.owner.as_ref().is_some_and(|owner| owner.uid == uid)
}

/// The nodes that some live object waits for, or waited for when it was made.
pub(super) fn needed<'a>(live: impl Iterator<Item = &'a Live>) -> BTreeSet<&'a str> {
    live.flat_map(|live| live.needs.iter().map(String::as_str))
        .collect()
}

/// An object of a node that is still wanted goes when the node is ready without it (an
/// older Job is the record until the newer one is done); an autoscaler or a budget goes at
/// once, for it would work against what is wanted. An object of a dropped node goes when
/// nobody who still runs needs that node; and a pooler when no pod is left that was started
/// to go through it.
fn may_go(live: &Live, needed: &BTreeSet<&str>, schedule: &Schedule) -> bool {
    let node = live.node.as_deref().unwrap_or_default();
    let planned = node_id(node).and_then(|id| schedule.nodes.get(&id));
    match planned {
        Some(state) => !live.key.kind.is_workload() || state.is_settled(),
        None => !needed.contains(node) && (!is_pooler(node) || all_run(schedule)),
    }
}

fn is_pooler(node: &str) -> bool {
    node_id(node).is_some_and(|id| id.kind == NodeKind::Pooler)
}

fn all_run(schedule: &Schedule) -> bool {
    let mut nodes = schedule.nodes.iter();
    nodes.all(|(id, state)| id.kind != NodeKind::Service || state.is_settled())
}

/// The id that was written as `service/auth-service`.
fn node_id(text: &str) -> Option<NodeId> {
    let (word, name) = text.split_once('/')?;
    let kind = NodeKind::ALL.into_iter().find(|kind| kind.word() == word)?;
    Some(NodeId::new(kind, name))
}
