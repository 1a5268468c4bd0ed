//! The way back: in reverse order, and never the data unless that is asked for.

use kube::api::PropagationPolicy;
use serde_json::{Value, json};

use crate::support::{API_AND_WEB, Request, Space};

async fn running(name: &str, policy: &str) -> Space {
    let space = Space::new(name).await;
    space.services(API_AND_WEB).await;
    let spec = format!("{{services: [{{name: web}}], deletionPolicy: {policy}}}");
    space.app("app", &spec).await;
    space.ready("app").await;
    space
}

async fn secrets(space: &Space) -> Vec<Value> {
    let mut all = Vec::new();
    for name in space.names("Secret").await {
        all.push(space.get("Secret", &name).await["data"].clone());
    }
    all
}

#[tokio::test]
async fn it_goes_backwards_and_a_new_app_takes_the_data_up_again() {
    let space = running("retain", "Retain").await;
    let claim = space.names("PersistentVolumeClaim").await[0].clone();
    let uid = space.get("PersistentVolumeClaim", &claim).await["metadata"]["uid"].clone();
    let before = secrets(&space).await;
    assert!(before.len() >= 2, "{before:?}");
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    for kind in [
        "Deployment",
        "StatefulSet",
        "Service",
        "Job",
        "ServiceAccount",
    ] {
        space
            .until(&format!("every {kind} is gone"), async || {
                let names = space.names(kind).await;
                names.iter().all(|name| name == "default")
            })
            .await;
    }
    let deleted: Vec<Request> = space
        .requests()
        .into_iter()
        .filter(|one| one.verb == "delete")
        .collect();
    let at = |resource: &str, name: &str| {
        let found = deleted
            .iter()
            .position(|one| one.resource == resource && one.name.contains(name));
        found.unwrap_or_else(|| panic!("{resource} {name} was not deleted: {deleted:#?}"))
    };
    let web = at("deployments", "web");
    let api = at("deployments", "api");
    let server = at("statefulsets", "postgresql");
    assert!(web < api && api < server, "{deleted:#?}");
    assert_eq!(secrets(&space).await, before);

    space.app("app", "{services: [{name: web}]}").await;
    space.ready("app").await;
    assert_eq!(secrets(&space).await, before);
    let claim = space.get("PersistentVolumeClaim", &claim).await;
    assert_eq!(claim["metadata"]["uid"], uid);
}

#[tokio::test]
async fn with_the_policy_delete_the_data_goes_too() {
    let space = running("policy-delete", "Delete").await;
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    for kind in [
        "PersistentVolumeClaim",
        "Secret",
        "StatefulSet",
        "Deployment",
    ] {
        space
            .until(&format!("every {kind} is gone"), async || {
                space.names(kind).await.is_empty()
            })
            .await;
    }
}

#[tokio::test]
async fn a_namespace_with_an_app_can_be_deleted() {
    for policy in ["Retain", "Delete"] {
        let name = format!("namespace-{}", policy.to_lowercase());
        let space = running(&name, policy).await;
        space
            .suite
            .kubectl(&["delete", "namespace", &name, "--wait=false"]);
        space
            .until("the namespace is gone", async || {
                !space.exists("Namespace", &name).await
            })
            .await;
    }
}

#[tokio::test]
async fn a_foreground_deletion_ends_and_keeps_the_data() {
    let space = running("foreground", "Retain").await;
    space
        .delete_by("GravityApp", "app", PropagationPolicy::Foreground)
        .await;
    space.until_gone("GravityApp", "app").await;
    space
        .until("every Deployment is gone", async || {
            space.names("Deployment").await.is_empty()
        })
        .await;
    assert_eq!(space.names("PersistentVolumeClaim").await.len(), 1);
    assert!(!space.names("Secret").await.is_empty());
}

#[tokio::test]
async fn what_is_orphaned_runs_on() {
    for policy in ["Retain", "Delete"] {
        let space = running(&format!("orphan-{}", policy.to_lowercase()), policy).await;
        space
            .delete_by("GravityApp", "app", PropagationPolicy::Orphan)
            .await;
        space.until_gone("GravityApp", "app").await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert_eq!(space.names("Deployment").await, ["api", "web"]);
        assert_eq!(space.names("StatefulSet").await.len(), 1);
        assert_eq!(space.names("PersistentVolumeClaim").await.len(), 1);
        let web = space.get("Deployment", "web").await;
        assert_eq!(web["metadata"].get("ownerReferences"), None);
    }
}

#[tokio::test]
async fn an_app_can_be_deleted_while_it_starts() {
    let space = Space::new("deleted-early").await;
    let held = API_AND_WEB.replacen(
        "image: api:1",
        "image: api:1\npodTemplate: {metadata: {annotations: {local-cluster.gravity.dev/ready: 'false'}}}",
        1,
    );
    space.services(&held).await;
    space.app("app", "{services: [{name: web}]}").await;
    space.until_there("Deployment", "api").await;
    space.delete("GravityApp", "app").await;
    space.until_gone("GravityApp", "app").await;
    space
        .until("all is gone", async || {
            space.names("Deployment").await.is_empty()
                && space.names("StatefulSet").await.is_empty()
        })
        .await;
    assert!(!space.exists("Deployment", "web").await);
    // Nothing of it is left in the operator either: a new one of that name comes up.
    space.services(&API_AND_WEB.replace("1.0.0", "1.0.1")).await;
    space.app("app", "{services: [{name: web}]}").await;
    space.ready("app").await;
}

/// Deleting and making it again at once: the new one must not be taken for the old one.
#[tokio::test]
async fn a_new_app_of_the_same_name_waits_for_the_old_one_to_go() {
    let space = running("again", "Retain").await;
    let uid = space.get("GravityApp", "app").await["metadata"]["uid"].clone();
    space.kubectl(&["delete", "gapp", "app"]);
    space.app("app", "{services: [{name: web}]}").await;
    let app = space.ready("app").await;
    assert_ne!(app["metadata"]["uid"], uid);
    let owner = &space.get("Deployment", "web").await["metadata"]["ownerReferences"][0];
    assert_eq!(owner["uid"], app["metadata"]["uid"]);
    assert_eq!(owner["blockOwnerDeletion"], json!(false));
}
