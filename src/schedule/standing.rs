//! Where one node stands by itself: refused, on its way, failed or ready.

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::desired::Numbers;
use super::object::ObjectState;
use super::way_out::{of_job, of_pod, with_way_out};
use super::{Begun, NodeState, Schedule, claims};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::observe::{FailureKind, Health, Live, Observed, PodFacts};
use crate::plan::{Body, Held, Node, NodeKind, PlannedObject};

/// So many failures in a row are no moment of a busy API server any more, and are told.
const LASTING: u32 = 4;

/// Where the node stands, of whose objects it is known where they stand.
pub(super) fn of(
    node: &Node,
    numbers: &Numbers,
    objects: &[ObjectState],
    observed: &Observed,
    begun: &mut Begun,
    schedule: &mut Schedule,
) -> NodeState {
    let all = || node.objects.iter().zip(objects);
    let failed = all().find_map(|(object, state)| refusal(object, state, observed));
    if let Some(failed) = failed {
        return failed;
    }
    let digest = numbers.primary.map(|index| numbers.digests[index].as_str());
    let digest = digest.unwrap_or_default();
    if let Some(message) = all().find_map(|(object, state)| hold_up(object, state)) {
        return within_deadline(node, message, digest, observed.now, begun, schedule);
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
            within_deadline(node, message, digest, observed.now, begun, schedule)
        }
        Some(failed) => failed,
    }
}

/// Where a node stands of which the plan itself says that it must wait.
pub(super) fn held(held: &Held) -> NodeState {
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
            message: format!(
                "{key} {whose} and is left as it is; {}",
                way_out(object, whose)
            ),
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
                message: format!(
                    "the API server refuses {key}: {}",
                    with_way_out(&failure.message)
                ),
            })
        }
        _ => None,
    }
}

/// What keeps an object from being sent that may yet go by.
fn hold_up(object: &PlannedObject, state: &ObjectState) -> Option<String> {
    let key = &object.key;
    match state {
        ObjectState::Leaving if key.kind == Kind::PersistentVolumeClaim => Some(format!(
            "{key} is being deleted, and the data in it goes when no pod uses it any more: save \
             that first"
        )),
        ObjectState::Leaving => Some(format!(
            "{key} is being deleted, and is made anew when it is gone"
        )),
        ObjectState::Failed(failure)
            if failure.kind != FailureKind::Refused && failure.attempts >= LASTING =>
        {
            let message = &failure.message;
            Some(format!(
                "{key} could not be sent {} times, and is tried again: {message}",
                failure.attempts
            ))
        }
        _ => None,
    }
}

/// What a person can do whose object has a planned name. Credentials can be given, but not
/// those of an app that runs with them.
fn way_out(object: &PlannedObject, whose: &str) -> String {
    let other = whose.contains("GravityApp").then_some(
        "a namespace holds one app: make this one in another namespace, or delete that one",
    );
    let (stated, holds) = match &object.body {
        Body::Create { stated, .. } => (stated, "password"),
        Body::Apply(stated) => (stated, "data"),
    };
    let app = &stated["metadata"]["annotations"][names::APP_ANNOTATION];
    let handed_over = app
        .as_str()
        .map(|app| format!("the annotation {}={app}", names::APP_ANNOTATION));
    match (handed_over, other) {
        (None, Some(other)) => other.to_owned(),
        (None, None) => "rename the service or the app, or delete that object".to_owned(),
        (Some(annotation), Some(other)) => {
            format!("{other}; where that app is gone already, {annotation} hands it over")
        }
        (Some(annotation), None) => format!(
            "to have its {holds} used, give it {annotation}; or else rename the service or the \
             app, or delete it"
        ),
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
        let says = trouble(key, observed).map(|says| match claims::unbound(key, &says, observed) {
            Some(claim) => format!("; {claim}"),
            None => format!("; a pod says {}", of_pod(node.id.kind, &says)),
        });
        says.unwrap_or_default()
    };
    match &scaled(object, live) {
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
            let more = match reason {
                Reason::JobFailed => format!("{}; {}", says(), of_job(node.id.kind, key, message)),
                _ => says(),
            };
            Some(NodeState::Failed {
                reason,
                message: format!("{key}: {}{more}", with_way_out(message)),
            })
        }
    }
}

/// How healthy an object is. The steps of an autoscaler are no rollout: a workload is ready with
/// as many pods as the autoscaler has to leave it, and with fewer it is not, whatever number of
/// pods it asks for at the moment.
fn scaled(object: &PlannedObject, live: &Live) -> Health {
    let (Some(fewest), Some((ready, _))) = (object.initial_replicas, live.replicas) else {
        return live.health.clone();
    };
    match &live.health {
        Health::Ready if ready < fewest => {
            Health::Progressing(format!("{ready} of at least {fewest} pods are ready"))
        }
        Health::Progressing(_) if live.completed && ready >= fewest => Health::Ready,
        health => health.clone(),
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
