//! Every example comes to Ready on the simulated node, and is then left alone.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use futures::future::join_all;
use serde_json::json;

use crate::support::Space;

/// Every example that needs nothing beside a cluster, and the Secrets that its README makes, by
/// name and key. `secrets`, `cloudnativepg`, `mesh` and `external-database` need an operator or a
/// server of somebody else, and `gateway-api` and `ingress-nginx` cert-manager; they are planned offline.
const EXAMPLES: [(&str, &[(&str, &str)]); 22] = [
    ("hello", &[]),
    ("shop", &[]),
    ("saas", &[]),
    ("bank", &[]),
    ("platform-14", &[]),
    ("platform", &[]),
    ("auth", &[("auth-keys", "key")]),
    ("autoscaling", &[]),
    ("backups", &[("backup-keys", "password")]),
    ("blog", &[]),
    ("chat", &[]),
    ("cron", &[]),
    ("environments", &[]),
    ("files", &[]),
    ("guarded", &[("partner-keys", "ada")]),
    ("iot", &[("mqtt-login", "PASSWORD")]),
    ("migrations", &[]),
    ("polyglot", &[]),
    ("pooled", &[]),
    ("versions", &[]),
    ("walls", &[]),
    ("worker-queue", &[]),
];

/// One after the other, for the machine's sake; what is at rest is watched together.
#[tokio::test]
async fn every_example_comes_to_ready_and_rests() {
    let mut spaces = Vec::new();
    for (example, secrets) in EXAMPLES {
        let space = Space::new(&format!("example-{example}")).await;
        for (name, key) in secrets {
            let body = json!({"stringData": {*key: "something"}});
            space.apply("Secret", name, body).await.unwrap();
        }
        space.documents(&objects(example)).await;
        let apps = space.names("GravityApp").await;
        assert_eq!(apps.len(), 1, "{example} is one app");
        space.ready(&apps[0]).await;
        spaces.push(space);
    }
    join_all(
        spaces
            .iter()
            .map(|space| space.is_quiet_for(Duration::from_secs(10))),
    )
    .await;
}

/// cert-manager, which is not here, would make it ready.
#[tokio::test]
async fn the_api_server_takes_the_routes_of_other_gateways() {
    let space = Space::new("example-gateway-api").await;
    space.documents(&objects("gateway-api")).await;
    for route in ["quotes-api", "quotes-web"] {
        space.until_there("HTTPRoute", route).await;
    }
    let space = Space::new("example-ingress-nginx").await;
    let body = json!({"stringData": {"auth": "something"}});
    space.apply("Secret", "wiki-admins", body).await.unwrap();
    space.documents(&objects("ingress-nginx")).await;
    for route in ["wiki-web", "wiki-api"] {
        space.until_there("Ingress", route).await;
    }
}

fn objects(example: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/as-objects");
    let output = Command::new(script).arg(example).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
