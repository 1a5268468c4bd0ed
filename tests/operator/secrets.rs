//! Values that stand in Secrets, ConfigMaps and a secret store: waited for, told when they are
//! missing, and followed when they change. The External Secrets Operator's own definition judges
//! what is sent, and the tests write what that operator would.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Space, gravity, rendered};

const SERVICES: &str = "
name: pay
version: 1.0.0
image: pay:1
envValueFrom:
  STRIPE_KEY: {secretKeyRef: {name: stripe, key: api-key}}
  FEATURES: {configMapKeyRef: {name: features, key: flags, optional: true}}
---
name: web
version: 1.0.0
image: web:1
";
const APP: &str = "{services: [{name: pay}, {name: web}]}";

const REMOTE: &str = "
name: pay
version: 1.0.0
image: pay:1
envValueFrom:
  SENTRY_DSN: {remoteRef: {key: prod/sentry, property: dsn, version: '3'}}
---
name: web
version: 1.0.0
image: web:1
";
const STORED: &str = "{services: [{name: pay}, {name: web}],
    secretStore: {name: team, kind: ClusterSecretStore, refreshInterval: 15m}}";

async fn begun(name: &str, services: &str, app: &str) -> Space {
    let space = Space::new(name).await;
    space.services(services).await;
    space.app("app", app).await;
    space.until_there("Deployment", "web").await;
    space
}

async fn stripe(space: &Space, data: Value) {
    let body = json!({"stringData": data});
    space.apply("Secret", "stripe", body).await.unwrap();
}

async fn generation(space: &Space) -> i64 {
    let deployment = space.get("Deployment", "pay").await;
    deployment["metadata"]["generation"].as_i64().unwrap()
}

/// Waits until the operator has had its time to do what it should not.
async fn a_moment() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

#[tokio::test]
async fn a_missing_secret_and_a_missing_key_are_told_and_harm_nobody_else() {
    let space = begun("values-missing", SERVICES, APP).await;
    insta::assert_snapshot!(space.stalled("app").await, @"True ValueMissing: values/pay: STRIPE_KEY is the key api-key of Secret values-missing/stripe, which is not there: make it with the key api-key, or set optional: true where the service can do without");
    stripe(&space, json!({"apikey": "sk_1"})).await;
    let told = space.until_says("app", "Stalled", "no such key").await;
    insta::assert_snapshot!(told, @"True ValueMissing: values/pay: STRIPE_KEY is the key api-key of Secret values-missing/stripe, which has no such key: add it, or write apikey if that was meant, or set optional: true where the service can do without");
    let status = space.get("GravityApp", "app").await["status"].clone();
    let pay = &status["services"][0];
    assert_eq!(
        (&pay["phase"], &pay["waitsFor"]),
        (&json!("Failed"), &json!("values/pay"))
    );
    assert_eq!(status["services"][1]["phase"], "Running");
    assert!(!space.exists("Deployment", "pay").await);
    // It wakes when the key comes, and not when somebody looks.
    stripe(&space, json!({"api-key": "sk_1"})).await;
    space.ready("app").await;
    space.is_quiet_for(Duration::from_secs(2)).await;
}

