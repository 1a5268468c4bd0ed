//! What the schedule promises, on a cluster that is data.

mod caches;
mod claims;
mod credentials;
mod deletion;
mod migration;
mod order;
mod property;
mod refusals;
mod rotation;
mod running;
mod standing;
mod stopped;
mod values;
mod walls;
pub mod world;

use world::World;

use super::NodeState;
use crate::plan::{NodeId, NodeKind};

pub const SHOP: &str = "
apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {name: shop}
spec: {services: [{name: orders}]}
---
{name: orders, version: 1.0.0, image: 'orders:1', dependencies: [{name: users}], api: {prefix: /orders}}
---
{name: users, version: 1.0.0, image: 'users:1', databases: [{name: users_db, type: postgresql}], migrations: {command: [migrate]}}
";

fn state(world: &mut World, kind: NodeKind, name: &str) -> NodeState {
    world.schedule().nodes[&NodeId::new(kind, name)].clone()
}
