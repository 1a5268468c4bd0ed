//! Servers that CloudNativePG runs: its own definitions judge what is sent, and the tests
//! write the status that it would.

use serde_json::{Value, json};

use crate::support::{Space, gravity, rendered};

const SERVICES: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: data, type: postgresql, version: '16', extensions: [citext], charset: UTF8, collation: C.UTF-8}]
migrations: {command: [migrate]}
---
name: web
version: 1.0.0
image: web:1
";
const APP: &str = "{services: [{name: api}, {name: web}],
    databases: {postgresql: {mode: CloudNativePG, replicas: 3, storage: 20Gi}}}";
const POOLED: &str = "{services: [{name: api}, {name: web}],
    databases: {postgresql: {mode: CloudNativePG, pooler: {poolSize: 5, resources: {limits: {memory: 128Mi}}}}}}";
const POOLER: &str = "app-postgresql-16-cnpg-pooler";
const SERVER: &str = "app-postgresql-16-cnpg";

async fn begun(name: &str, app: &str) -> Space {
    let space = Space::new(name).await;
    space.services(SERVICES).await;
    space.app("app", app).await;
    space.until_there("Cluster", SERVER).await;
    space
}

/// What the operator says of a server that has just become well.
async fn server_is_well(space: &Space) {
    let conditions = json!([{
        "type": "Ready", "status": "True", "reason": "ClusterIsReady",
        "message": "Cluster is Ready", "lastTransitionTime": "2026-01-01T00:00:00Z",
    }]);
    let status = json!({
        "phase": "Cluster in healthy state", "instances": 3, "readyInstances": 3,
        "image": "postgresql:16.4", "conditions": conditions,
    });
    space.status("Cluster", SERVER, status).await;
}

async fn database_is_applied(space: &Space) {
    space.until_there("Database", "api-data").await;
    let database = space.get("Database", "api-data").await;
    let generation = &database["metadata"]["generation"];
    let status = json!({"applied": true, "observedGeneration": generation});
    space.status("Database", "api-data", status).await;
}

async fn ready(name: &str, app: &str) -> Space {
    let space = begun(name, app).await;
    server_is_well(&space).await;
    database_is_applied(&space).await;
    space.ready("app").await;
    space
}

