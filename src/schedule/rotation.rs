//! New credentials in two steps, so that no request fails.
//!
//! ```text
//!  asked ──▶ Stage ──▶ provisioning ──▶ Switch ──▶ its service ──▶ Finish ──▶ provisioning
//!            a password  gives it to     the Secret  restarts       only the   cuts the old
//!            beside the  the other       names the   with it        new one    login off
//!            first       login           other login                is left
//! ```
//! Each step is one write of the Secret, which holds all that is to know of it; so whoever
//! comes after a kill goes on from where it stands. Two logins are valid from the moment
//! before the first pod takes the new one until after the last has left the old one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::object::stamped;
use super::secrets::{Step, logins};
use super::{Action, Desired, NodeState, Schedule};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::observe::{Health, Live, Observed};
use crate::plan::{Beside, Body, Generated, Node, NodeId, NodeKind, Rotation};

/// Takes each rotation as far as it may go now, and tells where it stands.
pub(super) fn advance(desired: &Desired, observed: &Observed, schedule: &mut Schedule) {
    let plan = &desired.plan;
    if plan.app.rotation.is_none() && plan.rotations.is_empty() {
        return;
    }
    let of_login = |node: &&Node| node.id.kind == NodeKind::Credentials;
    for node in plan.nodes.values().filter(of_login) {
        if let Some((action, told)) = turn(node, desired, observed, schedule) {
            schedule.actions.extend(action);
            let state = NodeState::Rotating(told);
            schedule.nodes.insert(node.id.clone(), state);
        }
    }
}

/// What a rotation of the node's Secret may write now, and how far it is.
fn turn(
    node: &Node,
    desired: &Desired,
    observed: &Observed,
    schedule: &Schedule,
) -> Option<(Option<Action>, String)> {
    let object = node.objects.first()?;
    let Body::Create { stated, generate } = &object.body else {
        return None;
    };
    let [_, _] = logins(generate)?;
    let live = observed.live.get(&object.key)?;
    let rotation = live.rotation.clone().unwrap_or_default();
    // A plan that does not know the Secret as it is could take one login for the other.
    let known = desired.plan.rotations.get(&object.key.name) == live.rotation.as_ref();
    let calm = known && schedule.nodes.get(&node.id) == Some(&NodeState::Ready);
    let asked = asked(&rotation, desired.plan.app.rotation.as_deref());
    let provisioned = || calm && provisioned(&node.id, desired, observed, schedule);
    let (step, waits) = match &rotation.beside {
        None if asked.is_none() || rotation.given => return None,
        None => (Step::Stage(asked?), "for its provisioning"),
        Some(Beside::Next(_)) => (Step::Switch, "for the other login to be made"),
        Some(Beside::Previous(_)) => (
            Step::Finish,
            "for its service to restart with the new login",
        ),
    };
    let free = match step {
        Step::Finish => provisioned() && rolled(node, desired, observed, schedule),
        Step::Stage(_) | Step::Switch => provisioned(),
    };
    let told = format!("{} gets new credentials, and waits {waits}", object.key);
    let digest = desired.digest(&object.key).to_owned();
    let action = free.then(|| Action::Rotate {
        key: object.key.clone(),
        stated: stamped(stated, &digest),
        generate: generate.clone(),
        step,
        digest,
    });
    Some((action, told))
}

/// A new Secret has new credentials: what is asked for by then is done with it.
pub(super) fn born(
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    of_all: Option<&str>,
) -> Value {
    let mut stated = stated.clone();
    if let (Some(all), Some(_)) = (of_all, logins(generate)) {
        stated["metadata"]["annotations"][names::ROTATED_ANNOTATION] = json!(format!("{all}."));
    }
    stated
}

/// What is asked for and was not done yet, as it is noted once it is begun.
fn asked(rotation: &Rotation, of_all: Option<&str>) -> Option<String> {
    let done = rotation.done.as_deref().unwrap_or_default();
    let (done_all, done_own) = done.split_once('.').unwrap_or((done, ""));
    let all = of_all.unwrap_or(done_all);
    let own = rotation.asked.as_deref().unwrap_or(done_own);
    let now = format!("{all}.{own}");
    (all != done_all || own != done_own).then_some(now)
}

/// Whether the server has what the Secret says, and nothing is on its way that says
/// otherwise: a Job that was overtaken may still run.
fn provisioned(id: &NodeId, desired: &Desired, observed: &Observed, schedule: &Schedule) -> bool {
    let jobs = desired.plan.nodes.values();
    let mut of_login = jobs
        .filter(|node| node.id.kind == NodeKind::Provisioning && node.needs.contains(id))
        .peekable();
    of_login.peek().is_some()
        && of_login.all(|node| {
            let name = node.id.to_string();
            let planned = |key: &ObjectKey| node.objects.iter().any(|object| object.key == *key);
            let other = |live: &Live| live.node.as_deref() == Some(&name) && !planned(&live.key);
            schedule.nodes.get(&node.id) == Some(&NodeState::Ready)
                && !observed.live.values().any(|live| other(live) && runs(live))
        })
}

fn runs(live: &Live) -> bool {
    live.key.kind == Kind::Job && matches!(live.health, Health::Progressing(_))
}

/// Whether the service runs with the credentials of the plan, and no pod of it is left,
/// of whatever kind, that was started with others.
fn rolled(node: &Node, desired: &Desired, observed: &Observed, schedule: &Schedule) -> bool {
    let Some(service) = &node.service else {
        return true;
    };
    let planned = desired.plan.services.get(service);
    let wanted = planned.and_then(|service| service.credentials.as_deref());
    let nodes = desired.plan.nodes.values();
    let mut own = nodes.filter(|other| other.service.as_ref() == Some(service));
    let ready = own.all(|other| {
        other.id.kind != NodeKind::Service
            || schedule.nodes.get(&other.id) == Some(&NodeState::Ready)
    });
    let mut pods = observed.users.values();
    let other = |credentials: &str| Some(credentials) != wanted;
    ready && !pods.any(|pod| pod.service == *service && other(&pod.credentials))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotation(done: Option<&str>, own: Option<&str>) -> Rotation {
        Rotation {
            done: done.map(str::to_owned),
            asked: own.map(str::to_owned),
            ..Rotation::default()
        }
    }

    #[test]
    fn each_new_value_asks_once_and_one_that_is_taken_out_asks_for_nothing() {
        let cases = [
            (None, None, None, None),
            (None, None, Some("1"), Some("1.")),
            (Some("1."), None, Some("1"), None),
            (Some("1."), None, Some("2"), Some("2.")),
            (Some("1."), None, None, None),
            (Some("1."), Some("a"), Some("1"), Some("1.a")),
            (Some("1.a"), Some("a"), None, None),
            (Some("1.a"), None, Some("1"), None),
            (Some("1.a"), Some("b"), Some("2"), Some("2.b")),
        ];
        for (done, own, all, expected) in cases {
            let got = asked(&rotation(done, own), all);
            assert_eq!(got.as_deref(), expected, "{done:?} {own:?} {all:?}");
        }
    }
}
