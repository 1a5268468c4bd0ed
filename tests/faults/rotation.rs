//! The operator is killed while it replaces credentials.

use std::time::Duration;

use k8s_openapi::ByteString;
use local_cluster::{Options, Readiness};
use serde_json::json;

use crate::support::{Space, Suite};

const SERVICE: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: data, type: postgresql, version: '16'}]
";

/// Killed again and again, it takes each step once: one other login, one restart.
#[tokio::test]
async fn killed_while_it_rotates_it_comes_to_the_same_end() {
    let suite = Suite::start(Options {
        readiness: Readiness::After(Duration::from_millis(700)),
        ..Options::default()
    })
    .await;
    let space = Space::on(suite.clone(), "rotation").await;
    space.services(SERVICE).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    let generation =
        async || space.get("Deployment", "api").await["metadata"]["generation"].as_i64();
    let before = generation().await.unwrap();
    let annotations = json!({"gravity.dev/rotate-credentials": "1"});
    let ask = json!({"metadata": {"annotations": annotations}});
    space.merge("GravityApp", "app", ask).await;
    for round in 0..4_u64 {
        tokio::time::sleep(Duration::from_millis(50 + 300 * round)).await;
        let mut operator = suite.operator.lock().await;
        operator.kill().await.unwrap();
        operator.restart().await.unwrap();
        operator.leading().await.unwrap();
    }
    space
        .until("the rotation is done", async || {
            let secret = space.get("Secret", "api-data").await;
            let annotations = &secret["metadata"]["annotations"];
            annotations["gravity.dev/rotated"].is_string()
                && annotations["gravity.dev/next-credential-id"].is_null()
                && annotations["gravity.dev/previous-credential-id"].is_null()
        })
        .await;
    space.ready("app").await;
    let secret = space.get("Secret", "api-data").await;
    let login: ByteString = serde_json::from_value(secret["data"]["username"].clone()).unwrap();
    assert_eq!(login.0, b"data_b");
    assert_eq!(generation().await, Some(before + 1));
}
