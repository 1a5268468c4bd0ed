//! No secret value comes to light: an app starts with values that are known, from every source
//! that there is, and nothing that anybody may read has one of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use k8s_openapi::ByteString;
use local_cluster::Options;
use serde_json::{Value, json};

use crate::support::{Space, Suite, folder, gravity};

/// What people wrote: into Secrets, and into the store that others read for them.
const KEY: &str = "canary0keyA1b2C3d4";
const WHOLE: &str = "canary1wholeE5f6G7";
const STORED: &str = "canary2storedH8i9J0";
const ADMIN: &str = "canary3adminK1l2M3";
const GIVEN: &str = "canary4givenN4o5P6";

/// All that is said of requests, by whatever crate.
const LOG: &str =
    r"log.level=gravity=trace\,kube=debug\,tower=debug\,hyper=debug\,hyper_util=debug";

const SERVICES: &str = "
name: pay
version: 1.0.0
image: pay:1
env: {AUTH: 'Bearer $(STRIPE_KEY)'}
envValueFrom:
  STRIPE_KEY: {secretKeyRef: {name: stripe, key: api-key}}
  SENTRY_DSN: {remoteRef: {key: prod/sentry}}
envFrom: [{secret: provider}]
vault: {role: pay, files: {pay: {path: secret/data/pay, env: {PIN: pin}}}}
databases:
  - {name: main, type: postgresql, version: '16'}
  - {name: cache, type: redis, mode: cache}
  - {name: ledger, type: mariadb}
migrations: {command: [migrate]}
config: [{mountPath: /etc/pay, files: {a.conf: b}}]
api: {prefix: /pay}
---
name: nightly
version: 1.0.0
type: cron
schedule: '0 0 1 1 *'
image: nightly:1
envValueFrom: {STRIPE_KEY: {secretKeyRef: {name: stripe, key: api-key}}}
";
const APP: &str = "{services: [{name: pay}, {name: nightly}], secretStore: {name: team},
    databases: {postgresql: {pooler: {replicas: 1}}, mariadb: {mode: External, secretName: managed}}}";

#[tokio::test]
async fn no_secret_value_comes_to_light() {
    let space = running().await;
    let mut canaries = generated(&space).await;
    canaries.extend([KEY, WHOLE, STORED, ADMIN, GIVEN].map(str::to_owned));
    // A rotation makes new ones, has two valid at once, and tells how far it is.
    let asked = json!({"metadata": {"annotations": {"gravity.dev/rotate-credentials": "1"}}});
    let before = password(&space, "pay-main").await;
    space.merge("GravityApp", "app", asked).await;
    space
        .until("the password is a new one", async || {
            password(&space, "pay-main").await != before
        })
        .await;
    space.ready("app").await;
    canaries.extend(generated(&space).await);
    assert!(canaries.len() >= 12, "{}", canaries.len());
    assert_eq!(found(&space, &canaries).await, Vec::<String>::new());
    the_search_can_fail(&space, &canaries).await;
}

/// An app with all of it is up, after it was told of what was missing.
async fn running() -> Space {
    let options = Options {
        external_secrets_crd: true,
        audit_status: true,
        ..Options::default()
    };
    let suite = Suite::start_with(options, &[LOG], &[]).await;
    let space = Space::on(Arc::clone(&suite), "canaries").await;
    space.services(SERVICES).await;
    let secret = async |name: &str, data: Value, metadata: Value| {
        let body = json!({"metadata": metadata, "stringData": data});
        space.apply("Secret", name, body).await.unwrap();
    };
    let uri = format!("mysql://admin:{ADMIN}@db.example.com:3306");
    secret("managed", json!({"uri": uri}), json!({})).await;
    let ours = json!({"annotations": {"gravity.dev/app": "app"}});
    secret("pay-cache", json!({"password": GIVEN}), ours).await;
    secret("provider", json!({"token": WHOLE}), json!({})).await;
    // A wrong key first: a message names keys, and must name nothing else.
    secret("stripe", json!({"api_key": KEY}), json!({})).await;
    space.app("app", APP).await;
    space.until_says("app", "Ready", "no such key").await;
    secret("stripe", json!({"api-key": KEY}), json!({})).await;
    space.until_there("ExternalSecret", "pay-remote").await;
    let made = space.get("ExternalSecret", "pay-remote").await;
    let owner = json!([{
        "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "pay-remote",
        "uid": made["metadata"]["uid"], "controller": true,
    }]);
    let dsn = format!("https://{STORED}@sentry.example.com/1");
    secret(
        "pay-remote",
        json!({"SENTRY_DSN": dsn}),
        json!({"ownerReferences": owner}),
    )
    .await;
    let status = json!({
        "conditions": [{"type": "Ready", "status": "True", "reason": "SecretSynced"}],
        "syncedResourceVersion": format!("{}-5d41", made["metadata"]["generation"]),
    });
    space.status("ExternalSecret", "pay-remote", status).await;
    space.ready("app").await;
    space
}

/// What Gravity has made that nobody may know.
async fn generated(space: &Space) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for name in space.names("Secret").await {
        all.extend(canaries_of(space, &name).await);
    }
    all
}

async fn password(space: &Space, secret: &str) -> Value {
    space.get("Secret", secret).await["data"]["password"].clone()
}

