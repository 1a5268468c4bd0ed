//! Documents that are none of ours, or ours with a mistake in what they are.

use insta::assert_snapshot;

use super::{HEAD, refused, with};
use crate::manifest::{Origin, Text, parse};

#[test]
fn an_empty_file() {
    assert_snapshot!(refused("# nothing yet\n"), @"
    auth/gravity-service.yaml:1:1: the file is empty: a manifest begins with `name: `
      |
    1 | # nothing yet
      | ^
    ");
}

#[test]
fn a_list_on_top() {
    assert_snapshot!(refused("- name: auth-service\n"), @"
    auth/gravity-service.yaml:1:1: the document is a list, and a manifest is a map that begins with `name: `
      |
    1 | - name: auth-service
      | ^
    ");
}

#[test]
fn a_text_on_top() {
    assert_snapshot!(refused("hello world\n"), @"
    auth/gravity-service.yaml:1:1: the document is a text, and a manifest is a map that begins with `name: `
      |
    1 | hello world
      | ^^^^^^^^^^^
    ");
}

#[test]
fn a_misspelled_kind() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityServce\nmetadata: {name: a}\n"), @"
    auth/gravity-service.yaml:2:7: unknown kind GravityServce, did you mean GravityService? (there are GravityApp and GravityService)
      |
    2 | kind: GravityServce
      |       ^^^^^^^^^^^^^
    ");
}

#[test]
fn a_wrong_version_of_the_api() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1\nkind: GravityApp\nmetadata: {name: a}\nspec: {services: []}\n"), @"
    auth/gravity-service.yaml:1:13: a GravityApp has apiVersion: gravity.dev/v1alpha1, and this says gravity.dev/v1
      |
    1 | apiVersion: gravity.dev/v1
      |             ^^^^^^^^^^^^^^
    ");
}

#[test]
fn a_kind_without_its_version() {
    assert_snapshot!(refused("kind: GravityApp\nmetadata: {name: a}\n"), @"
    auth/gravity-service.yaml:1:7: `apiVersion` is missing: write apiVersion: gravity.dev/v1alpha1
      |
    1 | kind: GravityApp
      |       ^^^^^^^^^^
    ");
}

#[test]
fn a_version_without_its_kind() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nmetadata: {name: a}\n"), @"
    auth/gravity-service.yaml:1:1: `kind` is missing: write kind: GravityApp or kind: GravityService
      |
    1 | apiVersion: gravity.dev/v1alpha1
      | ^
    ");
}

#[test]
fn a_manifest_with_a_field_of_objects_is_not_passed_over() {
    assert_snapshot!(with("kind: api\n"), @"
    auth/gravity-service.yaml:4:7: `kind: api` says that this is an object of somebody else's, and a manifest has no kind: take the line out (what a service is stands in `type`), or move the document to another file if it is none
      |
    4 | kind: api
      |       ^^^
    ");
    assert_snapshot!(with("apiVersion: v1\n"), @"
    auth/gravity-service.yaml:4:13: `apiVersion: v1` says that this is an object of somebody else's, and a manifest has no apiVersion: take the line out (what a service is stands in `type`), or move the document to another file if it is none
      |
    4 | apiVersion: v1
      |             ^^
    ");
    let found = |name: &str, text: &str| {
        let text = Text {
            name: name.to_owned(),
            text: text.to_owned(),
            origin: Origin::Found,
        };
        parse(&[text])
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let like_one = format!("kind: Service\n{HEAD}");
    assert_snapshot!(found("services/auth.yaml", &like_one).unwrap_err(), @"
    services/auth.yaml:1:7: `kind: Service` says that this is an object of somebody else's, and a manifest has no kind: take the line out (what a service is stands in `type`), or move the document to another file if it is none
      |
    1 | kind: Service
      |       ^^^^^^^
    ");
    let others = [
        "kind: Service\napiVersion: v1\nmetadata: {name: a}\nspec: {ports: []}\n",
        // A chart says nearly the same of itself.
        "apiVersion: v2\nname: a\nversion: 1.0.0\ntype: application\ndependencies: []\n",
        "kind: pipeline\ntype: docker\nname: default\nsteps: []\n",
    ];
    for other in others {
        assert_eq!(found("chart/Chart.yaml", other), Ok(()));
    }
}

#[test]
fn an_app_without_services() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: shop}\nspec:\n  services: []\n  gatway: {}\n"), @"
    auth/gravity-service.yaml:5:13: `spec.services` is empty: it takes at least one item
      |
    5 |   services: []
      |             ^

    auth/gravity-service.yaml:6:3: unknown field `gatway`, did you mean `gateway`?
      |
    6 |   gatway: {}
      |   ^^^^^^
    ");
}

#[test]
fn an_object_without_a_spec() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {namespace: a}\n"), @r"
    auth/gravity-service.yaml:3:11: `metadata.name` is missing: add it
      |
    3 | metadata: {namespace: a}
      |           ^

    auth/gravity-service.yaml:1:1: `spec` is missing: add it (One version of one service, as its repository's `gravity-service.yaml` tells it)
      |
    1 | apiVersion: gravity.dev/v1alpha1
      | ^
    ");
}

#[test]
fn the_same_service_twice() {
    assert_snapshot!(refused(&format!("{HEAD}---\n{HEAD}")), @"
    auth/gravity-service.yaml:5:1: GravityService auth-service-1.4.0 is in auth/gravity-service.yaml:1 already: keep one of the two, or give one another version
      |
    5 | name: auth-service
      | ^
    ");
}

#[test]
fn two_apps_of_one_name() {
    let app = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: shop}\nspec: {services: [{name: a}]}\n";
    assert_snapshot!(refused(&format!("{app}---\n{app}")), @"
    auth/gravity-service.yaml:6:1: GravityApp shop is in auth/gravity-service.yaml:1 already: read one of the two at a time, or give one another name
      |
    6 | apiVersion: gravity.dev/v1alpha1
      | ^
    ");
}
