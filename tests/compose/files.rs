//! What is written, and what of it stays.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::composed::{Composed, generate, gravity, load};

#[cfg(unix)]
#[test]
fn passwords_stay_and_are_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let composed = Composed::of("shop");
    let path = composed.folder.path().join(".env");
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    let first = composed.file(".env");
    let own = format!("{first}# Mine.\nGATEWAY_PORT=9000\n");
    fs::write(&path, &own).unwrap();
    generate("shop", composed.folder.path());
    assert_eq!(composed.file(".env"), own);
    assert_eq!(mode(), 0o600);
    // What is lost is made anew, and nothing else.
    let (_, rest) = first.split_once("_PASSWORD=").unwrap();
    let lost = rest.split_once('\n').unwrap().1;
    fs::write(&path, lost).unwrap();
    generate("shop", composed.folder.path());
    let again = composed.file(".env");
    assert!(
        again.starts_with(lost) && again.len() > lost.len(),
        "{again}"
    );
    let told = load(composed.folder.path()).unwrap();
    assert_eq!(told["services"]["gateway"]["ports"][0]["published"], "8080");
}

#[test]
fn what_only_a_person_knows_is_told_and_kept() {
    let composed = Composed::of("secrets");
    assert!(
        composed.warnings.contains("STRIPE_API_KEY"),
        "{}",
        composed.warnings
    );
    let env = composed.file(".env");
    assert!(env.contains("# To be filled.\nSTRIPE_API_KEY=\n"), "{env}");
    let filled = env.replace("STRIPE_API_KEY=\n", "STRIPE_API_KEY=sk_1\n");
    fs::write(composed.folder.path().join(".env"), filled).unwrap();
    let again = generate("secrets", composed.folder.path());
    assert!(!again.contains("STRIPE_API_KEY"), "{again}");
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("compose.yaml"), "services: {}\n").unwrap();
    fs::write(path(".gitignore"), "target\n").unwrap();
    let run = |flags: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_gravity"))
            .args(["generate", "compose", "-f", "examples/hello", "--output"])
            .arg(folder.path())
            .args(flags)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap()
    };
    assert_eq!(run(&[]).status.code(), Some(1));
    let text = fs::read_to_string(path("compose.yaml")).unwrap();
    assert_eq!(text, "services: {}\n");
    // By force it is replaced; what Git ignores is joined.
    assert!(run(&["--force"]).status.success());
    let ignored = fs::read_to_string(path(".gitignore")).unwrap();
    assert_eq!(ignored, "target\n# Passwords.\n.env\n");
}

#[test]
fn a_source_is_fetched_before_its_service() {
    let composed = Composed::of("from-source");
    let (service, source) = (
        composed.service("greeting-api"),
        composed.service("greeting-api-source"),
    );
    assert_eq!(service["image"], "python:3.11");
    assert_eq!(service["working_dir"], "/source/services/greeting-api");
    let before = &service["depends_on"]["greeting-api-source"];
    assert_eq!(before["condition"], "service_completed_successfully");
    let mounts = |service: &Value| service["volumes"].as_array().unwrap().clone();
    assert_eq!(mounts(source), mounts(service));
    let url = &source["environment"]["SOURCE_URL"];
    assert_eq!(url, "https://git.example.com/acme/greetings");
    let script = source["entrypoint"][2].as_str().unwrap();
    assert!(script.contains("\"$SOURCE_REVISION\""), "{script}");
    assert!(
        !composed.warnings.contains("first container"),
        "{}",
        composed.warnings
    );
}

#[test]
fn a_service_that_is_developed_runs_from_its_folder() {
    let folder = TempDir::new().unwrap();
    let path = |path: &str| folder.path().join(path);
    for (file, text) in [
        (
            "api/gravity-service.yaml",
            "name: api\nversion: 1.0.0\nimage: api:1\ncommand: [uvicorn, 'app:app']\n",
        ),
        ("api/Dockerfile", "FROM python:3.11\nWORKDIR /srv\n"),
        (
            "web/gravity-service.yaml",
            "name: web\nversion: 1.0.0\nimage: web:1\ndependencies: [{name: api}]\n",
        ),
        ("web/package.json", "{\"scripts\": {\"dev\": \"vite\"}}"),
    ] {
        fs::create_dir_all(path(file).parent().unwrap()).unwrap();
        fs::write(path(file), text).unwrap();
    }
    let run = |at: &str, arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_gravity"))
            .args(arguments)
            .current_dir(path(at))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    run(".", &["init", "shop", "--yes"]);
    run("shop", &["add", "../api"]);
    run("shop", &["add", "../web"]);
    run("shop", &["generate", "compose", "--dev"]);
    let project = load(&path("shop/compose")).unwrap();
    let api = &project["services"]["api"];
    assert_eq!(
        api["command"],
        serde_json::json!(["uvicorn", "app:app", "--reload"])
    );
    let real = fs::canonicalize(path("api")).unwrap();
    assert_eq!(api["build"]["context"], real.to_str().unwrap());
    assert_eq!(api["volumes"][0]["target"], "/srv");
    let web = &project["services"]["web"];
    assert_eq!(web["command"], serde_json::json!(["npm", "run", "dev"]));
    assert_eq!(web["volumes"][0]["target"], "/app");
    assert!(web["build"].is_null());
}

/// A service may be called what Gravity would call something of its own.
#[test]
fn no_service_takes_the_place_of_another_one() {
    let folder = TempDir::new().unwrap();
    let app = "apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {name: odd}
spec: {services: [{name: gateway}, {name: node}, {name: node-migration}]}
---
{name: gateway, version: 1.0.0, image: 'a/gate:1', api: {prefix: /api}}
---
{name: node, version: 1.0.0, image: 'a/node:1', migrations: {command: [m]}, databases: [{name: d, type: postgresql}]}
---
{name: node-migration, version: 1.0.0, image: 'a/other:1'}
";
    let file = folder.path().join("app.yaml");
    fs::write(&file, app).unwrap();
    let output = folder.path().join("out");
    let paths = [file.to_str().unwrap(), output.to_str().unwrap()];
    gravity(&["generate", "compose", "-f", paths[0], "--output", paths[1]]);
    let services = load(&output).unwrap()["services"].clone();
    let image = |name: &str| services[name]["image"].as_str().unwrap().to_owned();
    assert_eq!(image("gateway"), "a/gate:1");
    assert_eq!(image("node-migration"), "a/other:1");
    assert_eq!(image("node-migration-of-gravity"), "a/node:1");
    assert!(image("gateway-of-gravity").starts_with("traefik:"));
}
