//! The verbs that ask no cluster.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::run::{gravity, gravity_with, program};

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/fixtures");
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn resolve_prints_a_row_a_service() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "pair"]).answer());
}

#[test]
fn resolve_prints_exactly_this_json() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "pair", "--output", "json"]).answer());
}

#[test]
fn resolve_prints_the_same_as_yaml() {
    insta::assert_snapshot!(gravity(&["resolve", "-f", "pair", "-o", "yaml"]).answer());
}

#[test]
fn render_prints_all_objects_in_start_order() {
    insta::assert_snapshot!(gravity(&["render", "-f", "pair"]).answer());
}

#[test]
fn render_prints_the_same_objects_as_a_list() {
    let list = gravity(&["render", "-f", "pair", "-o", "json"]).answer();
    let list: Value = serde_json::from_str(&list).unwrap();
    let documents = gravity(&["render", "-f", "pair"]).answer();
    let documents: Vec<Value> = serde_yaml::from_multiple(&documents).unwrap();
    assert_eq!(list["kind"], "List");
    assert_eq!(list["items"].as_array().unwrap(), &documents);
}

#[test]
fn render_states_secrets_and_prints_no_password() {
    let text = gravity(&["render", "-f", "data"]).answer();
    let comments: Vec<&str> = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    insta::assert_snapshot!(comments.join("\n"));
    assert!(!text.contains("kind: Secret"), "{text}");
}

#[test]
fn render_gives_the_same_bytes_each_time() {
    let once = gravity(&["render", "-f", "data", "-f", "pair", "--app", "data"]).answer();
    for _ in 0..5 {
        let again = gravity(&["render", "-f", "data", "-f", "pair", "--app", "data"]).answer();
        assert_eq!(once, again);
    }
}

#[test]
fn an_environment_and_a_namespace_are_put_over_the_files() {
    let flags = [
        "--environment",
        "staging",
        "--namespace",
        "elsewhere",
        "-o",
        "json",
    ];
    let text = gravity(&[&["render", "-f", "pair"], &flags[..]].concat()).answer();
    let list: Value = serde_json::from_str(&text).unwrap();
    let namespaces = list["items"].as_array().unwrap().iter();
    for namespace in namespaces.map(|object| &object["metadata"]["namespace"]) {
        assert_eq!(namespace, "elsewhere");
    }
    assert!(text.contains("staging.example.com") && !text.contains("pair.example.com"));
}

#[test]
fn files_are_read_from_standard_input_and_several_places() {
    let whole = gravity(&["render", "-f", "pair"]).answer();
    let files = [
        "-f",
        "-",
        "-f",
        "pair/users",
        "-f",
        "pair/web/gravity-service.yaml",
    ];
    let piped = gravity_with(
        &[&["render"], &files[..]].concat(),
        &fixture("pair/app.yaml"),
    );
    assert_eq!(piped.answer(), whole);
}

#[test]
fn of_several_apps_one_is_named() {
    let both = ["resolve", "-f", "pair", "-f", "data", "--app", "data"];
    insta::assert_snapshot!(gravity(&both).answer());
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let arguments = ["render", "-f", "../../../examples/platform"];
    let mut command = program(&arguments);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && !stderr.contains("panic"),
        "{stderr}"
    );
}

#[test]
fn crds_prints_what_the_repository_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut files: Vec<_> = entries.collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    let texts = files
        .iter()
        .map(|file| format!("---\n{}", fs::read_to_string(file).unwrap()));
    assert_eq!(gravity(&["crds"]).answer(), texts.collect::<String>());
}

#[test]
fn version_is_the_crates() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        gravity(&["version"]).answer(),
        format!("gravity {version}\n")
    );
    let json: Value = serde_json::from_str(&gravity(&["version", "-o", "json"]).answer()).unwrap();
    assert_eq!(json["version"], version);
}

#[test]
fn help_shows_the_verbs() {
    insta::assert_snapshot!(gravity(&["--help"]).answer());
}

#[test]
fn colours_are_for_terminals() {
    let colourless = gravity(&["resolve", "-f", "pair"]).answer();
    assert!(!colourless.contains('\u{1b}'));
    let mut forced = program(&["resolve", "-f", "pair"]);
    let forced = crate::run::outcome(forced.env("CLICOLOR_FORCE", "1").output().unwrap()).answer();
    assert!(forced.contains('\u{1b}'));
    let mut refused = program(&["resolve", "-f", "pair"]);
    let refused = refused.env("NO_COLOR", "1").output().unwrap();
    assert_eq!(crate::run::outcome(refused).answer(), colourless);
}

/// As `kubectl get -o yaml` and others print them: each service names its namespace, and the app
/// of the same files may not.
#[test]
fn an_app_that_names_no_namespace_is_where_its_services_are() {
    let app = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: one}\nspec: {services: [{name: a}]}\n";
    let service = "apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {name: a-1.0.0, namespace: team}\nspec: {name: a, version: 1.0.0, image: 'a:1'}\n";
    let text = format!("{app}---\n{service}");
    let first = |arguments: &[&str]| {
        let all = gravity_with(arguments, &text).answer();
        all.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(first(&["render", "-f", "-"]), "# GravityApp team/one");
    assert_eq!(
        first(&["render", "-f", "-", "-n", "other"]),
        "# GravityApp other/one"
    );
}
