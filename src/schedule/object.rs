//! Where one planned object stands.

use std::sync::Arc;

use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::claims;
use super::desired::{Desired, Numbers};
use super::differences::differences;
use super::secrets::{self, Completion};
use super::sight::{Sight, Sights};
use super::walls;
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::observe::{Failure, Found, Live, Observed, Write};
use crate::plan::{Body, Node, PlannedObject};

/// The fields of a StatefulSet that can never change (Kubernetes refuses any patch of
/// them): what runs is kept, and the rest of the object is still applied.
const FIXED: [&str; 4] = [
    "volumeClaimTemplates",
    "serviceName",
    "podManagementPolicy",
    "selector",
];

/// Where one planned object stands.
#[derive(Clone, Debug)]
pub enum ObjectState {
    /// Nothing is known of its name yet.
    Unknown,
    /// Its name is free.
    Absent,
    /// It is of an app of this name that is gone, and goes too.
    Leaving,
    /// It stands as wanted.
    Settled(Arc<Live>),
    /// It is there, and not as wanted: this is what to apply.
    Differs(Arc<Live>, Box<Value>),
    /// A Secret is there that lacks a value that was made once.
    Incomplete,
    /// A Secret is there that holds what cannot be used; the text says what.
    Unusable(String),
    /// It is there, and can never become what is wanted; the text says why.
    Fixed(String),
    /// Its write is under way.
    InFlight,
    /// Its write failed.
    Failed(Failure),
    /// What stands under its name cannot be seen, in the server's own words.
    Hidden(String, Timestamp),
    /// Somebody else's object has its name.
    Stranger(String, Timestamp),
}

/// A comparison that was made before.
#[derive(Clone, Debug)]
pub struct Compared {
    fingerprint: u64,
    owns_replicas: bool,
    digest: String,
    /// What to apply, where something differs.
    apply: Option<Value>,
}

impl Compared {
    fn is_of(&self, live: &Live, digest: &str) -> bool {
        self.fingerprint == live.fingerprint
            && self.owns_replicas == live.owns_replicas
            && self.digest == digest
    }
}

/// Comparisons that had to be made.
pub type Anew = Vec<(ObjectKey, Compared)>;

/// Where the objects of each node stand, in the order of the plan's.
pub fn states(
    desired: &Desired,
    observed: &Observed,
    sights: &Sights,
) -> (Vec<Vec<ObjectState>>, Anew) {
    let mut anew = Anew::new();
    let of_node = |(node, numbers): (&Node, &Numbers)| {
        let state = |(index, object): (usize, _)| {
            let digest = numbers.digests[index].as_str();
            let sight = sights.of(numbers.first + index);
            let uid = &desired.plan.app.uid;
            state(object, digest, uid, sight, observed, &mut anew)
        };
        node.objects.iter().enumerate().map(state).collect()
    };
    let states = desired.nodes().map(of_node).collect();
    (states, anew)
}

/// Where the object stands, of which that digest is planned for the app of that uid.
fn state(
    object: &PlannedObject,
    digest: &str,
    uid: &str,
    sight: Sight,
    observed: &Observed,
    anew: &mut Anew,
) -> ObjectState {
    match sight.write {
        Some(Write::InFlight { .. } | Write::Acknowledged { .. }) => return ObjectState::InFlight,
        Some(Write::Failed(failure)) if holds(failure, digest, observed.now) => {
            return ObjectState::Failed(failure.clone());
        }
        _ => {}
    }
    match sight.live {
        Some(live) if leaves(live, uid) => ObjectState::Leaving,
        Some(live) if is_taken_out(object, live) => {
            let whose = format!("has no annotation {} any more", names::APP_ANNOTATION);
            ObjectState::Stranger(whose, observed.now)
        }
        Some(live) => compared(object, digest, live, sight.compared, observed, anew),
        None => not_live(sight.found),
    }
}

/// A failed write is held back until its time has come or something else is wanted.
pub(super) fn holds(failure: &Failure, digest: &str, now: Timestamp) -> bool {
    failure.digest == digest && now < failure.retry_at
}

/// Somebody has taken the data out of the app. It is not taken back: an app that is being
/// deleted, of which nothing is known yet, would take it along.
fn is_taken_out(object: &PlannedObject, live: &Live) -> bool {
    object.data && live.owner.is_none()
}

