//! Credentials: a person's are used and kept, lost ones are made anew where that harms
//! nobody, and who uses them restarts when they change, once.

use std::time::Duration;

use k8s_openapi::ByteString;
use serde_json::{Value, json};

use crate::support::{API_BESIDE_WEB, Space};

const APP: &str = "{services: [{name: api}, {name: web}]}";

/// A namespace in which the app is ready.
async fn running(namespace: &str) -> Space {
    let space = Space::new(namespace).await;
    space.services(API_BESIDE_WEB).await;
    space.app("app", APP).await;
    space.ready("app").await;
    space
}

/// A Secret as a person makes it with kubectl.
async fn give(space: &Space, annotations: Value, values: &[(&str, &str)]) {
    let data = values
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)));
    let data: serde_json::Map<String, Value> = data.collect();
    let body = json!({"metadata": {"annotations": annotations}, "stringData": data});
    space.apply("Secret", "api-data", body).await.unwrap();
}

/// A value of a Secret; empty where there is none.
async fn value(space: &Space, secret: &str, key: &str) -> String {
    let secret = space.get("Secret", secret).await;
    let bytes: Option<ByteString> = serde_json::from_value(secret["data"][key].clone()).unwrap();
    String::from_utf8(bytes.unwrap_or_default().0).unwrap()
}

async fn generation(space: &Space, deployment: &str) -> i64 {
    let deployment = space.get("Deployment", deployment).await;
    deployment["metadata"]["generation"].as_i64().unwrap()
}

/// Waits until the service has rolled by one generation, and fails if it does so again.
async fn rolled_once(space: &Space, before: i64) {
    space
        .until("api rolls", async || {
            generation(space, "api").await > before
        })
        .await;
    space.ready("app").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(generation(space, "api").await, before + 1);
}

#[tokio::test]
async fn a_persons_secret_is_used_and_kept() {
    let space = Space::new("given").await;
    let ours = json!({"gravity.dev/app": "app"});
    give(
        &space,
        ours.clone(),
        &[("password", " p@ss/word \n"), ("note", "mine")],
    )
    .await;
    space.services(API_BESIDE_WEB).await;
    space.app("app", APP).await;
    space.ready("app").await;
    assert_eq!(value(&space, "api-data", "password").await, "p@ss/word");
    assert_eq!(value(&space, "api-data", "note").await, "mine");
    assert_eq!(
        value(&space, "api-data", "uri").await,
        "postgresql://data_a:p%40ss%2Fword@app-postgresql-16:5432/data"
    );
    let secret = space.get("Secret", "api-data").await;
    assert_eq!(secret["type"], "Opaque");
    assert_eq!(secret["metadata"]["ownerReferences"], Value::Null);

    // Another password is theirs to choose: it is set on the server, and api rolls once.
    let (before, web) = (
        generation(&space, "api").await,
        generation(&space, "web").await,
    );
    let jobs = space.names("Job").await;
    give(&space, ours, &[("password", "another"), ("note", "mine")]).await;
    rolled_once(&space, before).await;
    assert_ne!(space.names("Job").await, jobs);
    assert_eq!(generation(&space, "web").await, web);
    assert_eq!(value(&space, "api-data", "password").await, "another");
    space.is_quiet_for(Duration::from_secs(2)).await;
}

#[tokio::test]
async fn a_secret_that_nobody_gave_is_left_alone_until_it_is_given() {
    let space = Space::new("not-given").await;
    give(&space, json!({}), &[("password", "theirs")]).await;
    let before = space.get("Secret", "api-data").await;
    space.services(API_BESIDE_WEB).await;
    space.app("app", APP).await;
    let told = space
        .until_says("app", "DatabasesReady", "OwnershipConflict")
        .await;
    insta::assert_snapshot!(told, @"False OwnershipConflict: credentials/api-data: Secret not-given/api-data is not Gravity's (it was made by a-person) and is left as it is; to have its password used, give it the annotation gravity.dev/app=app; or else rename the service or the app, or delete it");
    assert_eq!(space.get("Secret", "api-data").await, before);
    give(
        &space,
        json!({"gravity.dev/app": "app"}),
        &[("password", "theirs")],
    )
    .await;
    space.ready("app").await;
    assert_eq!(value(&space, "api-data", "password").await, "theirs");
}

#[tokio::test]
async fn a_login_that_cannot_be_is_told_and_left_as_it_is() {
    let space = Space::new("given-wrong").await;
    let values = [("password", "p"), ("username", "postgres")];
    give(&space, json!({"gravity.dev/app": "app"}), &values).await;
    space.services(API_BESIDE_WEB).await;
    space.app("app", APP).await;
    let told = space
        .until_says("app", "DatabasesReady", "CredentialsInvalid")
        .await;
    insta::assert_snapshot!(told, @"False CredentialsInvalid: credentials/api-data: Secret given-wrong/api-data is left as it is: its username is postgres, and can be data_a or data_b only: write that, or take the key out");
    assert_eq!(value(&space, "api-data", "username").await, "postgres");
    space
        .merge("Secret", "api-data", json!({"data": {"username": null}}))
        .await;
    space.ready("app").await;
    assert_eq!(value(&space, "api-data", "username").await, "data_a");
    assert_eq!(value(&space, "api-data", "password").await, "p");
}

