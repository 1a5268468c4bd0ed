//! What becomes of every object once each node has had its turn: what `gravity plan`
//! shows. The schedule itself tells only what may be sent now.

use std::collections::BTreeMap;

use serde_json::Value;

use super::differences::differences;
use super::object::{self, ObjectState};
use super::prune::owned;
use super::sight::Sights;
use super::{Comparisons, Desired, cut, walls};
use crate::api::names;
use crate::api::objects::ObjectKey;
use crate::observe::{Live, Observed};
use crate::plan::{Body, PlannedObject};

/// What becomes of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Outlook {
    /// It is made.
    Create,
    /// It is changed: what is live of the wanted leaves, and what is wanted. Both are the
    /// same where a field is only taken out that is no longer wanted.
    Change {
        /// What is live, cut to what is wanted.
        live: Value,
        /// What is wanted.
        wanted: Value,
    },
    /// It is deleted.
    Delete,
    /// It is as wanted.
    Keep,
    /// Somebody else's object has its name; the text says whose.
    Blocked(String),
}

/// What becomes of every object that is planned or owned. Nothing may be unknown or under
/// way in what is observed.
pub fn outlook(desired: &Desired, observed: &Observed) -> BTreeMap<ObjectKey, Outlook> {
    let comparisons = Comparisons::default();
    let sights = Sights::new(desired, observed, &comparisons);
    let (states, _) = object::states(desired, observed, &sights);
    let objects = desired
        .nodes()
        .flat_map(|(node, numbers)| node.objects.iter().zip(&numbers.digests));
    let planned = objects
        .zip(states.into_iter().flatten())
        .map(|((object, digest), state)| (object.key.clone(), of_planned(object, digest, state)));
    let mut all: BTreeMap<ObjectKey, Outlook> = planned.collect();
    let uid = &desired.plan.app.uid;
    let others = desired.of_others(&observed.live).map(|(_, live)| live);
    let obsolete = others.filter(|live| owned(live, uid) && !live.deleting);
    all.extend(obsolete.map(|live| (live.key.clone(), Outlook::Delete)));
    all
}

fn of_planned(object: &PlannedObject, digest: &str, state: ObjectState) -> Outlook {
    match (state, &object.body) {
        // In the end a wall is as narrow as it is planned.
        (ObjectState::Settled(live) | ObjectState::Differs(live, _), Body::Apply(body))
            if walls::is_wide(object, digest, &live) =>
        {
            changed(&live, body.clone())
        }
        (state, _) => of_state(object, state),
    }
}

fn of_state(object: &PlannedObject, state: ObjectState) -> Outlook {
    match state {
        ObjectState::Unknown | ObjectState::Absent | ObjectState::Leaving => Outlook::Create,
        ObjectState::Settled(_) | ObjectState::InFlight | ObjectState::Failed(_) => Outlook::Keep,
        ObjectState::Stranger(why, _)
        | ObjectState::Hidden(why, _)
        | ObjectState::Fixed(why)
        | ObjectState::Unusable(why) => Outlook::Blocked(why),
        ObjectState::Differs(live, body) => changed(&live, *body),
        ObjectState::Incomplete => match &object.body {
            Body::Apply(body) | Body::Create { stated: body, .. } => Outlook::Change {
                live: Value::Null,
                wanted: body.clone(),
            },
        },
    }
}

/// An object that nobody has applied by Gravity's hand, and that has every wanted leaf, is
/// only marked as ours: that changes nothing for anybody.
fn changed(live: &Live, mut wanted: Value) -> Outlook {
    if let Some(annotations) = wanted["metadata"]["annotations"].as_object_mut() {
        annotations.remove(names::APPLIED_ANNOTATION);
    }
    let body = live.body();
    if live.applied.is_none() && differences(&wanted, &body).is_empty() {
        return Outlook::Keep;
    }
    Outlook::Change {
        live: cut::cut(&wanted, &body),
        wanted,
    }
}
