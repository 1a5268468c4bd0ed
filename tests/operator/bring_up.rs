//! From `kubectl apply` to Ready: the order, and what is told on the way.

use std::time::Duration;

use serde_json::json;

use crate::support::{Space, condition};

/// A page, its api and the api's database.
const HELLO: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: hello_db, type: postgresql, version: '16'}]
migrations: {command: [migrate]}
api: {prefix: /api}
---
name: web
version: 1.0.0
type: web
image: web:1
dependencies: [{name: api, version: ^1}]
api: {prefix: /}
";

/// The app, under a host of its own: no two apps of a cluster have one place.
fn app(space: &Space) -> String {
    let host = format!("{}.example.com", space.name);
    format!("{{services: [{{name: web}}], gateway: {{class: Traefik, host: {host}}}}}")
}

#[tokio::test]
async fn databases_come_first_and_dependents_last() {
    let space = Space::new("order").await;
    space.services(HELLO).await;
    space.app("hello", &app(&space)).await;
    space.ready("hello").await;

    let requests = space.requests();
    let made = |resource: &str, name: &str| {
        let first = requests
            .iter()
            .position(|one| one.resource == resource && one.name.contains(name) && one.code == 201);
        first.unwrap_or_else(|| panic!("{resource} {name} was not made: {requests:#?}"))
    };
    let server = made("statefulsets", "postgresql");
    let provisioning = made("jobs", "postgresql");
    let api = made("deployments", "api");
    let web = made("deployments", "web");
    let route = made("ingressroutes", "web");
    assert!(server < provisioning && provisioning < api && api < web && web < route);
}

#[tokio::test]
async fn who_waits_for_whom_is_told_until_the_gate_opens() {
    let space = Space::new("gates").await;
    space
        .services(
            "
name: base
version: 1.0.0
image: base:1
podTemplate: {metadata: {annotations: {local-cluster.gravity.dev/ready: 'false'}}}
---
name: top
version: 1.0.0
image: top:1
dependencies: [{name: base}]
",
        )
        .await;
    space.app("gates", "{services: [{name: top}]}").await;
    let told = space.until_says("gates", "Ready", "pods are ready").await;
    insta::assert_snapshot!(told, @"False Progressing: service/base: Deployment gates/base: 0 of 1 pods are ready");
    assert!(!space.exists("Deployment", "top").await);
    let app = space.get("GravityApp", "gates").await;
    let top = app["status"]["services"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (&top["phase"], &top["waitsFor"]),
        (&json!("Pending"), &json!("service/base"))
    );
    assert_eq!(condition(&app, "Reconciling")["status"], "True");
    assert_eq!(condition(&app, "Stalled")["status"], "False");

    // The pod becomes ready, as one does whose probe succeeds at last.
    space.kubectl(&[
        "annotate",
        "pod",
        "--selector=app.kubernetes.io/name=base",
        "local-cluster.gravity.dev/ready-",
    ]);
    let app = space.ready("gates").await;
    assert_eq!(app["status"]["servicesReady"], "2/2");
    assert_eq!(condition(&app, "Reconciling")["status"], "False");
}

