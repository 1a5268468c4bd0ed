//! A plan made ready to be compared: with the digest of each object.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::names::digest8;
use crate::api::objects::ObjectKey;
use crate::plan::{Body, NodeId, Plan, PlannedObject};

/// A plan with what is computed once of it and asked for often.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The plan.
    pub plan: Arc<Plan>,
    /// To which node an object belongs, and the digest of what is planned for it.
    pub objects: BTreeMap<ObjectKey, (NodeId, String)>,
    /// Which set of credentials each Secret held when the plan was made.
    pub credentials: BTreeMap<String, String>,
}

impl Desired {
    /// Computes the digests of the objects of a plan that knows these credentials.
    pub fn new(plan: Arc<Plan>, credentials: BTreeMap<String, String>) -> Self {
        let objects = plan
            .nodes
            .values()
            .flat_map(|node| node.objects.iter().map(move |object| (node, object)))
            .map(|(node, object)| (object.key.clone(), (node.id.clone(), digest(object))))
            .collect();
        Self {
            plan,
            objects,
            credentials,
        }
    }

    /// The digest of what is planned for the object; empty where nothing is.
    pub fn digest(&self, key: &ObjectKey) -> &str {
        self.objects
            .get(key)
            .map(|(_, digest)| digest.as_str())
            .unwrap_or_default()
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
