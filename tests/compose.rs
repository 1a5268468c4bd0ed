//! What `gravity generate compose` writes is what Compose itself takes, and the same application
//! as in a cluster: its graph, its variables and its routes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test tells what is wrong by failing"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

/// An application as its Compose file, as Compose has understood it.
struct Composed {
    folder: TempDir,
    project: Value,
    warnings: String,
}

fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().join("app.yaml").is_file());
    let mut names: Vec<String> = folders
        .map(|it| it.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 20, "{names:?}");
    names
}

fn gravity(arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gravity"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    (stdout, stderr)
}

fn load(folder: &Path) -> Result<Value, String> {
    let output = Command::new(local_cluster::compose_program().unwrap())
        .arg(folder.join("compose.yaml"))
        .output()
        .unwrap();
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).unwrap()),
        false => Err(String::from_utf8(output.stderr).unwrap()),
    }
}

impl Composed {
    fn of(example: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let warnings = generate(example, folder.path());
        let project = load(folder.path()).unwrap_or_else(|told| panic!("{example}: {told}"));
        Self {
            folder,
            project,
            warnings,
        }
    }

    fn service(&self, name: &str) -> &Value {
        let service = &self.project["services"][name];
        assert!(service.is_object(), "{name}");
        service
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

fn generate(example: &str, folder: &Path) -> String {
    let source = format!("examples/{example}");
    let folder = folder.to_str().unwrap();
    gravity(&["generate", "compose", "-f", &source, "--output", folder]).1
}

/// What the cluster would get.
fn objects(example: &str) -> Vec<Value> {
    let (text, _) = gravity(&["render", "-f", &format!("examples/{example}")]);
    let documents = serde_yaml::from_multiple::<Option<Value>>(&text).unwrap();
    documents.into_iter().flatten().collect()
}

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["kind"] == kind)
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

#[derive(Deserialize)]
struct Manifest {
    name: String,
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    #[serde(default)]
    startup: Option<String>,
}

fn manifests(example: &str) -> Vec<Manifest> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/{example}/services"));
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let texts = entries.map(|path| fs::read_to_string(path.join("gravity-service.yaml")).unwrap());
    texts
        .map(|text| serde_yaml::from_str(&text).unwrap())
        .collect()
}

