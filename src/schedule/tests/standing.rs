//! When a workload counts as ready.

use serde_json::json;

use super::world::{World, key};
use super::{SHOP, state};
use crate::api::objects::Kind;
use crate::plan::NodeKind;
use crate::schedule::NodeState;

#[test]
fn the_steps_of_an_autoscaler_leave_a_service_ready() {
    let scaling = SHOP.replace(
        "image: 'orders:1',",
        "image: 'orders:1', scaling: {minReplicas: 2, maxReplicas: 9},",
    );
    let mut world = World::new(&scaling);
    world.settle();
    let mut with = |wanted: i32, ready: i32, reason: &str| {
        let status = json!({
            "observedGeneration": 1, "replicas": wanted, "updatedReplicas": wanted,
            "readyReplicas": ready, "availableReplicas": ready,
            "conditions": [{"type": "Progressing", "status": "True", "reason": reason}],
        });
        world.scale(&key(Kind::Deployment, "orders"), wanted, status);
        state(&mut world, NodeKind::Service, "orders")
    };
    let says = |message: &str| NodeState::Progressing(format!("Deployment shop/orders: {message}"));
    let rolled = "NewReplicaSetAvailable";
    assert_eq!(with(4, 2, rolled), NodeState::Ready);
    assert_eq!(with(4, 1, rolled), says("1 of 4 pods are ready"));
    assert_eq!(with(1, 1, rolled), says("1 of at least 2 pods are ready"));
    assert_eq!(
        with(4, 2, "ReplicaSetUpdated"),
        says("2 of 4 pods are ready")
    );
}
