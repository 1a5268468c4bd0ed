//! Credentials are made once, and a server's data stays where it is.

use super::SHOP;
use super::world::{World, key};
use crate::api::objects::Kind;
use crate::api::reason::Reason;
use crate::plan::{NodeId, NodeKind};
use crate::schedule::{Action, NodeState};

#[test]
fn an_admin_secret_that_is_gone_while_data_is_there_is_never_made_anew() {
    let mut world = World::new(SHOP);
    world.settle();
    world.claim("data-shop-postgresql-17-0");
    world.take(&key(Kind::Secret, "shop-postgresql-17-admin"));
    let schedule = world.settle();
    let server = NodeId::new(NodeKind::Credentials, "shop-postgresql-17");
    let NodeState::Failed { reason, message } = &schedule.nodes[&server] else {
        panic!("a blind new password");
    };
    assert_eq!(*reason, Reason::CredentialsLost);
    insta::assert_snapshot!(message, @"Secret shop/shop-postgresql-17-admin is gone, and PersistentVolumeClaim shop/data-shop-postgresql-17-0 holds data that only its password opens: restore the Secret from a backup, or delete the claim to begin with an empty server");
}

/// The claim of a server whose name ends as another's does is not taken for that other's.
#[test]
fn the_data_of_another_server_takes_no_secret_away() {
    let text = SHOP.replace(
        "type: postgresql}],",
        "type: postgresql}, {name: keys, type: redis, keyPrefix: 'u:'}],",
    );
    let mut world = World::new(&text);
    world.claim("data-shop-my-shop-redis-7-0");
    world.settle();
    assert!(
        world
            .names()
            .contains(&"Secret shop-redis-7-admin".to_owned())
    );
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
