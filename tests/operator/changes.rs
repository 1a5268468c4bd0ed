//! An app that runs is changed: new versions, configuration, environments, suspension.

use std::time::Duration;

use serde_json::Value;

use crate::support::{Space, condition};

const PAIR: &str = "
name: base
version: 1.0.0
image: base:1
---
name: top
version: 1.0.0
image: top:1
dependencies: [{name: base, version: ^1}]
";

/// A pod of this never becomes ready until its annotation is taken away.
const HELD: &str =
    "podTemplate: {metadata: {annotations: {local-cluster.gravity.dev/ready: 'false'}}}";

async fn running(name: &str, spec: &str) -> Space {
    let space = Space::new(name).await;
    space.services(PAIR).await;
    space.app("app", spec).await;
    space.ready("app").await;
    space
}

async fn image(space: &Space, deployment: &str) -> String {
    let live = space.get("Deployment", deployment).await;
    let image = &live["spec"]["template"]["spec"]["containers"][0]["image"];
    image.as_str().unwrap_or_default().to_owned()
}

fn variable<'a>(deployment: &'a Value, name: &str) -> &'a Value {
    let env = deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array();
    let mut env = env.into_iter().flatten();
    env.find(|one| one["name"] == name)
        .map_or(&Value::Null, |one| &one["value"])
}

fn service(app: &Value, name: &str) -> Value {
    let services = app["status"]["services"].as_array();
    let mut services = services.into_iter().flatten();
    services
        .find(|one| one["name"] == name)
        .cloned()
        .unwrap_or_default()
}

#[tokio::test]
async fn what_runs_moves_to_the_versions_that_the_app_locks() {
    let space = Space::new("moved-by-lock").await;
    let versions = ["1.0.0", "1.1.0", "1.2.0"];
    let manifests = versions.map(|it| format!("name: base\nversion: {it}\nimage: base:{it}\n"));
    space.services(&manifests.join("---\n")).await;
    let app = |lock: &str| format!("{{services: [{{name: base}}], lock: {{base: {lock}}}}}");
    for version in ["1.1.0", "1.2.0", "1.0.0"] {
        space.app("app", &app(version)).await;
        space.ready("app").await;
        assert_eq!(image(&space, "base").await, format!("base:{version}"));
    }
    // One that nobody has published moves nothing.
    space.app("app", &app("1.9.0")).await;
    space.ready("app").await;
    assert_eq!(image(&space, "base").await, "base:1.0.0");
}

#[tokio::test]
async fn new_versions_go_in_the_order_of_the_graph() {
    let space = running("upgrade", "{services: [{name: top}], updates: Automatic}").await;
    // The new top comes first, and has nothing that it fits to yet.
    space
        .services(&format!(
            "
name: top
version: 2.0.0
image: top:2
dependencies: [{{name: base, version: ^2}}]
---
name: base
version: 2.0.0
image: base:2
{HELD}
"
        ))
        .await;
    space
        .until("base moves", async || {
            image(&space, "base").await == "base:2"
        })
        .await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(image(&space, "top").await, "top:1");
    let app = space.get("GravityApp", "app").await;
    assert_eq!(service(&app, "base")["phase"], "Updating");
    insta::assert_snapshot!(space.says("app", "Ready").await, @"False Progressing: service/base: Deployment upgrade/base: 1 pods of the old version are going");

    space.kubectl(&[
        "annotate",
        "pod",
        "--selector=app.kubernetes.io/name=base,app.kubernetes.io/version=2.0.0",
        "local-cluster.gravity.dev/ready-",
    ]);
    space
        .until("top moves", async || image(&space, "top").await == "top:2")
        .await;
    let app = space.ready("app").await;
    assert_eq!(service(&app, "top")["version"], "2.0.0");
}

#[tokio::test]
async fn locked_versions_stay_until_they_no_longer_fit() {
    let space = running("locked", "{services: [{name: top}, {name: base}]}").await;
    space
        .services("name: base\nversion: 1.5.0\nimage: base:1.5\n")
        .await;
    space.is_quiet_for(Duration::from_secs(1)).await;
    assert_eq!(image(&space, "base").await, "base:1");
    space
        .app(
            "app",
            "{services: [{name: top}, {name: base, version: '>=1.5'}]}",
        )
        .await;
    space
        .until("base moves", async || {
            image(&space, "base").await == "base:1.5"
        })
        .await;
    space.ready("app").await;
}

#[tokio::test]
async fn a_sick_dependency_blocks_no_hotfix_of_its_dependents() {
    let space = running("sick", "{services: [{name: top}]}").await;
    space.kubectl(&[
        "annotate",
        "pod",
        "--selector=app.kubernetes.io/name=base",
        "local-cluster.gravity.dev/ready=false",
    ]);
    space
        .until("base is told to be degraded", async || {
            let app = space.get("GravityApp", "app").await;
            service(&app, "base")["phase"] == "Degraded"
        })
        .await;
    space
        .app("app", "{services: [{name: top, env: {FIX: '1'}}]}")
        .await;
    space
        .until("the hotfix is out", async || {
            let top = space.get("Deployment", "top").await;
            variable(&top, "FIX") == "1" && top["status"]["updatedReplicas"] == 1
        })
        .await;
    let app = space.get("GravityApp", "app").await;
    assert_eq!(condition(&app, "Ready")["status"], "False");
    assert_eq!(service(&app, "top")["phase"], "Running");
}

