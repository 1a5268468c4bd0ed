//! Where one node stands, and what it may send.

use std::collections::BTreeMap;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::claims;
use super::credentials::{self, Used};
use super::object::{self, ObjectState, stamped};
use super::rotation;
use super::{Action, Begun, Comparisons, Desired, NodeState, Replicas, Schedule};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::observe::{FailureKind, Health, Live, Observed, PodFacts};
use crate::plan::{Body, Held, Node, NodeId, NodeKind, PlannedObject};

/// A failed Job is replaced after this time: what it failed at may have been mended.
const JOB_RETRY: SignedDuration = SignedDuration::from_mins(5);
/// A stranger under a planned name is looked at again after this time, for no watch of
/// ours tells when it goes.
const STRANGER_RETRY: SignedDuration = SignedDuration::from_secs(60);
/// A kind that could not be listed is tried again after this time: a right is given back,
/// or the API server is.
const HIDDEN_RETRY: SignedDuration = SignedDuration::from_secs(10);

/// What was found of a node, apart from whether it may start.
pub(super) struct FoundNode<'a> {
    node: &'a Node,
    digests: &'a [String],
    objects: Vec<ObjectState>,
    /// Whether it was made before, in the version meant.
    made: bool,
    /// Whether it is ready, and only the plan does not know its credentials yet.
    unknown: bool,
    state: NodeState,
}

/// What was found of all nodes.
pub(super) type Found<'a> = BTreeMap<&'a NodeId, FoundNode<'a>>;

/// Finds where every node stands by itself.
pub(super) fn find_all<'a>(
    desired: &'a Desired,
    observed: &Observed,
    comparisons: &mut Comparisons,
    begun: &mut Begun,
    schedule: &mut Schedule,
) -> Found<'a> {
    let uid = &desired.plan.app.uid;
    let mut all = BTreeMap::new();
    for (node, digests) in desired.nodes() {
        let both = node.objects.iter().zip(digests);
        let states =
            both.map(|(object, digest)| object::state(object, digest, uid, observed, comparisons));
        let objects: Vec<ObjectState> = states.collect();
        let state = own_state(node, &objects, desired, observed, begun, schedule);
        let unknown = state == NodeState::Ready && !credentials::knows(&objects, desired);
        let found = FoundNode {
            node,
            digests,
            objects,
            made: made(node, observed),
            unknown,
            state: if unknown { NodeState::Sending } else { state },
        };
        all.insert(&node.id, found);
    }
    begun.retain(|id, _| all.contains_key(id));
    all
}

/// Decides what the node sends, now that it is known where the others stand.
pub(super) fn decide(
    found: &FoundNode,
    all: &Found,
    desired: &Desired,
    observed: &Observed,
    used: &Used,
    schedule: &mut Schedule,
) {
    let FoundNode {
        node,
        digests,
        objects,
        made,
        state,
        ..
    } = found;
    if desired.plan.held.contains_key(&node.id) {
        schedule.nodes.insert(node.id.clone(), state.clone());
        return;
    }
    let ready = |id| {
        all.get(id)
            .is_none_or(|other| other.state == NodeState::Ready)
    };
    let waits = node.needs.iter().filter(|id| !ready(*id));
    let waits: Vec<NodeId> = waits
        .filter(|id| !made || always_gates(id))
        .cloned()
        .collect();
    if !waits.is_empty() {
        schedule.stale |= waits
            .iter()
            .all(|id| all.get(id).is_some_and(|other| other.unknown));
        schedule
            .nodes
            .insert(node.id.clone(), NodeState::Waiting(waits));
        return;
    }
    let lost = credentials::lost(node, objects, desired, observed);
    if lost.is_none() {
        for ((object, digest), state) in node.objects.iter().zip(*digests).zip(objects) {
            let action = action(object, digest, state, &node.id, used);
            schedule.actions.extend(action);
            schedule.retry(object, state, observed.now);
        }
    }
    let state = lost.unwrap_or_else(|| state.clone());
    schedule.nodes.insert(node.id.clone(), state);
}

/// Whether a dependent waits for the node even if it was made before. What a change of
/// credentials rolls must not start with a password that the server does not know yet.
fn always_gates(id: &NodeId) -> bool {
    matches!(id.kind, NodeKind::Credentials | NodeKind::Provisioning)
}

