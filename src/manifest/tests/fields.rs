//! Fields that are misspelled, missing, or there twice.

use insta::assert_snapshot;

use super::{refused, with};

#[test]
fn an_unknown_field_gets_the_nearest_name() {
    assert_snapshot!(with("dependancies: []\n"), @"
    auth/gravity-service.yaml:4:1: unknown field `dependancies`, did you mean `dependencies`?
      |
    4 | dependancies: []
      | ^^^^^^^^^^^^
    ");
}

#[test]
fn an_unknown_field_deep_inside_has_its_own_place() {
    assert_snapshot!(with("databases:\n  - name: auth_db\n    type: postgresql\n    extension: [pgcrypto]\n"), @"
    auth/gravity-service.yaml:7:5: unknown field `extension`, did you mean `extensions`?
      |
    7 |     extension: [pgcrypto]
      |     ^^^^^^^^^
    ");
}

#[test]
fn a_field_that_is_like_none_gets_the_list() {
    assert_snapshot!(with("api:\n  xyzzyplugh: 1\n"), @"
    auth/gravity-service.yaml:5:3: unknown field `xyzzyplugh`: the fields here are authentication, contract, hosts, methods, paths, prefix, protocol, rewrite, stripPrefix, traffic
      |
    5 |   xyzzyplugh: 1
      |   ^^^^^^^^^^
    ");
}

#[test]
fn a_probe_with_an_unknown_field() {
    assert_snapshot!(with("health:\n  liveness: {path: /health, periodSecond: 5}\n  readiness: 5\n"), @"
    auth/gravity-service.yaml:5:29: unknown field `periodSecond`, did you mean `periodSeconds`?
      |
    5 |   liveness: {path: /health, periodSecond: 5}
      |                             ^^^^^^^^^^^^

    auth/gravity-service.yaml:6:14: `health.readiness` is a number, and a path, as /health, or a map with path and timing belongs here
      |
    6 |   readiness: 5
      |              ^
    ");
}

#[test]
fn missing_fields_say_what_they_are() {
    assert_snapshot!(refused("name: auth-service\ndatabases:\n- type: redis\n"), @"
    auth/gravity-service.yaml:3:3: `databases[0].name` is missing: add it (The database's name on its server)
      |
    3 | - type: redis
      |   ^

    auth/gravity-service.yaml:1:1: `image` is missing: add it (The container image)
      |
    1 | name: auth-service
      | ^

    auth/gravity-service.yaml:1:1: `version` is missing: add it (The service's version)
      |
    1 | name: auth-service
      | ^
    ");
}

#[test]
fn both_spellings_of_a_field() {
    assert_snapshot!(with("min_instances: 2\nscaling:\n  minReplicas: 3\n"), @"
    auth/gravity-service.yaml:4:1: `min_instances` is an older name of `scaling.minReplicas`, which is here too: keep `scaling.minReplicas` only
      |
    4 | min_instances: 2
      | ^^^^^^^^^^^^^
    ");
}

#[test]
fn both_spellings_of_a_nested_field() {
    assert_snapshot!(with("scaling:\n  min_replicas: 2\n  minReplicas: 3\n"), @"
    auth/gravity-service.yaml:5:3: `min_replicas` is an older name of `minReplicas`, which is here too: keep `minReplicas` only
      |
    5 |   min_replicas: 2
      |   ^^^^^^^^^^^^
    ");
}

#[test]
fn both_spellings_of_a_dependencys_name() {
    assert_snapshot!(with("dependencies: [{service_name: b, name: c}]\n"), @"
    auth/gravity-service.yaml:4:17: `dependencies[].service_name` is an older name of `dependencies[].name`, which is here too: keep `dependencies[].name` only
      |
    4 | dependencies: [{service_name: b, name: c}]
      |                 ^^^^^^^^^^^^
    ");
}

#[test]
fn the_older_spelling_in_an_object() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {name: a}\nspec:\n  name: a\n  version: 1.0.0\n  image: a:1\n  min_instances: 2\n  startup_timeout: 5m\n"), @"
    auth/gravity-service.yaml:8:3: unknown field `min_instances`: inside a Kubernetes object it is spelled `scaling.minReplicas`
      |
    8 |   min_instances: 2
      |   ^^^^^^^^^^^^^

    auth/gravity-service.yaml:9:3: unknown field `startup_timeout`: inside a Kubernetes object it is spelled `startupTimeout`
      |
    9 |   startup_timeout: 5m
      |   ^^^^^^^^^^^^^^^
    ");
}

#[test]
fn an_older_name_inside_of_an_objects_field() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {name: a}\nspec:\n  name: a\n  version: 1.0.0\n  image: a:1\n  dependencies: [{service_name: b}]\n  health: {liveness_probe: /}\n"), @"
    auth/gravity-service.yaml:8:19: unknown field `service_name`: inside a Kubernetes object it is spelled `name`
      |
    8 |   dependencies: [{service_name: b}]
      |                   ^^^^^^^^^^^^

    auth/gravity-service.yaml:8:18: `spec.dependencies[0].name` is missing: add it (The other service's name)
      |
    8 |   dependencies: [{service_name: b}]
      |                  ^

    auth/gravity-service.yaml:9:12: unknown field `liveness_probe`: inside a Kubernetes object it is spelled `liveness`
      |
    9 |   health: {liveness_probe: /}
      |            ^^^^^^^^^^^^^^
    ");
}

#[test]
fn an_older_name_at_a_place_where_it_never_was() {
    assert_snapshot!(with("api: {min_instances: 2}\n"), @"
    auth/gravity-service.yaml:4:7: unknown field `min_instances`: a manifest says this in `scaling.minReplicas`
      |
    4 | api: {min_instances: 2}
      |       ^^^^^^^^^^^^^
    ");
}
