//! A plan made ready to be compared: its nodes and objects are numbered, for a comparison
//! of names is most of what a look-up costs, and a schedule has thousands of them.

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
    /// Which set of credentials each Secret held when the plan was made.
    pub credentials: BTreeMap<String, String>,
    /// What is computed of each node, in the order of the plan's.
    numbers: Vec<Numbers>,
    /// All objects in the order of their keys, each with its number and its node's.
    objects: Vec<Numbered>,
}

/// What is computed of a node.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    /// The numbers of the nodes that it needs. A need that is no node is no need.
    pub needs: Vec<usize>,
    /// The number of its first object; the others follow.
    pub first: usize,
    /// The digests of what is planned for its objects, in their order.
    pub digests: Vec<String>,
    /// Which of its objects tells whether it was made before.
    pub primary: Option<usize>,
}

/// An object with its number.
#[derive(Clone, Debug)]
struct Numbered {
    key: ObjectKey,
    object: usize,
    node: usize,
}

impl Desired {
    /// Numbers the nodes and objects of a plan that knows these credentials.
    pub fn new(plan: Arc<Plan>, credentials: BTreeMap<String, String>) -> Self {
        let nodes = plan.nodes.keys().enumerate();
        let numbered: BTreeMap<&NodeId, usize> = nodes.map(|(number, id)| (id, number)).collect();
        let (mut numbers, mut objects) = (Vec::new(), Vec::new());
        for (number, node) in plan.nodes.values().enumerate() {
            let first = objects.len();
            let needs = node.needs.iter().filter_map(|id| numbered.get(id));
            numbers.push(Numbers {
                needs: needs.copied().collect(),
                first,
                digests: node.objects.iter().map(digest).collect(),
                primary: primary(node),
            });
            let of_node = |(index, object): (usize, &PlannedObject)| Numbered {
                key: object.key.clone(),
                object: first + index,
                node: number,
            };
            objects.extend(node.objects.iter().enumerate().map(of_node));
        }
        objects.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Self {
            numbers,
            objects,
            credentials,
            plan,
        }
    }

    /// Whether the object is planned.
    pub fn contains(&self, key: &ObjectKey) -> bool {
        self.find(key).is_some()
    }

    /// The node that the object belongs to.
    pub fn node(&self, key: &ObjectKey) -> Option<&Node> {
        self.plan.nodes.values().nth(self.find(key)?.node)
    }

    /// The digest of what is planned for the object; empty where nothing is.
    pub fn digest(&self, key: &ObjectKey) -> &str {
        self.find(key).map_or("", |found| {
            let numbers = &self.numbers[found.node];
            &numbers.digests[found.object - numbers.first]
        })
    }

    /// How many objects are planned.
    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    /// Each node with what is computed of it.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (&Node, &Numbers)> {
        self.plan.nodes.values().zip(&self.numbers)
    }

    /// What a map holds of the planned objects, by their numbers. Both are ordered by key,
    /// so one walk along both finds all.
    pub(super) fn of_objects<'a, V>(&self, map: &'a BTreeMap<ObjectKey, V>) -> Vec<Option<&'a V>> {
        let mut values = vec![None; self.objects.len()];
        let mut entries = map.iter().peekable();
        for Numbered { key, object, .. } in &self.objects {
            while entries.next_if(|(other, _)| *other < key).is_some() {}
            let found = entries.next_if(|(other, _)| *other == key);
            values[*object] = found.map(|(_, value)| value);
        }
        values
    }

    /// What a map holds of other objects.
    pub(super) fn of_others<'a, V>(
        &self,
        map: &'a BTreeMap<ObjectKey, V>,
    ) -> impl Iterator<Item = (&'a ObjectKey, &'a V)> {
        let mut planned = self.objects.iter().map(|object| &object.key).peekable();
        map.iter().filter(move |(key, _)| {
            while planned.next_if(|other| other < key).is_some() {}
            planned.next_if(|other| other == key).is_none()
        })
    }

    fn find(&self, key: &ObjectKey) -> Option<&Numbered> {
        let found = self.objects.binary_search_by(|object| object.key.cmp(key));
        found.ok().map(|index| &self.objects[index])
    }
}

fn primary(node: &Node) -> Option<usize> {
    let primary = node.primary()?;
    let is_primary = |object: &PlannedObject| std::ptr::eq(object, primary);
    node.objects.iter().position(is_primary)
}

/// The digest of what is planned. JSON maps are ordered, so the same plan has the same one.
fn digest(object: &PlannedObject) -> String {
    let text = match &object.body {
        Body::Apply(body) => body.to_string(),
        Body::Create { stated, generate } => format!("{stated}{generate:?}"),
    };
    digest8(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::tests::{SHOP, world::World};

    #[test]
    fn a_walk_along_both_finds_what_a_look_up_finds() {
        let mut world = World::new(SHOP);
        world.settle();
        let World {
            desired, observed, ..
        } = &world;
        // A strange object before, between and after the planned ones.
        let mut map: BTreeMap<ObjectKey, String> = BTreeMap::new();
        for key in observed.live.keys() {
            for name in [format!("{}-", key.name), "0".to_owned(), key.name.clone()] {
                let key = ObjectKey {
                    name: name.clone(),
                    ..key.clone()
                };
                map.insert(key, name);
            }
        }
        map.retain(|key, _| !key.name.ends_with("users"));
        let found = desired.of_objects(&map);
        for (node, numbers) in desired.nodes() {
            for (index, object) in node.objects.iter().enumerate() {
                assert_eq!(found[numbers.first + index], map.get(&object.key));
                assert_eq!(desired.node(&object.key).unwrap().id, node.id);
            }
        }
        let others: Vec<_> = desired.of_others(&map).collect();
        let expected: Vec<_> = map
            .iter()
            .filter(|(key, _)| !desired.contains(key))
            .collect();
        assert_eq!(others, expected);
        assert!(!others.is_empty());
    }
}
