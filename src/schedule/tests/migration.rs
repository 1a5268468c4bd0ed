//! Migrations of a service run one after the other.

use k8s_openapi::jiff::SignedDuration;

use super::world::{World, key};
use crate::api::objects::{Kind, ObjectKey};
use crate::plan::{NodeId, NodeKind};
use crate::schedule::NodeState;

fn app(version: &str) -> String {
    format!(
        "apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {{name: shop}}
spec: {{services: [{{name: users}}], updates: Automatic}}
---
{{name: users, version: {version}, image: 'users:{version}', migrations: {{command: [migrate]}}}}
"
    )
}

fn jobs(world: &World) -> Vec<ObjectKey> {
    let keys = world.observed.live.keys();
    keys.filter(|key| key.kind == Kind::Job).cloned().collect()
}

#[test]
fn the_next_one_begins_when_the_older_one_has_ended() {
    let mut world = World::new(&app("1.0.0"));
    world.busy = true;
    world.settle();
    let first = jobs(&world).remove(0);
    for version in ["1.1.0", "1.2.0"] {
        world.ask(&app(version));
        world.settle();
        world.restart();
        world.settle();
        assert_eq!(jobs(&world), std::slice::from_ref(&first));
    }
    let id = NodeId::new(NodeKind::Migration, "users");
    let NodeState::Progressing(told) = world.schedule().nodes[&id].clone() else {
        panic!("it does not wait");
    };
    insta::assert_snapshot!(told.replace(&first.name, "JOB"), @"waits for Job shop/JOB of another version to end, which is not interrupted; where it cannot end well, delete it");

    world.finish(&first);
    world.settle();
    let now = jobs(&world);
    assert_eq!(
        now.len(),
        2,
        "the older one is the record until the newer one is done"
    );
    assert!(now.iter().all(|job| !job.name.contains("1-1-0")), "{now:?}");
    let newest = now.into_iter().find(|job| *job != first).unwrap();
    world.finish(&newest);
    world.settle();
    assert_eq!(jobs(&world), [newest]);
    assert!(
        world
            .observed
            .live
            .contains_key(&key(Kind::Deployment, "users"))
    );
}

/// It holds nobody up for ever: somebody can take it away.
#[test]
fn the_next_one_begins_when_the_older_one_is_taken_away() {
    let mut world = World::new(&app("1.0.0"));
    world.busy = true;
    world.settle();
    let first = jobs(&world).remove(0);
    world.ask(&app("2.0.0"));
    world.settle();
    world.take(&first);
    world.pass(SignedDuration::from_secs(1));
    world.settle();
    let now = jobs(&world);
    assert!(now.len() == 1 && now[0].name.contains("2-0-0"), "{now:?}");
}
