//! What is chosen where there is a choice.

use super::notation::given;
use crate::resolve::ResolutionView;

#[test]
fn the_newest_that_fits_comes_with_its_dependencies() {
    let given = given(
        "order ^1",
        "order 1.0.0: user ^1
         order 1.1.0: user ^1
         order 2.0.0: user ^2
         user 1.0.0
         user 1.9.0
         user 2.0.0",
    );
    assert_eq!(given.chosen(), "order 1.1.0, user 1.9.0");
}

#[test]
fn an_older_version_is_taken_where_the_newest_does_not_go_together() {
    let given = given(
        "order *, cart *",
        "order 2.0.0: user ^2
         order 1.0.0: user ^1
         cart 1.0.0: user ^1
         user 1.0.0
         user 2.0.0",
    );
    assert_eq!(given.chosen(), "cart 1.0.0, order 1.0.0, user 1.0.0");
}

#[test]
fn a_locked_version_is_kept_while_it_fits() {
    let catalogue = "order 1.0.0: user ^1
         user 1.0.0
         user 1.1.0
         user 2.0.0";
    let running = given("order *", catalogue).running("order 1.0.0, user 1.0.0");
    assert_eq!(running.chosen(), "order 1.0.0, user 1.0.0");
    let newer = given("order *, user >=1.1", catalogue).running("order 1.0.0, user 1.0.0");
    assert_eq!(newer.chosen(), "order 1.0.0, user 1.1.0");
}

#[test]
fn what_the_app_locks_is_taken_while_it_fits_whatever_runs() {
    let catalogue = "order 1.0.0: user *
         user 1.0.0
         user 1.1.0
         user 2.0.0";
    let given = given("order *", catalogue);
    let locked = given.clone().locked("user 1.1.0");
    assert_eq!(locked.chosen(), "order 1.0.0, user 1.1.0");
    let running = given.clone().running("user 2.0.0").locked("user 1.0.0");
    assert_eq!(running.chosen(), "order 1.0.0, user 1.0.0");
    // One that is not there cannot be had, and what runs stays.
    let gone = given.running("user 1.0.0").locked("user 1.5.0, cart 1.0.0");
    assert_eq!(gone.chosen(), "order 1.0.0, user 1.0.0");
}

#[test]
fn automatic_moves_to_the_newest() {
    let given = given("user *", "user 1.0.0\n user 1.1.0").running("user 1.0.0");
    assert_eq!(given.clone().chosen(), "user 1.0.0");
    assert_eq!(given.automatic().chosen(), "user 1.1.0");
}

#[test]
fn a_new_root_adapts_to_what_runs() {
    let given = given(
        "cart *, order *",
        "cart 2.0.0: user ^2
         cart 1.0.0: user ^1
         order 1.0.0: user *
         user 1.0.0
         user 2.0.0",
    );
    assert_eq!(
        given.clone().chosen(),
        "cart 2.0.0, order 1.0.0, user 2.0.0"
    );
    let running = given.running("order 1.0.0, user 1.0.0");
    assert_eq!(running.chosen(), "cart 1.0.0, order 1.0.0, user 1.0.0");
}

#[test]
fn only_what_must_change_changes() {
    let given = given(
        "cart ^2, order *, mail *",
        "cart 2.0.0: user ^2
         order 1.0.0: user *
         order 1.1.0: user *
         mail 1.0.0
         mail 1.1.0
         user 1.0.0
         user 2.0.0",
    );
    let running = given.running("cart 1.0.0, order 1.0.0, mail 1.0.0, user 1.0.0");
    assert_eq!(
        running.chosen(),
        "cart 2.0.0, mail 1.0.0, order 1.0.0, user 2.0.0"
    );
}

#[test]
fn what_nobody_asks_for_any_more_is_gone() {
    let given = given("order *", "order 1.0.0\n user 1.0.0").running("order 1.0.0, user 1.0.0");
    assert_eq!(given.chosen(), "order 1.0.0");
}

#[test]
fn a_deprecated_version_is_kept_and_never_chosen_anew() {
    let catalogue = "user 1.0.0\n user 1.1.0!";
    assert_eq!(given("user *", catalogue).chosen(), "user 1.0.0");
    let running = given("user *", catalogue).running("user 1.1.0");
    assert_eq!(running.clone().chosen(), "user 1.1.0");
    assert_eq!(running.automatic().chosen(), "user 1.1.0");
    let older = given("user *", "user 1.0.0!\n user 1.1.0").running("user 1.0.0");
    assert_eq!(older.clone().chosen(), "user 1.0.0");
    assert_eq!(older.automatic().chosen(), "user 1.1.0");
}

