//! Servers of others: their address comes from the Secret that the app names, and from that
//! Secret nothing else comes to light.

use std::time::Duration;

use k8s_openapi::ByteString;
use serde_json::{Value, json};

use crate::support::{API_BESIDE_WEB, Space};

const APP: &str = "{services: [{name: api}, {name: web}],
    databases: {postgresql: {mode: External, secretName: managed}}}";

/// The password of the administrator, which nobody but the provisioning may see.
const CANARY: &str = "canary7d1f";

async fn managed(space: &Space, uri: &str) {
    let body = json!({"stringData": {"uri": uri}});
    space.apply("Secret", "managed", body).await.unwrap();
}

fn uri(host: &str) -> String {
    format!("postgresql://admin:{CANARY}@{host}/postgres?sslmode=require\n")
}

async fn value(space: &Space, key: &str) -> String {
    let secret = space.get("Secret", "api-data").await;
    let bytes: Option<ByteString> = serde_json::from_value(secret["data"][key].clone()).unwrap();
    String::from_utf8(bytes.unwrap_or_default().0).unwrap()
}

async fn generation(space: &Space) -> i64 {
    let deployment = space.get("Deployment", "api").await;
    deployment["metadata"]["generation"]
        .as_i64()
        .unwrap_or_default()
}

async fn running(name: &str) -> Space {
    let space = Space::new(name).await;
    space.services(API_BESIDE_WEB).await;
    managed(&space, &uri("db.example.com:5433")).await;
    space.app("app", APP).await;
    space.ready("app").await;
    space
}

#[tokio::test]
async fn without_a_secret_that_can_be_read_it_is_told_and_nothing_else_is_harmed() {
    let space = Space::new("external-missing").await;
    space.services(API_BESIDE_WEB).await;
    space.app("app", APP).await;
    insta::assert_snapshot!(space.stalled("app").await, @"True ServerUnknown: credentials/api-data: the Secret managed of the external server app-postgresql-16 is not there: make it, with the administrator's uri under the key uri");
    assert!(space.exists("Deployment", "web").await);
    assert!(!space.exists("Secret", "api-data").await && space.names("Job").await.is_empty());
    managed(&space, &format!("postgresql://admin:{CANARY}@")).await;
    let told = space.until_says("app", "Stalled", "cannot be used").await;
    insta::assert_snapshot!(told, @"True ServerUnknown: credentials/api-data: the Secret managed of the external server app-postgresql-16 cannot be used: its uri is not of the form scheme://user:password@host:port");
    // It wakes when the Secret comes, and not when somebody looks.
    managed(&space, &uri("db.example.com")).await;
    space.ready("app").await;
    assert_eq!(value(&space, "host").await, "db.example.com");
    assert_eq!(value(&space, "port").await, "5432");
    space.is_quiet_for(Duration::from_secs(2)).await;
}

#[tokio::test]
async fn it_is_provisioned_and_its_password_comes_to_no_light() {
    let space = running("external").await;
    let password = value(&space, "password").await;
    let expected =
        format!("postgresql://data_a:{password}@db.example.com:5433/data?sslmode=require");
    assert_eq!(value(&space, "uri").await, expected);
    assert!(space.names("StatefulSet").await.is_empty());
    assert!(space.names("PersistentVolumeClaim").await.is_empty());
    let job = &space.names("Job").await[0];
    let job = space.get("Job", job).await;
    let env = job.pointer("/spec/template/spec/containers/0/env").unwrap();
    let admin = env
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "ADMIN_URI");
    let from = &admin.unwrap()["valueFrom"]["secretKeyRef"];
    assert_eq!(*from, json!({"name": "managed", "key": "uri"}));

    let mut seen = std::fs::read_to_string(&space.suite.log).unwrap();
    for kind in [
        "GravityApp",
        "Job",
        "Pod",
        "Deployment",
        "ConfigMap",
        "Event",
        "ServiceAccount",
    ] {
        for name in space.names(kind).await {
            seen += &space.get(kind, &name).await.to_string();
        }
    }
    let login = space.get("Secret", "api-data").await;
    let values = login["data"].as_object().unwrap();
    for key in values.keys() {
        seen += &value(&space, key).await;
    }
    assert!(seen.contains("db.example.com") && !seen.contains(CANARY));
}

#[tokio::test]
async fn another_address_is_followed_and_a_lost_one_changes_nothing_that_runs() {
    let space = running("external-moves").await;
    let before = generation(&space).await;
    managed(&space, &uri("other.example.com:5434")).await;
    space
        .until("api restarts with its new address", async || {
            generation(&space).await > before
        })
        .await;
    space.ready("app").await;
    assert_eq!(generation(&space).await, before + 1);
    let now = value(&space, "uri").await;
    assert!(
        now.ends_with("@other.example.com:5434/data?sslmode=require"),
        "{now}"
    );

    space.delete("Secret", "managed").await;
    space.until_says("app", "Stalled", "ServerUnknown").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(value(&space, "uri").await, now);
    let jobs = space.names("Job").await;
    assert_eq!(jobs.len(), 1);
    managed(&space, &uri("other.example.com:5434")).await;
    space.ready("app").await;
    assert_eq!(generation(&space).await, before + 1);
    assert_eq!(value(&space, "uri").await, now);
}

/// Nothing of a server of others is Gravity's to delete.
#[tokio::test]
async fn the_secret_of_its_administrator_stays_when_the_app_and_its_data_go() {
    let space = running("external-deleted").await;
    let secret = space.get("Secret", "managed").await;
    space
        .app("app", &APP.replacen('{', "{deletionPolicy: Delete, ", 1))
        .await;
    space.ready("app").await;
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    assert_eq!(space.get("Secret", "managed").await, secret);
    assert_eq!(space.get("Secret", "api-data").await, Value::Null);
}