async fn canaries_of(space: &Space, secret: &str) -> BTreeSet<String> {
    let secret = space.get("Secret", secret).await;
    let value = |key: &str| {
        let bytes: ByteString = serde_json::from_value(secret["data"].get(key)?.clone()).unwrap();
        String::from_utf8(bytes.0).ok()
    };
    let keys = ["password", "next-password", "salt", "secret-key"];
    keys.iter().filter_map(|key| value(key)).collect()
}

/// Where something of it is to be read, and how.
async fn found(space: &Space, canaries: &BTreeSet<String>) -> Vec<String> {
    let needles: Vec<String> = canaries.iter().flat_map(|one| written(one)).collect();
    let mut found = Vec::new();
    for (place, marker, text) in everything(space).await {
        assert!(
            text.contains(marker),
            "{place} has no {marker}: {text:.200}"
        );
        let hits = needles.iter().filter(|needle| text.contains(*needle));
        found.extend(hits.map(|needle| format!("{place} has {needle}")));
    }
    found
}

/// As it is, and as it looks within something that is encoded by base64: there it begins at
/// the first, the second or the third byte of a group.
fn written(secret: &str) -> Vec<String> {
    let encoded = |before: usize| {
        let bytes = ["x".repeat(before).as_str(), secret].concat().into_bytes();
        let whole = bytes.len() / 3 * 4;
        let text = json!(ByteString(bytes)).as_str().unwrap().to_owned();
        // What the bytes around it have a share in is cut off.
        text[(before * 8).div_ceil(6)..whole].to_owned()
    };
    vec![secret.to_owned(), encoded(0), encoded(1), encoded(2)]
}

/// Everything that may be read without the right to read Secrets: its name, what surely stands
/// in it, and its text.
async fn everything(space: &Space) -> Vec<(&'static str, &'static str, String)> {
    let suite = &space.suite;
    let name = space.name.as_str();
    let kinds = suite.kubectl(&["api-resources", "--namespaced", "--verbs=list", "-o=name"]);
    let kinds: Vec<&str> = kinds.lines().filter(|kind| *kind != "secrets").collect();
    assert!(
        kinds.contains(&"externalsecrets.external-secrets.io"),
        "{kinds:?}"
    );
    let objects = ["get", &kinds.join(","), "-o=yaml", "--show-managed-fields"];
    let cluster_wide = ["get", "namespace", name, "-o=yaml", "--show-managed-fields"];
    let audit: Vec<String> = suite
        .audit()
        .lines()
        .filter(|line| !of_secrets(line))
        .map(str::to_owned)
        .collect();
    let operator = suite.operator.lock().await;
    let files = folder(space, APP, SERVICES);
    let path = files.path().to_str().unwrap();
    vec![
        ("the objects", "pay-remote", space.kubectl(&objects)),
        (
            "the events",
            "ServiceReady",
            space.kubectl(&["get", "events", "-o=yaml"]),
        ),
        ("the namespace", "restricted", suite.kubectl(&cluster_wide)),
        (
            "the log",
            "DEBUG",
            std::fs::read_to_string(&suite.log).unwrap(),
        ),
        ("the metrics", "gravity_", operator.metrics().await.unwrap()),
        ("the audit log", "deployments", audit.join("\n")),
        (
            "the arguments",
            "operator",
            process(operator.pid(), "cmdline"),
        ),
        (
            "the environment",
            "KUBECONFIG",
            process(operator.pid(), "environ"),
        ),
        (
            "gravity status",
            "Running",
            gravity(space, &["status", "-n", name, "-o", "json"]),
        ),
        (
            "gravity plan",
            "pay-remote",
            gravity(space, &["plan", "app", "-n", name]),
        ),
        (
            "gravity plan, anew",
            "pay-remote",
            gravity(space, &["plan", "-f", path, "-o", "json"]),
        ),
        (
            "gravity render",
            "pay-remote",
            gravity(space, &["render", "-f", path]),
        ),
        (
            "gravity resolve",
            "nightly",
            gravity(space, &["resolve", "-f", path]),
        ),
    ]
}

fn of_secrets(line: &str) -> bool {
    let event: Value = serde_json::from_str(line).unwrap_or_default();
    event["objectRef"]["resource"] == "secrets"
}

fn process(pid: u32, what: &str) -> String {
    let text = std::fs::read(format!("/proc/{pid}/{what}")).unwrap();
    String::from_utf8_lossy(&text).replace('\0', "\n")
}

/// The control: what is put there on purpose is found, in both forms.
async fn the_search_can_fail(space: &Space, canaries: &BTreeSet<String>) {
    let planted = json!({"data": {"a": format!("postgresql://u:{KEY}@db")}});
    space.apply("ConfigMap", "planted", planted).await.unwrap();
    let password = canaries
        .iter()
        .find(|one| !one.starts_with("canary"))
        .unwrap();
    let uri = ByteString(format!("redis://:{password}@cache").into_bytes());
    let note = json!({"metadata": {"annotations": {"note": uri}}});
    space.merge("GravityApp", "app", note).await;
    let found = found(space, canaries).await;
    let of = |secret: &str| {
        let forms = written(secret);
        let all = found.iter().filter(|hit| hit.starts_with("the objects"));
        let hits = all.filter(|hit| forms.iter().any(|form| hit.ends_with(form.as_str())));
        hits.count()
    };
    assert!(of(KEY) > 0 && of(password) > 0, "{found:?}");
    let forms = written(password);
    assert!(
        !found.iter().any(|hit| hit.ends_with(&forms[0])),
        "only its base64 was put there"
    );
}
