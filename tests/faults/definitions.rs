//! Kinds that a cluster may lack come and go.

use local_cluster::Options;
use serde_json::Value;

use crate::support::{Space, Suite, install_linkerd};

/// A definition as its project publishes it, taken from a cluster that has all of them.
async fn definition(name: &str) -> Value {
    let other = local_cluster::LocalCluster::start(Options {
        node: local_cluster::Node::Absent,
        cloudnativepg_crds: true,
        external_secrets_crd: true,
        ..Options::default()
    })
    .await
    .unwrap();
    let client = other.client().await.unwrap();
    let definitions = kube::Api::<k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition>::all(client);
    let definition = definitions.get(name).await.unwrap();
    let mut definition: Value = serde_json::to_value(definition).unwrap();
    definition["metadata"] = serde_json::json!({
        "annotations": definition["metadata"]["annotations"],
    });
    definition.as_object_mut().unwrap().remove("status");
    other.stop().await;
    definition
}

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
    insta::assert_snapshot!(space.says("app", "RoutesReady").await, @"False GatewayMissing: the cluster does not know IngressRoute (traefik.io), so there is no way in to api: install its CustomResourceDefinitions, or set gateway.class to Ingress or None");

    // One after the other, in whatever order: a half of them makes no half of a route.
    for name in [
        "ingressroutes",
        "middlewares",
        "traefikservices",
        "serverstransports",
    ] {
        let name = format!("{name}.traefik.io");
        let definition = definition(&name).await;
        let made = space.apply("CustomResourceDefinition", &name, definition);
        made.await.unwrap();
    }
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

const STORE: &str = "name: store\nversion: 1.0.0\nimage: store:1\ndatabases: [{name: data, type: postgresql, version: '16'}]\n";

#[tokio::test]
async fn an_operator_that_is_missing_is_told_and_its_coming_is_noticed() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "no-cnpg").await;
    space.services(SERVICE).await;
    space.services(STORE).await;
    let spec = "{services: [{name: api}, {name: store}], gateway: {class: None},
        databases: {postgresql: {mode: CloudNativePG}}}";
    space.app("app", spec).await;
    insta::assert_snapshot!(space.stalled("app").await, @"True OperatorMissing: credentials/app-postgresql-16-cnpg: the cluster does not know Cluster (postgresql.cnpg.io), so nobody would run app-postgresql-16-cnpg: install CloudNativePG with its CustomResourceDefinitions, or write another mode in databases.postgresql");
    space.until_there("Deployment", "api").await;
    assert!(space.names("Secret").await.is_empty() && space.names("Job").await.is_empty());

    for name in ["clusters", "databases"] {
        let name = format!("{name}.postgresql.cnpg.io");
        let definition = definition(&name).await;
        let made = space.apply("CustomResourceDefinition", &name, definition);
        made.await.unwrap();
    }
    space.until_there("Cluster", "app-postgresql-16-cnpg").await;
    space
        .until_says("app", "Ready", "Cluster no-cnpg/app-postgresql-16-cnpg")
        .await;
}

const REMOTE: &str = "name: store\nversion: 1.0.0\nimage: store:1\nenvValueFrom: {TOKEN: {remoteRef: {key: token}}}\n";

#[tokio::test]
async fn without_the_external_secrets_operator_it_is_told_and_its_coming_is_noticed() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "no-external-secrets").await;
    space.services(SERVICE).await;
    space.services(REMOTE).await;
    let spec = "{services: [{name: api}, {name: store}], gateway: {class: None},
        secretStore: {name: team}}";
    space.app("app", spec).await;
    insta::assert_snapshot!(space.stalled("app").await, @"True OperatorMissing: external-secret/store: the cluster does not know ExternalSecret (external-secrets.io/v1), so nobody would fetch TOKEN of store: install the External Secrets Operator with its CustomResourceDefinitions, or take them from Secrets by secretKeyRef");
    let status = space.get("GravityApp", "app").await["status"].clone();
    assert_eq!(status["services"][0]["phase"], "Running");
    assert!(!space.exists("Deployment", "store").await);

    let name = "externalsecrets.external-secrets.io";
    let definition = definition(name).await;
    // An older release, which serves another version only, is none, and stops nothing.
    let made = space.apply("CustomResourceDefinition", name, older(&definition));
    made.await.unwrap();
    space.services(&SERVICE.replace("api:1", "api:2")).await;
    space
        .until("api moves on", async || {
            let api = space.get("Deployment", "api").await;
            api["spec"]["template"]["spec"]["containers"][0]["image"] == "api:2"
        })
        .await;
    space
        .until_says("app", "Stalled", "does not know ExternalSecret")
        .await;
    let made = space.apply("CustomResourceDefinition", name, definition);
    made.await.unwrap();
    space
        .until_says("app", "Ready", "has not taken it up yet")
        .await;
    assert!(space.exists("ExternalSecret", "store-remote").await);
}

/// Services that nobody would keep anybody out of do not start.
#[tokio::test]
async fn without_its_mesh_no_service_starts_and_its_coming_is_noticed() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "no-linkerd").await;
    space.services(SERVICE).await;
    let spec = "{services: [{name: api}], gateway: {class: None}, mesh: Linkerd}";
    space.app("app", spec).await;
    insta::assert_snapshot!(space.stalled("app").await, @"True OperatorMissing: mesh/api: the cluster does not know Server (policy.linkerd.io/v1beta3), so Linkerd would keep nobody out: install Linkerd with its CustomResourceDefinitions, or take mesh: Linkerd out of the app");
    assert!(!space.exists("Deployment", "api").await);

    install_linkerd(&space).await;
    space.ready("app").await;
    assert!(space.exists("Server", "api").await);
}

/// The definition as it was before there was its version of today.
fn older(definition: &Value) -> Value {
    let mut older = definition.clone();
    let versions = older["spec"]["versions"].as_array_mut().unwrap();
    versions.retain(|version| version["name"] == "v1beta1");
    versions[0]["served"] = Value::Bool(true);
    versions[0]["storage"] = Value::Bool(true);
    older
}
