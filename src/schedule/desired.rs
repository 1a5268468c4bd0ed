//! A plan made ready to be compared: with the digest of each object.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::names::digest8;
use crate::api::objects::ObjectKey;
use crate::plan::{Body, Node, NodeId, Plan, PlannedObject};

/// A plan with what is computed once of it and asked for often.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The plan.
    pub plan: Arc<Plan>,
    /// To which node an object belongs.
    pub objects: BTreeMap<ObjectKey, NodeId>,
    /// Which set of credentials each Secret held when the plan was made.
    pub credentials: BTreeMap<String, String>,
    /// For each node the digests of what is planned for its objects, in their order.
    digests: BTreeMap<NodeId, Vec<String>>,
}

impl Desired {
    /// Computes the digests of the objects of a plan that knows these credentials.
    pub fn new(plan: Arc<Plan>, credentials: BTreeMap<String, String>) -> Self {
        let nodes = || plan.nodes.values();
        let home = |node: &Node| {
            let id = node.id.clone();
            let keys = node.objects.iter().map(|object| object.key.clone());
            keys.map(|key| (key, id.clone())).collect::<Vec<_>>()
        };
        let digests = |node: &Node| (node.id.clone(), node.objects.iter().map(digest).collect());
        Self {
            objects: nodes().flat_map(home).collect(),
            digests: nodes().map(digests).collect(),
            credentials,
            plan,
        }
    }

    /// Each node with the digests of its objects.
    pub fn nodes(&self) -> impl Iterator<Item = (&Node, &[String])> {
        let digests = self.digests.values().map(Vec::as_slice);
        self.plan.nodes.values().zip(digests)
    }

    /// The digest of what is planned for the object; empty where nothing is.
    pub fn digest(&self, key: &ObjectKey) -> &str {
        let Some(id) = self.objects.get(key) else {
            return "";
        };
        let objects = self
            .plan
            .nodes
            .get(id)
            .into_iter()
            .flat_map(|node| &node.objects);
        let digests = self.digests.get(id).into_iter().flatten();
        let mut both = objects.zip(digests);
        both.find(|(object, _)| object.key == *key)
            .map_or("", |(_, digest)| digest)
    }
}

/// The digest of what is planned. JSON maps are ordered, so the same plan has the same one.
fn digest(object: &PlannedObject) -> String {
    let text = match &object.body {
        Body::Apply(body) => body.to_string(),
        Body::Create { stated, generate } => format!("{stated}{generate:?}"),
    };
    digest8(text.as_bytes())
}
