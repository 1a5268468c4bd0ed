//! What the schedule promises, on a cluster that is data.

mod caches;
mod claims;
mod migration;
mod property;
mod rotation;
mod running;
pub mod world;

use k8s_openapi::jiff::SignedDuration;
use serde_json::json;
use world::{UID, World, key};

use super::{Action, NodeState, Teardown, teardown};
use crate::api::app::DeletionPolicy;
use crate::api::objects::Kind;
use crate::api::reason::Reason;
use crate::observe::{Failure, FailureKind, Found, Write};
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

#[test]
fn a_strangers_object_is_refused_by_name_and_looked_at_again_later() {
    let mut world = World::new(SHOP);
    let service = key(Kind::Service, "users");
    let at = world.observed.now;
    let whose = "belongs to the GravityApp shop/blog".to_owned();
    world
        .observed
        .found
        .insert(service.clone(), Found::Stranger { whose, at });
    world.settle();
    let NodeState::Failed { reason, message } = state(&mut world, NodeKind::Wiring, "users") else {
        panic!("a stranger's object was taken over");
    };
    assert_eq!(reason, Reason::OwnershipConflict);
    insta::assert_snapshot!(message, @"Service shop/users belongs to the GravityApp shop/blog and is left as it is; rename the service or the app, or delete that object");
    world.pass(SignedDuration::from_secs(60));
    let asked = world.schedule().actions;
    assert!(asked.contains(&Action::LookUp {
        kind: Kind::Service,
        keys: vec![service]
    }));
}

#[test]
fn a_refused_object_stops_its_own_node_and_its_dependents_only() {
    let mut world = World::new(SHOP);
    world.settle();
    let deployment = key(Kind::Deployment, "users");
    world.edit(&deployment, |body| body["spec"]["paused"] = json!(true));
    world.edit(&deployment, |body| body["spec"]["template"] = json!({}));
    let digest = world.desired.digest(&deployment).to_owned();
    let retry_at = world.observed.now + SignedDuration::from_secs(5);
    let message = "exceeded quota: small".to_owned();
    let kind = FailureKind::Refused;
    let failure = Failure {
        digest,
        kind,
        attempts: 1,
        retry_at,
        message,
    };
    world
        .observed
        .writes
        .insert(deployment.clone(), Write::Failed(failure));
    let schedule = world.schedule();
    let told = &schedule.nodes[&NodeId::new(NodeKind::Service, "users")];
    let says = "the API server refuses Deployment shop/users: exceeded quota: small; raise the quota, or ask for less";
    assert_eq!(
        *told,
        NodeState::Failed {
            reason: Reason::Refused,
            message: says.to_owned()
        }
    );
    assert_eq!(
        schedule.nodes[&NodeId::new(NodeKind::Service, "orders")],
        NodeState::Ready
    );
    assert_eq!(
        (schedule.actions, schedule.wake_at),
        (vec![], Some(retry_at))
    );
    world.pass(SignedDuration::from_secs(5));
    assert!(matches!(
        &world.schedule().actions[..],
        [Action::Apply { .. }]
    ));
}

#[test]
fn a_deadline_that_passes_fails_the_node_and_wakes_the_app() {
    let mut world = World::new(SHOP);
    world.sick.insert("users".to_owned());
    let schedule = world.settle();
    let deadline = schedule.wake_at.unwrap();
    world.observed.now = deadline;
    let NodeState::Failed { reason, message } = state(&mut world, NodeKind::Service, "users")
    else {
        panic!("the deadline has passed");
    };
    assert_eq!(reason, Reason::DeadlineExceeded);
    insta::assert_snapshot!(message, @"Deployment shop/users: 0 of 1 pods are ready; it has not become ready in 10m");
}

