//! Kinds that a cluster may lack come and go.

use local_cluster::Options;
use serde_json::Value;

use crate::support::{Space, Suite};

const SERVICE: &str = "name: api\nversion: 1.0.0\nimage: api:1\napi: {prefix: /api}\n";

#[tokio::test]
async fn without_traefik_the_app_is_ready_and_its_route_comes_with_the_definitions() {
    let suite = Suite::start(Options {
        traefik_crds: false,
        ..Options::default()
    })
    .await;
    let space = Space::on(suite.clone(), "no-traefik").await;
    space.services(SERVICE).await;
    space
        .app(
            "app",
            "{services: [{name: api}], gateway: {class: Traefik}}",
        )
        .await;
    space.ready("app").await;
    insta::assert_snapshot!(space.says("app", "Ready").await, @"True Ready: the only service is ready; note: the cluster does not know IngressRoute (traefik.io), so there is no way in to api: install its CustomResourceDefinitions, or set gateway.class to Ingress or None");

    // Taken from a cluster that has them.
    let other = local_cluster::LocalCluster::start(Options {
        node: local_cluster::Node::Absent,
        ..Options::default()
    })
    .await
    .unwrap();
    let client = other.client().await.unwrap();
    let definitions = kube::Api::<k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition>::all(client);
    let definition = definitions.get("ingressroutes.traefik.io").await.unwrap();
    let mut definition: Value = serde_json::to_value(definition).unwrap();
    definition["metadata"] = serde_json::json!({
        "annotations": definition["metadata"]["annotations"],
    });
    definition["status"].take();
    definition.as_object_mut().unwrap().remove("status");
    other.stop().await;
    space
        .apply(
            "CustomResourceDefinition",
            "ingressroutes.traefik.io",
            definition,
        )
        .await
        .unwrap();
    space
        .until("the route is made", async || {
            let names = space.suite.kubectl_told(&[
                "-n",
                &space.name,
                "get",
                "ingressroutes.traefik.io",
                "-o",
                "name",
            ]);
            names.1.contains("api")
        })
        .await;
    let app = space.ready("app").await;
    assert_eq!(app["status"]["servicesReady"], "1/1");

    // And gone again: it is told, and nothing else is touched.
    let uid = space.get("Deployment", "api").await["metadata"]["uid"].clone();
    suite.kubectl(&["delete", "crd", "ingressroutes.traefik.io"]);
    space
        .until_says("app", "Ready", "does not know IngressRoute")
        .await;
    assert_eq!(space.get("Deployment", "api").await["metadata"]["uid"], uid);
}
