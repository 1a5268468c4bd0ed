//! What is told of bad files and wrong usage.

use crate::run::{gravity, gravity_with, outcome, program};

#[test]
fn mistakes_in_a_file_are_told_with_their_place() {
    insta::assert_snapshot!(gravity(&["render", "-f", "broken"]).failure());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "nowhere.yaml"]).failure(), @"error: nowhere.yaml: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn files_without_an_app_are_told() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "pair/users"]).failure(), @"error: no GravityApp in pair/users: name the file that holds it too, as in `-f app.yaml -f services/`");
}

#[test]
fn several_apps_and_no_name_is_told() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "pair", "-f", "data"]).failure(), @"error: pair, data hold 2 GravityApps: say which is meant by --app, one of pair, data");
}

#[test]
fn an_app_that_is_not_there_is_told() {
    let outcome = gravity(&["resolve", "-f", "pair", "-f", "data", "--app", "dat"]);
    insta::assert_snapshot!(outcome.failure(), @"error: no GravityApp dat in pair, data: there is pair, data");
}

#[test]
fn an_environment_that_is_not_there_is_told() {
    let outcome = gravity(&["render", "-f", "pair", "--environment", "stagign"]);
    insta::assert_snapshot!(outcome.failure(), @"error: --environment stagign: GravityApp pair has no such environment; there is production, staging");
}

#[test]
fn empty_standard_input_is_told() {
    insta::assert_snapshot!(gravity_with(&["render", "-f", "-"], "").failure(), @"error: standard input:1:1: the file is empty: a manifest begins with `name: `");
}

#[test]
fn a_missing_service_is_told() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "pair/app.yaml", "-f", "pair/web"]).failure(), @"
    error: web 2.0.0 needs users, and there is no service of that name.
      the catalogue has web
    To mend it: give a manifest of users too, by -f.
    ");
}

#[test]
fn a_cycle_is_told_as_its_path() {
    insta::assert_snapshot!(gravity(&["render", "-f", "cycle"]).failure(), @"
    error: these services wait for one another to start: a → b → a.
    To mend it: write `startup: Unordered` at the dependency a of b 1.0.0: it still gets the URL of a, but does not wait for it.
    ");
}

#[test]
fn a_field_that_validation_refuses_is_shown_in_its_file() {
    let app = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: one}\nspec:\n  \
               services:\n    - name: a\n      version: \"not a range\"\n";
    insta::assert_snapshot!(gravity_with(&["resolve", "-f", "-"], app).failure(), @r#"
    error: standard input:7:16: spec.services[0].version: "not a range" is no range that can be read (unexpected character 'n' while parsing major version number): write one as ">=1.0.0, <3.0.0", "^1.4", "~1.4.2", "=1.4.0" or "*"
      |
    7 |       version: "not a range"
      |                ^^^^^^^^^^^^^
    "#);
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["render", "--fiel", "pair"][..],
        &["why"],
        &["scale", "web"],
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
        assert!(outcome.stderr.contains("--help"), "{}", outcome.stderr);
    }
}

#[test]
fn a_namespace_that_none_can_be_is_wrong_usage() {
    for arguments in [
        &["render", "-f", "pair", "-n", "Bad_NS"][..],
        &["render", "-f", "pair", "-n", ""],
        &["resolve", "-f", "pair", "-n", "a.b"],
        &["status", "-n", "-a"],
        &["plan", "shop", "-n", "a-"],
        &["plan", "shop", "--catalog-namespace", "A"],
        &["operator", "--namespace", "A_B"],
        &["operator", "--catalog-namespace", "A_B"],
        &["operator", "--lease-namespace", "A_B"],
    ] {
        let outcome = gravity(arguments);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (2, ""),
            "{arguments:?}"
        );
    }
    insta::assert_snapshot!(gravity(&["render", "-f", "pair", "-n", "Bad_NS"]).stderr, @"
    error: invalid value 'Bad_NS' for '--namespace <NAME>': no namespace can have this name: write lower-case letters, digits and hyphens, at most 63 and no hyphen first or last, as team-a

    For more information, try '--help'.
    ");
    let digit_first = gravity(&["render", "-f", "pair", "-n", "4shop"]);
    assert_eq!(digit_first.code, 0, "{}", digit_first.stderr);
}