#[tokio::test]
async fn people_find_it_by_kubectl() {
    let space = Space::new("kubectl").await;
    space.services(HELLO).await;
    space.app("hello", &app(&space)).await;
    let told = space.kubectl(&[
        "wait",
        "--for=condition=Ready",
        "gapp/hello",
        "--timeout=60s",
    ]);
    assert_eq!(told, "gravityapp.gravity.dev/hello condition met\n");
    space
        .until("the use of the services is told", async || {
            let service = space.get("GravityService", "web-1.0.0").await;
            service["status"]["usedBy"] == "hello"
        })
        .await;

    let columns = |text: String| {
        let rows = text.lines().map(|row| {
            let cells: Vec<&str> = row.split_whitespace().collect();
            // The age, the last of them, is the only one that moves.
            cells[..cells.len() - 1].join(" | ")
        });
        rows.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(columns(space.kubectl(&["get", "gapp"])), @"
        NAME | READY | SERVICES | REVISION
        hello | True | 2/2 | 7ce8637d
        ");
    insta::assert_snapshot!(columns(space.kubectl(&["get", "gsvc"])), @"
        NAME | SERVICE | VERSION | TYPE | USED | BY
        api-1.0.0 | api | 1.0.0 | api | hello
        web-1.0.0 | web | 1.0.0 | web | hello
        ");
    let both = space.kubectl(&["get", "gravity", "--output=name"]);
    insta::assert_snapshot!(both, @"
        gravityapp.gravity.dev/hello
        gravityservice.gravity.dev/api-1.0.0
        gravityservice.gravity.dev/web-1.0.0
        ");
    let wide = space.kubectl(&["get", "gapp", "--output=wide"]);
    assert!(wide.contains("all 2 services are ready"), "{wide}");
}

#[tokio::test]
async fn events_tell_the_steps() {
    let space = Space::new("events").await;
    space.services(HELLO).await;
    space.app("hello", &app(&space)).await;
    space.ready("hello").await;
    space
        .until("the last event is told", async || {
            let events = space.events("hello").await;
            events.iter().any(|event| event.contains(" Ready: "))
        })
        .await;
    insta::assert_snapshot!(space.events("hello").await.join("\n"), @"
        Normal ServiceMigrating: api 1.0.0 migrates
        Normal ServiceReady: api 1.0.0 is ready
        Normal ServiceReady: web 1.0.0 is ready
        Normal Ready: all 2 services are ready
        ");
}

#[tokio::test]
async fn at_rest_nothing_is_asked_of_the_server() {
    let space = Space::new("at-rest").await;
    space.services(HELLO).await;
    space.app("hello", &app(&space)).await;
    space.ready("hello").await;
    space.is_quiet_for(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_migration_runs_before_the_new_pods_and_a_failed_one_stops_them() {
    let space = Space::new("migration").await;
    let version = |version: &str, fails: bool| {
        format!(
            "
name: api
version: {version}
image: api:{version}
migrations: {{command: [migrate], retries: 0}}
podTemplate: {{metadata: {{annotations: {{local-cluster.gravity.dev/fail: '{fails}', local-cluster.gravity.dev/message: 'column exists'}}}}}}
"
        )
    };
    space.services(&version("1.0.0", false)).await;
    space
        .app("m", "{services: [{name: api}], updates: Automatic}")
        .await;
    space.ready("m").await;
    let made = |resource: &str| {
        let requests = space.requests();
        let all = requests
            .iter()
            .filter(|one| one.resource == resource && one.code == 201);
        all.map(|one| one.at.clone()).next().unwrap()
    };
    assert!(made("jobs") < made("deployments"));

    space.services(&version("2.0.0", true)).await;
    let told = space.until_says("m", "Ready", "JobFailed").await;
    let told = told.replace(&job_suffix(&space).await, "HASH");
    insta::assert_snapshot!(told, @"False JobFailed: migration/api: Job migration/api-migration-2-0-0-HASH: Job has reached the specified backoff limit; a pod says Error: column exists; its log says more: kubectl logs job/api-migration-2-0-0-HASH -n migration; it is not run again by itself: release a version that mends it, or delete the Job to run it once more");
    let deployment = space.get("Deployment", "api").await;
    assert_eq!(
        deployment["spec"]["template"]["spec"]["containers"][0]["image"],
        "api:1.0.0"
    );
    // The version that runs goes on running, and is told.
    assert_eq!(deployment["status"]["readyReplicas"], 1);
    let status = space.get("GravityApp", "m").await["status"].clone();
    let service = &status["services"][0];
    let told = ["currentVersion", "version", "phase"].map(|field| service[field].as_str());
    assert_eq!(told, ["1.0.0", "2.0.0", "Failed"].map(Some));
}

/// What is derived from a Job's inputs at the end of its name.
async fn job_suffix(space: &Space) -> String {
    let jobs = space.names("Job").await;
    let newest = jobs.iter().find(|job| job.contains("2-0-0"));
    newest
        .or(jobs.last())
        .and_then(|job| job.rsplit('-').next())
        .unwrap()
        .to_owned()
}
