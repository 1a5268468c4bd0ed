//! Walls are widened at once and narrowed when everything runs.

use serde_json::{Value, json};

use super::world::{World, key};
use crate::api::objects::Kind;
use crate::schedule::{Outlook, outlook};

/// The second version of orders calls stock, and users no longer.
const SERVICES: &str = "
{name: orders, version: 1.0.0, image: 'orders:1', egress: deny, dependencies: [{name: users}]}
---
{name: orders, version: 2.0.0, image: 'orders:2', egress: deny, dependencies: [{name: stock}]}
---
{name: orders, version: 3.0.0, image: 'orders:3', egress: deny, dependencies: [{name: stock}, {name: users}]}
---
{name: users, version: 1.0.0, image: 'users:1', egress: deny}
---
{name: stock, version: 1.0.0, image: 'stock:1', egress: deny, dependencies: [{name: users}]}
";
const WALLS: &str = "network: {gateway: [], metrics: []}";

/// The shop with orders in that version.
fn shop(orders: &str) -> String {
    format!(
        "
apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {{name: shop}}
spec: {{services: [{{name: orders, version: '={orders}'}}, {{name: stock}}], {WALLS}}}
---
{SERVICES}"
    )
}

fn running() -> World {
    let mut world = World::new(&shop("1.0.0"));
    world.settle();
    world
}

/// The names of pods that a wall speaks of in one direction.
fn speaks_of(world: &World, wall: &str, direction: &str) -> Vec<String> {
    let body = world.body(&key(Kind::NetworkPolicy, wall));
    let text = body["spec"][direction].to_string();
    let names = ["orders", "stock", "users"].into_iter();
    names
        .filter(|name| text.contains(&format!("\"{name}\"")))
        .map(str::to_owned)
        .collect()
}

/// Every rule that was planned is there at every step from the first plan to the second, as
/// long as a pod of the first is.
#[test]
fn the_old_pods_keep_their_ways_until_the_new_ones_run() {
    let mut world = running();
    assert_eq!(speaks_of(&world, "orders", "egress"), ["users"]);
    assert_eq!(speaks_of(&world, "users", "ingress"), ["orders", "stock"]);
    world.set_ready("orders", false);
    world.ask(&shop("2.0.0"));
    world.settle();
    assert_eq!(speaks_of(&world, "orders", "egress"), ["stock", "users"]);
    assert_eq!(speaks_of(&world, "users", "ingress"), ["orders", "stock"]);
    assert_eq!(speaks_of(&world, "stock", "ingress"), ["orders"]);

    // The new pods are ready, and an old one still finishes what it began.
    world.set_ready("orders", true);
    world.observed.leaving = true;
    world.settle();
    assert_eq!(speaks_of(&world, "orders", "egress"), ["stock", "users"]);

    world.observed.leaving = false;
    world.settle();
    assert_eq!(speaks_of(&world, "orders", "egress"), ["stock"]);
    assert_eq!(speaks_of(&world, "users", "ingress"), ["stock"]);
}

#[test]
fn the_way_back_to_the_first_plan_loses_nothing_either() {
    let mut world = running();
    world.set_ready("orders", false);
    world.ask(&shop("2.0.0"));
    world.settle();
    world.ask(&shop("1.0.0"));
    world.settle();
    assert_eq!(speaks_of(&world, "orders", "egress"), ["stock", "users"]);
    world.set_ready("orders", true);
    world.settle();
    assert_eq!(speaks_of(&world, "orders", "egress"), ["users"]);
    assert_eq!(speaks_of(&world, "stock", "ingress"), Vec::<String>::new());
}

/// A wall that was planned once and only grows is written once.
#[test]
fn a_wall_that_only_grows_is_as_planned_at_once() {
    let mut world = running();
    world.log.clear();
    world.set_ready("orders", false);
    world.ask(&shop("3.0.0"));
    world.settle();
    let writes: Vec<_> = world
        .log
        .iter()
        .filter(|line| line.contains("NetworkPolicy"))
        .collect();
    assert_eq!(
        writes,
        ["apply NetworkPolicy orders", "apply NetworkPolicy stock"]
    );
}

#[test]
fn what_somebody_adds_goes_at_once_also_while_something_is_sick() {
    let mut world = running();
    world.set_ready("stock", false);
    let wall = key(Kind::NetworkPolicy, "orders");
    let before = world.body(&wall)["spec"].clone();
    let changes: [fn(&mut Value); 5] = [
        |wall| wall["spec"]["ingress"] = json!([{}]),
        |wall| {
            let rules = wall["spec"]["egress"].as_array_mut().unwrap();
            rules.push(json!({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}));
        },
        |wall| wall["spec"]["egress"][1]["to"][0]["namespaceSelector"] = json!({}),
        |wall| wall["spec"]["egress"][1]["ports"][0]["endPort"] = json!(9000),
        |wall| wall["spec"]["podSelector"]["matchLabels"]["nobody"] = json!("has-this"),
    ];
    for change in changes {
        world.edit(&wall, change);
        assert_ne!(world.body(&wall)["spec"], before);
        world.settle();
        assert_eq!(world.body(&wall)["spec"], before);
    }
}

#[test]
fn what_is_shown_beforehand_is_how_it_ends() {
    let mut world = running();
    world.set_ready("orders", false);
    world.ask(&shop("2.0.0"));
    world.settle();
    let wall = key(Kind::NetworkPolicy, "users");
    let Outlook::Change { wanted, .. } = &outlook(&world.desired, &world.observed)[&wall] else {
        panic!("the wall is to be narrowed");
    };
    let wanted = wanted["spec"].clone();
    world.set_ready("orders", true);
    world.settle();
    assert_eq!(world.body(&wall)["spec"], wanted);
    assert_eq!(
        outlook(&world.desired, &world.observed)[&wall],
        Outlook::Keep
    );
}

#[test]
fn without_walls_all_of_them_go() {
    let mut world = running();
    world.ask(&shop("1.0.0").replace(
        "network: {gateway: [], metrics: []}",
        "network: {policy: None}",
    ));
    world.settle();
    let left: Vec<_> = world
        .names()
        .into_iter()
        .filter(|name| name.contains("NetworkPolicy"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}
