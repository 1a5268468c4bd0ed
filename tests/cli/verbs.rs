//! The verbs that look at an application's files.

use serde_json::Value;

use crate::run::{gravity, gravity_with, outcome, program};

#[test]
fn install_tells_what_would_be_made() {
    insta::assert_snapshot!(gravity(&["install", "-f", "data"]).answer(), @r"
    NAME   VERSION  WAVE  REQUIRED BY
    store  1.0.0    0     data

    data in namespace default: 1 service, 1 database on data-postgresql-16, 13 objects
    ");
    let view = gravity(&["install", "-f", "pair", "--output", "json"]).answer();
    insta::assert_snapshot!(view, @r#"
    {
      "app": "pair",
      "namespace": "pair",
      "services": [
        {
          "name": "users",
          "version": "1.1.0",
          "wave": 0,
          "requiredBy": [
            {
              "name": "web",
              "range": ">=1.0.0, <2.0.0"
            }
          ]
        },
        {
          "name": "web",
          "version": "2.0.0",
          "wave": 1,
          "requiredBy": [
            {
              "name": "pair",
              "range": "*"
            }
          ]
        }
      ],
      "servers": [],
      "databases": 0,
      "urls": {
        "web": "http://pair.example.com/"
      },
      "objects": 11
    }
    "#);
}

#[test]
fn why_tells_who_asks_and_what_stands_against_other_versions() {
    insta::assert_snapshot!(gravity(&["why", "users", "-f", "pair"]).answer(), @r"
    users 1.1.0
      asked by   web >=1.0.0, <2.0.0
      not chosen 1.0.0: a newer one fits
      needed by  web
                 so it cannot be removed without that
    ");
    insta::assert_snapshot!(gravity(&["why", "web", "-f", "pair", "-o", "yaml"]).answer(), @r#"
    name: web
    neededBy: []
    otherVersions: []
    requiredBy:
    - name: pair
      range: "*"
    version: "2.0.0"
    waitsFor:
    - service/users
    "#);
    insta::assert_snapshot!(gravity(&["why", "nobody", "-f", "pair"]).failure(), @"error: there is no service nobody in this project: there is users, web");
}

#[test]
fn a_graph_is_a_tree_a_drawing_and_data() {
    insta::assert_snapshot!(gravity(&["graph", "-f", "pair"]).answer(), @r"
    web 2.0.0
    └── users 1.1.0
    ");
    insta::assert_snapshot!(gravity(&["graph", "-f", "data", "-o", "mermaid"]).answer(), @r#"
    flowchart LR
      n0["store 1.0.0"]
      n1[("data-postgresql-16")]
      n0 --> n1
    "#);
    insta::assert_snapshot!(gravity(&["graph", "-f", "data", "-o", "dot"]).answer(), @r#"
    digraph application {
      rankdir=LR;
      node [shape=box];
      "store" [label="store 1.0.0"];
      "data-postgresql-16" [shape=cylinder];
      "store" -> "data-postgresql-16";
    }
    "#);
    let data = gravity(&["graph", "-f", "data", "-o", "json", "--services-only"]).answer();
    let data: Value = serde_json::from_str(&data).unwrap();
    assert!(
        data["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|node| node["kind"] == "service")
    );
}

#[test]
fn files_are_checked_without_a_cluster() {
    insta::assert_snapshot!(gravity(&["validate", "pair", "data"]).answer(), @"2 applications and 4 versions of services: all are right.");
    let told = gravity(&["validate", "broken"]).failure();
    assert!(told.contains("broken/") && told.contains(" | "), "{told}");
}

#[test]
fn shells_and_man_get_what_they_read() {
    for shell in ["bash", "zsh", "fish"] {
        let text = gravity(&["completions", shell]).answer();
        assert!(
            text.contains("install") && text.contains("force-conflicts"),
            "{shell}"
        );
    }
    let page = gravity(&["man", "start"]).answer();
    assert!(page.contains(".TH") && page.contains("force"), "{page}");
    insta::assert_snapshot!(gravity(&["man", "strat"]).failure(), @"error: there is no verb strat, and no program gravity-strat on the path: `gravity --help` shows the verbs");
}

/// kubectl asks a plugin's completion by words, and reads lines with a tab and a number at the end.
#[test]
fn kubectl_completes_the_plugin() {
    let script = gravity(&["completions", "kubectl"]).answer();
    assert!(
        script.starts_with("#!/bin/sh\n") && script.contains("gravity __complete"),
        "{script}"
    );
    insta::assert_snapshot!(gravity(&["__complete", "sta"]).answer(), @r"
    start	Apply the application to the cluster, and wait until it runs
    status	Print how applications and their services are
    :4
    ");
    insta::assert_snapshot!(gravity(&["__complete", "list", "--output", "j"]).answer(), @r"
    json	The same as JSON
    :4
    ");
    insta::assert_snapshot!(gravity(&["__complete", "generate", "com"]).answer(), @r"
    compose	A Compose file for a machine without Kubernetes; passwords are made once, into .env
    :4
    ");
    insta::assert_snapshot!(gravity(&["__complete", "resolve", "-o", ""]).answer(), @r#"
    table	A row a service
    json	{"services": [{"name", "version", "wave", "requiredBy": [{"name", "range"}]}]}; "contract" stands beside "range" where one is asked for
    yaml	The same as YAML
    :4
    "#);
    insta::assert_snapshot!(gravity(&["__complete", "completions", "k"]).answer(), @r"
    kubectl	kubectl, for the plugin
    :4
    ");
    assert_eq!(gravity(&["__complete", "status", "sho"]).answer(), ":0\n");
    assert_eq!(gravity(&["__complete", "nope", ""]).answer(), ":0\n");
}

#[test]
fn a_graph_is_drawn_for_a_page() {
    let svg = gravity(&["graph", "-f", "../../../examples/hello", "--output", "svg"]).answer();
    assert!(
        svg.starts_with("<?xml") && svg.contains("hello-api 1.0.0"),
        "{svg}"
    );
}

#[test]
fn validate_reads_what_is_piped_into_it() {
    let manifest = "name: web\nversion: 1.0.0\nimage: web:1\n";
    let told = gravity_with(&["validate", "-"], manifest).answer();
    insta::assert_snapshot!(told, @"1 version of a service: all are right.");
    let wrong = gravity_with(&["validate", "-"], "name: web\n").failure();
    assert!(wrong.starts_with("error: standard input:1:1: "), "{wrong}");
}

/// What is about the program alone works where its settings are wrong.
#[test]
fn a_wrong_file_of_engines_keeps_no_version_back() {
    for verb in [&["version"][..], &["completions", "bash"], &["man"]] {
        let mut command = program(verb);
        command.env("GRAVITY_ENGINES", "/nowhere.yaml");
        assert_eq!(outcome(command.output().unwrap()).code, 0, "{verb:?}");
    }
}
