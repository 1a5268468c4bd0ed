//! An app that is deleted.

use serde_json::json;

use super::SHOP;
use super::world::{UID, World, key};
use crate::api::app::DeletionPolicy;
use crate::api::objects::Kind;
use crate::observe::FailureKind;
use crate::schedule::{Action, Teardown, teardown};

#[test]
fn an_app_is_deleted_in_the_reverse_order_and_its_data_is_kept() {
    let mut world = World::new(SHOP);
    world.settle();
    let mut gone = Vec::new();
    while let Teardown::Deleting { actions, .. } =
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
    while let Teardown::Deleting { actions, .. } =
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

/// Edges that were written at different times can make a ring.
#[test]
fn a_ring_of_needs_holds_no_deletion_back() {
    let mut world = World::new(SHOP);
    world.settle();
    let users = key(Kind::Deployment, "users");
    world.edit(&users, |body| {
        body["metadata"]["annotations"]["gravity.dev/needs"] = json!("service/orders");
    });
    for _ in 0..100 {
        let Teardown::Deleting { actions, .. } =
            teardown(UID, DeletionPolicy::Retain, false, &world.observed)
        else {
            return;
        };
        assert_ne!(actions, [], "stuck with {:?}", world.names());
        for action in actions {
            let Action::Delete { key, .. } = action else {
                panic!("a deletion only deletes")
            };
            world.take(&key);
        }
    }
    panic!("the deletion has no end");
}

/// What the API server refuses to delete is told in its words and tried again in time.
#[test]
fn a_deletion_that_is_refused_is_told_and_tried_again() {
    let mut world = World::new(SHOP);
    world.settle();
    let route = key(Kind::IngressRoute, "orders");
    let says = "policy keep denies it";
    let retry_at = world.fail(&route, "", (FailureKind::Refused, 1, says));
    let Teardown::Deleting { waits, wake_at, .. } =
        teardown(UID, DeletionPolicy::Delete, false, &world.observed)
    else {
        panic!("the app went without its route")
    };
    assert_eq!(wake_at, Some(retry_at));
    insta::assert_snapshot!(waits, @"IngressRoute shop/orders should go and cannot be deleted: policy keep denies it");
}

#[test]
fn a_namespace_that_is_going_holds_nothing_back() {
    let mut world = World::new(SHOP);
    world.settle();
    let now = teardown(UID, DeletionPolicy::Retain, true, &world.observed);
    assert_eq!(now, Teardown::Done(None));
}