#[tokio::test]
async fn a_services_secret_that_is_deleted_heals_and_its_consumers_roll_once() {
    let space = running("secret-deleted").await;
    let (before, web) = (
        generation(&space, "api").await,
        generation(&space, "web").await,
    );
    let password = value(&space, "api-data", "password").await;
    let done = space.writes().len();
    let deleted = std::time::Instant::now();
    space.delete("Secret", "api-data").await;
    rolled_once(&space, before).await;
    assert!(deleted.elapsed() < Duration::from_secs(60));
    assert_ne!(value(&space, "api-data", "password").await, password);
    assert_eq!(generation(&space, "web").await, web);
    // The role has its password before a pod starts with it.
    let writes = space.writes().split_off(done);
    let place = |start: &str| writes.iter().position(|write| write.starts_with(start));
    let order = [
        place("create secrets api-data"),
        place("patch jobs api-app-postgresql-16"),
        place("patch deployments api"),
    ];
    assert!(order.is_sorted() && order[0].is_some(), "{writes:#?}");
}

#[tokio::test]
async fn a_lost_admin_secret_is_told_and_never_made_anew() {
    let space = running("admin-deleted").await;
    let admin = "app-postgresql-16-admin";
    let mut backup = space.get("Secret", admin).await;
    let password = value(&space, admin, "password").await;
    let server =
        space.get("StatefulSet", "app-postgresql-16").await["metadata"]["generation"].clone();
    space.delete("Secret", admin).await;
    let told = space
        .until_says("app", "DatabasesReady", "CredentialsLost")
        .await;
    insta::assert_snapshot!(told, @"False CredentialsLost: credentials/app-postgresql-16: Secret admin-deleted/app-postgresql-16-admin is gone, and PersistentVolumeClaim admin-deleted/data-app-postgresql-16-0 holds data that only its password opens: restore the Secret from a backup, or delete the claim to begin with an empty server");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!space.exists("Secret", admin).await);

    // What a backup has is taken as it is, and nothing restarts.
    let metadata = backup["metadata"].as_object_mut().unwrap();
    metadata.retain(|key, _| ["name", "labels", "annotations"].contains(&key.as_str()));
    let (before, jobs) = (generation(&space, "api").await, space.names("Job").await);
    space.apply("Secret", admin, backup).await.unwrap();
    space.ready("app").await;
    assert_eq!(value(&space, admin, "password").await, password);
    assert_eq!(generation(&space, "api").await, before);
    assert_eq!(space.names("Job").await, jobs);
    let now = &space.get("StatefulSet", "app-postgresql-16").await["metadata"]["generation"];
    assert_eq!(*now, server);
}

#[tokio::test]
async fn a_rotation_changes_the_login_and_rolls_its_consumers_once() {
    let space = running("rotation").await;
    let (before, web) = (
        generation(&space, "api").await,
        generation(&space, "web").await,
    );
    let password = value(&space, "api-data", "password").await;
    let ask = |value: &str| json!({"metadata": {"annotations": {"gravity.dev/rotate-credentials": value}}});
    let done = async |login: &str| {
        space
            .until("the rotation is done", async || {
                let secret = space.get("Secret", "api-data").await;
                let annotations = &secret["metadata"]["annotations"];
                let left = [
                    "gravity.dev/next-credential-id",
                    "gravity.dev/previous-credential-id",
                ];
                left.iter().all(|name| annotations[*name].is_null())
                    && value(&space, "api-data", "username").await == login
            })
            .await;
        space.ready("app").await;
    };
    space.merge("GravityApp", "app", ask("1")).await;
    done("data_b").await;
    rolled_once(&space, before).await;
    assert_eq!(generation(&space, "web").await, web);
    assert_ne!(value(&space, "api-data", "password").await, password);
    assert_eq!(value(&space, "api-data", "next-password").await, "");
    let uri = value(&space, "api-data", "uri").await;
    assert!(uri.starts_with("postgresql://data_b:"), "{uri}");
    // The Job that is left is the one that let nobody in by the old login any more.
    let jobs = space.names("Job").await;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let job = space.get("Job", &jobs[0]).await;
    let env = job.pointer("/spec/template/spec/containers/0/env").unwrap();
    let other = env
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "OTHER_LOGIN");
    assert_eq!(other.unwrap()["value"], "cut");
    let events = space.events("app").await;
    let told = events
        .iter()
        .filter(|event| event.contains("CredentialsRotating"));
    assert!(told.count() >= 2, "{events:#?}");
    space.is_quiet_for(Duration::from_secs(2)).await;

    // One Secret alone asks by the same annotation, and what the app asked is not done again.
    space.merge("Secret", "api-data", ask("leaked")).await;
    done("data_a").await;
    rolled_once(&space, before + 1).await;
    space.is_quiet_for(Duration::from_secs(2)).await;
}