#[tokio::test]
async fn each_waits_for_the_status_of_the_one_before() {
    let space = begun("cnpg-order", APP).await;
    // What needs no database has started already.
    space.until_there("Deployment", "web").await;
    let told = space
        .until_says("app", "DatabasesReady", "not taken it up")
        .await;
    insta::assert_snapshot!(told, @"False Progressing: server/app-postgresql-16-cnpg: Cluster cnpg-order/app-postgresql-16-cnpg: its operator has not taken it up yet");
    let begins = json!({"phase": "Setting up primary", "phaseReason": "Creating primary instance app-postgresql-16-cnpg-1"});
    space.status("Cluster", SERVER, begins).await;
    let told = space.until_says("app", "DatabasesReady", "primary").await;
    insta::assert_snapshot!(told, @"False Progressing: server/app-postgresql-16-cnpg: Cluster cnpg-order/app-postgresql-16-cnpg: Setting up primary: Creating primary instance app-postgresql-16-cnpg-1");
    assert!(!space.exists("Database", "api-data").await);

    server_is_well(&space).await;
    space.until_there("Database", "api-data").await;
    let refused = json!({"applied": false, "observedGeneration": 1, "message": "role \"data\" does not exist"});
    space.status("Database", "api-data", refused).await;
    let told = space
        .until_says("app", "DatabasesReady", "does not exist")
        .await;
    insta::assert_snapshot!(told, @r#"False Progressing: database/api-data: Database cnpg-order/api-data: role "data" does not exist"#);
    assert!(space.names("Job").await.is_empty());

    database_is_applied(&space).await;
    let app = space.ready("app").await;
    assert_eq!(app["status"]["servicesReady"], "2/2");
    assert!(space.names("StatefulSet").await.is_empty());
    assert!(space.names("PersistentVolumeClaim").await.is_empty());
    let env = space.get("Deployment", "api").await;
    let env = env.pointer("/spec/template/spec/containers/0/env").unwrap();
    let of = |name: &str| {
        let mut all = env.as_array().unwrap().iter();
        all.find(|one| one["name"] == name)
            .cloned()
            .unwrap_or_default()
    };
    let from = |key: &str| json!({"name": "api-data", "key": key});
    assert_eq!(of("DATA_URL")["valueFrom"]["secretKeyRef"], from("uri"));
    let replica = of("DATA_REPLICA_URL");
    assert_eq!(replica["valueFrom"]["secretKeyRef"], from("replica-uri"));
    let told = gravity(&space, &["status", "--namespace", &space.name]);
    let row = told.lines().find(|line| line.starts_with(SERVER)).unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(words, [SERVER, "16", "3/3", "postgresql:16.4"]);
    space.is_quiet_for(std::time::Duration::from_secs(2)).await;
}

/// Their own definitions take every field: what they do not know they would drop without a
/// word, unless they are asked to be strict.
#[tokio::test]
async fn the_definitions_know_every_field() {
    let space = Space::new("cnpg-strict").await;
    let of = |app: &str| rendered(&space, app, SERVICES);
    let (plain, pooled) = (of(APP), of(POOLED));
    for (objects, kind, name) in [
        (&plain, "Cluster", SERVER),
        (&plain, "Database", "api-data"),
        (&pooled, "Pooler", POOLER),
    ] {
        let object = objects.iter().find(|object| object["kind"] == kind);
        let object = object.unwrap().clone();
        let made = space.apply(kind, name, object.clone()).await.unwrap();
        let spec = &made.data["spec"];
        for field in object["spec"].as_object().unwrap().keys() {
            assert!(spec.get(field).is_some(), "{kind} lost {field}");
        }
    }
    let unknown = json!({"spec": {"instances": 1, "instance": 1}});
    let refused = space.apply("Cluster", "unknown", unknown).await;
    assert!(
        refused
            .unwrap_err()
            .contains("field not declared in schema")
    );
}

/// Its claims go with it, so it is kept as claims are; and the app of that name takes it up.
#[tokio::test]
async fn under_retain_the_server_stays_and_is_taken_up_again() {
    let space = ready("cnpg-retain", APP).await;
    let uid = space.get("Cluster", SERVER).await["metadata"]["uid"].clone();
    let login = space.get("Secret", "api-data").await["data"].clone();
    assert_eq!(
        space.get("Cluster", SERVER).await["metadata"]["ownerReferences"],
        Value::Null
    );
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    space.until_gone("Database", "api-data").await;
    assert_eq!(space.get("Cluster", SERVER).await["metadata"]["uid"], uid);

    space.app("app", APP).await;
    database_is_applied(&space).await;
    space.ready("app").await;
    assert_eq!(space.get("Cluster", SERVER).await["metadata"]["uid"], uid);
    assert_eq!(space.get("Secret", "api-data").await["data"], login);
}

#[tokio::test]
async fn under_delete_the_server_goes_after_those_who_use_it() {
    let app = APP.replacen('{', "{deletionPolicy: Delete, ", 1);
    let space = ready("cnpg-delete", &app).await;
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    for (kind, name) in [
        ("Cluster", SERVER),
        ("Database", "api-data"),
        ("Secret", "api-data"),
        ("Secret", "app-postgresql-16-cnpg-admin"),
    ] {
        assert!(!space.exists(kind, name).await, "{kind} {name}");
    }
    let deleted = |what: &str| {
        let mut writes = space.writes().into_iter();
        writes.position(|write| write.starts_with(&format!("delete {what}")))
    };
    assert!(deleted("deployments api") < deleted(&format!("clusters {SERVER}")));
    assert!(
        deleted(&format!("clusters {SERVER}")) < deleted("secrets app-postgresql-16-cnpg-admin")
    );
}

#[tokio::test]
async fn services_wait_for_its_pooler_and_come_through_it() {
    let space = begun("cnpg-pooler", POOLED).await;
    server_is_well(&space).await;
    database_is_applied(&space).await;
    space.until_there("Pooler", POOLER).await;
    space
        .until_says(
            "app",
            "DatabasesReady",
            "pooler/app-postgresql-16-cnpg-pooler",
        )
        .await;
    assert!(!space.exists("Deployment", "api").await);
    let status = json!({"instances": 2});
    space.status("Pooler", POOLER, status).await;
    space.ready("app").await;
    let host = &space.get("Secret", "api-data").await["data"]["host"];
    let host: k8s_openapi::ByteString = serde_json::from_value(host.clone()).unwrap();
    assert_eq!(host.0, POOLER.as_bytes());
}

/// What somebody changes by hand is put right; what the operator's webhook adds is not ours.
#[tokio::test]
async fn a_hand_made_change_is_mended_and_an_addition_stays() {
    let space = ready("cnpg-drift", APP).await;
    let patch = json!({"spec": {"instances": 1, "logLevel": "debug"}});
    space.merge("Cluster", SERVER, patch).await;
    space
        .until("it has three members again", async || {
            space.get("Cluster", SERVER).await["spec"]["instances"] == 3
        })
        .await;
    let spec = space.get("Cluster", SERVER).await["spec"].clone();
    assert_eq!(spec["logLevel"], "debug");
    space.is_quiet_for(std::time::Duration::from_secs(2)).await;
}

#[tokio::test]
async fn what_its_operator_cannot_do_is_told_in_its_words() {
    let space = begun("cnpg-stuck", APP).await;
    let status = json!({
        "phase": "Cluster has incomplete or invalid image catalog",
        "phaseReason": "Error while fetching image catalog postgresql",
    });
    space.status("Cluster", SERVER, status).await;
    let told = space.stalled("app").await;
    insta::assert_snapshot!(told, @"True RolloutFailed: server/app-postgresql-16-cnpg: Cluster cnpg-stuck/app-postgresql-16-cnpg: Cluster has incomplete or invalid image catalog: Error while fetching image catalog postgresql; install that ClusterImageCatalog, or name another by imageCatalog, or an image");
    assert!(space.exists("Deployment", "web").await);
    server_is_well(&space).await;
    database_is_applied(&space).await;
    space.ready("app").await;
}
