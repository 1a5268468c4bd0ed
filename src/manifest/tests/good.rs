//! What can be read, and that it means what was written.

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Origin, Text, parse, yaml};
use super::{named, service};

const FULL: &str = r#"# gravity-service.yaml
name: auth-service
version: 1.4.0
type: api
image: registry.example.com/auth-service:1.4.0
command: [uvicorn, "main:app"]
port: 8000
dependencies:
  - name: user-service
    version: ">=1.0.0, <3.0.0"
databases:
  - name: auth_db
    type: postgresql
    version: "15"
    extensions: [uuid-ossp, pgcrypto]
  - {name: auth_cache, type: redis}
api: {prefix: /api/auth}
health:
  liveness: /health
  readiness: {path: /health, initialDelaySeconds: 5}
migrations: {command: [alembic, upgrade, head]}
scaling:
  minReplicas: 2
  maxReplicas: 10
  metrics: [{type: cpu, target: 70%}, {type: memory, target: 80%}]
resources:
  requests: {cpu: 250m, memory: 256Mi}
  limits: {cpu: 1, memory: 512Mi}
env:
  LOG_LEVEL: info
podTemplate: {spec: {volumes: [{secret: {defaultMode: 0644}}]}}
"#;

#[test]
fn a_bare_manifest_becomes_an_object() {
    assert_snapshot!(service(FULL));
}

#[test]
fn the_wrapped_manifest_is_the_same() {
    let spec = FULL
        .lines()
        .map(|line| format!("  {line}\n"))
        .collect::<String>();
    let wrapped = format!(
        "apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {{name: auth-service-1.4.0}}\nspec:\n{spec}"
    );
    assert_eq!(service(&wrapped), service(FULL));
}

#[test]
fn the_older_spelling_is_the_same() {
    let old = r#"
service_name: auth-service
version: 1.4.0
image: auth:1.4.0
min_instances: 2
max_instances: 10
api_prefix: /api/auth
health_check: /health
env_vars: {LOG_LEVEL: info}
depends_on: [{name: user-service}]
start_command: [run]
migration_command: [migrate]
cpu_request: 250m
memory_limit: 512Mi
startup_timeout: 5m
databases: [{name: auth_db, type: postgresql, url_scheme: postgresql+asyncpg}]
"#;
    let new = r#"
name: auth-service
version: 1.4.0
image: auth:1.4.0
scaling: {minReplicas: 2, maxReplicas: 10}
api: {prefix: /api/auth}
health: {liveness: /health, readiness: /health}
env: {LOG_LEVEL: info}
dependencies: [{name: user-service}]
command: [run]
migrations: {command: [migrate]}
resources: {requests: {cpu: 250m}, limits: {memory: 512Mi}}
startupTimeout: 5m
databases: [{name: auth_db, type: postgresql, urlScheme: postgresql+asyncpg}]
"#;
    assert_eq!(service(old), service(new));
}

/// An older name may stand inside the section that it belongs to today.
#[test]
fn the_older_spelling_inside_of_a_field_is_the_same() {
    let head = "name: a\nversion: 1.0.0\nimage: a:1\n";
    let pairs = [
        (
            "dependencies: [{service_name: b, version: ^1}, {name: c}]",
            "dependencies: [{name: b, version: ^1}, {name: c}]",
        ),
        (
            "depends_on: [{service_name: b}]",
            "dependencies: [{name: b}]",
        ),
        (
            "health: {liveness_probe: /live, readiness_probe: {path: /ready, period_seconds: 3}, startup_probe: /up}",
            "health: {liveness: /live, readiness: {path: /ready, periodSeconds: 3}, startup: /up}",
        ),
        (
            "health_checks: {liveness_probe: /live}",
            "health: {liveness: /live}",
        ),
        (
            "health: {health_check: /h}",
            "health: {liveness: /h, readiness: /h}",
        ),
        ("api: {api_prefix: /api}", "api: {prefix: /api}"),
        (
            "migrations: {migration_command: [migrate], seed_command: [seed]}",
            "migrations: {command: [migrate], seed: [seed]}",
        ),
        (
            "resources: {cpu_request: 250m, memory_limit: 512Mi}",
            "resources: {requests: {cpu: 250m}, limits: {memory: 512Mi}}",
        ),
        (
            "scaling: {min_instances: 2, max: 3}",
            "scaling: {minReplicas: 2, maxReplicas: 3}",
        ),
    ];
    for (old, new) in pairs {
        assert_eq!(
            service(&format!("{head}{old}\n")),
            service(&format!("{head}{new}\n"))
        );
    }
}

