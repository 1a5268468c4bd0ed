//! Values that are not what belongs there.

use insta::assert_snapshot;

use super::{refused, with};

#[test]
fn an_unquoted_version_says_how_to_quote_it() {
    assert_snapshot!(refused("name: a\nversion: 1.10\nimage: a:1\n"), @r#"
    auth/gravity-service.yaml:2:10: `version` is a number that YAML reads as 1.1, and a version belongs here: quote it, as version: "1.10.0"
      |
    2 | version: 1.10
      |          ^^^^
    "#);
}

#[test]
fn an_unquoted_version_of_a_database() {
    assert_snapshot!(with("databases: [{name: auth_db, type: postgresql, version: 15}]\n"), @r#"
    auth/gravity-service.yaml:4:56: `databases[0].version` is a number, and a version belongs here: quote it, as version: "15"
      |
    4 | databases: [{name: auth_db, type: postgresql, version: 15}]
      |                                                        ^^
    "#);
}

#[test]
fn an_unquoted_range_of_a_dependency() {
    assert_snapshot!(with("dependencies:\n- name: user-service\n  version: 1.10 # the newest\n"), @r#"
    auth/gravity-service.yaml:6:12: `dependencies[0].version` is a number that YAML reads as 1.1, and a version belongs here: quote it, as version: "1.10"
      |
    6 |   version: 1.10 # the newest
      |            ^^^^
    "#);
}

#[test]
fn a_number_in_the_environment() {
    assert_snapshot!(with("env:\n  PORT: 8080\n  DEBUG: yes\n  EMPTY:\n"), @r#"
    auth/gravity-service.yaml:5:9: `env.PORT` is a number, and a text belongs here: quote it, as PORT: "8080"
      |
    5 |   PORT: 8080
      |         ^^^^

    auth/gravity-service.yaml:6:10: `env.DEBUG` is a boolean that YAML reads as true, and a text belongs here: quote it, as DEBUG: "yes"
      |
    6 |   DEBUG: yes
      |          ^^^

    auth/gravity-service.yaml:7:3: `env.EMPTY` has no value: write EMPTY: "" for an empty text, or take the line out
      |
    7 |   EMPTY:
      |   ^^^^^
    "#);
}

#[test]
fn a_number_in_quotes() {
    assert_snapshot!(with("port: \"8000\"\n"), @r#"
    auth/gravity-service.yaml:4:7: `port` is a text, and a number belongs here: write it without quotes, as port: 8000
      |
    4 | port: "8000"
      |       ^^^^^^
    "#);
}

#[test]
fn a_number_that_is_none() {
    assert_snapshot!(with("port: 8O00\nscaling: {minReplicas: 010, maxReplicas: 1_0}\n"), @"
    auth/gravity-service.yaml:4:7: `port` is a text, and a whole number belongs here
      |
    4 | port: 8O00
      |       ^^^^

    auth/gravity-service.yaml:5:24: `scaling.minReplicas` is 010, and a whole number belongs here, written with digits only
      |
    5 | scaling: {minReplicas: 010, maxReplicas: 1_0}
      |                        ^^^

    auth/gravity-service.yaml:5:42: `scaling.maxReplicas` is 1_0, and a whole number belongs here, written with digits only
      |
    5 | scaling: {minReplicas: 010, maxReplicas: 1_0}
      |                                          ^^^
    ");
}

#[test]
fn a_number_where_quotes_alone_would_not_help() {
    assert_snapshot!(with("startupTimeout: 5\nmigrations: {command: [m], timeout: 1.5}\ndatabases: [{name: 7, type: redis}]\n"), @"
    auth/gravity-service.yaml:4:17: `startupTimeout` is a number, and a duration has a unit: write startupTimeout: 5s, or minutes and hours as 1h30m
      |
    4 | startupTimeout: 5
      |                 ^

    auth/gravity-service.yaml:5:37: `migrations.timeout` is a number, and a duration has a unit: write timeout: 90s, or minutes and hours as 1h30m
      |
    5 | migrations: {command: [m], timeout: 1.5}
      |                                     ^^^

    auth/gravity-service.yaml:6:20: `databases[0].name` is a number: write the name of a database, as auth_db: letters, digits, _ and -, and a letter or _ first
      |
    6 | databases: [{name: 7, type: redis}]
      |                    ^
    ");
}

#[test]
fn a_port_out_of_range() {
    assert_snapshot!(with("port: 70000\n"), @"
    auth/gravity-service.yaml:4:7: `port` is 70000, and it is from 1 to 65535
      |
    4 | port: 70000
      |       ^^^^^
    ");
}

#[test]
fn a_type_that_is_none() {
    assert_snapshot!(with("type: apii\n"), @r#"
    auth/gravity-service.yaml:4:7: `type` is "apii", did you mean api? It is one of api, web, worker, cron, job
      |
    4 | type: apii
      |       ^^^^
    "#);
}

#[test]
fn a_startup_that_is_none() {
    assert_snapshot!(with("dependencies: [{name: b, startup: Never}]\n"), @r#"
    auth/gravity-service.yaml:4:35: `dependencies[0].startup` is "Never", and it is one of Ordered, Unordered
      |
    4 | dependencies: [{name: b, startup: Never}]
      |                                   ^^^^^
    "#);
}

#[test]
fn a_text_where_a_list_belongs() {
    assert_snapshot!(with("command: uvicorn main:app\n"), @"
    auth/gravity-service.yaml:4:10: `command` is a text, and a list (`- ` before each item) belongs here
      |
    4 | command: uvicorn main:app
      |          ^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn a_list_where_a_map_belongs() {
    assert_snapshot!(with("env:\n- LOG_LEVEL=info\n"), @"
    auth/gravity-service.yaml:5:3: `env` is a list, and a map (`field: value`, indented, a line each) belongs here
      |
    5 | - LOG_LEVEL=info
      |   ^
    ");
}

#[test]
fn a_text_where_a_map_with_a_name_belongs() {
    assert_snapshot!(with("depends_on: [b]\n"), @"
    auth/gravity-service.yaml:4:14: `dependencies[0]` is a text, and a map belongs here: write - name: b
      |
    4 | depends_on: [b]
      |              ^
    ");
}

#[test]
fn a_boolean_of_another_spelling() {
    assert_snapshot!(with("deprecated: yes\n"), @"
    auth/gravity-service.yaml:4:13: `deprecated` is yes: write true or false, without quotes
      |
    4 | deprecated: yes
      |             ^^^
    ");
}

#[test]
fn a_fraction_where_the_server_takes_none() {
    assert_snapshot!(with("resources: {requests: {cpu: 0.5}}\n"), @r#"
    auth/gravity-service.yaml:4:29: `resources.requests.cpu` is 0.5, which an API server takes only as a text: write cpu: "0.5"
      |
    4 | resources: {requests: {cpu: 0.5}}
      |                             ^^^
    "#);
}
