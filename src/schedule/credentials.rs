//! Credentials are made once, so it matters to whom they were known before.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::object::ObjectState;
use super::{Desired, NodeState, claims};
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::reason::Reason;
use crate::observe::Observed;
use crate::plan::{Node, NodeId, NodeKind};

/// Whether the plan was made of the credentials that the Secrets hold. Those of a Secret
/// that somebody else made have no id, and are known by the Secret's name.
pub fn knows(objects: &[ObjectState], desired: &Desired) -> bool {
    objects.iter().all(|state| match state {
        ObjectState::Settled(live) => live.credentials.as_deref().is_none_or(|id| {
            let known = desired.credentials.get(&live.key.name);
            id == known.map_or(names::FIRST_CREDENTIALS, String::as_str)
        }),
        _ => true,
    })
}

/// The nodes that something was sent of which follows from them: what users of credentials
/// may know. It is worked out when it is first asked for, which is rare.
pub struct Used<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    nodes: OnceCell<BTreeSet<&'a NodeId>>,
}

impl<'a> Used<'a> {
    pub fn new(desired: &'a Desired, observed: &'a Observed) -> Self {
        Self {
            desired,
            observed,
            nodes: OnceCell::new(),
        }
    }

    /// The rotation that is asked of all credentials, if one is.
    pub fn rotation(&self) -> Option<&str> {
        self.desired.plan.app.rotation.as_deref()
    }

    /// Whether credentials of this node may be known to somebody. Those that nobody can
    /// know are the first ones, which a plan counts on before they are there; those that
    /// replace others get another id, for their users must notice.
    pub fn contains(&self, id: &NodeId) -> bool {
        let nodes = || {
            let mut used = BTreeSet::new();
            let sent = self.desired.plan.nodes.values();
            sent.filter(|node| starts(node) && self.was_sent(node))
                .for_each(|node| self.add_needs(node, &mut used));
            used
        };
        self.nodes.get_or_init(nodes).contains(id)
    }

    fn was_sent(&self, node: &Node) -> bool {
        node.objects.iter().any(|object| {
            let Observed { live, writes, .. } = self.observed;
            live.contains_key(&object.key) || writes.contains_key(&object.key)
        })
    }

    fn add_needs(&self, node: &'a Node, used: &mut BTreeSet<&'a NodeId>) {
        for need in &node.needs {
            if used.insert(need)
                && let Some(node) = self.desired.plan.nodes.get(need)
            {
                self.add_needs(node, used);
            }
        }
    }
}

/// Wiring, claims and credentials start nothing.
fn starts(node: &Node) -> bool {
    !matches!(
        node.id.kind,
        NodeKind::Wiring | NodeKind::Credentials | NodeKind::Storage
    )
}

/// A server's admin Secret is gone while its data is there: a new password would lock
/// everybody out of the data, so nothing is made.
pub fn lost(
    node: &Node,
    objects: &[ObjectState],
    desired: &Desired,
    observed: &Observed,
) -> Option<NodeState> {
    let server = NodeId::new(NodeKind::Server, node.id.name.clone());
    let missing = objects.iter().any(|state| {
        matches!(
            state,
            ObjectState::Absent | ObjectState::Unknown | ObjectState::Incomplete
        )
    });
    if node.id.kind != NodeKind::Credentials
        || !missing
        || !desired.plan.nodes.contains_key(&server)
    {
        return None;
    }
    let storage = NodeId::new(NodeKind::Storage, node.id.name.clone());
    let planned = &desired.plan.nodes.get(&storage)?.objects;
    let claim = observed.live.keys().find(|key| {
        key.kind == Kind::PersistentVolumeClaim
            && planned
                .iter()
                .any(|planned| claims::same_template(&planned.key.name, &key.name))
    })?;
    let secret = &node.objects.first()?.key;
    Some(NodeState::Failed {
        reason: Reason::CredentialsLost,
        message: format!(
            "{secret} is gone, and {claim} holds data that only its password opens: restore the \
             Secret from a backup, or delete the claim to begin with an empty server"
        ),
    })
}
