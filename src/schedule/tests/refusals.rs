//! What stands in the way: strangers, refusals, deadlines, Jobs that fail.

use k8s_openapi::jiff::SignedDuration;
use serde_json::json;

use super::world::{World, key};
use super::{SHOP, state};
use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::observe::{FailureKind, Found, Write};
use crate::plan::{NodeId, NodeKind};
use crate::schedule::{Action, Comparisons, NodeState};

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
    insta::assert_snapshot!(message, @"Service shop/users belongs to the GravityApp shop/blog and is left as it is; a namespace holds one app: make this one in another namespace, or delete that one");
    world.pass(SignedDuration::from_secs(60));
    let asked = world.schedule().actions;
    assert!(asked.contains(&Action::LookUp {
        kind: Kind::Service,
        keys: vec![service]
    }));
}

#[test]
fn data_that_was_taken_out_of_the_app_is_not_taken_back() {
    let mut world = World::new(SHOP);
    world.settle();
    for data in [
        key(Kind::Secret, "users-users-db"),
        key(Kind::PersistentVolumeClaim, "data-shop-postgresql-17-0"),
    ] {
        world.edit(&data, |body| body["metadata"]["annotations"] = json!({}));
    }
    let schedule = world.schedule();
    assert_eq!(schedule.actions, []);
    let failed = schedule.nodes.values().filter_map(|state| match state {
        NodeState::Failed { reason, message } => Some(format!("{reason}: {message}")),
        _ => None,
    });
    insta::assert_snapshot!(failed.collect::<Vec<_>>().join("\n"), @r"
    OwnershipConflict: Secret shop/users-users-db has no annotation gravity.dev/app any more and is left as it is; to have its password used, give it the annotation gravity.dev/app=shop; or else rename the service or the app, or delete it
    OwnershipConflict: PersistentVolumeClaim shop/data-shop-postgresql-17-0 has no annotation gravity.dev/app any more and is left as it is; to have its data used, give it the annotation gravity.dev/app=shop; or else rename the service or the app, or delete it
    ");
}

#[test]
fn a_refused_object_stops_its_own_node_and_its_dependents_only() {
    let mut world = World::new(SHOP);
    world.settle();
    let deployment = key(Kind::Deployment, "users");
    world.edit(&deployment, |body| body["spec"]["paused"] = json!(true));
    world.edit(&deployment, |body| body["spec"]["template"] = json!({}));
    let digest = world.desired.digest(&deployment).to_owned();
    let failure = (FailureKind::Refused, 1, "exceeded quota: small");
    let retry_at = world.fail(&deployment, &digest, failure);
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
    world.pass(SignedDuration::from_secs(30));
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

/// A Job of a node of that kind has failed.
fn with_failed(kind: NodeKind) -> (World, ObjectKey) {
    let mut world = World::new(SHOP);
    world.settle();
    let nodes = world.desired.plan.nodes.values();
    let of_kind = nodes.filter(|node| node.id.kind == kind);
    let mut jobs = of_kind.flat_map(|node| &node.objects);
    let job = jobs.find(|object| object.key.kind == Kind::Job);
    let job = job.unwrap().key.clone();
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
    (world, job)
}

#[test]
fn a_failed_job_of_provisioning_is_replaced_after_a_while() {
    let (mut world, job) = with_failed(NodeKind::Provisioning);
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

/// As often as any other write that fails, and not as fast as the API server answers.
#[test]
fn a_failed_job_that_may_not_be_deleted_is_left_for_a_while() {
    let (mut world, job) = with_failed(NodeKind::Provisioning);
    world.pass(SignedDuration::from_mins(5));
    let retry_at = world.fail(&job, "", (FailureKind::Refused, 1, "forbidden"));
    let schedule = world.schedule();
    assert_eq!(
        (schedule.actions, schedule.wake_at),
        (vec![], Some(retry_at))
    );
    world.pass(SignedDuration::from_secs(30));
    assert!(matches!(
        &world.schedule().actions[..],
        [Action::Delete { .. }]
    ));
}

/// What keeps an object away for longer than a moment is told.
#[test]
fn an_object_that_is_being_deleted_or_cannot_be_sent_is_named() {
    let mut world = World::new(SHOP);
    world.settle();
    let claim = key(Kind::PersistentVolumeClaim, "data-shop-postgresql-17-0");
    world.edit(&claim, |body| {
        body["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    });
    let service = key(Kind::Service, "users");
    world.take(&service);
    let digest = world.desired.digest(&service).to_owned();
    let says = "etcdserver: mvcc: database space exceeded";
    world.fail(&service, &digest, (FailureKind::Transient, 4, says));
    let schedule = world.schedule();
    let told = schedule.nodes.values().filter_map(|state| match state {
        NodeState::Progressing(message) => Some(message.as_str()),
        _ => None,
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @"
    PersistentVolumeClaim shop/data-shop-postgresql-17-0 is being deleted, and the data in it goes when no pod uses it any more: save that first
    Service shop/users could not be sent 4 times, and is tried again: etcdserver: mvcc: database space exceeded
    ");
}

/// It has been tried as often as its manifest says, and each try may have done a half.
#[test]
fn a_failed_migration_is_not_run_again() {
    let (mut world, _) = with_failed(NodeKind::Migration);
    for _ in 0..3 {
        world.pass(SignedDuration::from_mins(5));
        let schedule = world.schedule();
        assert_eq!((schedule.actions, schedule.wake_at), (vec![], None));
    }
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
    world.comparisons = Comparisons::default();
    assert_eq!(world.schedule().actions, []);
}