#[test]
fn an_admin_secret_that_is_gone_while_data_is_there_is_never_made_anew() {
    let mut world = World::new(SHOP);
    world.settle();
    let claim = key(Kind::PersistentVolumeClaim, "data-shop-postgresql-17-0");
    let body = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {
        "name": claim.name, "namespace": "shop", "annotations": {"gravity.dev/app": "shop"},
    }});
    let object = serde_json::from_value(body).unwrap();
    let live = crate::observe::Live::new(claim.kind, object).unwrap();
    world.observed.live.insert(claim, std::sync::Arc::new(live));
    world.take(&key(Kind::Secret, "shop-postgresql-17-admin"));
    let schedule = world.settle();
    let server = NodeId::new(NodeKind::Credentials, "shop-postgresql-17");
    let NodeState::Failed { reason, message } = &schedule.nodes[&server] else {
        panic!("a blind new password");
    };
    assert_eq!(*reason, Reason::CredentialsLost);
    insta::assert_snapshot!(message, @"Secret shop/shop-postgresql-17-admin is gone, and PersistentVolumeClaim shop/data-shop-postgresql-17-0 holds data that only its password opens: restore the Secret from a backup, or delete the claim to begin with an empty server");
}

#[test]
fn a_services_secret_that_is_gone_is_made_anew_and_its_consumers_roll_once() {
    let mut world = World::new(SHOP);
    world.settle();
    world.log.clear();
    world.take(&key(Kind::Secret, "users-users-db"));
    world.restart();
    world.settle();
    let rolls = world
        .log
        .iter()
        .filter(|line| *line == "apply Deployment users")
        .count();
    let jobs = world
        .log
        .iter()
        .filter(|line| line.starts_with("create Job"))
        .count();
    assert_eq!((rolls, jobs), (1, 1), "{:?}", world.log);
}

#[test]
fn an_app_that_starts_needs_one_plan_and_one_whose_credentials_changed_another() {
    let mut world = World::new(SHOP);
    world.settle();
    assert_eq!(world.stale, 0, "the plan counts on the first credentials");
    world.take(&key(Kind::Secret, "users-users-db"));
    world.settle();
    assert_eq!(world.stale, 1, "what replaces them is not what was known");
}

#[test]
fn credentials_that_a_job_may_have_used_are_not_the_first() {
    let mut world = World::new(SHOP);
    let secret = key(Kind::Secret, "users-users-db");
    while !world.log.iter().any(|line| line.starts_with("create Job")) {
        world.step();
    }
    world.take(&secret);
    world.step();
    let anew = world
        .schedule()
        .actions
        .into_iter()
        .find_map(|action| match action {
            Action::Create { key, first, .. } if key == secret => Some(first),
            _ => None,
        });
    assert_eq!(anew, Some(false));
}

#[test]
fn another_major_version_is_refused_and_what_runs_stays() {
    let mut world = World::new(SHOP);
    world.settle();
    let before = world.names();
    world.ask(&SHOP.replace("type: postgresql", "type: postgresql, version: '18'"));
    let schedule = world.settle();
    assert_eq!(world.names(), before, "{:?}", world.log);
    let id = NodeId::new(NodeKind::Credentials, "users-users-db");
    let NodeState::Failed { reason, .. } = &schedule.nodes[&id] else {
        panic!("the database would be empty");
    };
    assert_eq!(*reason, Reason::DatabaseMoves);
    // Without its Secret a database begins anew, which is how a person says so.
    world.take(&key(Kind::Secret, "users-users-db"));
    world.restart();
    world.settle();
    assert!(
        world
            .names()
            .contains(&"StatefulSet shop-postgresql-18".to_owned())
    );
}

#[test]
fn an_answer_that_no_watch_shows_wakes_the_app_when_it_is_overdue() {
    let mut world = World::new(SHOP);
    world.settle();
    let at = world.observed.now;
    let write = Write::Acknowledged {
        resource_version: 1000,
        at,
    };
    let orders = key(Kind::Deployment, "orders");
    world.observed.writes.insert(orders, write.clone());
    let overdue = write.overdue_at().unwrap();
    assert!(overdue > at);
    assert_eq!(world.schedule().wake_at, Some(overdue));
}

