//! What is sent of an object that stands as it does, and when it is tried again.

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::credentials::Used;
use super::object::{ObjectState, stamped};
use super::prune::{Going, going};
use super::{Action, Replicas, Schedule, rotation};
use crate::api::objects::Kind;
use crate::observe::{Health, Live, Observed};
use crate::plan::{Body, NodeId, NodeKind, PlannedObject};

/// A failed Job of provisioning is replaced after this time: what it failed at may have been
/// mended, and it may be run as often as one likes.
const JOB_RETRY: SignedDuration = SignedDuration::from_mins(5);
/// A stranger under a planned name is looked at again after this time, for no watch of
/// ours tells when it goes.
pub(super) const STRANGER_RETRY: SignedDuration = SignedDuration::from_secs(60);
/// A kind that could not be listed is tried again after this time: a right is given back,
/// or the API server is.
pub(super) const HIDDEN_RETRY: SignedDuration = SignedDuration::from_secs(10);

/// What to send of an object, if anything.
pub(super) fn action(
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
                // No autoscaler begins at none.
                (Some(fewest), Some(0)) if live.owns_replicas => Replicas::Before(fewest),
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
    /// A migration, a seed and a service's own Job are not: how often they are tried is theirs
    /// to say, and one that did a half must not do that half again.
    pub(super) fn retry(
        &mut self,
        object: &PlannedObject,
        state: &ObjectState,
        node: NodeKind,
        observed: &Observed,
    ) {
        let now = observed.now;
        match state {
            ObjectState::Failed(failure) => self.wake_at(failure.retry_at),
            ObjectState::Stranger(_, at) => self.wake_in(*at, STRANGER_RETRY),
            ObjectState::Hidden(_, at) => self.wake_in(*at, HIDDEN_RETRY),
            ObjectState::Settled(live)
                if object.key.kind == Kind::Job && node == NodeKind::Provisioning =>
            {
                if let Health::Failed { since, .. } = &live.health {
                    let since = since
                        .as_ref()
                        .and_then(|text| text.parse().ok())
                        .unwrap_or(now);
                    self.replace_job(live, since, observed);
                }
            }
            _ => {}
        }
    }

    fn replace_job(&mut self, job: &Live, since: Timestamp, observed: &Observed) {
        if observed.now.duration_since(since) < JOB_RETRY {
            return self.wake_in(since, JOB_RETRY);
        }
        match going(job, observed) {
            Going::Now(action) => self.actions.push(action),
            Going::UnderWay => {}
            Going::Later(failure) => self.wake_at(failure.retry_at),
        }
    }

    fn wake_in(&mut self, from: Timestamp, time: SignedDuration) {
        if let Ok(moment) = from.saturating_add(time) {
            self.wake_at(moment);
        }
    }
}