#[test]
fn words_of_the_environment_are_not_respelled() {
    let text = "name: a\nversion: 1.0.0\nimage: a:1\nenv: {min_replicas: x, minReplicas: z}\n";
    let documents = named(text).unwrap();
    assert_eq!(documents.services[0].spec.env.len(), 2);
}

#[test]
fn several_documents_and_strangers() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\n---\nname: a\nversion: 1.0.0\nimage: a:1\n---\nname: a\nversion: 1.1.0\nimage: a:1\n---\napiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: shop}\nspec: {services: [{name: a}]}\nstatus: {revision: x}\n";
    let documents = named(text).unwrap();
    let names: Vec<_> = documents
        .services
        .iter()
        .map(|each| each.metadata.name.clone().unwrap())
        .collect();
    assert_eq!(names, ["a-1.0.0", "a-1.1.0"]);
    assert_eq!(documents.apps[0].metadata.name.as_deref(), Some("shop"));
    assert_eq!(documents.apps[0].status, None);
    assert_eq!(
        documents.place("GravityService a-1.1.0").as_deref(),
        Some("auth/gravity-service.yaml:10")
    );
}

#[test]
fn a_list_as_kubectl_prints_it() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: gravity.dev/v1alpha1\n  kind: GravityService\n  metadata: {name: a-1.0.0, creationTimestamp: null, uid: x}\n  spec: {name: a, version: 1.0.0, image: 'a:1'}\n";
    assert_eq!(named(text).unwrap().services.len(), 1);
}