#[test]
fn a_failed_job_is_replaced_after_a_while() {
    let mut world = World::new(SHOP);
    world.settle();
    let job = world
        .observed
        .live
        .keys()
        .find(|key| key.kind == Kind::Job)
        .unwrap()
        .clone();
    let failed = json!({"conditions": [{
        "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded",
        "message": "Job has reached the specified backoff limit",
        "lastTransitionTime": "1970-01-01T00:00:00Z",
    }]});
    let mut body = world.body(&job);
    body["status"] = failed;
    body["metadata"]["uid"] = json!("failed-job");
    let live = crate::observe::Live::new(Kind::Job, serde_json::from_value(body).unwrap()).unwrap();
    world
        .observed
        .live
        .insert(job.clone(), std::sync::Arc::new(live));
    assert_eq!(world.schedule().actions, []);
    world.pass(SignedDuration::from_mins(5));
    let asked = world.schedule().actions;
    assert_eq!(
        asked,
        [Action::Delete {
            key: job,
            uid: "failed-job".to_owned()
        }]
    );
}

#[test]
fn what_a_webhook_changed_is_not_sent_again() {
    let mut world = World::new(SHOP);
    world.settle();
    let deployment = key(Kind::Deployment, "orders");
    world.edit(&deployment, |body| {
        body["spec"]["template"]["spec"]["containers"][0]["image"] = json!("mirror/orders:1");
    });
    let digest = world.desired.digest(&deployment).to_owned();
    let paths = vec!["spec.template.spec.containers[orders].image".to_owned()];
    let changed = crate::observe::Changed { digest, paths };
    world
        .observed
        .changed_by_webhook
        .insert(deployment, changed);
    world.comparisons = super::Comparisons::default();
    assert_eq!(world.schedule().actions, []);
}

#[test]
fn an_app_is_deleted_in_the_reverse_order_and_its_data_is_kept() {
    let mut world = World::new(SHOP);
    world.settle();
    let mut gone = Vec::new();
    while let Teardown::Deleting(actions, _) =
        teardown(UID, DeletionPolicy::Retain, false, &world.observed)
    {
        assert!(
            !actions.is_empty(),
            "the deletion is stuck with {:?}",
            world.names()
        );
        for action in actions {
            let Action::Delete { key, .. } = action else {
                panic!("a deletion only deletes")
            };
            gone.push(format!("{} {}", key.kind, key.name));
            world.take(&key);
        }
    }
    let place = |name: &str| gone.iter().position(|line| line == name).unwrap();
    assert!(place("IngressRoute orders") < place("Deployment orders"));
    assert!(place("Deployment orders") < place("Deployment users"));
    assert!(place("Deployment users") < place("StatefulSet shop-postgresql-17"));
    assert_eq!(
        world.names(),
        [
            "Secret shop-postgresql-17-admin",
            "Secret users-users-db",
            "PersistentVolumeClaim data-shop-postgresql-17-0"
        ]
    );
}

#[test]
fn a_deletion_that_takes_the_data_too_takes_it_last() {
    let mut world = World::new(SHOP);
    world.settle();
    let mut last = String::new();
    while let Teardown::Deleting(actions, _) =
        teardown(UID, DeletionPolicy::Delete, false, &world.observed)
    {
        for action in actions {
            let Action::Delete { key, .. } = action else {
                panic!("a deletion only deletes")
            };
            last = key.kind.to_string();
            world.take(&key);
        }
    }
    assert_eq!((last.as_str(), world.names()), ("Secret", vec![]));
}

#[test]
fn a_namespace_that_is_going_holds_nothing_back() {
    let mut world = World::new(SHOP);
    world.settle();
    let now = teardown(UID, DeletionPolicy::Retain, true, &world.observed);
    assert_eq!(now, Teardown::Done(None));
}
