//! What `gravity plan` shows, as data: `--output json` is this.

use std::collections::BTreeMap;

use serde::Serialize;

use super::diff::diff;
use crate::api::objects::ObjectKey;
use crate::plan::{Node, NodeId, PlannedObject};
use crate::schedule::{Desired, NodeState, Outlook, Schedule};

/// What would change for an app.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// The app's name.
    pub app: String,
    /// Its namespace.
    pub namespace: String,
    /// The nodes, in start order.
    pub nodes: Vec<NodeView>,
    /// The objects, in the order of their nodes; what is deleted comes last.
    pub objects: Vec<ObjectView>,
    /// How many of each.
    pub summary: Summary,
    /// What a person should know though nothing is wrong.
    pub warnings: Vec<String>,
    /// All writes are stopped: nothing of this happens until `suspend` is false.
    pub suspended: bool,
}

/// A node.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeView {
    /// Its id, as `service/auth-service`.
    pub node: String,
    /// The version meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it stands.
    pub state: State,
    /// The nodes that it waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<String>,
    /// How far it is, or why it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// As wanted.
    Ready,
    /// It waits for others.
    Waiting,
    /// Nothing holds it back.
    Starts,
    /// All of it is there as wanted, made by other hands: it is only marked as Gravity's.
    TakenOver,
    /// It is on its way.
    Progressing,
    /// It cannot go on by itself.
    Failed,
}

/// An object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectView {
    /// What becomes of it.
    pub action: Action,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The node that it belongs to; none for what is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The differences, of a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// Whose object is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What becomes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed.
    Change,
    /// It is deleted.
    Delete,
    /// It is as wanted.
    None,
    /// Somebody else's object has its name.
    Blocked,
}

/// How many objects of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Are made.
    pub create: usize,
    /// Are changed.
    pub change: usize,
    /// Are deleted.
    pub delete: usize,
    /// Are as wanted.
    pub none: usize,
    /// Cannot be.
    pub blocked: usize,
}

impl Summary {
    /// How many objects are written.
    pub fn changes(&self) -> usize {
        self.create + self.change + self.delete
    }
}

impl View {
    /// Puts together what is shown.
    pub fn new(
        desired: &Desired,
        schedule: &Schedule,
        outlook: &BTreeMap<ObjectKey, Outlook>,
    ) -> Self {
        let plan = &desired.plan;
        let order = plan.order();
        let planned = order
            .iter()
            .flat_map(|node| &node.objects)
            .map(|object| &object.key);
        let deleted = outlook.keys().filter(|key| !desired.contains(key));
        let objects: Vec<ObjectView> = planned
            .chain(deleted)
            .filter_map(|key| Some(object(key, outlook.get(key)?, desired)))
            .collect();
        Self {
            app: plan.app.name.clone(),
            namespace: plan.app.namespace.clone(),
            nodes: order
                .iter()
                .map(|each| node(each, schedule, outlook))
                .collect(),
            summary: summary(&objects),
            objects,
            warnings: plan.warnings.clone(),
            suspended: plan.app.suspend,
        }
    }
}

fn node(node: &Node, schedule: &Schedule, outlook: &BTreeMap<ObjectKey, Outlook>) -> NodeView {
    let kept = |object: &PlannedObject| outlook.get(&object.key) == Some(&Outlook::Keep);
    let (state, waits_for, message) = match schedule.nodes.get(&node.id) {
        None | Some(NodeState::Ready | NodeState::Stopped) => (State::Ready, Vec::new(), None),
        Some(NodeState::Waiting(ids)) => (State::Waiting, words(ids), None),
        Some(NodeState::Sending) if node.objects.iter().all(kept) => {
            (State::TakenOver, Vec::new(), None)
        }
        Some(NodeState::Sending) => (State::Starts, Vec::new(), None),
        Some(NodeState::Progressing(message) | NodeState::Rotating(message)) => {
            (State::Progressing, Vec::new(), Some(message.clone()))
        }
        Some(NodeState::Failed { message, .. }) => {
            (State::Failed, Vec::new(), Some(message.clone()))
        }
    };
    NodeView {
        node: node.id.to_string(),
        version: node.version.clone(),
        state,
        waits_for,
        message,
    }
}

fn words(ids: &[NodeId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn object(key: &ObjectKey, outlook: &Outlook, desired: &Desired) -> ObjectView {
    let (action, diff, message) = match outlook {
        Outlook::Create => (Action::Create, None, None),
        Outlook::Delete => (Action::Delete, None, None),
        Outlook::Keep => (Action::None, None, None),
        Outlook::Blocked(whose) => (Action::Blocked, None, Some(whose.clone())),
        Outlook::Change { live, wanted } => {
            (Action::Change, Some(diff(key.kind, live, wanted)), None)
        }
    };
    let node = desired.node(key).map(|node| node.id.to_string());
    ObjectView {
        action,
        kind: key.kind.to_string(),
        name: key.name.clone(),
        node,
        diff,
        message,
    }
}

fn summary(objects: &[ObjectView]) -> Summary {
    let count = |action| {
        objects
            .iter()
            .filter(|object| object.action == action)
            .count()
    };
    Summary {
        create: count(Action::Create),
        change: count(Action::Change),
        delete: count(Action::Delete),
        none: count(Action::None),
        blocked: count(Action::Blocked),
    }
}
