//! The rights that the chart grants: each is used, and none is missing.
//!
//! One run that does everything that the operator ever does, so that the test tells the
//! same whichever others are run.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]
#![allow(clippy::panic, reason = "in a test a panic is the assertion")]

#[path = "operator/support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use local_cluster::Options;
use serde_json::{Value, json};
use support::{Space, Suite, forbidden, install_linkerd, used_rights};

/// Every kind of object that Gravity makes is made by one of these.
const SERVICES: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: data, type: postgresql, version: '16'}]
migrations: {command: [migrate]}
config: [{mountPath: /etc/api, files: {a.conf: b}}]
scaling: {minReplicas: 2, maxReplicas: 3}
api: {prefix: /api, paths: [{path: /login}]}
---
name: nightly
version: 1.0.0
type: cron
schedule: '0 0 1 1 *'
image: nightly:1
---
name: import
version: 1.0.0
type: job
image: import:1
---
name: web
version: 1.0.0
image: web:1
---
name: stream
version: 1.0.0
image: stream:1
api: {prefix: /stream, protocol: GRPC}
---
name: maps
version: 1.0.0
image: maps:1
databases: [{name: places, type: postgis, version: '16'}]
---
name: mail
version: 1.0.0
image: mail:1
envValueFrom: {TOKEN: {remoteRef: {key: mail}}}
";

type Right = (String, String, String);

#[tokio::test]
async fn every_right_is_used_and_none_is_missing() {
    let options = Options {
        gateway_api_crds: true,
        cert_manager_crds: true,
        istio_crds: true,
        cloudnativepg_crds: true,
        external_secrets_crd: true,
        ..Options::default()
    };
    let suite = Suite::start(options).await;
    let space = Space::on(suite.clone(), "rights").await;
    space.services(SERVICES).await;
    install_linkerd(&space).await;
    everything(&space).await;

    let log = suite.audit();
    let missing = forbidden(&log);
    assert!(missing.is_empty(), "the chart does not grant: {missing:#?}");
    let mut used = used_rights(&log);
    // A server's claim is made by its StatefulSet, where that is quicker than the operator.
    used.insert((
        String::new(),
        "persistentvolumeclaims".to_owned(),
        "create".to_owned(),
    ));
    let unused: Vec<Right> = granted(&suite).difference(&used).cloned().collect();
    assert!(unused.is_empty(), "granted and never used: {unused:#?}");
}

async fn everything(space: &Space) {
    let app = |gateway: &str, services: &str| {
        format!(
            "{{services: [{services}], deletionPolicy: Delete, gateway: {{class: {gateway}}}, secretStore: {{name: team}},
              databases: {{postgis: {{mode: CloudNativePG, pooler: {{replicas: 1}}}}}}}}"
        )
    };
    let all = "{name: api}, {name: nightly}, {name: import}, {name: web}, {name: stream}, {name: maps}, {name: mail}";
    space.app("app", &app("Traefik", all)).await;
    its_operator_answers(space).await;
    its_value_is_fetched(space).await;
    for gateway in [
        "Traefik",
        "Ingress",
        "GatewayAPI, gatewayClassName: any",
        "None",
    ] {
        space.app("app", &app(gateway, all)).await;
        space.ready("app").await;
    }
    for mesh in ["Istio", "Linkerd"] {
        let joined = format!("mesh: {mesh}, secretStore");
        let joined = app("Traefik", all).replace("secretStore", &joined);
        space.app("app", &joined).await;
        space.ready("app").await;
    }
    // The certificate is issued, as cert-manager would say it.
    let issued = "Traefik, host: rights.example.com, tls: {issuer: {name: any}}";
    space.app("app", &app(issued, all)).await;
    space.until_there("Certificate", "app-tls").await;
    let ready = json!([{
        "type": "Ready", "status": "True", "reason": "Ready", "message": "", "observedGeneration": 1,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }]);
    space
        .status("Certificate", "app-tls", json!({"conditions": ready}))
        .await;
    space.ready("app").await;
    space.app("app", &app("None", all)).await;
    space.until_gone("Certificate", "app-tls").await;
    // A value that was made once is missing: what is there is read, and kept.
    let before = space.get("Secret", "api-data").await["data"].clone();
    let patch = json!({"data": {"password": null}});
    space.merge("Secret", "api-data", patch).await;
    space
        .until("the password is made again", async || {
            let now = space.get("Secret", "api-data").await["data"].clone();
            now["password"].is_string() && now["username"] == before["username"]
        })
        .await;
    space.ready("app").await;
    // Ready for a second time: the event is counted, and not told anew.
    space.kubectl(&[
        "annotate",
        "pod",
        "--selector=app.kubernetes.io/name=web",
        "local-cluster.gravity.dev/ready=false",
    ]);
    space
        .until("web is not ready", async || {
            space.says("app", "Ready").await.starts_with("False")
        })
        .await;
    space.kubectl(&[
        "annotate",
        "pod",
        "--selector=app.kubernetes.io/name=web",
        "local-cluster.gravity.dev/ready-",
    ]);
    space.ready("app").await;
    // That is told once nothing else is to be done.
    space
        .until("the use of the services is told", async || {
            let service = space.get("GravityService", "web-1.0.0").await;
            service["status"]["usedBy"] == "app"
        })
        .await;
    // What leaves the app is pruned; the rest goes with it, data included.
    space.app("app", &app("None", "{name: web}")).await;
    space
        .until("the others are pruned", async || {
            space.names("CronJob").await.is_empty()
                && space.names("Job").await.is_empty()
                && space.names("StatefulSet").await.is_empty()
        })
        .await;
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
}