/// The object is going, or its owner is an app of the same name that is no more.
fn leaves(live: &Live, uid: &str) -> bool {
    let other = live
        .owner
        .as_ref()
        .is_some_and(|owner| !owner.uid.is_empty() && owner.uid != uid);
    live.deleting || other
}

fn not_live(found: Option<&Found>) -> ObjectState {
    match found {
        None => ObjectState::Unknown,
        Some(Found::Nothing | Found::Ours) => ObjectState::Absent,
        Some(Found::Hidden { message, at }) => ObjectState::Hidden(message.clone(), *at),
        Some(Found::Stranger { whose, at }) => ObjectState::Stranger(whose.clone(), *at),
    }
}

fn compared(
    object: &PlannedObject,
    digest: &str,
    live: &Arc<Live>,
    known: Option<&Compared>,
    observed: &Observed,
    anew: &mut Anew,
) -> ObjectState {
    let known = known
        .filter(|known| known.is_of(live, digest))
        // What a webhook changes may come with no change of the object.
        .filter(|_| !observed.changed_by_webhook.contains_key(&object.key));
    let apply = if let Some(known) = known {
        known.apply.clone()
    } else {
        let apply = match to_apply(object, digest, live, observed) {
            Ok(apply) => apply,
            Err(hindered) => return hindered,
        };
        let compared = Compared {
            fingerprint: live.fingerprint,
            owns_replicas: live.owns_replicas,
            digest: digest.to_owned(),
            apply: apply.clone(),
        };
        anew.push((object.key.clone(), compared));
        apply
    };
    match apply {
        Some(body) => ObjectState::Differs(live.clone(), Box::new(body)),
        None => ObjectState::Settled(live.clone()),
    }
}

/// What to apply to a live object, if anything; or what keeps a Secret from being applied.
fn to_apply(
    object: &PlannedObject,
    digest: &str,
    live: &Live,
    observed: &Observed,
) -> Result<Option<Value>, ObjectState> {
    // A Job's template can never change, and its name tells its inputs: one that is there
    // is the right one, whatever Gravity would write into it today.
    if object.key.kind == Kind::Job {
        return Ok(None);
    }
    let now = live.body();
    let mut stamp = digest.to_owned();
    let wanted = match &object.body {
        Body::Apply(body) if object.key.kind == Kind::NetworkPolicy => {
            let (wanted, of) = walls::wanted(body, digest, live, &now);
            stamp = of;
            wanted
        }
        Body::Apply(body) if object.key.kind == Kind::PersistentVolumeClaim => {
            claims::wanted(body, &now).map_err(ObjectState::Fixed)?
        }
        Body::Apply(body) => with_fixed_fields(object.key.kind, body, &now),
        Body::Create { stated, generate } => match secrets::completed(stated, generate, &now) {
            Completion::Whole(secret) => secret,
            Completion::Incomplete => return Err(ObjectState::Incomplete),
            Completion::Unusable(why) => return Err(ObjectState::Unusable(why)),
        },
    };
    let mut paths = differences(&wanted, &now);
    if let Some(changed) = observed.changed_by_webhook.get(&object.key)
        && changed.digest == digest
    {
        paths.retain(|path| !changed.paths.contains(path));
    }
    let handed_over = object.initial_replicas.is_some() && live.owns_replicas;
    // A wall that is to be narrowed later needs no write now.
    let applied = stamp != digest || live.applied.as_deref() == Some(digest);
    let same = paths.is_empty() && applied && !handed_over;
    Ok((!same).then(|| stamped(&wanted, &stamp)))
}

fn with_fixed_fields(kind: Kind, body: &Value, live: &Value) -> Value {
    let mut body = body.clone();
    if kind == Kind::StatefulSet
        && let Some(spec) = body["spec"].as_object_mut()
    {
        for field in FIXED {
            if let Some(value) = live["spec"].get(field) {
                spec.insert(field.to_owned(), value.clone());
            }
        }
    }
    body
}

/// The object with the digest of what was planned, by which a field that is taken out of
/// the plan is noticed: no wanted leaf tells of it.
pub fn stamped(body: &Value, digest: &str) -> Value {
    let mut body = body.clone();
    body["metadata"]["annotations"][names::APPLIED_ANNOTATION] = json!(digest);
    body
}