#[test]
fn a_pre_release_is_chosen_only_where_it_is_named() {
    let catalogue = "user 1.0.0\n user 2.0.0-rc.1\n user 2.0.0-rc.2";
    assert_eq!(given("user *", catalogue).chosen(), "user 1.0.0");
    assert_eq!(given("user >=1.0.0", catalogue).chosen(), "user 1.0.0");
    let named = given("user >=2.0.0-rc.1", catalogue);
    assert_eq!(named.chosen(), "user 2.0.0-rc.2");
}

#[test]
fn an_optional_dependency_pulls_nothing_in() {
    let given = given("order *", "order 1.0.0: stock? ^1\n stock 1.0.0");
    assert_eq!(given.chosen(), "order 1.0.0");
}

#[test]
fn an_optional_dependency_on_what_does_not_exist_is_fine() {
    assert_eq!(
        given("order *", "order 1.0.0: stock? ^1").chosen(),
        "order 1.0.0"
    );
}

#[test]
fn an_optional_range_holds_where_the_service_is_there_anyway() {
    let given = given(
        "cart *, order *",
        "order 1.0.0: stock? ^1
         cart 1.0.0: stock *
         stock 1.0.0
         stock 2.0.0",
    );
    assert_eq!(given.chosen(), "cart 1.0.0, order 1.0.0, stock 1.0.0");
}

#[test]
fn an_optional_range_can_lead_to_an_older_dependent() {
    // Resolving what is required first would end with stock 2.0.0, which order forbids.
    let given = given(
        "cart *, order *",
        "order 1.0.0: stock? ^1
         cart 2.0.0: stock ^2
         cart 1.0.0
         stock 2.0.0",
    );
    assert_eq!(given.chosen(), "cart 1.0.0, order 1.0.0");
}

#[test]
fn absence_is_not_preferred_to_the_newest() {
    // That order could do without stock is no reason for an older cart.
    let given = given(
        "order *, zcart *",
        "order 1.0.0: stock? *
         zcart 2.0.0: stock *
         zcart 1.0.0
         stock 1.0.0",
    );
    assert_eq!(given.chosen(), "order 1.0.0, stock 1.0.0, zcart 2.0.0");
}

#[test]
fn the_contract_narrows_the_versions() {
    let given = given(
        "order *",
        "order 1.0.0: user @^2
         user 1.0.0 @1.0.0
         user 2.0.0 @2.3.0
         user 3.0.0 @3.0.0
         user 4.0.0",
    );
    assert_eq!(given.chosen(), "order 1.0.0, user 2.0.0");
}

#[test]
fn what_is_gone_and_out_of_range_is_let_go() {
    let given = given("user >=1.1", "user 1.2.0").running("user 1.0.0");
    assert_eq!(given.chosen(), "user 1.2.0");
}

#[test]
fn automatic_leaves_behind_what_is_gone() {
    let given = given("user *", "user 1.2.0")
        .running("user 1.0.0")
        .automatic();
    assert_eq!(given.chosen(), "user 1.2.0");
}

#[test]
fn waves_count_ordered_dependencies_only() {
    let given = given(
        "web *",
        "web 1.0.0: order *, cart *, mail? *
         order 1.0.0: user ^1, cart~ *
         cart 1.0.0: order~ *, mail >=1; <3 @^1
         mail 1.0.0 @1.0.0
         user 1.0.0",
    );
    let view = ResolutionView::from(&given.resolve().unwrap());
    insta::assert_snapshot!(serde_json::to_string_pretty(&view).unwrap(), @r#"
        {
          "services": [
            {
              "name": "mail",
              "version": "1.0.0",
              "wave": 0,
              "requiredBy": [
                {
                  "name": "cart",
                  "range": ">=1, <3",
                  "contract": "^1"
                },
                {
                  "name": "web",
                  "range": "*"
                }
              ]
            },
            {
              "name": "user",
              "version": "1.0.0",
              "wave": 0,
              "requiredBy": [
                {
                  "name": "order",
                  "range": "^1"
                }
              ]
            },
            {
              "name": "cart",
              "version": "1.0.0",
              "wave": 1,
              "requiredBy": [
                {
                  "name": "order",
                  "range": "*"
                },
                {
                  "name": "web",
                  "range": "*"
                }
              ]
            },
            {
              "name": "order",
              "version": "1.0.0",
              "wave": 1,
              "requiredBy": [
                {
                  "name": "cart",
                  "range": "*"
                },
                {
                  "name": "web",
                  "range": "*"
                }
              ]
            },
            {
              "name": "web",
              "version": "1.0.0",
              "wave": 2,
              "requiredBy": [
                {
                  "name": "shop",
                  "range": "*"
                }
              ]
            }
          ]
        }
    "#);
}
