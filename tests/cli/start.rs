//! `gravity start` and `gravity doctor` where something is missing.

use std::fs;

use tempfile::TempDir;

use crate::cluster::cluster;
use crate::repositories::manifest;
use crate::run::{gravity, outcome, program};

/// A project of one service, in a namespace of the project's name.
fn project(name: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = program(arguments);
        outcome(command.current_dir(folder.path()).output().unwrap()).answer();
    };
    // A folder that is not looked into when all of this is read.
    let repository = folder.path().join(".repository");
    fs::create_dir(&repository).unwrap();
    fs::write(
        repository.join("gravity-service.yaml"),
        manifest("web", "1.0.0", ""),
    )
    .unwrap();
    let app = format!(
        "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {{name: {name}, namespace: {name}}}\nspec: {{services: []}}\n"
    );
    fs::write(folder.path().join("gravity.yaml"), app).unwrap();
    run(&["add", ".repository"]);
    folder
}

#[test]
fn without_a_cluster_it_is_said_how_to_name_one() {
    let folder = project("nowhere");
    let path = folder.path().to_str().unwrap();
    insta::assert_snapshot!(gravity(&["start", "-f", path]).failure(), @r"
    error: no cluster to ask: the kubeconfig no-such-file.yaml cannot be read: No such file or directory
    set KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`
    ");
    insta::assert_snapshot!(gravity(&["doctor"]).failure(), @r"
    error: no cluster to ask: the kubeconfig no-such-file.yaml cannot be read: No such file or directory
    set KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`
    ");
}

#[test]
fn without_definitions_it_is_said_how_to_install_them() {
    let told = cluster().start_without_definitions.clone().failure();
    insta::assert_snapshot!(cluster().without_address(&told), @"error: the cluster https://SERVER has no gravityapps: install Gravity, or its definitions alone by `gravity crds | kubectl apply --server-side -f -`");
    let doctor = &cluster().doctor_without_definitions;
    assert_eq!(doctor.code, 1);
    let lines: Vec<&str> = doctor
        .stdout
        .lines()
        .filter(|line| !line.starts_with("cluster") && !line.starts_with("git "))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    CHECK        STATE    SAYS
    definitions  missing  there is no gravityapps.gravity.dev: Gravity is not installed
    operator     missing  there is none
    storage      fine     standard is the default class
    gateway      fine     gateway.class can be Traefik
    metrics      warning  there is no metrics-server: autoscalers keep their last number of pods without it

    definitions:
      gravity crds | kubectl apply --server-side -f -

    operator:
      helm install gravity charts/gravity --namespace gravity-system --create-namespace --set image.repository=registry.example.com/gravity
    ");
}

#[test]
fn without_an_operator_nobody_waits_long() {
    let folder = project("alone");
    let path = folder.path().to_str().unwrap();
    let outcome = cluster().gravity(&["start", "-f", path, "--timeout", "2s"]);
    assert_eq!(outcome.code, 1);
    insta::assert_snapshot!(outcome.stderr, @r"
    Made the namespace alone.
    Applied 1 version of a service and the application alone to namespace alone.
    error: no operator has looked at alone in 2s: is it running? `kubectl get pods --all-namespaces --selector app.kubernetes.io/name=gravity` shows it; `gravity doctor` tells what is missing
    ");
    let doctor = cluster().gravity(&["doctor", "--output", "json"]);
    assert_eq!(doctor.code, 1);
    let view: serde_json::Value = serde_json::from_str(&doctor.stdout).unwrap();
    let checks = view["checks"].as_array().unwrap();
    let operator = checks
        .iter()
        .find(|check| check["check"] == "operator")
        .unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(operator).unwrap(), @r#"
    {
      "check": "operator",
      "mend": "helm install gravity charts/gravity --namespace gravity-system --create-namespace --set image.repository=registry.example.com/gravity",
      "message": "there is none",
      "state": "missing"
    }
    "#);
}

#[test]
fn who_may_not_apply_is_told_which_right_is_missing() {
    cluster().namespace("reader");
    let reader = cluster().who_may_list("reader");
    let folder = project("reader");
    let path = folder.path().to_str().unwrap();
    let told = cluster()
        .gravity_as(&reader, &["start", "-f", path])
        .failure();
    insta::assert_snapshot!(told, @r#"error: you have no right to change gravityservices: ask for a Role with apiGroups ["gravity.dev"], resources ["gravityservices"], verbs ["patch"]; the API server says: gravityservices.gravity.dev "web-1.0.0" is forbidden: User "system:serviceaccount:reader:reader" cannot patch resource "gravityservices" in API group "gravity.dev" in the namespace "reader""#);
    let doctor = cluster().gravity_as(&reader, &["doctor", "-n", "reader", "--output", "json"]);
    let view: serde_json::Value = serde_json::from_str(&doctor.stdout).unwrap();
    let checks = view["checks"].as_array().unwrap();
    let rights = checks
        .iter()
        .find(|check| check["check"] == "rights")
        .unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(rights).unwrap(), @r#"
    {
      "check": "rights",
      "mend": "ask for: kubectl create rolebinding gravity-admin -n reader --clusterrole=admin --user=YOU",
      "message": "in reader you may not patch gravityapps, watch gravityapps, delete gravityapps, patch gravityservices, delete gravityservices, get pods/log",
      "state": "missing"
    }
    "#);
}
