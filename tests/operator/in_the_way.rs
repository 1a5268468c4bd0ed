//! What stands in the operator's way: strangers, other apps, quotas, policies.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Space;

const ONE: &str = "name: api\nversion: 1.0.0\nimage: api:1\n";

/// An object whose name was taken before is told, left alone, and replaced by ours once
/// it is gone.
#[tokio::test]
async fn a_strangers_object_is_left_as_it_is() {
    let space = Space::new("stranger").await;
    space.kubectl(&["create", "service", "clusterip", "api", "--tcp=80:80"]);
    let before = space.get("Service", "api").await;
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    insta::assert_snapshot!(space.stalled("app").await, @"True OwnershipConflict: wiring/api: Service stranger/api is not Gravity's (it was made by kubectl-create) and is left as it is; rename the service or the app, or delete that object");
    assert_eq!(space.get("Service", "api").await, before);
    space.kubectl(&["delete", "service", "api"]);
    space.ready("app").await;
}

#[tokio::test]
async fn of_two_apps_that_want_one_name_the_second_is_refused_until_the_first_goes() {
    let space = Space::new("two-apps").await;
    space.services(ONE).await;
    space.app("first", "{services: [{name: api}]}").await;
    space.ready("first").await;
    let uid = space.get("Deployment", "api").await["metadata"]["uid"].clone();
    space.app("second", "{services: [{name: api}]}").await;
    insta::assert_snapshot!(space.stalled("second").await, @"True OwnershipConflict: wiring/api: ServiceAccount two-apps/api belongs to the GravityApp two-apps/first and is left as it is; rename the service or the app, or delete that object");
    space.ready("first").await;
    assert_eq!(space.get("Deployment", "api").await["metadata"]["uid"], uid);

    space.delete("GravityApp", "first").await;
    space.ready("second").await;
    let owner = &space.get("Deployment", "api").await["metadata"]["ownerReferences"][0];
    assert_eq!(owner["name"], "second");
}

/// The second app's deletion harms nothing of the first's.
#[tokio::test]
async fn the_refused_app_can_be_deleted() {
    let space = Space::new("second-deleted").await;
    space.services(ONE).await;
    space.app("first", "{services: [{name: api}]}").await;
    space.ready("first").await;
    space.app("second", "{services: [{name: api}]}").await;
    space.stalled("second").await;
    space.delete("GravityApp", "second").await;
    space.until_gone("GravityApp", "second").await;
    assert!(space.exists("Deployment", "api").await && space.exists("Service", "api").await);
}

#[tokio::test]
async fn a_quota_that_refuses_pods_is_told_in_its_own_words() {
    let space = Space::new("quota-pods").await;
    let quota = json!({"spec": {"hard": {"pods": "0"}}});
    space.apply("ResourceQuota", "none", quota).await.unwrap();
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    let told = space.until_says("app", "Ready", "exceeded quota").await;
    insta::assert_snapshot!(without_hash(&told), @r#"False RolloutFailed: service/api: Deployment quota-pods/api: pods "api-HASH" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0; raise the quota, or ask for less"#);
    space.delete("ResourceQuota", "none").await;
    space.ready("app").await;
}

#[tokio::test]
async fn a_quota_that_refuses_an_object_stops_that_one_only() {
    let space = Space::new("quota-objects").await;
    let quota = json!({"spec": {"hard": {"count/services": "0"}}});
    space.apply("ResourceQuota", "none", quota).await.unwrap();
    space
        .services(&format!(
            "{ONE}---\nname: worker\nversion: 1.0.0\ntype: worker\nimage: w:1"
        ))
        .await;
    space
        .app("app", "{services: [{name: api}, {name: worker}]}")
        .await;
    insta::assert_snapshot!(space.stalled("app").await, @r#"True Refused: wiring/api: the API server refuses Service quota-objects/api: services "api" is forbidden: exceeded quota: none, requested: count/services=1, used: count/services=0, limited: count/services=0; raise the quota, or ask for less"#);
    let app = space.get("GravityApp", "app").await;
    let services = app["status"]["services"].as_array().unwrap();
    let worker = services.iter().find(|one| one["name"] == "worker").unwrap();
    assert_eq!(worker["phase"], "Running");
    space.delete("ResourceQuota", "none").await;
    space.ready("app").await;
}

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

/// A webhook that nobody answers for, of this namespace only.
async fn dead_webhook(space: &Space) {
    // Bound and let go again: nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let namespace = json!({"matchLabels": {"kubernetes.io/metadata.name": space.name}});
    let webhook = json!({
        "name": "images.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 1,
        "clientConfig": {"url": format!("https://127.0.0.1:{port}/")},
        "namespaceSelector": namespace,
        "rules": [{
            "apiGroups": ["apps"],
            "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": ["deployments"],
        }],
    });
    space
        .apply(
            "ValidatingWebhookConfiguration",
            &space.name,
            json!({"webhooks": [webhook]}),
        )
        .await
        .unwrap();
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
    until_it_acts(&space, async || {
        let made = space.apply("Deployment", "trial", trial()).await.unwrap();
        space.delete("Deployment", "trial").await;
        made.data["spec"]["template"]["spec"]["containers"][0]["image"] == "mirror/a"
    })
    .await;
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    insta::assert_snapshot!(space.says("app", "Ready").await, @"True Ready: the only service is ready; note: a webhook or policy of the cluster changes spec.template.spec.containers[api].image of Deployment policy-rewrites/api, and what it makes of it is kept");
    tokio::time::sleep(Duration::from_secs(5)).await;
    let writes = space.writes();
    let writes = writes
        .iter()
        .filter(|write| write.contains("deployments api"));
    assert!(writes.count() <= 2, "{:#?}", space.writes());
    space.is_quiet_for(Duration::from_secs(2)).await;
    space
        .delete("MutatingAdmissionPolicyBinding", &space.name)
        .await;
    space.delete("MutatingAdmissionPolicy", &space.name).await;
}

/// Under Pod Security's restricted level, as all these namespaces are.
#[tokio::test]
async fn an_image_that_must_run_as_root_is_told() {
    let space = Space::new("as-root").await;
    space
        .services(&format!("{ONE}security: {{runAsRoot: true}}"))
        .await;
    space.app("app", "{services: [{name: api}]}").await;
    let told = space
        .until_says("app", "Ready", "violates PodSecurity")
        .await;
    insta::assert_snapshot!(without_hash(&told), @r#"False RolloutFailed: service/api: Deployment as-root/api: pods "api-HASH" is forbidden: violates PodSecurity "restricted:latest": unrestricted capabilities (container "api" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "api" must set securityContext.runAsNonRoot=true), runAsUser=0 (pod must not set runAsUser=0); change what it names, or let the namespace admit it by its label pod-security.kubernetes.io/enforce"#);
}

/// A ReplicaSet's hash is another for each change of a template.
fn without_hash(text: &str) -> String {
    let words = text
        .split_inclusive(' ')
        .map(|word| match word.find("api-") {
            Some(at) => {
                let end = word[at..].find('"').map_or("", |end| &word[at + end..]);
                format!("{}api-HASH{end}", &word[..at])
            }
            None => word.to_owned(),
        });
    words.collect()
}
