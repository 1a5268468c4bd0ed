//! Policies and webhooks of the cluster: what refuses is told in its own words, and what
//! rewrites is told and not fought.

mod webhook;

use std::time::Duration;

use serde_json::{Value, json};
use webhook::Webhook;

use crate::support::Space;

const ONE: &str = "name: api\nversion: 1.0.0\nimage: api:1\n";

/// A policy of one namespace, for both kinds of admission.
async fn policy(space: &Space, kind: &str, mut spec: Value) {
    let namespace = json!({"matchLabels": {"kubernetes.io/metadata.name": space.name}});
    spec["matchConstraints"] = json!({
        "namespaceSelector": namespace,
        "resourceRules": [{
            "apiGroups": ["apps"],
            "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": ["deployments"],
        }],
    });
    space
        .apply(kind, &space.name, json!({"spec": spec}))
        .await
        .unwrap();
    let mut binding = json!({"spec": {"policyName": space.name}});
    if kind == "ValidatingAdmissionPolicy" {
        binding["spec"]["validationActions"] = json!(["Deny"]);
    }
    space
        .apply(&format!("{kind}Binding"), &space.name, binding)
        .await
        .unwrap();
}

/// Policies take a moment until the API server goes by them.
async fn until_it_acts(space: &Space, acts: impl AsyncFn() -> bool) {
    space.until("the policy acts", acts).await;
}

fn trial() -> Value {
    let container = json!({"name": "a", "image": "a"});
    json!({"spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container]}},
    }})
}

