//! What is told of bad files and wrong usage.

use crate::run::{gravity, gravity_with};

#[test]
fn mistakes_in_a_file_are_told_with_their_place() {
    insta::assert_snapshot!(gravity(&["render", "-f", "broken"]).failure());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "nowhere.yaml"]).failure(), @"");
}

#[test]
fn files_without_an_app_are_told() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "pair/users"]).failure(), @"");
}

#[test]
fn several_apps_and_no_name_is_told() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "pair", "-f", "data"]).failure(), @"");
}

#[test]
fn an_app_that_is_not_there_is_told() {
    let outcome = gravity(&["resolve", "-f", "pair", "-f", "data", "--app", "dat"]);
    insta::assert_snapshot!(outcome.failure(), @"");
}

#[test]
fn an_environment_that_is_not_there_is_told() {
    let outcome = gravity(&["render", "-f", "pair", "--environment", "stagign"]);
    insta::assert_snapshot!(outcome.failure(), @"");
}

#[test]
fn empty_standard_input_is_told() {
    insta::assert_snapshot!(gravity_with(&["render", "-f", "-"], "").failure(), @"");
}

#[test]
fn a_missing_service_is_told() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "pair/app.yaml", "-f", "pair/web"]).failure(), @"");
}

#[test]
fn a_cycle_is_told_as_its_path() {
    insta::assert_snapshot!(gravity(&["render", "-f", "cycle"]).failure(), @"");
}

#[test]
fn a_field_that_validation_refuses_is_shown_in_its_file() {
    let app = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: one}\nspec:\n  \
               services:\n    - name: a\n      version: \"not a range\"\n";
    insta::assert_snapshot!(gravity_with(&["resolve", "-f", "-"], app).failure(), @"");
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["render"][..],
        &["rendre"],
        &["plan"],
        &["resolve", "-f", "pair", "--output", "toml"],
        &["status", "-A", "-n", "shop"],
        &[],
    ] {
        let outcome = gravity(arguments);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (2, ""),
            "{arguments:?}"
        );
        assert!(
            outcome.stderr.contains("Usage: gravity"),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn without_a_cluster_it_is_told_what_to_set() {
    insta::assert_snapshot!(gravity(&["status"]).failure(), @"");
    insta::assert_snapshot!(gravity(&["plan", "-f", "pair"]).failure(), @"");
}
