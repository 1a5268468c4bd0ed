//! From "all that a node needs is ready" to "the node is asked for", of each node, by the
//! audit log. Who keeps an order loses its time here.

use std::collections::BTreeMap;

use gravity::api::objects::{Kind, ObjectKey};
use gravity::plan::{Node, NodeId, Plan};
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use crate::audit::{self, Request, seconds};
use crate::platform::Sent;
use crate::statistics::Sample;

/// A bring-up as the audit log tells it.
pub struct Course {
    /// When the first object was asked for.
    pub begun: Timestamp,
    /// When the status was written that made the last Deployment ready.
    pub ended: Timestamp,
    /// For each node that waited for a status: from that status to its own request.
    pub gates: BTreeMap<NodeId, f64>,
    /// The sum of those on the path that ended last, and how many there are on it.
    pub path: (f64, usize),
}

/// Reads the course of a bring-up of the plan; none if a Deployment did not become ready.
pub fn course(requests: &[Request], plan: &Plan, objects: &[Sent]) -> Option<Course> {
    let keys: Vec<ObjectKey> = objects.iter().map(|object| object.key.clone()).collect();
    let made = audit::made(requests, &keys);
    let ready = audit::ready(requests, &wanted(objects));
    let deployments = || keys.iter().filter(|key| key.kind == Kind::Deployment);
    let times: Option<Vec<Timestamp>> = deployments().map(|key| ready.get(key).copied()).collect();
    let times = Times {
        begun: made.values().map(|(asked, _)| *asked).min()?,
        ended: times?.into_iter().max()?,
        nodes: nodes(plan, &made, &ready),
    };
    let opened: BTreeMap<&NodeId, (&NodeId, f64)> = plan
        .nodes
        .values()
        .filter_map(|node| times.opened(node))
        .collect();
    let by_status = |id: &NodeId| plan.nodes.get(id).is_some_and(has_status);
    let gates = opened.iter().filter(|(_, (need, _))| by_status(need));
    Some(Course {
        begun: times.begun,
        ended: times.ended,
        gates: gates
            .map(|(id, (_, time))| ((*id).clone(), *time))
            .collect(),
        path: path(times.last(), &opened),
    })
}

impl Course {
    /// The times of all gates.
    pub fn times(&self) -> Sample {
        self.gates.values().copied().collect()
    }

    /// The seconds from the first request to the last Deployment's readiness.
    pub fn total(&self) -> f64 {
        seconds(self.begun, self.ended)
    }
}

/// How many replicas each workload has once it is as wanted.
fn wanted(objects: &[Sent]) -> BTreeMap<ObjectKey, i64> {
    let number = |object: &Sent| {
        let stated = object
            .body
            .pointer("/spec/replicas")
            .and_then(Value::as_i64);
        object.replicas.map(i64::from).or(stated).unwrap_or(1)
    };
    objects
        .iter()
        .map(|object| (object.key.clone(), number(object)))
        .collect()
}

struct Times<'a> {
    begun: Timestamp,
    ended: Timestamp,
    /// When a node's workload was asked for, and when the node was ready.
    nodes: BTreeMap<&'a NodeId, (Timestamp, Timestamp)>,
}

fn nodes<'a>(
    plan: &'a Plan,
    made: &BTreeMap<ObjectKey, (Timestamp, Timestamp)>,
    ready: &BTreeMap<ObjectKey, Timestamp>,
) -> BTreeMap<&'a NodeId, (Timestamp, Timestamp)> {
    let times = |node: &'a Node| {
        let (asked, _) = made.get(&node.primary()?.key)?;
        let done = |key: &ObjectKey| match is_watched(key) {
            true => ready.get(key).copied(),
            false => made.get(key).map(|(_, answered)| *answered),
        };
        let done: Option<Vec<Timestamp>> = node
            .objects
            .iter()
            .map(|object| done(&object.key))
            .collect();
        Some((&node.id, (*asked, done?.into_iter().max()?)))
    };
    plan.nodes.values().filter_map(times).collect()
}

impl<'a> Times<'a> {
    /// The need that was ready last, and how long after it the node was asked for.
    fn opened(&self, node: &'a Node) -> Option<(&'a NodeId, (&'a NodeId, f64))> {
        let (asked, _) = self.nodes.get(&node.id)?;
        let needs = node
            .needs
            .iter()
            .filter_map(|need| self.nodes.get_key_value(need));
        let (need, (_, ready)) = needs.max_by_key(|(_, (_, ready))| *ready)?;
        Some((&node.id, (need, seconds(*ready, *asked))))
    }

    /// The service that was ready last.
    fn last(&self) -> Option<&'a NodeId> {
        let services = self
            .nodes
            .iter()
            .filter(|(id, _)| id.kind == gravity::plan::NodeKind::Service);
        services
            .max_by_key(|(_, (_, ready))| *ready)
            .map(|(id, _)| *id)
    }
}

/// Walks back from the last node, each time to the need that was ready last.
fn path(last: Option<&NodeId>, opened: &BTreeMap<&NodeId, (&NodeId, f64)>) -> (f64, usize) {
    let steps = std::iter::successors(last.and_then(|id| opened.get(id)), |(need, _)| {
        opened.get(need)
    });
    steps.fold((0.0, 0), |(sum, number), (_, time)| {
        (sum + time, number + 1)
    })
}

fn has_status(node: &Node) -> bool {
    node.objects.iter().any(|object| is_watched(&object.key))
}

fn is_watched(key: &ObjectKey) -> bool {
    matches!(key.kind, Kind::Deployment | Kind::StatefulSet | Kind::Job)
}
