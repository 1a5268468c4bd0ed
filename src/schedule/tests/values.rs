//! What services take from objects that others make.

use super::world::{World, key};
use super::{NodeState, state};
use crate::api::objects::Kind;
use crate::plan::{Contents, Named, NodeId, NodeKind};

const TWO: &str = "
apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {name: shop}
spec: {services: [{name: pay}, {name: web}], secretStore: {name: vault}}
---
{name: pay, version: 1.0.0, image: 'pay:1', envValueFrom: {KEY: {secretKeyRef: {name: stripe, key: api-key}}}}
---
{name: web, version: 1.0.0, image: 'web:1'}
";

/// Somebody writes this word under the key of a Secret.
fn write(world: &mut World, secret: &str, key_name: &str, word: &str) {
    let contents = Contents {
        keys: [(key_name.to_owned(), word.to_owned())].into(),
        controller: Some(format!("ExternalSecret {secret}")),
        server: Err(String::new()),
        certificate: Err(String::new()),
    };
    let named = &mut world.observed.named;
    named.insert(key(Kind::Secret, secret), Named::There(contents));
}

fn lose(world: &mut World, secret: &str) {
    let named = &mut world.observed.named;
    named.insert(key(Kind::Secret, secret), Named::Missing);
}

fn values(service: &str) -> NodeState {
    NodeState::Waiting(vec![NodeId::new(NodeKind::Values, service)])
}

#[test]
fn it_starts_when_all_is_there_and_nobody_else_waits() {
    let mut world = World::new(TWO);
    world.settle();
    assert_eq!(world.workloads(), ["create Deployment web"]);
    lose(&mut world, "stripe");
    world.settle();
    assert_eq!(state(&mut world, NodeKind::Service, "pay"), values("pay"));
    let told = state(&mut world, NodeKind::Values, "pay");
    assert!(matches!(told, NodeState::Failed { .. }), "{told:?}");
    write(&mut world, "stripe", "api-key", "1");
    world.settle();
    let created = ["create Deployment web", "create Deployment pay"];
    assert_eq!(world.workloads(), created);
    let ready = state(&mut world, NodeKind::Service, "pay");
    assert_eq!(ready, NodeState::Ready);
}

#[test]
fn what_runs_is_rolled_once_for_a_new_value_and_never_into_a_missing_one() {
    let mut world = World::new(TWO);
    write(&mut world, "stripe", "api-key", "1");
    world.settle();
    world.log.clear();
    write(&mut world, "stripe", "api-key", "2");
    world.settle();
    assert_eq!(world.log, ["apply Deployment pay"]);
    world.restart();
    world.settle();
    lose(&mut world, "stripe");
    world.settle();
    // Not even a new image: its pods could not start.
    world.ask(&TWO.replace("'pay:1'", "'pay:2'"));
    world.settle();
    assert_eq!(world.log, ["apply Deployment pay"]);
    write(&mut world, "stripe", "api-key", "2");
    world.settle();
    assert_eq!(world.log, ["apply Deployment pay"; 2]);
}

#[test]
fn a_store_that_does_not_answer_holds_up_the_first_start_only() {
    let remote = TWO.replace(
        "{secretKeyRef: {name: stripe, key: api-key}}",
        "{remoteRef: {key: stripe}}",
    );
    let mut world = World::new(&remote);
    world.sick.insert("pay-remote".to_owned());
    lose(&mut world, "pay-remote");
    world.settle();
    let made = ["create Deployment web"];
    assert_eq!(world.workloads(), made);
    assert!(
        world
            .log
            .contains(&"create ExternalSecret pay-remote".to_owned())
    );
    world.set_ready("pay-remote", true);
    write(&mut world, "pay-remote", "KEY", "1");
    world.settle();
    assert_eq!(
        world.workloads(),
        ["create Deployment web", "create Deployment pay"]
    );
    // What was fetched once is there, so a hotfix need not wait for the store.
    world.set_ready("pay-remote", false);
    world.log.clear();
    world.ask(&remote.replace("'pay:1'", "'pay:2'"));
    world.settle();
    assert_eq!(world.workloads(), ["apply Deployment pay"]);
}
