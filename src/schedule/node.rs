//! The nodes of the graph: which of them may start, and who waits for whom.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::jiff::Timestamp;

use super::credentials::{self, Used};
use super::desired::Numbers;
use super::object::{self, ObjectState};
use super::sending::{HIDDEN_RETRY, STRANGER_RETRY, action};
use super::sight::Sights;
use super::{Action, Begun, Comparisons, Desired, NodeState, Schedule, migration, standing};
use crate::api::objects::{Kind, ObjectKey};
use crate::observe::{Live, Observed};
use crate::plan::{Node, NodeId, NodeKind};

/// What was found of a node, apart from whether it may start.
pub(super) struct FoundNode<'a> {
    pub(super) node: &'a Node,
    pub(super) numbers: &'a Numbers,
    pub(super) objects: Vec<ObjectState>,
    /// Whether it was made before, in the version meant.
    made: bool,
    /// Whether it was ready once in what is asked of it now.
    completed: bool,
    /// Whether it is ready, and only the plan does not know its credentials yet.
    unknown: bool,
    /// Whether nothing of it shall run.
    stopped: bool,
    /// Whether it was stopped, and shall run again: then it starts as if for the first time.
    wakes: bool,
    state: NodeState,
}

/// What was found of all nodes, by their numbers.
pub(super) type Found<'a> = Vec<FoundNode<'a>>;

/// Finds where every node stands by itself.
pub(super) fn find_all<'a>(
    desired: &'a Desired,
    observed: &Observed,
    comparisons: &mut Comparisons,
    begun: &mut Begun,
    schedule: &mut Schedule,
) -> Found<'a> {
    let sights = Sights::new(desired, observed, comparisons);
    let (states, anew) = object::states(desired, observed, &sights);
    let mut all = Vec::new();
    for ((node, numbers), objects) in desired.nodes().zip(states) {
        let state = match desired.plan.held.get(&node.id) {
            Some(held) => standing::held(held),
            None => standing::of(node, numbers, &objects, observed, begun, schedule),
        };
        let unknown = state == NodeState::Ready && !credentials::knows(&objects, desired);
        let stopped = desired.plan.stopped.contains(&node.id);
        let wakes = !stopped && rests(node, numbers, &sights);
        all.push(FoundNode {
            node,
            numbers,
            objects,
            made: !wakes && made(node, numbers, &sights),
            completed: completed(numbers, &sights),
            unknown,
            stopped,
            wakes,
            state: match state {
                state if stopped => at_rest(node, state),
                _ if unknown => NodeState::Sending,
                state => state,
            },
        });
    }
    comparisons.0.extend(anew);
    begun.retain(|id, _| desired.plan.nodes.contains_key(id));
    all
}

/// Whether the node was made before, in the version meant: its edges are passed then. One
/// without an object has nothing that is to be made.
fn made(node: &Node, numbers: &Numbers, sights: &Sights) -> bool {
    let Some(primary) = numbers.primary else {
        return true;
    };
    let live = sights.of(numbers.first + primary).live;
    live.is_some_and(|live| node.version.is_none() || live.version == node.version)
}

/// Whether its workload has no pods, as one that was stopped.
fn rests(node: &Node, numbers: &Numbers, sights: &Sights) -> bool {
    let wanted = primary(numbers, sights).and_then(|live| Some(live.replicas?.1));
    wanted == Some(0)
        && node
            .primary()
            .is_some_and(|object| object.key.kind.is_workload())
}

/// Where a node stands of which nothing shall run. What an operator says of a server that it
/// has put to sleep is no failure, and a Job that is not made is no delay.
fn at_rest(node: &Node, state: NodeState) -> NodeState {
    match state {
        NodeState::Ready => NodeState::Stopped,
        NodeState::Failed { .. } | NodeState::Sending if !node.id.is_preparation() => state,
        NodeState::Progressing(_) if !is_operated(node) && !node.id.is_preparation() => state,
        _ => NodeState::Stopped,
    }
}

/// Whether it is for another operator to make it ready.
fn is_operated(node: &Node) -> bool {
    node.primary().is_some_and(|object| {
        matches!(
            object.key.kind,
            Kind::Cluster | Kind::Database | Kind::Pooler
        )
    })
}

/// Whether what the node is made for was ready once.
fn completed(numbers: &Numbers, sights: &Sights) -> bool {
    primary(numbers, sights).is_some_and(|live| live.completed)
}

/// The live object that tells whether the node was made.
fn primary<'a>(numbers: &Numbers, sights: &Sights<'a>) -> Option<&'a Live> {
    let primary = numbers.primary.map(|index| numbers.first + index)?;
    sights.of(primary).live.map(AsRef::as_ref)
}

