//! The walls between pods.

use serde_json::json;

use crate::support::{API_AND_WEB, Space};

const APP: &str = "services: [{name: web}]";
const SERVER: &str = "app-postgresql-16";

#[tokio::test]
async fn walls_are_made_mended_and_taken_away() {
    let space = Space::new("walls").await;
    space.services(API_AND_WEB).await;
    space.app("app", &format!("{{{APP}}}")).await;
    space.ready("app").await;
    assert_eq!(space.names("NetworkPolicy").await, ["api", SERVER, "web"]);
    let before = space.get("NetworkPolicy", "api").await;

    // The API server keeps each rule as it was sent, so nothing is written again.
    space.is_quiet_for(std::time::Duration::from_secs(2)).await;

    // What somebody deletes comes back, and what somebody opens is shut.
    space.delete("NetworkPolicy", "api").await;
    space
        .until("the wall is back", async || {
            let now = space.get("NetworkPolicy", "api").await;
            now["spec"] == before["spec"] && now["metadata"]["uid"] != before["metadata"]["uid"]
        })
        .await;
    let open = json!({"spec": {"ingress": [{}]}});
    space.merge("NetworkPolicy", "api", open).await;
    space
        .until("the wall is shut again", async || {
            space.get("NetworkPolicy", "api").await["spec"] == before["spec"]
        })
        .await;

    // What web no longer calls is shut to it once it runs as it should.
    let web = "name: web\nversion: 2.0.0\nimage: web:2\negress: deny\n";
    space.service(web).await.unwrap();
    space
        .app("app", "{services: [{name: web, version: ^2}, {name: api}]}")
        .await;
    space
        .until("the wall is narrow", async || {
            let rules = space.get("NetworkPolicy", "api").await["spec"]["ingress"].clone();
            !rules.to_string().contains("web")
        })
        .await;
    space.ready("app").await;
    let web = space.get("NetworkPolicy", "web").await;
    assert_eq!(web["spec"]["egress"].as_array().unwrap().len(), 1, "{web}");

    let app = "{services: [{name: web}, {name: api}], network: {policy: None}}";
    space.app("app", app).await;
    space
        .until("the walls are gone", async || {
            space.names("NetworkPolicy").await.is_empty()
        })
        .await;
    space.ready("app").await;
}

#[tokio::test]
async fn a_peer_that_is_none_is_refused_by_the_api_server() {
    let space = Space::new("wrong-walls").await;
    let refused = async |network: &str| {
        let app = format!("{{{APP}, network: {network}}}");
        space.try_app("app", &app).await.unwrap_err()
    };
    for (network, says) in [
        (
            "{gateway: [{cidr: 10.0.0.7/8}]}",
            "write a range of addresses by its first one",
        ),
        (
            "{metrics: [{cidr: everything}]}",
            "write a range of addresses by its first one",
        ),
        (
            "{gateway: [{cidr: 10.0.0.0/8, except: [11.0.0.0/16]}]}",
            "write ranges within it",
        ),
        ("{gateway: [{}]}", "write cidr for addresses"),
        (
            "{gateway: [{namespace: a, cidr: 10.0.0.0/8}]}",
            "and not both",
        ),
        (
            "{gateway: [{namespace: a, namespaceSelector: {}}]}",
            "write one of them",
        ),
        (
            "{gateway: [{podSelector: {matchExpressions: [{key: a, operator: In}]}}]}",
            "In and NotIn need values",
        ),
        ("{policy: Open}", "supported values: \"Default\", \"None\""),
    ] {
        let told = refused(network).await;
        assert!(told.contains(says), "{network}: {told}");
    }
    // What the schema cannot refuse, the service's own status tells.
    let service = "name: api\nversion: 1.0.0\nimage: api:1\negress: [{cidr: 10.0.0.7/8}]\n";
    space.service(service).await.unwrap();
    space
        .until("the service is not accepted", async || {
            let service = space.get("GravityService", "api-1.0.0").await;
            let told = service["status"]["conditions"].to_string();
            told.contains("spec.egress[0].cidr") && told.contains("write 10.0.0.0/8")
        })
        .await;
}