#[test]
fn compose_takes_every_example() {
    for example in examples() {
        let composed = Composed::of(&example);
        let networks: Vec<&String> = composed.project["networks"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        assert_eq!(networks, ["gravity"], "{example}");
        // Only the gateway can be reached from outside.
        for (name, service) in composed.project["services"].as_object().unwrap() {
            let published = service.get("ports").is_some_and(|ports| !ports.is_null());
            assert_eq!(published, name == "gateway", "{example}: {name}");
        }
    }
}

#[test]
fn the_graph_is_that_of_the_cluster() {
    for example in examples() {
        let composed = Composed::of(&example);
        let manifests = manifests(&example);
        let names: BTreeSet<&str> = manifests.iter().map(|it| it.name.as_str()).collect();
        for manifest in &manifests {
            let ordered = manifest.dependencies.iter();
            let ordered = ordered.filter(|it| it.startup.as_deref() != Some("Unordered"));
            let ordered: BTreeSet<&str> = ordered
                .map(|it| it.name.as_str())
                .filter(|name| names.contains(name))
                .collect();
            let before = &composed.service(&manifest.name)["depends_on"];
            let before = before.as_object().into_iter().flatten();
            let before: BTreeMap<&str, &Value> =
                before.map(|(name, it)| (name.as_str(), it)).collect();
            let services: BTreeSet<&str> = before
                .keys()
                .copied()
                .filter(|name| names.contains(name))
                .collect();
            assert_eq!(services, ordered, "{example}: {}", manifest.name);
            for (other, how) in before {
                let service = composed.service(other);
                let condition = how["condition"].as_str().unwrap();
                let wanted = match service["restart"] == "unless-stopped" {
                    false => "service_completed_successfully",
                    true if service["healthcheck"].is_object() => "service_healthy",
                    true => "service_started",
                };
                assert_eq!(condition, wanted, "{example}: {} on {other}", manifest.name);
            }
        }
    }
}

#[test]
fn the_variables_are_those_of_the_cluster() {
    // Another operator's servers have replicas with URLs of their own, and are none of Compose's.
    for example in examples().into_iter().filter(|it| it != "cloudnativepg") {
        let composed = Composed::of(&example);
        let objects = objects(&example);
        let workloads = of_kind(&objects, "Deployment").chain(of_kind(&objects, "StatefulSet"));
        let mut compared = 0;
        for workload in workloads {
            let container = &workload["spec"]["template"]["spec"]["containers"][0];
            let environment = &composed.service(name(workload))["environment"];
            for variable in container["env"].as_array().into_iter().flatten() {
                let (key, value) = (variable["name"].as_str().unwrap(), &variable["value"]);
                let here = &environment[key];
                compared += 1;
                match value.as_str() {
                    // What is put together of others is put together here.
                    Some(text) if text.contains("$(") => {
                        assert!(here.is_string(), "{example}: {key}")
                    }
                    Some(text) => assert_eq!(here, text, "{example}: {} {key}", name(workload)),
                    None => assert!(here.is_string(), "{example}: {} {key}", name(workload)),
                }
            }
        }
        assert!(compared > 0, "{example}");
    }
}

#[test]
fn a_database_is_asked_by_the_password_that_it_was_made_with() {
    let composed = Composed::of("hello");
    let env = composed.file(".env");
    let line = env
        .lines()
        .find_map(|line| line.strip_prefix("HELLO_API_HELLO_DB_PASSWORD="));
    let password = line.unwrap();
    assert!(password.len() >= 24, "{env}");
    let url = &composed.service("hello-api")["environment"]["HELLO_DB_URL"];
    let expected = format!("postgresql://hello_db_a:{password}@hello-postgresql-16:5432/hello_db");
    assert_eq!(url, &Value::from(expected));
    let makes = composed.service("hello-api-hello-postgresql-16");
    assert_eq!(makes["environment"]["DATABASE_PASSWORD"], password);
    assert_eq!(makes["environment"]["DATABASE_NAME"], "hello_db");
    // No password stands in what is committed.
    assert!(!composed.file("compose.yaml").contains(password));
    assert_eq!(composed.file(".gitignore"), "# Passwords.\n.env\n");
}

#[test]
fn the_routes_are_those_of_the_cluster() {
    for example in examples() {
        let objects = objects(&example);
        let routes: BTreeSet<String> = of_kind(&objects, "IngressRoute")
            .flat_map(|object| object["spec"]["routes"].as_array().unwrap())
            .map(|route| route["match"].as_str().unwrap().to_owned())
            .collect();
        if routes.is_empty() {
            continue;
        }
        let composed = Composed::of(&example);
        let text = composed.project["configs"]["gateway"]["content"]
            .as_str()
            .unwrap();
        let file: Value = serde_yaml::from_str(text).unwrap();
        let http = &file["http"];
        let routers = http["routers"].as_object().unwrap();
        let hostless = |rule: &str| {
            let parts = rule.split(" && ").filter(|part| !part.starts_with("Host("));
            parts.collect::<Vec<_>>().join(" && ")
        };
        let here: BTreeSet<String> = routers
            .values()
            .map(|it| hostless(it["rule"].as_str().unwrap()))
            .collect();
        let there: BTreeSet<String> = routes.iter().map(|rule| hostless(rule)).collect();
        assert_eq!(here, there, "{example}");
        for router in routers.values() {
            let service = &http["services"][router["service"].as_str().unwrap()];
            assert!(service.is_object(), "{example}: {router}");
            for middleware in router["middlewares"].as_array().into_iter().flatten() {
                let middleware = &http["middlewares"][middleware.as_str().unwrap()];
                assert!(middleware.is_object(), "{example}: {router}");
            }
        }
        for service in http["services"].as_object().unwrap().values() {
            let Some(url) = service.pointer("/loadBalancer/servers/0/url") else {
                continue;
            };
            let (_, address) = url.as_str().unwrap().split_once("://").unwrap();
            let (host, port) = address.split_once(':').unwrap();
            assert!(port.parse::<u16>().is_ok());
            composed.service(host);
        }
    }
}

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
