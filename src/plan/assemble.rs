//! Puts the nodes together to a plan: no object twice, and each says where it belongs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::graph::{Body, Node, NodeId, Plan, PlannedObject, PlannedService};
use super::{PlanError, Rotation};
use crate::api::names;
use crate::api::objects::ObjectKey;
use crate::validate::ValidApp;

/// A plan in the making.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    nodes: BTreeMap<NodeId, Node>,
    /// Which node needs an object.
    objects: BTreeMap<ObjectKey, NodeId>,
    warnings: Vec<String>,
}

impl Assembly {
    /// Adds what a person should know.
    pub fn warn(&mut self, warnings: impl IntoIterator<Item = String>) {
        self.warnings.extend(warnings);
    }

    /// Adds nodes.
    ///
    /// # Errors
    /// An object, or a node, that is there already.
    pub fn add_all(&mut self, nodes: Vec<Node>) -> Result<(), PlanError> {
        nodes.into_iter().try_for_each(|node| self.add(node))
    }

    fn add(&mut self, mut node: Node) -> Result<(), PlanError> {
        for object in &mut node.objects {
            if let Some(first) = self.objects.insert(object.key.clone(), node.id.clone()) {
                return Err(twice(&object.key, &first, &node.id));
            }
            annotate(object, &annotations(&node.id, &node.needs));
        }
        if let Some(first) = self.nodes.insert(node.id.clone(), node) {
            return Err(twice(&first.id, &first.id, &first.id));
        }
        Ok(())
    }

    /// The plan of `app`.
    pub fn finish(
        self,
        app: Arc<ValidApp>,
        services: BTreeMap<String, PlannedService>,
        rotations: BTreeMap<String, Rotation>,
    ) -> Plan {
        Plan {
            rotations,
            held: BTreeMap::new(),
            named: BTreeSet::new(),
            stopped: BTreeSet::new(),
            no_way_in: Vec::new(),
            app,
            nodes: self.nodes,
            services,
            warnings: self.warnings,
        }
    }
}

fn twice(object: &impl ToString, first: &NodeId, second: &NodeId) -> PlanError {
    PlanError::NameTwice {
        object: object.to_string(),
        first: first.to_string(),
        second: second.to_string(),
    }
}

/// The way back: a deletion runs the graph backwards, and must find it on the objects
/// alone, for the services that it was planned from may be gone by then.
fn annotations<'a>(
    id: &NodeId,
    needs: impl IntoIterator<Item = &'a NodeId>,
) -> Vec<(&'static str, String)> {
    let needs: Vec<String> = needs.into_iter().map(ToString::to_string).collect();
    let needs = (!needs.is_empty()).then(|| (names::NEEDS_ANNOTATION, needs.join(",")));
    [(names::NODE_ANNOTATION, id.to_string())]
        .into_iter()
        .chain(needs)
        .collect()
}

/// Adds annotations to the object's own metadata, never to that of its pods, which an
/// edge more or less must not roll.
pub(super) fn annotate(object: &mut PlannedObject, annotations: &[(&'static str, String)]) {
    let (Body::Apply(body) | Body::Create { stated: body, .. }) = &mut object.body;
    let present = entry(body, "metadata").and_then(|metadata| entry(metadata, "annotations"));
    if let Some(Value::Object(present)) = present {
        for (name, text) in annotations {
            present.insert((*name).to_owned(), Value::from(text.as_str()));
        }
    }
}

fn entry<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let object = value.as_object_mut()?;
    let absent = || Value::Object(Map::new());
    Some(object.entry(name).or_insert_with(absent))
}
