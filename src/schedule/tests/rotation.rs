//! New credentials while everything goes wrong that can: the operator is killed between any
//! two writes, Jobs take their time, pods restart whenever they like. At no moment is a pod
//! left with a login that the server does not know.

use proptest::prelude::*;

use super::running::{Event, Running, app};
use super::world::World;
use crate::plan::{Beside, NodeId, NodeKind};
use crate::schedule::NodeState;

#[test]
fn a_request_changes_the_login_in_three_writes_and_the_next_one_changes_it_back() {
    let mut running = Running::new(2);
    running.is_done("users_db_a");
    assert_eq!(
        running.steps(),
        Vec::<&str>::new(),
        "a new Secret needs no rotation"
    );
    running.world.ask(&app("1", "postgresql"));
    running.come_to_rest();
    running.is_done("users_db_b");
    let steps = [
        "Stage(\"6b86b273.\") users-users-db",
        "Switch users-users-db",
        "Finish users-users-db",
    ];
    assert_eq!(running.steps(), steps);
    running.world.restart();
    assert_eq!(running.world.schedule().actions, []);
    running.world.ask(&app("2", "postgresql"));
    running.come_to_rest();
    running.is_done("users_db_a");
}

#[test]
fn the_old_login_stays_for_as_long_as_a_pod_has_it() {
    let mut running = Running::new(1);
    running.world.ask(&app("1", "postgresql"));
    // A pod of a CronJob, or one that is going, is no part of the Deployment's count.
    let old = running.pods[0].clone();
    let going = old.uses();
    for _ in 0..40 {
        running.happen(Event::Roll);
        let actions = running.world.schedule().actions;
        for job in running.jobs() {
            assert!(running.run(&job));
            running.world.finish(&job);
        }
        running
            .world
            .observed
            .users
            .insert("going".to_owned(), going.clone());
        let held = running.world.schedule().actions;
        actions
            .iter()
            .filter(|action| held.contains(action))
            .for_each(|action| running.world.carry_out(action));
        running.logs_in(&old);
    }
    let rotation = running.world.observed.live[&running.secret()]
        .rotation
        .clone()
        .unwrap();
    assert!(matches!(rotation.beside, Some(Beside::Previous(_))));
    running
        .world
        .observed
        .users
        .insert("going".to_owned(), going);
    let schedule = running.world.schedule();
    let NodeState::Rotating(told) =
        &schedule.nodes[&NodeId::new(NodeKind::Credentials, "users-users-db")]
    else {
        panic!("{:?}", schedule.nodes);
    };
    insta::assert_snapshot!(told, @"Secret shop/users-users-db gets new credentials, and waits for its service to restart with the new login");
    running.show();
    running.come_to_rest();
    running.is_done("users_db_b");
}

#[test]
fn the_secret_itself_can_ask() {
    let mut running = Running::new(1);
    let secret = running.secret();
    running.world.edit(&secret, |body| {
        body["metadata"]["annotations"]["gravity.dev/rotate-credentials"] = "now".into()
    });
    running.come_to_rest();
    running.is_done("users_db_b");
    // Taken away, it asks for nothing.
    running.world.edit(&secret, |body| {
        body["metadata"]["annotations"]
            .as_object_mut()
            .unwrap()
            .remove("gravity.dev/rotate-credentials");
    });
    assert_eq!(running.world.schedule().actions, []);
}

#[test]
fn a_password_that_was_given_is_not_replaced() {
    let mut running = Running::new(1);
    let secret = running.secret();
    running.world.edit(&secret, |body| {
        body["metadata"]["annotations"]["gravity.dev/given"] = "true".into()
    });
    running.world.ask(&app("1", "postgresql"));
    running.come_to_rest();
    running.is_done("users_db_a");
    insta::assert_snapshot!(running.world.desired.plan.warnings.join("\n"), @"the credentials in Secret users-users-db are not rotated as gravity.dev/rotate-credentials asks: its password was given, so change it there");
}

#[test]
fn an_engine_without_two_logins_says_why_it_rotates_nothing() {
    let mut world = World::new(&app("0", "consul"));
    world.settle();
    world.ask(&app("1", "consul"));
    assert_eq!(world.settle().actions, []);
    insta::assert_snapshot!(world.desired.plan.warnings.join("\n"), @"the credentials in Secret users-users-db are not rotated as gravity.dev/rotate-credentials asks: Consul: it has no logins");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens in whatever order, no pod is ever locked out, and the end is the same.
    #[test]
    fn nobody_is_locked_out_and_the_end_is_the_same(events in proptest::collection::vec(Event::any(), 0..80)) {
        let mut running = Running::new(2);
        running.world.ask(&app("1", "postgresql"));
        for event in events {
            running.happen(event);
        }
        running.come_to_rest();
        running.is_done("users_db_b");
        prop_assert_eq!(running.steps().len(), 3, "{:?}", running.steps());
    }
}