/// Decides what the node sends, now that it is known where the others stand; what comes
/// out is where it stands itself.
pub(super) fn decide(
    found: &FoundNode,
    all: &Found,
    desired: &Desired,
    observed: &Observed,
    used: &Used,
    schedule: &mut Schedule,
) -> NodeState {
    let FoundNode {
        node,
        numbers,
        objects,
        made,
        state,
        ..
    } = found;
    if found.stopped && node.id.is_preparation() {
        return NodeState::Stopped;
    }
    let unready = found.unready(all);
    if let Some(held) = desired.plan.held.get(&node.id) {
        // What is on its way comes with those that the node needs.
        let waits = held.reason.is_none() && !unready.is_empty();
        return if waits {
            waiting(&unready)
        } else {
            state.clone()
        };
    }
    let gates = |need: &&FoundNode| !made || always_gates(&need.node.id) || is_new(need);
    let waits: Vec<&FoundNode> = unready.into_iter().filter(gates).collect();
    if !waits.is_empty() {
        schedule.stale |= waits.iter().all(|need| need.unknown);
        return waiting(&waits);
    }
    if let Some(lost) = credentials::lost(node, objects, desired, observed) {
        return lost;
    }
    if let Some(later) = migration::after_older(node, observed) {
        return later;
    }
    for ((object, digest), state) in node.objects.iter().zip(&numbers.digests).zip(objects) {
        let action = action(object, digest, state, &node.id, used);
        schedule.actions.extend(action);
        schedule.retry(object, state, node.id.kind, observed);
    }
    state.clone()
}

impl FoundNode<'_> {
    /// Those of its needs that are not ready.
    fn unready<'a>(&self, all: &'a Found) -> Vec<&'a FoundNode<'a>> {
        if self.wakes {
            return self.unready_behind(all);
        }
        let needs = self.numbers.needs.iter().map(|need| &all[*need]);
        needs.filter(|need| !self.is_content_with(need)).collect()
    }

    /// Where nothing shall run, nobody waits for what does not.
    fn is_content_with(&self, need: &FoundNode) -> bool {
        need.state == NodeState::Ready || (self.stopped && need.state == NodeState::Stopped)
    }

    /// One that wakes has needs behind those that are done once and for all: a server that was
    /// stopped with it, behind its databases.
    fn unready_behind<'a>(&self, all: &'a Found) -> Vec<&'a FoundNode<'a>> {
        let mut unready: Vec<&FoundNode> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<usize> = self.numbers.needs.iter().rev().copied().collect();
        while let Some(number) = open.pop() {
            let need = &all[number];
            match need.state {
                _ if !seen.insert(number) => {}
                NodeState::Ready => open.extend(need.numbers.needs.iter().rev()),
                _ => unready.push(need),
            }
        }
        unready
    }
}

fn waiting(on: &[&FoundNode]) -> NodeState {
    NodeState::Waiting(on.iter().map(|need| need.node.id.clone()).collect())
}

/// Whether a dependent waits for the node even if it was made before. What a change of
/// credentials rolls must not start with a password that the server does not know yet, nor
/// what is rolled at all without a value that it reads at its start.
fn always_gates(id: &NodeId) -> bool {
    use NodeKind::{Credentials, Provisioning, Values};
    matches!(id.kind, Credentials | Provisioning | Values)
}

/// Whether a pooler is put before a server that its dependents have used without one: they
/// must not be led there before it answers.
fn is_new(need: &FoundNode) -> bool {
    need.node.id.kind == NodeKind::Pooler && !need.completed
}

/// One look-up a kind for all names that nothing is known of, whether or not their turn
/// has come: when it comes, only the object itself is left to send.
pub(super) fn look_up(all: &Found, observed: &Observed, schedule: &mut Schedule) {
    let mut unknown: BTreeMap<Kind, Vec<ObjectKey>> = BTreeMap::new();
    for found in all {
        for (object, state) in found.node.objects.iter().zip(&found.objects) {
            let key = &object.key;
            let missing = observed.missing_kinds.contains(&key.kind);
            let looking = observed.looking.contains(&key.kind);
            if is_unknown(state, observed.now) && !looking && !missing {
                unknown.entry(key.kind).or_default().push(key.clone());
            }
        }
    }
    let actions = unknown
        .into_iter()
        .map(|(kind, keys)| Action::LookUp { kind, keys });
    schedule.actions.extend(actions);
}

fn is_unknown(state: &ObjectState, now: Timestamp) -> bool {
    match state {
        ObjectState::Unknown => true,
        ObjectState::Stranger(_, at) => now.duration_since(*at) >= STRANGER_RETRY,
        ObjectState::Hidden(_, at) => now.duration_since(*at) >= HIDDEN_RETRY,
        _ => false,
    }
}