#[tokio::test]
async fn a_policy_that_refuses_is_told_in_its_own_words() {
    let space = Space::new("policy-refuses").await;
    let spec = json!({
        "failurePolicy": "Fail",
        "validations": [{
            "expression": "has(object.metadata.annotations) && 'cost-centre' in object.metadata.annotations",
            "message": "a Deployment needs the annotation cost-centre",
        }],
    });
    policy(&space, "ValidatingAdmissionPolicy", spec).await;
    until_it_acts(&space, async || {
        let refused = space.apply("Deployment", "trial", trial()).await.is_err();
        if !refused {
            space.delete("Deployment", "trial").await;
        }
        refused
    })
    .await;
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    insta::assert_snapshot!(space.stalled("app").await, @r#"True Refused: service/api: the API server refuses Deployment policy-refuses/api: deployments.apps "api" is forbidden: ValidatingAdmissionPolicy 'policy-refuses' with binding 'policy-refuses' denied request: a Deployment needs the annotation cost-centre; change what the policy names, or the policy"#);
    // It is tried again rarely: no storm of requests.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let tries = space
        .writes()
        .iter()
        .filter(|write| write.contains("deployments api"))
        .count();
    assert!((1..=3).contains(&tries), "{tries} tries");
    space
        .delete("ValidatingAdmissionPolicyBinding", &space.name)
        .await;
    space.ready("app").await;
    space.delete("ValidatingAdmissionPolicy", &space.name).await;
}

/// A webhook that is asked about the Deployments of this namespace only.
async fn configure(space: &Space, kind: &str, client: Value) {
    let namespace = json!({"matchLabels": {"kubernetes.io/metadata.name": space.name}});
    let webhook = json!({
        "name": "images.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 1,
        "clientConfig": client,
        "namespaceSelector": namespace,
        "rules": [{
            "apiGroups": ["apps"],
            "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": ["deployments"],
        }],
    });
    space
        .apply(kind, &space.name, json!({"webhooks": [webhook]}))
        .await
        .unwrap();
}

/// A webhook that nobody answers for.
async fn dead_webhook(space: &Space) {
    // Bound and let go again: nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let client = json!({"url": format!("https://127.0.0.1:{port}/")});
    configure(space, "ValidatingWebhookConfiguration", client).await;
}

/// Everything that the webhook is not asked about goes on, and the rest once it is gone.
#[tokio::test]
async fn a_webhook_that_is_down_is_told_in_the_servers_words() {
    let space = Space::new("webhook-down").await;
    space.services(ONE).await;
    space.app("before", "{services: [{name: api}]}").await;
    space.ready("before").await;
    let running = space.get("Deployment", "api").await;

    dead_webhook(&space).await;
    until_it_acts(&space, async || {
        let refused = space.apply("Deployment", "trial", trial()).await.is_err();
        if !refused {
            space.delete("Deployment", "trial").await;
        }
        refused
    })
    .await;
    space
        .services(
            "name: import\nversion: 1.0.0\ntype: job\nimage: i:1\n---\nname: web\nversion: 1.0.0\nimage: web:1",
        )
        .await;
    space
        .app("app", "{services: [{name: import}, {name: web}]}")
        .await;
    let told = space
        .until_says("app", "Ready", "failed calling webhook")
        .await;
    insta::assert_snapshot!(without_port(&told), @r#"False Refused: service/web: the API server refuses Deployment webhook-down/web: Internal error occurred: failed calling webhook "images.example.com": failed to call webhook: Post "https://127.0.0.1:PORT/?timeout=1s": dial tcp 127.0.0.1:PORT: connect: connection refused; bring the webhook back, or delete its configuration"#);
    space
        .until(
            "the Job, which no webhook is asked about, has run",
            async || {
                let app = space.get("GravityApp", "app").await;
                let mut services = app["status"]["services"].as_array().into_iter().flatten();
                services.any(|one| one["name"] == "import" && one["phase"] == "Running")
            },
        )
        .await;
    assert!(!space.exists("Deployment", "web").await);
    space.ready("before").await;
    assert_eq!(
        space.get("Deployment", "api").await["metadata"]["uid"],
        running["metadata"]["uid"]
    );

    space
        .delete("ValidatingWebhookConfiguration", &space.name)
        .await;
    space.ready("app").await;
}

/// The port is another each time.
fn without_port(text: &str) -> String {
    let (_, rest) = text.split_once("https://127.0.0.1:").unwrap();
    let (port, _) = rest.split_once('/').unwrap();
    text.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:PORT")
}

/// Brings the app up where images are rewritten, once that has begun: the operator sends its
/// Deployment once more at the most, and then rests.
async fn comes_from_the_mirror(space: &Space) {
    until_it_acts(space, async || {
        let made = space.apply("Deployment", "trial", trial()).await.unwrap();
        space.delete("Deployment", "trial").await;
        made.data["spec"]["template"]["spec"]["containers"][0]["image"] == "mirror/a"
    })
    .await;
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    space.is_quiet_for(Duration::from_secs(5)).await;
    let writes = space.writes();
    let of_it = writes
        .iter()
        .filter(|write| write.contains("deployments api"));
    assert!(of_it.count() <= 2, "{writes:#?}");
}

/// What a mutating policy makes of an object is told once, and not written for ever.
#[tokio::test]
async fn a_policy_that_rewrites_is_told_and_not_fought() {
    let space = Space::new("policy-rewrites").await;
    let spec = json!({
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "mutations": [{
            "patchType": "JSONPatch",
            "jsonPatch": {"expression":
                "[JSONPatch{op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'mirror/' + object.spec.template.spec.containers[0].image}]"},
        }],
        "matchConditions": [{
            "name": "not-yet",
            "expression": "!object.spec.template.spec.containers[0].image.startsWith('mirror/')",
        }],
    });
    policy(&space, "MutatingAdmissionPolicy", spec).await;
    comes_from_the_mirror(&space).await;
    insta::assert_snapshot!(space.says("app", "Ready").await, @"True Ready: the only service is ready; note: a webhook or policy of the cluster changes spec.template.spec.containers[api].image of Deployment policy-rewrites/api, and what it makes of it is kept");
    space
        .delete("MutatingAdmissionPolicyBinding", &space.name)
        .await;
    space.delete("MutatingAdmissionPolicy", &space.name).await;
}

/// As a mesh and a registry's mirror do: each Deployment gets a container more, and its
/// images come from elsewhere.
#[tokio::test]
async fn a_webhook_that_rewrites_is_told_and_not_fought() {
    let space = Space::new("webhook-rewrites").await;
    let webhook = Webhook::start(|deployment| {
        let containers = &deployment["spec"]["template"]["spec"]["containers"];
        let image = containers[0]["image"].as_str().unwrap();
        let mut patch = Vec::new();
        if !image.starts_with("mirror/") {
            let path = "/spec/template/spec/containers/0/image";
            let value = format!("mirror/{image}");
            patch.push(json!({"op": "replace", "path": path, "value": value}));
        }
        let of_mesh = |container: &Value| container["name"] == "mesh";
        if !containers.as_array().unwrap().iter().any(of_mesh) {
            let value = mesh();
            patch.push(
                json!({"op": "add", "path": "/spec/template/spec/containers/-", "value": value}),
            );
        }
        patch
    })
    .await;
    let kind = "MutatingWebhookConfiguration";
    configure(&space, kind, webhook.client()).await;
    comes_from_the_mirror(&space).await;
    insta::assert_snapshot!(space.says("app", "Ready").await, @"True Ready: the only service is ready; note: a webhook or policy of the cluster changes spec.template.spec.containers[api].image of Deployment webhook-rewrites/api, and what it makes of it is kept");

    // A new version goes through, and is rewritten as the one before.
    space
        .services(&ONE.replace("1.0.0", "1.1.0").replace("api:1", "api:1.1"))
        .await;
    let update = json!({"spec": {"updates": "Automatic"}});
    space.merge("GravityApp", "app", update).await;
    space
        .until("the new version runs", async || {
            let deployment = space.get("Deployment", "api").await;
            let containers = &deployment["spec"]["template"]["spec"]["containers"];
            containers[0]["image"] == "mirror/api:1.1" && containers[1]["name"] == "mesh"
        })
        .await;
    space.ready("app").await;
    space.is_quiet_for(Duration::from_secs(2)).await;
    space.delete(kind, &space.name).await;
}

/// What Pod Security admits, as the namespace asks for it.
fn mesh() -> Value {
    json!({
        "name": "mesh",
        "image": "mesh:1",
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": true,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    })
}
