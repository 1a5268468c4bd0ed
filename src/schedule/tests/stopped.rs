//! What is stopped has no pods and keeps its data, and starts again in its order.

use serde_json::json;

use super::world::{World, key};
use super::{SHOP, state};
use crate::api::objects::Kind;
use crate::plan::NodeKind;
use crate::schedule::{Action, NodeState, Replicas, Schedule};

const STOPPED: &str = "spec: {stopped: true, ";
const SERVER: &str = "shop-postgresql-17";

fn stopped() -> String {
    SHOP.replacen("spec: {", STOPPED, 1)
}

fn replicas(world: &World, kind: Kind, name: &str) -> i64 {
    world.body(&key(kind, name))["spec"]["replicas"]
        .as_i64()
        .unwrap_or(1)
}

/// The lines of the log that came since then.
fn since(world: &World, from: usize) -> Vec<String> {
    world.log[from..].to_vec()
}

fn all_settled(schedule: &Schedule) -> bool {
    schedule.nodes.values().all(NodeState::is_settled)
}

#[test]
fn servers_stop_when_no_pod_of_a_service_is_left() {
    let mut world = World::new(SHOP);
    world.settle();
    world.observed.serving = true;
    let (before, from) = (world.names(), world.log.len());
    world.ask(&stopped());
    world.settle();
    assert_eq!(replicas(&world, Kind::Deployment, "users"), 0);
    assert_eq!(replicas(&world, Kind::Deployment, "orders"), 0);
    assert_eq!(replicas(&world, Kind::StatefulSet, SERVER), 1);
    world.observed.serving = false;
    let schedule = world.settle();
    assert_eq!(replicas(&world, Kind::StatefulSet, SERVER), 0);
    assert!(all_settled(&schedule), "{:?}", schedule.nodes);
    assert_eq!(
        world.names(),
        before,
        "nothing else goes, and nothing comes"
    );
    let sent = since(&world, from);
    assert!(
        sent.iter().all(|line| line.starts_with("apply ")),
        "{sent:?}"
    );
    world.restart();
    assert_eq!(world.schedule().actions, []);
}

#[test]
fn what_was_stopped_starts_in_the_order_of_its_dependencies() {
    let mut world = World::new(SHOP);
    world.settle();
    world.ask(&stopped());
    world.settle();
    let from = world.log.len();
    world.sick.insert(SERVER.to_owned());
    world.ask(SHOP);
    world.settle();
    assert_eq!(since(&world, from), [format!("apply StatefulSet {SERVER}")]);
    assert!(matches!(
        state(&mut world, NodeKind::Service, "users"),
        NodeState::Waiting(_)
    ));
    world.set_ready(SERVER, true);
    world.sick.insert("users".to_owned());
    world.settle();
    assert_eq!(replicas(&world, Kind::Deployment, "orders"), 0);
    world.set_ready("users", true);
    let schedule = world.settle();
    assert!(all_settled(&schedule), "{:?}", schedule.nodes);
    let sent = since(&world, from);
    assert_eq!(
        sent,
        [
            format!("apply StatefulSet {SERVER}"),
            "apply Deployment users".to_owned(),
            "apply Deployment orders".to_owned(),
        ],
        "no migration and no provisioning is run again"
    );
}

#[test]
fn one_service_stops_by_itself_and_nobody_who_runs_minds() {
    let mut world = World::new(SHOP);
    world.settle();
    let from = world.log.len();
    world.ask(&SHOP.replacen(
        "{name: orders}",
        "{name: orders}, {name: users, stopped: true}",
        1,
    ));
    world.settle();
    assert_eq!(since(&world, from), ["apply Deployment users"]);
    assert_eq!(
        state(&mut world, NodeKind::Service, "users"),
        NodeState::Stopped
    );
    assert_eq!(
        state(&mut world, NodeKind::Service, "orders"),
        NodeState::Ready
    );
}

#[test]
fn an_app_that_is_made_stopped_runs_no_job() {
    let mut world = World::new(&stopped());
    let schedule = world.settle();
    assert!(all_settled(&schedule), "{:?}", schedule.nodes);
    let jobs = |world: &World| world.names().iter().any(|name| name.starts_with("Job "));
    assert!(!jobs(&world));
    world.ask(SHOP);
    let schedule = world.settle();
    assert!(all_settled(&schedule) && jobs(&world));
    assert_eq!(
        state(&mut world, NodeKind::Service, "orders"),
        NodeState::Ready
    );
}

#[test]
fn an_autoscaler_takes_over_again_from_its_fewest() {
    let scaled = SHOP.replacen(
        "image: 'orders:1'",
        "image: 'orders:1', scaling: {minReplicas: 2, maxReplicas: 4}",
        1,
    );
    let mut world = World::new(&scaled);
    world.settle();
    let autoscaler = "HorizontalPodAutoscaler orders".to_owned();
    assert!(world.names().contains(&autoscaler));
    world.ask(&scaled.replacen("spec: {", STOPPED, 1));
    world.settle();
    assert!(!world.names().contains(&autoscaler));
    assert_eq!(replicas(&world, Kind::Deployment, "orders"), 0);
    world.edit(&key(Kind::Deployment, "orders"), |body| {
        body["metadata"]["managedFields"] = json!([{
            "manager": "gravity", "operation": "Apply",
            "fieldsV1": {"f:spec": {"f:replicas": {}}},
        }]);
    });
    world.ask(&scaled);
    let sent: Vec<_> = (0..20).flat_map(|_| world.step().actions).collect();
    let replicas = sent.iter().find_map(|action| match action {
        Action::Apply { key, replicas, .. } if key.name == "orders" => Some(*replicas),
        _ => None,
    });
    assert_eq!(replicas, Some(Replicas::Before(2)));
}
