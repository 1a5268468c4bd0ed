//! What somebody else changes or deletes is mended; what is no longer wanted goes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Space;

const SERVICES: &str = "
name: api
version: 1.0.0
image: api:1
env: {LEVEL: info}
databases: [{name: data, type: postgresql, version: '16'}]
---
name: web
version: 1.0.0
image: web:1
";

async fn running(name: &str) -> Space {
    let space = Space::new(name).await;
    space.services(SERVICES).await;
    space
        .app("drift", "{services: [{name: api}, {name: web}]}")
        .await;
    space.ready("drift").await;
    space
}

fn container(deployment: &Value) -> &Value {
    &deployment["spec"]["template"]["spec"]["containers"][0]
}

#[tokio::test]
async fn an_edited_image_and_variable_are_set_back() {
    let space = running("drift-edit").await;
    let before = space.get("Deployment", "api").await;
    space.kubectl(&["set", "image", "deployment/api", "*=evil:1"]);
    space
        .until("the image is set back", async || {
            container(&space.get("Deployment", "api").await)["image"] == "api:1"
        })
        .await;
    space.kubectl(&["set", "env", "deployment/api", "LEVEL=debug"]);
    space
        .until("the variable is set back", async || {
            let now = space.get("Deployment", "api").await;
            container(&now)["env"] == container(&before)["env"]
        })
        .await;
    space.ready("drift").await;
}

#[tokio::test]
async fn what_was_deleted_comes_back() {
    let space = running("drift-delete").await;
    for (kind, name) in [
        ("Service", "api"),
        ("Deployment", "web"),
        ("ServiceAccount", "web"),
    ] {
        let uid = space.get(kind, name).await["metadata"]["uid"].clone();
        space.delete(kind, name).await;
        space
            .until(&format!("{kind} {name} is made anew"), async || {
                let now = space.get(kind, name).await;
                !now.is_null() && now["metadata"]["uid"] != uid
            })
            .await;
    }
    space.ready("drift").await;
}

#[tokio::test]
async fn a_label_of_ours_comes_back_and_one_of_theirs_stays() {
    let space = running("drift-label").await;
    let ours = "app.kubernetes.io/version";
    let patch = json!({"metadata": {
        "labels": {ours: null, "team": "a"},
        "annotations": {"note": "theirs"},
    }});
    space.merge("Deployment", "web", patch).await;
    space
        .until("the label is back", async || {
            space.get("Deployment", "web").await["metadata"]["labels"][ours] == "1.0.0"
        })
        .await;
    let labels = space.get("Deployment", "web").await["metadata"].clone();
    assert_eq!(labels["labels"]["team"], "a");
    assert_eq!(labels["annotations"]["note"], "theirs");
    space.is_quiet_for(Duration::from_secs(2)).await;
}

/// An object whose management labels are stripped is no longer seen by the watches.
#[tokio::test]
async fn an_object_that_lost_all_its_labels_is_taken_back() {
    let space = running("drift-labels").await;
    space.kubectl(&[
        "label",
        "service/web",
        "app.kubernetes.io/managed-by-",
        "app.kubernetes.io/instance-",
    ]);
    space
        .until("the labels are back", async || {
            let labels = &space.get("Service", "web").await["metadata"]["labels"];
            labels["app.kubernetes.io/managed-by"] == "gravity"
                && labels["app.kubernetes.io/instance"] == "drift"
        })
        .await;
    space.ready("drift").await;
}

#[tokio::test]
async fn a_service_that_left_is_pruned_and_its_data_is_kept() {
    let space = running("prune").await;
    let secrets = space.names("Secret").await;
    let claims = space.names("PersistentVolumeClaim").await;
    assert!(
        !secrets.is_empty() && claims.len() == 1,
        "{secrets:?} {claims:?}"
    );
    space.app("drift", "{services: [{name: web}]}").await;
    space.until_gone("Deployment", "api").await;
    space.until_gone("Service", "api").await;
    space
        .until("the server is gone", async || {
            space.names("StatefulSet").await.is_empty()
        })
        .await;
    let app = space.ready("drift").await;
    assert_eq!(app["status"]["servicesReady"], "1/1");
    assert_eq!(space.names("Secret").await, secrets);
    assert_eq!(space.names("PersistentVolumeClaim").await, claims);

    // It comes back, and takes its data and its credentials up again.
    let secret = async || space.get("Secret", &secrets[0]).await["data"].clone();
    let before = secret().await;
    space
        .app("drift", "{services: [{name: api}, {name: web}]}")
        .await;
    space.ready("drift").await;
    assert_eq!(secret().await, before);
    assert_eq!(space.names("PersistentVolumeClaim").await, claims);
}
