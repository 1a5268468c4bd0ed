//! A wall that is planned otherwise is widened at once, and narrowed when everything runs.
//!
//! What was planned last is still what runs: the pods of a version that calls a service which
//! the next one no longer calls, or those that have a login to the server that is left. A wall
//! that was narrow at once would cut them off until they are replaced, and that may take as
//! long as a migration, or never come. So until then a wall lets through what it let through
//! before, and what is planned now.

use serde_json::{Value, json};

use super::Desired;
use super::node::FoundNode;
use super::object::{ObjectState, stamped};
use super::prune::owned;
use super::{Action, Replicas, Schedule};
use crate::api::objects::Kind;
use crate::observe::{Live, Observed};
use crate::plan::{Body, NodeKind, PlannedObject};

/// The rules of one direction, and who they speak of.
const DIRECTIONS: [(&str, &str); 2] = [("ingress", "from"), ("egress", "to")];
/// Stands in the place of the digest of what was planned, for more was applied than that.
const WIDE: &str = "wide";

/// What to apply of a policy, and the digest to stamp it with. Where the plan has not changed
/// since, whatever else is there is somebody's and goes at once.
pub(super) fn wanted(planned: &Value, digest: &str, live: &Live, now: &Value) -> (Value, String) {
    let exact = || (planned.clone(), digest.to_owned());
    if live.applied.as_deref() == Some(digest) {
        return exact();
    }
    match widened(planned, now) {
        Some(wide) => (wide, WIDE.to_owned()),
        None => exact(),
    }
}

/// The policy with the live rules that it lacks; `None` where it lacks none.
fn widened(planned: &Value, live: &Value) -> Option<Value> {
    let mut wide = planned.clone();
    let mut lacks = false;
    for (direction, peers) in DIRECTIONS {
        let (wanted, now) = (rules(planned, direction), rules(live, direction));
        let covered = |rule: &&Value| wanted.iter().any(|other| covers(other, rule, peers));
        let kept: Vec<&Value> = now.iter().filter(|rule| !covered(rule)).collect();
        if kept.is_empty() {
            continue;
        }
        lacks = true;
        // A wall that is wide enough is not written again.
        wide["spec"][direction] = if wanted.iter().all(|rule| now.contains(rule)) {
            json!(now)
        } else {
            json!(kept.into_iter().chain(wanted).collect::<Vec<_>>())
        };
    }
    lacks.then_some(wide)
}

fn rules<'a>(policy: &'a Value, direction: &str) -> &'a [Value] {
    list(&policy["spec"][direction])
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Whether a rule lets all through that the other one does.
fn covers(rule: &Value, other: &Value, peers: &str) -> bool {
    covers_list(&rule[peers], &other[peers]) && covers_list(&rule["ports"], &other["ports"])
}

/// A list that is empty or absent is everything.
fn covers_list(wide: &Value, other: &Value) -> bool {
    let (wide, other) = (list(wide), list(other));
    let has = |item: &Value| wide.iter().any(|each| covers_item(each, item));
    wide.is_empty() || !other.is_empty() && other.iter().all(has)
}

/// Of two selectors that are the same but for the names that they list, the longer one.
fn covers_item(item: &Value, other: &Value) -> bool {
    match (item, other) {
        (Value::Object(item), Value::Object(other)) => {
            let one_of = item.get("operator") == Some(&json!("In"));
            item.len() == other.len()
                && item.iter().all(|(field, value)| {
                    other.get(field).is_some_and(|other| match field.as_str() {
                        "values" if one_of => has_all(value, other),
                        _ => covers_item(value, other),
                    })
                })
        }
        (Value::Array(item), Value::Array(other)) => {
            let mut pairs = item.iter().zip(other);
            item.len() == other.len() && pairs.all(|(item, other)| covers_item(item, other))
        }
        _ => item == other,
    }
}

fn has_all(longer: &Value, other: &Value) -> bool {
    list(other).iter().all(|value| list(longer).contains(value))
}

/// Whether the policy lets through what was planned once and is not any more.
pub(super) fn is_wide(object: &PlannedObject, digest: &str, live: &Live) -> bool {
    object.key.kind == Kind::NetworkPolicy && live.applied.as_deref() != Some(digest)
}

/// Narrows the walls to what is planned, once nobody runs any more who was planned otherwise.
pub(super) fn narrow(
    all: &[FoundNode],
    desired: &Desired,
    observed: &Observed,
    schedule: &mut Schedule,
) {
    let wide: Vec<_> = all.iter().flat_map(FoundNode::wide_walls).collect();
    if wide.is_empty() || !everything_runs(desired, observed, schedule) {
        return;
    }
    for (object, digest, node) in wide {
        let Body::Apply(body) = &object.body else {
            continue;
        };
        schedule.actions.push(Action::Apply {
            key: object.key.clone(),
            body: stamped(body, digest),
            digest: digest.to_owned(),
            replicas: Replicas::Leave,
            node,
        });
    }
}

/// Whether each service runs as it is planned, and no other workload of the app is left, nor a
/// pod that still finishes what it began.
fn everything_runs(desired: &Desired, observed: &Observed, schedule: &Schedule) -> bool {
    let uid = &desired.plan.app.uid;
    let mut services = schedule.nodes.iter();
    let run = services.all(|(id, state)| id.kind != NodeKind::Service || state.is_settled());
    let mut others = desired.of_others(&observed.live).map(|(_, live)| live);
    run && !observed.leaving && !others.any(|live| live.key.kind.is_workload() && owned(live, uid))
}

impl FoundNode<'_> {
    /// The walls of the node that are as wide as they need be, and wider than is planned.
    fn wide_walls(&self) -> impl Iterator<Item = (&PlannedObject, &str, NodeKind)> {
        let objects = self.node.objects.iter().zip(&self.numbers.digests);
        objects
            .zip(&self.objects)
            .filter_map(|((object, digest), state)| match state {
                ObjectState::Settled(live) if is_wide(object, digest, live) => {
                    Some((object, digest.as_str(), self.node.id.kind))
                }
                _ => None,
            })
    }
}
