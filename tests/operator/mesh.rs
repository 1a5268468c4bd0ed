//! The service mesh, as its own definitions judge what it is told.

use crate::support::{API_AND_WEB, Space};

/// Every field is one that Istio knows: its definitions have a list of all of them.
#[tokio::test]
async fn istio_takes_what_it_is_told_and_it_goes_with_the_mesh() {
    let space = Space::new("istio").await;
    space.services(API_AND_WEB).await;
    let app = |rest: &str| {
        format!(
            "{{services: [{{name: web}}], gateway: {{host: istio.example.com, traffic: {{timeout: 20s}}}}, {rest}}}"
        )
    };
    space.app("app", &app("mesh: Istio")).await;
    space.ready("app").await;
    for kind in [
        "AuthorizationPolicy",
        "PeerAuthentication",
        "DestinationRule",
        "VirtualService",
    ] {
        assert_eq!(space.names(kind).await, ["api", "web"], "{kind}");
    }
    let route = space.get("VirtualService", "api").await;
    insta::assert_snapshot!(route["spec"], @r#"{"hosts":["api"],"http":[{"retries":{"attempts":2,"retryOn":"connect-failure,refused-stream"},"route":[{"destination":{"host":"api"}}],"timeout":"20000ms"}]}"#);
    // Whom Istio's own injector would give a proxy.
    let pods = space.get("Deployment", "api").await;
    let labels = &pods["spec"]["template"]["metadata"]["labels"];
    assert_eq!(labels["sidecar.istio.io/inject"], "true");
    // The API server keeps all as it was sent, so nothing is written again.
    space.is_quiet_for(std::time::Duration::from_secs(2)).await;

    // What somebody opens is shut again.
    let open = serde_json::json!({"spec": {"rules": [{}]}});
    space.merge("AuthorizationPolicy", "api", open).await;
    space
        .until("who may call is as the graph says", async || {
            let policy = space.get("AuthorizationPolicy", "api").await;
            policy["spec"]["rules"][0]["from"].is_array()
        })
        .await;

    space.app("app", &app("mesh: None")).await;
    space
        .until("nothing is told any more", async || {
            space.names("AuthorizationPolicy").await.is_empty()
                && space.names("VirtualService").await.is_empty()
        })
        .await;
    space.ready("app").await;
}