#[test]
fn anchors_and_merge_keys_are_read() {
    let text = "name: a\nversion: 1.0.0\nimage: a:1\nresources:\n  requests: &r {cpu: 1, memory: 1Gi}\n  limits: {<<: *r, cpu: 2}\n";
    assert_snapshot!(service(text), @r#"
    apiVersion: gravity.dev/v1alpha1
    kind: GravityService
    metadata:
      name: a-1.0.0
    spec:
      image: a:1
      name: a
      resources:
        limits:
          cpu: 2
          memory: 1Gi
        requests:
          cpu: 1
          memory: 1Gi
      version: "1.0.0"
    "#);
}

#[test]
fn a_byte_order_mark_and_windows_lines_are_read() {
    assert_eq!(
        named("\u{feff}name: a\r\nversion: 1.0.0\r\nimage: a:1\r\n")
            .unwrap()
            .services
            .len(),
        1
    );
}

#[test]
fn what_validate_says_is_told_with_its_place() {
    let documents = named("name: auth-service\nversion: 1.4.0\nimage: auth:1.4.0\ndatabases:\n  - name: auth_db\n    type: postgrsql\n").unwrap();
    let mut service = documents.services[0].clone();
    service.metadata.namespace = Some("shop".to_owned());
    let problems = crate::validate::validate_service(&service).unwrap_err();
    let told: Vec<_> = problems
        .iter()
        .map(|each| documents.locate(each).unwrap().to_string())
        .collect();
    assert_snapshot!(told.join("\n"), @r#"
    auth/gravity-service.yaml:6:11: databases[0].type: "postgrsql" is no engine that is known, did you mean postgresql? (there are postgresql, postgis, timescaledb, cockroachdb, mysql, mariadb, mongodb, redis, rabbitmq, kafka, elasticsearch, consul, s3)
      |
    6 |     type: postgrsql
      |           ^^^^^^^^^
    "#);
}

/// The names that may stand in a property's manifest, in both spellings.
fn snake(value: &Value) -> Value {
    let respell = |key: &str| {
        let fold = |mut text: String, each: char| {
            if each.is_ascii_uppercase() {
                text.push('_');
            }
            text.push(each.to_ascii_lowercase());
            text
        };
        key.chars().fold(String::new(), fold)
    };
    match value {
        Value::Array(items) => items.iter().map(snake).collect(),
        Value::Object(entries) => {
            let each = entries.iter().map(|(key, value)| match key.as_str() {
                "env" if value.is_object() => (key.clone(), value.clone()),
                "files" => (key.clone(), value.clone()),
                _ => (respell(key), snake(value)),
            });
            Value::Object(each.collect())
        }
        scalar => scalar.clone(),
    }
}

prop_compose! {
    fn manifest()(
        name in "[a-z][a-z0-9]{0,20}",
        version in "[0-9]{1,3}\\.[1-9][0-9]?\\.0(-rc\\.[1-9])?",
        words in prop::collection::vec(".{1,20}", 0..4),
        env in prop::collection::btree_map("[A-Za-z_][A-Za-z0-9_]{0,8}", "[ -~\n\u{e9}]{0,30}", 0..6),
        series in prop::option::of("1[0-9]"),
        replicas in 1..9,
        timeout in "[1-9]m",
        path in "/[a-z]{1,8}",
        deprecated in any::<bool>(),
        content in "(.|\n){0,60}",
    ) -> Value {
        let database = json!({"name": "db", "type": "postgresql", "urlScheme": "postgresql+asyncpg"});
        let mut manifest = json!({
            "name": name,
            "version": version,
            "image": format!("{name}:{version}"),
            "command": words,
            "databases": [database],
            "env": env,
            "scaling": {"minReplicas": replicas, "maxReplicas": replicas + 1},
            "startupTimeout": timeout,
            "health": {"liveness": path, "readiness": {"path": path, "initialDelaySeconds": replicas}},
            "config": [{"mountPath": path, "files": {"a.conf": content}}],
            "deprecated": deprecated,
            "security": {"runAsUser": 10_001, "writableRootFilesystem": deprecated},
        });
        if let Some(series) = series {
            manifest["databases"][0]["version"] = series.into();
        }
        manifest
    }
}

fn read(text: &str) -> Result<Value, TestCaseError> {
    let text = Text {
        name: "a.yaml".to_owned(),
        text: text.to_owned(),
        origin: Origin::Named,
    };
    let documents = parse(std::slice::from_ref(&text));
    let documents =
        documents.map_err(|error| TestCaseError::fail(format!("{error}\n{}", text.text)))?;
    Ok(serde_json::to_value(&documents.services[0]).unwrap())
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(manifest in manifest()) {
        let first = read(&yaml::to_string(&manifest))?;
        let again = read(&yaml::to_string(&first))?;
        prop_assert_eq!(&first["spec"], &again["spec"]);
        prop_assert_eq!(&first["spec"]["env"].as_object().cloned().unwrap_or_default(), manifest["env"].as_object().unwrap());
        prop_assert_eq!(&first["spec"]["config"], &manifest["config"]);
    }

    #[test]
    fn both_spellings_mean_the_same(manifest in manifest()) {
        let camel = read(&yaml::to_string(&manifest))?;
        let snake = read(&yaml::to_string(&snake(&manifest)))?;
        prop_assert_eq!(camel, snake);
    }

    #[test]
    fn no_text_makes_the_reader_fail_otherwise_than_by_a_message(text in "(\\PC|\n|\t){0,200}") {
        let text = Text { name: "a".to_owned(), text, origin: Origin::Named };
        if let Err(error) = parse(&[text]) {
            prop_assert!(error.to_string().starts_with("a:"), "{}", error);
        }
    }
}