#[tokio::test]
async fn pods_roll_when_and_only_when_a_value_changes_that_they_use() {
    let space = begun("values-change", SERVICES, APP).await;
    stripe(&space, json!({"api-key": "sk_1", "other": "a"})).await;
    space.ready("app").await;
    let before = generation(&space).await;
    stripe(&space, json!({"api-key": "sk_1", "other": "b"})).await;
    let labels = json!({"metadata": {"labels": {"team": "payments"}}});
    space.merge("Secret", "stripe", labels).await;
    a_moment().await;
    assert_eq!(generation(&space).await, before);

    stripe(&space, json!({"api-key": "sk_2", "other": "b"})).await;
    let rolled = async |times: i64| {
        let what = format!("pay was rolled {times} times");
        let is_so = async || generation(&space).await == before + times;
        space.until(&what, is_so).await;
        space.ready("app").await;
    };
    rolled(1).await;
    let features = json!({"data": {"flags": "dark-mode"}});
    space
        .apply("ConfigMap", "features", features)
        .await
        .unwrap();
    rolled(2).await;

    // Its pods run on without the Secret; new ones could not start, so none is asked for.
    space.delete("Secret", "stripe").await;
    space.until_says("app", "Stalled", "ValueMissing").await;
    let other = SERVICES.replace("pay:1", "pay:2");
    space.services(&other).await;
    a_moment().await;
    assert_eq!(generation(&space).await, before + 2);
    stripe(&space, json!({"api-key": "sk_3"})).await;
    rolled(3).await;
    let pay = space.get("Deployment", "pay").await;
    let container = &pay["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], "pay:2");
    // Who asks what would change is told that nothing would.
    let told = gravity(&space, &["plan", "app", "-n", &space.name, "-o", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let summary = &told["summary"];
    let changes = ["create", "change", "delete"].map(|what| summary[what].as_u64().unwrap());
    assert_eq!(changes, [0; 3], "{told:#}");
}

/// What the operator does once it has the value.
async fn is_fetched(space: &Space, value: &str) {
    let made = space.get("ExternalSecret", "pay-remote").await;
    let owner = json!({
        "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "pay-remote",
        "uid": made["metadata"]["uid"], "controller": true,
    });
    let body = json!({
        "metadata": {"ownerReferences": [owner]},
        "stringData": {"SENTRY_DSN": value},
    });
    space.apply("Secret", "pay-remote", body).await.unwrap();
    let generation = &made["metadata"]["generation"];
    condition(
        space,
        "True",
        "SecretSynced",
        "secret synced",
        &format!("{generation}-5d41"),
    )
    .await;
}

async fn condition(space: &Space, status: &str, reason: &str, message: &str, fetched: &str) {
    let conditions = json!([{
        "type": "Ready", "status": status, "reason": reason, "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }]);
    let status = json!({"conditions": conditions, "syncedResourceVersion": fetched});
    space.status("ExternalSecret", "pay-remote", status).await;
}

#[tokio::test]
async fn an_external_secret_is_waited_for_and_its_refusal_told() {
    let space = begun("values-remote", REMOTE, STORED).await;
    space.until_there("ExternalSecret", "pay-remote").await;
    let told = space
        .until_says("app", "ServicesReady", "taken it up")
        .await;
    insta::assert_snapshot!(told, @"False Progressing: external-secret/pay: ExternalSecret values-remote/pay-remote: the External Secrets Operator has not taken it up yet");
    let message = "could not get secret data from provider";
    condition(&space, "False", "SecretSyncedError", message, "").await;
    let told = space
        .until_says("app", "ServicesReady", "could not get")
        .await;
    insta::assert_snapshot!(told, @"False Progressing: external-secret/pay: ExternalSecret values-remote/pay-remote: SecretSyncedError: could not get secret data from provider; kubectl describe externalsecret tells why, by its events");
    assert!(!space.exists("Deployment", "pay").await);
    is_fetched(&space, "https://1@sentry.example.com/1").await;
    space.ready("app").await;

    // Another value rolls the pods; a store that is away for a while holds up nothing.
    let before = generation(&space).await;
    is_fetched(&space, "https://2@sentry.example.com/1").await;
    let rolled = async || generation(&space).await == before + 1;
    space.until("pay is rolled", rolled).await;
    condition(&space, "False", "SecretSyncedError", message, "1-5d41").await;
    space.services(&REMOTE.replace("pay:1", "pay:2")).await;
    let rolled = async || generation(&space).await == before + 2;
    space.until("a hotfix goes through", rolled).await;
    is_fetched(&space, "https://2@sentry.example.com/1").await;
    space.ready("app").await;
    space.is_quiet_for(Duration::from_secs(2)).await;

    // What is no longer asked for goes.
    space.services(SERVICES).await;
    stripe(&space, json!({"api-key": "sk_1"})).await;
    space.until_gone("ExternalSecret", "pay-remote").await;
}

/// What it does not know it would drop without a word, unless it is asked to be strict.
#[tokio::test]
async fn the_definition_of_an_external_secret_knows_every_field() {
    let space = Space::new("values-strict").await;
    let objects = rendered(&space, STORED, REMOTE);
    let object = objects.iter().find(|one| one["kind"] == "ExternalSecret");
    let object = object.unwrap().clone();
    let made = space.apply("ExternalSecret", "pay-remote", object.clone());
    let made = made.await.unwrap();
    let target = &made.data["spec"]["target"];
    for field in object["spec"]["target"].as_object().unwrap().keys() {
        assert!(target.get(field).is_some(), "it lost {field}");
    }
    let remote = &made.data["spec"]["data"][0]["remoteRef"];
    assert_eq!(
        (&remote["property"], &remote["version"]),
        (&json!("dsn"), &json!("3"))
    );
    let mut unknown = object;
    unknown["spec"]["target"]["creationPolcy"] = json!("Owner");
    let refused = space.apply("ExternalSecret", "unknown", unknown).await;
    assert!(
        refused
            .unwrap_err()
            .contains("field not declared in schema")
    );
}

/// That operator takes over what has the name, and empties it.
#[tokio::test]
async fn a_persons_secret_is_not_given_to_another_operator() {
    let space = Space::new("values-stranger").await;
    let body = json!({"stringData": {"mine": "a"}});
    space.apply("Secret", "pay-remote", body).await.unwrap();
    space.services(REMOTE).await;
    space.app("app", STORED).await;
    insta::assert_snapshot!(space.stalled("app").await, @"True OwnershipConflict: external-secret/pay: the External Secrets Operator would replace what is in Secret values-stranger/pay-remote, which it has not made: delete that Secret, or rename the service");
    assert!(!space.exists("ExternalSecret", "pay-remote").await);
    space.delete("Secret", "pay-remote").await;
    space.until_there("ExternalSecret", "pay-remote").await;
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_with_what_to_write() {
    let space = Space::new("values-refused").await;
    let head = "name: pay\nversion: 1.0.0\nimage: pay:1\n";
    let refused = async |lines: &str| {
        space
            .service(&format!("{head}{lines}\n"))
            .await
            .unwrap_err()
    };
    insta::assert_snapshot!(refused("envValueFrom: {A: {}}").await, @r#"GravityService.gravity.dev "pay-1.0.0" is invalid: spec.envValueFrom[A]: Invalid value: write one of secretKeyRef, configMapKeyRef and remoteRef"#);
    insta::assert_snapshot!(refused("envValueFrom: {A: {remoteRef: {key: a}, secretKeyRef: {name: a, key: b}}}").await, @r#"GravityService.gravity.dev "pay-1.0.0" is invalid: spec.envValueFrom[A]: Invalid value: write one of secretKeyRef, configMapKeyRef and remoteRef"#);
    insta::assert_snapshot!(refused("env: {A: b}\nenvValueFrom: {A: {remoteRef: {key: a}}}").await, @r#"GravityService.gravity.dev "pay-1.0.0" is invalid: spec: Invalid value: a variable is in env and in envValueFrom: take it out of one of the two"#);
    insta::assert_snapshot!(refused("vault: {role: r, files: {a: {path: /kv}}}").await, @r#"GravityService.gravity.dev "pay-1.0.0" is invalid: spec.vault.files[a].path: Invalid value: "/kv": write a path of Vault without a slash at either end, as secret/data/payment"#);
    space.services(REMOTE).await;
    space.app("app", APP).await;
    insta::assert_snapshot!(space.stalled("app").await, @"True PlanFailed: pay takes SENTRY_DSN from a secret store (remoteRef), and the app names none: write secretStore: {name: …, kind: ClusterSecretStore} in its spec, the name being that of a SecretStore or ClusterSecretStore of the External Secrets Operator");
}