#[test]
fn without_a_cluster_it_is_told_what_to_set() {
    insta::assert_snapshot!(gravity(&["status"]).failure(), @"
    error: no cluster to ask: the kubeconfig no-such-file.yaml cannot be read: No such file or directory
    set KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`
    ");
    insta::assert_snapshot!(gravity(&["plan", "-f", "pair"]).failure(), @"
    error: no cluster to ask: the kubeconfig no-such-file.yaml cannot be read: No such file or directory
    set KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`
    ");
}

#[test]
fn a_broken_kubeconfig_is_told_in_one_line_and_what_to_do_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let told = |text: &str| {
        let path = folder.path().join("config");
        std::fs::write(&path, text).unwrap();
        let output = program(&["status"]).env("KUBECONFIG", &path).output();
        outcome(output.unwrap()).failure()
    };
    insta::assert_snapshot!(told("{{{"), @"
    error: no cluster to ask: the kubeconfig is no YAML: unclosed bracket '{' at line 1, column 3
    set KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`
    ");
    insta::assert_snapshot!(told("apiVersion: v1\nkind: Config\n"), @"
    error: no cluster to ask: there is no current context in the kubeconfig
    set KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`
    ");
    let context = "apiVersion: v1\nkind: Config\ncurrent-context: b\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n";
    insta::assert_snapshot!(told(context), @"
    error: no cluster to ask: the kubeconfig's current context is b, and it has none of that name
    set KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`
    ");
    insta::assert_snapshot!(told(&context.replace("context: b", "context: a")), @"
    error: no cluster to ask: the kubeconfig's context leads to the cluster c, and it has none of that name
    set KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`
    ");
    let certificate = "clusters: [{name: c, cluster: {server: 'https://x', certificate-authority: nowhere.pem}}]\nusers: [{name: u, user: {}}]\n";
    let message = told(&format!(
        "{}{certificate}",
        context.replace("context: b", "context: a")
    ));
    let message = message.replace(&folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(message, @"
    error: no cluster to ask: failed to read file FOLDER/nowhere.pem: No such file or directory (os error 2)
    set KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`
    ");
}

#[test]
fn what_only_all_services_together_show_has_its_place_too() {
    let app = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: one}\nspec:\n  services: [{name: a}]\n---\n";
    let service =
        "name: a\nversion: 1.0.0\nimage: a:1\ndatabases:\n- {name: main, type: postgresql}\n";
    let told = |rest: &str| {
        gravity_with(&["render", "-f", "-"], &format!("{app}{service}{rest}")).failure()
    };
    insta::assert_snapshot!(told("env:\n  MAIN_URL: mine\n"), @"
    error: standard input:13:13: a: the variable MAIN_URL comes from the database main and from env of its manifest: rename one of them, or set databases[].env
       |
    13 |   MAIN_URL: mine
       |             ^^^^
    ");
    insta::assert_snapshot!(told("envFrom:\n- {configMap: b}\n- {secret: one-postgresql-17-admin}\n"), @"
    error: standard input:14:12: a: envFrom[1].secret names the Secret one-postgresql-17-admin, the login of the administrator of one-postgresql-17, which is not for a to have: take it out, and declare in databases what the service needs, and it gets a login of its own
       |
    14 | - {secret: one-postgresql-17-admin}
       |            ^^^^^^^^^^^^^^^^^^^^^^^
    ");
    insta::assert_snapshot!(told("podTemplate:\n  spec:\n    nodeSelectr: {}\n"), @"
    error: standard input:14:5: a: podTemplate.spec.nodeSelectr: there is no such field in Kubernetes 1.33: write nodeSelector
       |
    14 |     nodeSelectr: {}
       |     ^^^^^^^^^^^
    ");
}

#[test]
fn what_is_no_verb_is_told_with_the_nearest_one() {
    insta::assert_snapshot!(gravity(&["rendre"]).failure(), @"error: there is no verb rendre, did you mean `gravity render`?");
    insta::assert_snapshot!(gravity(&["frobnicate"]).failure(), @"error: there is no verb frobnicate, and no program gravity-frobnicate on the path: `gravity --help` shows the verbs");
}

#[test]
fn a_program_of_ones_own_is_a_verb() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("gravity-hello");
    std::fs::write(&file, "#!/bin/sh\necho \"hello $*\"; exit 7\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = crate::run::program(&["hello", "--loud", "world"]);
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let outcome = crate::run::outcome(command.env("PATH", path).output().unwrap());
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (7, "hello --loud world\n")
    );
}