/// A configuration, more pods and a version are wanted: nothing was lost by them.
#[tokio::test]
async fn a_wanted_change_is_told_as_a_change_and_not_as_a_loss() {
    let space = Space::new("wanted-change").await;
    let needs = "dependencies: [{name: base, version: ^1}]\n";
    let scaled = format!("{needs}scaling: {{minReplicas: 1, maxReplicas: 5}}\n");
    space.services(&PAIR.replace(needs, &scaled)).await;
    let automatic = "{services: [{name: top}], updates: Automatic}";
    space.app("app", automatic).await;
    space.ready("app").await;
    let with_env = automatic.replace("{name: top}", "{name: top, env: {FIX: '1'}}");
    space.app("app", &with_env).await;
    space
        .until("the configuration is out", async || {
            let top = space.get("Deployment", "top").await;
            variable(&top, "FIX") == "1" && top["status"]["updatedReplicas"] == 1
        })
        .await;
    space.ready("app").await;
    space.kubectl(&["scale", "deployment", "top", "--replicas=3"]);
    space
        .until("there are three", async || {
            let top = space.get("Deployment", "top").await;
            top["status"]["readyReplicas"] == 3
        })
        .await;
    space.ready("app").await;
    space
        .services(&format!(
            "name: top\nversion: 1.1.0\nimage: top:1.1\n{scaled}migrations: {{command: [migrate]}}\n"
        ))
        .await;
    space
        .until("the next version is out", async || {
            image(&space, "top").await == "top:1.1"
        })
        .await;
    space.ready("app").await;
    space
        .until("the last event is told", async || {
            let events = space.events("app").await;
            events
                .iter()
                .any(|event| event.contains("top 1.1.0 is ready"))
        })
        .await;
    let events = space.events("app").await;
    let told = |reason: &str| events.iter().any(|event| event.contains(reason));
    assert!(!told("ServiceDegraded"), "{events:#?}");
    assert!(
        told("Normal ServiceUpdating: top is moving to 1.1.0"),
        "{events:#?}"
    );
}

#[tokio::test]
async fn what_is_changed_while_it_starts_ends_the_older_wait() {
    let space = Space::new("changed-early").await;
    space
        .services(&PAIR.replacen("image: base:1", &format!("image: base:1\n{HELD}"), 1))
        .await;
    space.app("app", "{services: [{name: top}]}").await;
    space.until_says("app", "Ready", "pods are ready").await;
    space
        .services("name: top\nversion: 1.1.0\nimage: top:1.1\n")
        .await;
    space
        .app("app", "{services: [{name: top, version: '>=1.1'}]}")
        .await;
    let app = space.ready("app").await;
    assert_eq!(app["status"]["servicesReady"], "1/1");
    space.until_gone("Deployment", "base").await;
}

#[tokio::test]
async fn a_suspended_app_is_left_alone() {
    let space = running("suspend", "{services: [{name: top}]}").await;
    space
        .app("app", "{services: [{name: top}], suspend: true}")
        .await;
    space.until_says("app", "Reconciling", "Suspended").await;
    space.delete("Service", "top").await;
    space.kubectl(&["set", "image", "deployment/base", "*=other:1"]);
    let told = space.until_says("app", "Ready", "wiring/top").await;
    insta::assert_snapshot!(told, @"False Suspended: suspended, so nothing is changed; wiring/top is not as wanted");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!space.exists("Service", "top").await);
    assert_eq!(image(&space, "base").await, "other:1");

    space
        .app("app", "{services: [{name: top}], suspend: false}")
        .await;
    space.until_there("Service", "top").await;
    space.ready("app").await;
    assert_eq!(image(&space, "base").await, "base:1");
}

#[tokio::test]
async fn the_chosen_environment_is_laid_over_and_can_be_changed() {
    let spec = |environment: &str| {
        format!(
            "{{services: [{{name: top, env: {{OWN: app}}}}], environment: {environment},
              environments: {{staging: {{replicas: 1, env: {{STAGE: staging, OWN: overlay}}}},
                              production: {{replicas: 3, env: {{STAGE: production}}}}}}}}"
        )
    };
    let space = running("environment", &spec("staging")).await;
    let top = space.get("Deployment", "top").await;
    assert_eq!(variable(&top, "STAGE"), "staging");
    // The app's own entry for a service is the strongest.
    assert_eq!(variable(&top, "OWN"), "app");
    space.app("app", &spec("production")).await;
    space
        .until("production's three pods are ready", async || {
            let base = space.get("Deployment", "base").await;
            base["status"]["readyReplicas"] == 3 && variable(&base, "STAGE") == "production"
        })
        .await;
    space.ready("app").await;
}

#[tokio::test]
async fn a_gravity_service_that_is_deleted_while_used_changes_nothing() {
    let space = running("version-gone", "{services: [{name: top}]}").await;
    let before = space.get("Deployment", "base").await["metadata"]["generation"].clone();
    space.delete("GravityService", "base-1.0.0").await;
    let told = space.stalled("app").await;
    insta::assert_snapshot!(told, @"True LockedVersionGone: base 1.0.0 runs, but its GravityService is gone, and every range still admits that version. To mend it, apply the GravityService of base 1.0.0 again.");
    let after = space.get("Deployment", "base").await["metadata"]["generation"].clone();
    assert_eq!(before, after);
    assert!(space.exists("Service", "base").await);
    // It comes back, and all is as it was.
    space.services(PAIR).await;
    space.ready("app").await;
    assert_eq!(
        space.get("Deployment", "base").await["metadata"]["generation"],
        before
    );
}
