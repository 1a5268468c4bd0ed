//! How many pods run is the autoscaler's affair, unless somebody fixes it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Space;

const SCALED: &str = "
name: api
version: 1.0.0
image: api:1
scaling: {minReplicas: 2, maxReplicas: 5}
";

async fn replicas(space: &Space) -> Value {
    space.get("Deployment", "api").await["spec"]["replicas"].clone()
}

#[tokio::test]
async fn the_fewest_are_stated_once_and_what_the_autoscaler_sets_stays() {
    let space = Space::new("autoscaled").await;
    space.services(SCALED).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    assert_eq!(replicas(&space).await, 2);
    assert!(space.exists("HorizontalPodAutoscaler", "api").await);
    assert!(space.exists("PodDisruptionBudget", "api").await);

    space.kubectl(&["scale", "deployment/api", "--replicas=4"]);
    space.ready("app").await;
    space.is_quiet_for(Duration::from_secs(2)).await;
    assert_eq!(replicas(&space).await, 4);
    // A change of something else leaves the number alone.
    space
        .app("app", "{services: [{name: api, env: {A: b}}]}")
        .await;
    space.ready("app").await;
    assert_eq!(replicas(&space).await, 4);
}

#[tokio::test]
async fn a_fixed_number_removes_the_autoscaler_and_is_kept() {
    let space = Space::new("fixed").await;
    space.services(SCALED).await;
    space
        .app("app", "{services: [{name: api, replicas: 3}]}")
        .await;
    space.ready("app").await;
    assert_eq!(replicas(&space).await, 3);
    assert!(!space.exists("HorizontalPodAutoscaler", "api").await);
    space.kubectl(&["scale", "deployment/api", "--replicas=1"]);
    space
        .until("three are wanted again", async || {
            replicas(&space).await == 3
        })
        .await;

    // Handed over to the autoscaler, it begins with what is live.
    space.app("app", "{services: [{name: api}]}").await;
    space.until_there("HorizontalPodAutoscaler", "api").await;
    space.ready("app").await;
    assert_eq!(replicas(&space).await, 3);
    space
        .app("app", "{services: [{name: api, replicas: 1}]}")
        .await;
    space.until_gone("HorizontalPodAutoscaler", "api").await;
    // A budget of a single pod would block every drain.
    space.until_gone("PodDisruptionBudget", "api").await;
    space.ready("app").await;
    assert_eq!(replicas(&space).await, 1);
}

#[tokio::test]
async fn who_owns_the_number_stands_in_the_managed_fields() {
    let space = Space::new("managers").await;
    space.services(SCALED).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    let deployment = space.get("Deployment", "api").await;
    let fields = deployment["metadata"]["managedFields"].as_array().unwrap();
    let owners: Vec<&Value> = fields
        .iter()
        .filter(|entry| entry["fieldsV1"]["f:spec"].get("f:replicas").is_some())
        .map(|entry| &entry["manager"])
        .collect();
    assert_eq!(owners, [&json!("gravity-replicas")]);
}