/// One look-up a kind for all names that nothing is known of, whether or not their turn
/// has come: when it comes, only the object itself is left to send.
pub(super) fn look_up(all: &Found, observed: &Observed, schedule: &mut Schedule) {
    let mut unknown: BTreeMap<Kind, Vec<ObjectKey>> = BTreeMap::new();
    for found in all.values() {
        for (object, state) in found.node.objects.iter().zip(&found.objects) {
            let key = &object.key;
            if is_unknown(state, observed.now) && !observed.looking.contains(&key.kind) {
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

/// Whether the node was made before, in the version meant: its edges are passed then.
fn made(node: &Node, observed: &Observed) -> bool {
    let live = node
        .primary()
        .and_then(|object| observed.live.get(&object.key));
    live.is_some_and(|live| node.version.is_none() || live.version == node.version)
}

fn own_state(
    node: &Node,
    objects: &[ObjectState],
    desired: &Desired,
    observed: &Observed,
    begun: &mut Begun,
    schedule: &mut Schedule,
) -> NodeState {
    if let Some(held) = desired.plan.held.get(&node.id) {
        return held_state(held);
    }
    let all = || node.objects.iter().zip(objects);
    let failed = all().find_map(|(object, state)| refusal(object, state, observed));
    if let Some(failed) = failed {
        return failed;
    }
    if !objects
        .iter()
        .all(|state| matches!(state, ObjectState::Settled(_)))
    {
        return NodeState::Sending;
    }
    let health = all().find_map(|(object, state)| match state {
        ObjectState::Settled(live) => unhealthy(node, object, live, observed),
        _ => None,
    });
    match health {
        None => {
            begun.remove(&node.id);
            NodeState::Ready
        }
        Some(NodeState::Progressing(message)) => {
            let digest = node.primary().map(|object| desired.digest(&object.key));
            let digest = digest.unwrap_or_default();
            within_deadline(node, message, digest, observed.now, begun, schedule)
        }
        Some(failed) => failed,
    }
}

fn held_state(held: &Held) -> NodeState {
    let message = held.message.clone();
    match held.reason {
        None => NodeState::Progressing(message),
        Some(reason) => NodeState::Failed { reason, message },
    }
}

/// The object stands in somebody's way or was refused.
fn refusal(object: &PlannedObject, state: &ObjectState, observed: &Observed) -> Option<NodeState> {
    let key = &object.key;
    match state {
        ObjectState::Stranger(whose, _) => Some(NodeState::Failed {
            reason: Reason::OwnershipConflict,
            message: format!("{key} {whose} and is left as it is; {}", way_out(object)),
        }),
        ObjectState::Unusable(why) => Some(NodeState::Failed {
            reason: Reason::CredentialsInvalid,
            message: format!("{key} is left as it is: {why}"),
        }),
        ObjectState::Hidden(says, _) => Some(NodeState::Failed {
            reason: Reason::Refused,
            message: format!("cannot look up whether {key} is somebody else's: {says}"),
        }),
        ObjectState::Fixed(why) => Some(NodeState::Failed {
            reason: Reason::StorageRefused,
            message: format!("{key} is left as it is: {why}"),
        }),
        ObjectState::Failed(failure)
            if failure.kind == FailureKind::Refused
                && observed.live.contains_key(key)
                && key.kind == Kind::PersistentVolumeClaim =>
        {
            Some(claims::refused(key, &failure.message, observed))
        }
        ObjectState::Failed(failure) if failure.kind == FailureKind::Refused => {
            Some(NodeState::Failed {
                reason: Reason::Refused,
                message: format!("the API server refuses {key}: {}", failure.message),
            })
        }
        _ => None,
    }
}

/// What a person can do whose object has a planned name. Credentials can be given.
fn way_out(object: &PlannedObject) -> String {
    match &object.body {
        Body::Apply(_) => "rename the service or the app, or delete that object".to_owned(),
        Body::Create { stated, .. } => {
            let app = &stated["metadata"]["annotations"][names::APP_ANNOTATION];
            format!(
                "to have its password used, give it the annotation {}={}; or else rename the \
                 service or the app, or delete it",
                names::APP_ANNOTATION,
                app.as_str().unwrap_or_default()
            )
        }
    }
}

fn unhealthy(
    node: &Node,
    object: &PlannedObject,
    live: &Live,
    observed: &Observed,
) -> Option<NodeState> {
    let key = &object.key;
    let says = || {
        let says = trouble(key, observed).map(|says| format!("; a pod says {says}"));
        says.unwrap_or_default()
    };
    match &live.health {
        Health::Ready => None,
        Health::Progressing(message) => Some(NodeState::Progressing(format!(
            "{key}: {message}{}",
            says()
        ))),
        Health::Failed { message, .. } => {
            let reason = match node.id.kind {
                NodeKind::Migration | NodeKind::Provisioning => Reason::JobFailed,
                _ if key.kind == Kind::Job => Reason::JobFailed,
                _ => Reason::RolloutFailed,
            };
            Some(NodeState::Failed {
                reason,
                message: format!("{key}: {message}{}", says()),
            })
        }
    }
}

/// What a pod of the object says that keeps it from being ready.
fn trouble(key: &ObjectKey, observed: &Observed) -> Option<String> {
    let of_object = |pod: &&PodFacts| match key.kind {
        Kind::Job => pod.job.as_ref() == Some(&key.name),
        _ => pod.job.is_none() && pod.name == key.name,
    };
    observed
        .pods
        .values()
        .filter(of_object)
        .find_map(|pod| pod.trouble.clone())
}

/// A node on its way fails when its deadline passes. What is asked of it anew begins anew.
fn within_deadline(
    node: &Node,
    message: String,
    digest: &str,
    now: Timestamp,
    begun: &mut Begun,
    schedule: &mut Schedule,
) -> NodeState {
    let entry = begun
        .entry(node.id.clone())
        .or_insert_with(|| (digest.to_owned(), now));
    if entry.0 != digest {
        *entry = (digest.to_owned(), now);
    }
    let limit = SignedDuration::try_from(node.deadline).unwrap_or(SignedDuration::MAX);
    let end = entry.1.saturating_add(limit).unwrap_or(now);
    if now < end {
        schedule.wake_at(end);
        return NodeState::Progressing(message);
    }
    NodeState::Failed {
        reason: Reason::DeadlineExceeded,
        message: format!(
            "{message}; it has not become ready in {}",
            words(node.deadline)
        ),
    }
}

/// A time as people write it: 90s, 10m.
fn words(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds if seconds >= 60 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

fn action(
    object: &PlannedObject,
    digest: &str,
    state: &ObjectState,
    node: &NodeId,
    used: &Used,
) -> Option<Action> {
    match (state, &object.body) {
        (ObjectState::Absent, _) => Some(create(object, digest, node, used)),
        (ObjectState::Incomplete, Body::Create { stated, generate }) => Some(Action::Fill {
            key: object.key.clone(),
            stated: stamped(stated, digest),
            generate: generate.clone(),
            digest: digest.to_owned(),
        }),
        (ObjectState::Differs(live, body), _) => {
            let live_number = live.replicas.map(|(_, wanted)| wanted);
            let replicas = match (object.initial_replicas, live_number) {
                (Some(_), Some(number)) if live.owns_replicas => Replicas::Before(number),
                _ => Replicas::Leave,
            };
            Some(Action::Apply {
                key: object.key.clone(),
                body: (**body).clone(),
                digest: digest.to_owned(),
                replicas,
                node: node.kind,
            })
        }
        _ => None,
    }
}

fn create(object: &PlannedObject, digest: &str, node: &NodeId, used: &Used) -> Action {
    let key = object.key.clone();
    match &object.body {
        Body::Apply(body) => {
            let replicas = object.initial_replicas.filter(|number| *number > 1);
            let replicas = replicas.map_or(Replicas::Leave, Replicas::After);
            Action::Apply {
                key,
                body: stamped(body, digest),
                digest: digest.to_owned(),
                replicas,
                node: node.kind,
            }
        }
        Body::Create { stated, generate } => Action::Create {
            key,
            stated: rotation::born(&stamped(stated, digest), generate, used.rotation()),
            generate: generate.clone(),
            digest: digest.to_owned(),
            first: !used.contains(node),
            node: node.kind,
        },
    }
}

impl Schedule {
    /// What is tried again though nothing tells when: refused writes, strangers, failed Jobs.
    fn retry(&mut self, object: &PlannedObject, state: &ObjectState, now: Timestamp) {
        match state {
            ObjectState::Failed(failure) => self.wake_at(failure.retry_at),
            ObjectState::Stranger(_, at) => self.wake_in(*at, STRANGER_RETRY),
            ObjectState::Hidden(_, at) => self.wake_in(*at, HIDDEN_RETRY),
            ObjectState::Settled(live) if object.key.kind == Kind::Job => {
                if let Health::Failed { since, .. } = &live.health {
                    let since = since
                        .as_ref()
                        .and_then(|text| text.parse().ok())
                        .unwrap_or(now);
                    self.replace_job(live, since, now);
                }
            }
            _ => {}
        }
    }

    fn replace_job(&mut self, job: &Live, since: Timestamp, now: Timestamp) {
        if now.duration_since(since) >= JOB_RETRY {
            self.actions.push(Action::Delete {
                key: job.key.clone(),
                uid: job.uid.clone(),
            });
        } else {
            self.wake_in(since, JOB_RETRY);
        }
    }

    fn wake_in(&mut self, from: Timestamp, time: SignedDuration) {
        if let Ok(moment) = from.saturating_add(time) {
            self.wake_at(moment);
        }
    }
}