/// What the operator of a server says once it is well.
async fn its_operator_answers(space: &Space) {
    let server = "app-postgis-16-cnpg";
    space.until_there("Cluster", server).await;
    let conditions = json!([{
        "type": "Ready", "status": "True", "reason": "ClusterIsReady",
        "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
    }]);
    let status = json!({"conditions": conditions});
    space.status("Cluster", server, status).await;
    let pooler = "app-postgis-16-cnpg-pooler";
    space.until_there("Pooler", pooler).await;
    let status = json!({"instances": 1});
    space.status("Pooler", pooler, status).await;
    space.until_there("Database", "maps-places").await;
    let status = json!({"applied": true, "observedGeneration": 1});
    space.status("Database", "maps-places", status).await;
}

/// What the External Secrets Operator does once it has the value.
async fn its_value_is_fetched(space: &Space) {
    space.until_there("ExternalSecret", "mail-remote").await;
    let made = space.get("ExternalSecret", "mail-remote").await;
    let owner = json!([{
        "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "mail-remote",
        "uid": made["metadata"]["uid"], "controller": true,
    }]);
    let body = json!({"metadata": {"ownerReferences": owner}, "stringData": {"TOKEN": "a"}});
    space.apply("Secret", "mail-remote", body).await.unwrap();
    let status = json!({
        "conditions": [{"type": "Ready", "status": "True"}],
        "syncedResourceVersion": format!("{}-a", made["metadata"]["generation"]),
    });
    space.status("ExternalSecret", "mail-remote", status).await;
}

/// Every right of every role that is bound to the operator.
fn granted(suite: &Suite) -> BTreeSet<Right> {
    let roles = [
        suite.kubectl(&["get", "clusterrole", "gravity", "-o", "json"]),
        suite.kubectl(&[
            "-n",
            "gravity-system",
            "get",
            "role",
            "gravity-leader-election",
            "-o",
            "json",
        ]),
    ];
    let rules = roles.iter().flat_map(|role| {
        let role: Value = serde_json::from_str(role).unwrap();
        role["rules"].as_array().unwrap().clone()
    });
    rules.flat_map(|rule| rights(&rule)).collect()
}

fn rights(rule: &Value) -> Vec<Right> {
    let words =
        |field: &str| -> Vec<String> { serde_json::from_value(rule[field].clone()).unwrap() };
    let mut rights = Vec::new();
    for group in words("apiGroups") {
        for resource in words("resources") {
            for verb in words("verbs") {
                rights.push((group.clone(), resource.clone(), verb));
            }
        }
    }
    rights
}
