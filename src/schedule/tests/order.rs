//! What comes after what, and what stays as it is.

use serde_json::json;

use super::world::{World, key};
use super::{SHOP, state};
use crate::api::objects::Kind;
use crate::plan::{NodeId, NodeKind};
use crate::schedule::{Action, NodeState};

#[test]
fn workloads_come_in_the_order_of_their_dependencies_databases_first() {
    let mut world = World::new(SHOP);
    world.settle();
    let names: Vec<&str> = world
        .workloads()
        .iter()
        .map(|line| line.split('-').next().unwrap())
        .collect();
    insta::assert_yaml_snapshot!(names, @r"
    - create StatefulSet shop
    - create Job users
    - create Job users
    - create Deployment users
    - create Deployment orders
    ");
    assert_eq!(world.log.last().unwrap(), "create IngressRoute orders");
}

#[test]
fn what_waits_for_nothing_comes_before_its_turn() {
    let mut world = World::new(SHOP);
    world.sick.insert("users".to_owned());
    world.settle();
    assert!(world.names().contains(&"Service orders".to_owned()));
    assert!(!world.names().contains(&"Deployment orders".to_owned()));
    let waits = NodeState::Waiting(vec![NodeId::new(NodeKind::Service, "users")]);
    assert_eq!(state(&mut world, NodeKind::Service, "orders"), waits);
}

#[test]
fn at_rest_nothing_is_sent_not_even_after_a_restart() {
    let mut world = World::new(SHOP);
    world.settle();
    world.restart();
    assert_eq!(world.schedule().actions, []);
}

#[test]
fn drift_is_mended_and_what_others_added_stays() {
    let mut world = World::new(SHOP);
    world.settle();
    let deployment = key(Kind::Deployment, "orders");
    world.edit(&deployment, |body| {
        body["metadata"]["labels"]["team"] = json!("mine");
        body["spec"]["template"]["spec"]["containers"][0]["image"] = json!("other:1");
    });
    let asked = world.schedule().actions;
    assert!(matches!(&asked[..], [Action::Apply { key, .. }] if *key == deployment));
}

#[test]
fn a_label_of_somebody_else_is_no_drift() {
    let mut world = World::new(SHOP);
    world.settle();
    let deployment = key(Kind::Deployment, "orders");
    world.edit(&deployment, |body| {
        body["metadata"]["labels"]["team"] = json!("mine")
    });
    assert_eq!(world.schedule().actions, []);
}

#[test]
fn a_sick_dependency_blocks_no_hotfix_of_its_dependents() {
    let mut world = World::new(SHOP);
    world.settle();
    world.set_ready("users", false);
    world.ask(&SHOP.replace("orders:1", "orders:2"));
    let asked = world.schedule().actions;
    let orders = key(Kind::Deployment, "orders");
    assert!(matches!(&asked[..], [Action::Apply { key, .. }] if *key == orders));
}

#[test]
fn a_new_version_waits_for_its_dependencies_again() {
    let mut world = World::new(SHOP);
    world.settle();
    world.set_ready("users", false);
    let newer = SHOP.replace("[{name: orders}]", "[{name: orders, version: ^1.1}]");
    let orders =
        "---\n{name: orders, version: 1.1.0, image: 'orders:2', dependencies: [{name: users}]}";
    world.ask(&format!("{newer}{orders}\n"));
    world.settle();
    let waits = NodeState::Waiting(vec![NodeId::new(NodeKind::Service, "users")]);
    assert_eq!(state(&mut world, NodeKind::Service, "orders"), waits);
    world.set_ready("users", true);
    world.settle();
    let live = &world.observed.live[&key(Kind::Deployment, "orders")];
    assert_eq!(live.version.as_deref(), Some("1.1.0"));
}

#[test]
fn a_dropped_service_goes_from_the_outside_in_and_its_data_stays() {
    let mut world = World::new(SHOP);
    world.settle();
    world.log.clear();
    let alone = SHOP
        .replace("services: [{name: orders}]", "services: [{name: pages}]")
        .replace(
            "{name: orders,",
            "{name: pages, version: 1.0.0, image: 'p:1'}\n---\n{name: orders,",
        );
    world.ask(&alone);
    world.settle();
    let gone: Vec<&str> = world
        .log
        .iter()
        .filter_map(|line| line.strip_prefix("delete "))
        .filter(|line| {
            line.starts_with("IngressRoute")
                || line.starts_with("Deployment")
                || line.starts_with("StatefulSet")
        })
        .collect();
    let server = "StatefulSet shop-postgresql-17";
    assert_eq!(
        gone,
        [
            "IngressRoute orders",
            "Deployment orders",
            "Deployment users",
            server
        ]
    );
    let kept: Vec<String> = world
        .names()
        .into_iter()
        .filter(|name| name.starts_with("Secret"))
        .collect();
    assert_eq!(
        kept,
        ["Secret shop-postgresql-17-admin", "Secret users-users-db"]
    );
}

#[test]
fn suspended_nothing_is_sent() {
    let mut world = World::new(&SHOP.replace("spec: {", "spec: {suspend: true, "));
    assert_eq!(world.step().actions, []);
}
