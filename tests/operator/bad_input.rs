//! Bad input: refused by the API server where it can be, told in a condition where not,
//! and nothing else is harmed by it.

use std::process::Command;

use serde_json::Value;

use crate::support::{Space, condition};

/// What the API server says of one manifest.
async fn refused(space: &Space, manifest: &str) -> String {
    let told = space.service(manifest).await.unwrap_err();
    assert!(space.names("GravityService").await.is_empty());
    told
}

#[tokio::test]
async fn the_server_refuses_manifests_that_cannot_be_right() {
    let space = Space::new("refused-manifests").await;
    let fine = "name: api\nversion: 1.0.0\nimage: api:1\n";
    let with = |line: &str| format!("{fine}{line}\n");
    insta::assert_snapshot!(refused(&space, &with("databses: []")).await, @"failed to create typed patch object (/api-1.0.0; gravity.dev/v1alpha1, Kind=GravityService): .spec.databses: field not declared in schema");
    insta::assert_snapshot!(refused(&space, &with("dependencies: user-service")).await, @"failed to create typed patch object (/api-1.0.0; gravity.dev/v1alpha1, Kind=GravityService): .spec.dependencies: expected list, got &{user-service}");
    insta::assert_snapshot!(refused(&space, "name: api\nversion: 'v1'\nimage: api:1\n").await, @r#"GravityService.gravity.dev "api-v1" is invalid: spec.version: Invalid value: "v1": write a version of three numbers, as 1.4.0 or 1.4.0-rc.1, without build metadata and upper case"#);
    insta::assert_snapshot!(refused(&space, "name: api\nversion: 1.0.0\nimage: 'API :1'\n").await, @r#"GravityService.gravity.dev "api-1.0.0" is invalid: spec.image: Invalid value: "API :1": write an image with its tag, as registry.example.com/auth-service:1.4.0"#);
    insta::assert_snapshot!(refused(&space, &with("port: 70000")).await, @r#"GravityService.gravity.dev "api-1.0.0" is invalid: spec.port: Invalid value: 70000: spec.port in body should be less than or equal to 65535"#);
    insta::assert_snapshot!(refused(&space, &with("scaling: {minReplicas: 5, maxReplicas: 2}")).await, @r#"GravityService.gravity.dev "api-1.0.0" is invalid: spec.scaling: Invalid value: minReplicas must not be above maxReplicas: lower minReplicas or raise maxReplicas"#);
    insta::assert_snapshot!(refused(&space, &with("dependencies: [{name: b}, {name: b}]")).await, @r#"failed to create typed patch object (/api-1.0.0; gravity.dev/v1alpha1, Kind=GravityService): .spec.dependencies: duplicate entries for key [name="b"]"#);
    insta::assert_snapshot!(refused(&space, &with("dependencies: [{name: api}]")).await, @r#"GravityService.gravity.dev "api-1.0.0" is invalid: spec: Invalid value: the service depends on itself: take that entry out of its dependencies"#);
    insta::assert_snapshot!(refused(&space, &with("type: cron")).await, @r#"GravityService.gravity.dev "api-1.0.0" is invalid: spec: Required value: a service of type cron needs a schedule, as schedule: "*/5 * * * *""#);
    let runtime = "runtime: {image: 'python:3.11', command: [python, main.py]}";
    insta::assert_snapshot!(refused(&space, &with(runtime)).await, @r#"GravityService.gravity.dev "api-1.0.0" is invalid: spec: Invalid value: a service has an image, or a runtime that runs it from its source: write one of the two"#);
    insta::assert_snapshot!(refused(&space, "name: api\nversion: 1.0.0\n").await, @r#"GravityService.gravity.dev "api-1.0.0" is invalid: spec: Invalid value: a service has an image, or a runtime that runs it from its source: write one of the two"#);
    let args = format!("name: api\nversion: 1.0.0\nargs: [-v]\n{runtime}\n");
    insta::assert_snapshot!(refused(&space, &args).await, @r#"GravityService.gravity.dev "api-1.0.0" is invalid: spec: Forbidden: command and args are of an image, and a runtime has a command of its own: write all of it as runtime.command"#);
    let long = format!("name: {}\nversion: 1.0.0\nimage: api:1\n", "a".repeat(41));
    insta::assert_snapshot!(refused(&space, &long).await, @r#"GravityService.gravity.dev "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1.0.0" is invalid: [spec.name: Too long: may not be more than 40 bytes, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]"#);
}

#[tokio::test]
async fn the_server_refuses_apps_that_cannot_be_right() {
    let space = Space::new("refused-apps").await;
    let refused = async |spec: &str| space.try_app("app", spec).await.unwrap_err();
    insta::assert_snapshot!(refused("{services: [{name: a}], servces: []}").await, @"failed to create typed patch object (/app; gravity.dev/v1alpha1, Kind=GravityApp): .spec.servces: field not declared in schema");
    insta::assert_snapshot!(refused("{services: [{name: a, replicas: three}]}").await, @r#"failed to create typed patch object (/app; gravity.dev/v1alpha1, Kind=GravityApp): .spec.services[name="a"].replicas: expected numeric (int or float), got string"#);
    insta::assert_snapshot!(refused("{services: [{name: a}, {name: a}]}").await, @r#"failed to create typed patch object (/app; gravity.dev/v1alpha1, Kind=GravityApp): .spec.services: duplicate entries for key [name="a"]"#);
    insta::assert_snapshot!(refused("{services: [{name: a}], environment: staging}").await, @r#"GravityApp.gravity.dev "app" is invalid: spec: Invalid value: environment names none of the environments: add it under environments, or name one that is there"#);
    insta::assert_snapshot!(refused("{services: []}").await, @r#"GravityApp.gravity.dev "app" is invalid: spec.services: Invalid value: 0: spec.services in body should have at least 1 items"#);
    let name = "a".repeat(41);
    let told = space
        .try_app(&name, "{services: [{name: a}]}")
        .await
        .unwrap_err();
    insta::assert_snapshot!(told, @r#"GravityApp.gravity.dev "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" is invalid: <nil>: Invalid value: an app's name has at most 40 characters, for the names of its objects are derived from it"#);
    assert!(space.names("GravityApp").await.is_empty());
}

#[tokio::test]
async fn name_and_version_of_a_gravity_service_cannot_change() {
    let space = Space::new("fixed-names").await;
    space.services("name: a\nversion: 1.0.0\nimage: a:1").await;
    let spec: Value = serde_yaml::from_str("{name: a, version: 1.0.1, image: 'a:1'}").unwrap();
    let told = space
        .apply(
            "GravityService",
            "a-1.0.0",
            serde_json::json!({"spec": spec}),
        )
        .await;
    insta::assert_snapshot!(told.unwrap_err(), @r#"GravityService.gravity.dev "a-1.0.0" is invalid: spec: Invalid value: version cannot change: make a new GravityService, named <name>-<version>, for another version"#);
}

#[tokio::test]
async fn kubectl_is_told_of_an_unknown_field() {
    let space = Space::new("kubectl-strict").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: a}\nspec: {services: [{name: a}], gatway: {}}\n";
    std::fs::write(file.path(), text).unwrap();
    let path = file.path().to_str().unwrap();
    let (code, _, told) = space
        .suite
        .kubectl_told(&["-n", &space.name, "apply", "-f", path]);
    assert_eq!(code, 1);
    insta::assert_snapshot!(told.replace(path, "FILE").trim(), @r#"Error from server (BadRequest): error when creating "FILE": GravityApp in version "v1alpha1" cannot be handled as a GravityApp: strict decoding error: unknown field "spec.gatway""#);
}

/// A range is no regular language, so the schema lets it pass.
#[tokio::test]
async fn a_range_that_cannot_be_read_is_told() {
    let space = Space::new("ranges").await;
    space
        .app("app", "{services: [{name: a, version: latest}]}")
        .await;
    insta::assert_snapshot!(space.stalled("app").await, @r#"True InvalidSpec: GravityApp ranges/app: spec.services[0].version: "latest" is no range that can be read (unexpected character 'l' while parsing major version number): write "*""#);
    space
        .services("name: a\nversion: 1.0.0\nimage: a:1\ndependencies: [{name: b, version: one}]")
        .await;
    space.services("name: b\nversion: 1.0.0\nimage: b:1").await;
    space
        .until("the GravityService is told to be wrong", async || {
            let service = space.get("GravityService", "a-1.0.0").await;
            condition(&service, "Accepted")["status"] == "False"
        })
        .await;
    let service = space.get("GravityService", "a-1.0.0").await;
    let told = condition(&service, "Accepted")["message"]
        .as_str()
        .unwrap()
        .to_owned();
    insta::assert_snapshot!(told, @r#"GravityService ranges/a-1.0.0: spec.dependencies[0].version: "one" is no range that can be read (unexpected character 'o' while parsing major version number): write one as ">=1.0.0, <3.0.0", "^1.4", "~1.4.2", "=1.4.0" or "*""#);
    space.app("app", "{services: [{name: b}]}").await;
    space.ready("app").await;
    space.app("app", "{services: [{name: a}]}").await;
    insta::assert_snapshot!(space.stalled("app").await, @"True DependencyMissing: app asks for a, and there is no service of that name. To mend it, correct the GravityService ranges/a-1.0.0.");
    // What ran goes on.
    assert!(space.exists("Deployment", "b").await);
}

#[tokio::test]
async fn what_cannot_be_resolved_is_told_and_heals() {
    let space = Space::new("unresolved").await;
    space.app("missing", "{services: [{name: web}]}").await;
    insta::assert_snapshot!(space.stalled("missing").await, @"True DependencyMissing: missing asks for web, and there is no service of that name. To mend it, apply a GravityService of web in namespace unresolved or a catalogue namespace.");
    space
        .services(
            "name: web\nversion: 1.0.0\nimage: web:1\ndependencies: [{name: ap, version: ^2}]",
        )
        .await;
    space
        .services("name: api\nversion: 1.0.0\nimage: api:1")
        .await;
    let told = space
        .until_says("missing", "Stalled", "DependencyMissing: web")
        .await;
    insta::assert_snapshot!(told, @"True DependencyMissing: web 1.0.0 needs ap, and there is no service of that name. To mend it, apply a GravityService of ap in namespace unresolved or a catalogue namespace.");
    assert!(space.names("Deployment").await.is_empty());
    space
        .services("name: ap\nversion: 2.0.0\nimage: ap:2")
        .await;
    space.ready("missing").await;
}

#[tokio::test]
async fn a_conflict_of_versions_is_told_and_harms_no_other_app() {
    let space = Space::new("conflict").await;
    space
        .services(
            "
name: a
version: 1.0.0
image: a:1
dependencies: [{name: c, version: ^1}]
---
name: b
version: 1.0.0
image: b:1
dependencies: [{name: c, version: ^2}]
---
name: c
version: 1.0.0
image: c:1
---
name: c
version: 2.0.0
image: c:2
---
name: d
version: 1.0.0
image: d:1
",
        )
        .await;
    space.app("other", "{services: [{name: d}]}").await;
    space
        .app("conflict", "{services: [{name: a}, {name: b}]}")
        .await;
    insta::assert_snapshot!(space.stalled("conflict").await, @"True VersionConflict: a 1.0.0 needs c ^1, and b 1.0.0 needs c ^2: no version is both. To mend it, release a version of a that works with c 2.0.0.");
    space.ready("other").await;
    assert_eq!(space.names("Deployment").await, ["d"]);
}

#[tokio::test]
async fn a_cycle_is_told_as_its_path() {
    let space = Space::new("cycle").await;
    space
        .services(
            "
name: a
version: 1.0.0
image: a:1
dependencies: [{name: b}]
---
name: b
version: 1.0.0
image: b:1
dependencies: [{name: c}]
---
name: c
version: 1.0.0
image: c:1
dependencies: [{name: a}]
",
        )
        .await;
    space.app("cycle", "{services: [{name: a}]}").await;
    // Until all three are known, the one that is not is told as missing.
    let says = space.until_says("cycle", "Stalled", "Cycle").await;
    insta::assert_snapshot!(says, @"True DependencyCycle: these services wait for one another to start: a → b → c → a. To mend it, write `startup: Unordered` at the dependency a of c 1.0.0: it still gets the URL of a, but does not wait for it.");
    assert!(space.names("Deployment").await.is_empty());
}

#[tokio::test]
async fn two_gravity_services_of_one_version_are_told_apart_by_age() {
    let space = Space::new("duplicate").await;
    space
        .services("name: a\nversion: 1.0.0\nimage: a:old")
        .await;
    let spec: Value = serde_yaml::from_str("{name: a, version: 1.0.0, image: 'a:new'}").unwrap();
    let body = serde_json::json!({"spec": spec});
    space
        .apply("GravityService", "another", body)
        .await
        .unwrap();
    space.app("app", "{services: [{name: a}]}").await;
    let app = space.ready("app").await;
    let deployment = space.get("Deployment", "a").await;
    assert_eq!(
        deployment["spec"]["template"]["spec"]["containers"][0]["image"],
        "a:old"
    );
    assert_eq!(app["status"]["servicesReady"], "1/1");
}

#[tokio::test]
async fn variables_that_collide_are_named() {
    let space = Space::new("collide").await;
    space
        .services(
            "
name: user-service
version: 1.0.0
image: users:1
---
name: web
version: 1.0.0
image: web:1
dependencies: [{name: user-service}]
databases: [{name: user_service, type: postgresql}]
",
        )
        .await;
    space.app("collide", "{services: [{name: web}]}").await;
    insta::assert_snapshot!(space.stalled("collide").await, @"True PlanFailed: web: the variable USER_SERVICE_URL comes from the database user_service and from the dependency user-service: rename one of them, or set databases[].env");
    assert!(space.names("Deployment").await.is_empty());
}

#[tokio::test]
async fn names_at_their_limits_come_up() {
    let space = Space::new("limits").await;
    let (service, app) = ("s".repeat(40), "p".repeat(40));
    let manifest = format!(
        "
name: {service}
version: 1.0.0-alpha.1
image: a:1
databases: [{{name: {database}, type: postgresql, version: '16'}}, {{name: cache, type: redis}}]
migrations: {{command: [migrate]}}
scaling: {{minReplicas: 2, maxReplicas: 3}}
api: {{prefix: /a}}
---
name: {cron}
version: 1.0.0
type: cron
schedule: '0 0 1 1 *'
image: c:1
dependencies: [{{name: {service}, version: '>=1.0.0-alpha'}}]
",
        database = "d".repeat(40),
        cron = "c".repeat(40),
    );
    space.services(&manifest).await;
    let spec = format!(
        "{{services: [{{name: {}}}, {{name: {service}, version: '>=1.0.0-alpha'}}]}}",
        "c".repeat(40)
    );
    space.app(&app, &spec).await;
    space.ready(&app).await;
    assert_eq!(space.names("CronJob").await, ["c".repeat(40)]);
    space.delete("GravityApp", &app).await;
    space.until_gone("GravityApp", &app).await;
}

#[test]
fn a_manifest_of_five_megabytes_is_refused_by_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let padding = "a".repeat(5 << 20);
    let text = format!("name: a\nversion: 1.0.0\nimage: a:1\nenv: {{BIG: {padding}}}\n");
    std::fs::write(folder.path().join("gravity-service.yaml"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_gravity"))
        .args(["resolve", "-f", "gravity-service.yaml"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.len() < 2_000, "{} bytes", told.len());
    insta::assert_snapshot!(told.trim(), @"error: gravity-service.yaml: is larger than 4 MiB, the most that is read: a manifest has a few hundred lines, so name another file, or split this one");
}
