//! The service mesh: who joins it, and what it is told.

use insta::{assert_snapshot, assert_yaml_snapshot};
use serde_json::{Value, json};

use super::builder::{app, bodies, plan_in, resolution, service, try_plan};
use crate::api::objects::Kind;
use crate::plan::{Body, Facts, NodeId, NodeKind, Plan};

const ORDERS: &str = "
name: orders
version: 1.0.0
image: orders:1
port: 8001
service: {port: 80}
dependencies: [{name: users}]
databases: [{name: orders, type: postgresql, version: '16'}, {name: carts, type: redis, version: '7'}]
migrations: {command: [migrate]}
api:
  prefix: /api/orders
  authentication: {type: JWT, jwt: {keySecret: id}}
  traffic: {timeout: 30s, retries: 1}
";
const USERS: &str = "{name: users, version: 1.0.0, image: 'users:1', port: 8002}";
const FEED: &str = "{name: feed, version: 1.0.0, image: 'feed:1', api: {prefix: /feed, protocol: GRPC, traffic: {timeout: 10s}}}";
const REPORTER: &str = "{name: reporter, version: 1.0.0, type: cron, schedule: '0 3 * * *', image: 'reporter:1', dependencies: [{name: orders}]}";

fn shop(mesh: &str) -> String {
    format!(
        "{{services: [{{name: reporter}}, {{name: feed}}], mesh: {mesh}, gateway: {{serviceAccount: {{namespace: edge, name: way-in}}}}}}"
    )
}

/// The whole plan, with real databases.
fn whole(mesh: &str, facts: &Facts) -> Plan {
    let services = [ORDERS, USERS, FEED, REPORTER].map(service);
    let app = std::sync::Arc::new(app(&shop(mesh)));
    crate::plan::plan(&app, &resolution(services.into()), facts).unwrap()
}

/// What the mesh is told, by kind and name.
fn told(plan: &Plan) -> Value {
    let nodes = plan.nodes.values();
    let objects = nodes
        .filter(|node| node.id.kind == NodeKind::Mesh)
        .flat_map(|node| &node.objects);
    objects
        .map(|object| match &object.body {
            Body::Apply(body) => {
                let api = body["apiVersion"].as_str().unwrap();
                (
                    format!("{api} {} {}", object.key.kind, object.key.name),
                    body["spec"].clone(),
                )
            }
            Body::Create { .. } => panic!("it is applied"),
        })
        .collect()
}

/// What tells an injector of the pods of each workload.
fn marks(plan: &Plan) -> String {
    let kinds = [
        Kind::CronJob,
        Kind::Deployment,
        Kind::Job,
        Kind::StatefulSet,
    ];
    let workloads = kinds.into_iter().flat_map(|kind| {
        let bodies = bodies(plan, kind).into_iter();
        bodies.map(move |body| (kind, body))
    });
    let lines = workloads.map(|(kind, body)| {
        let template = body
            .pointer("/spec/jobTemplate/spec/template/metadata")
            .unwrap_or(&body["spec"]["template"]["metadata"]);
        let marks = ["labels", "annotations"].map(|field| {
            let all = template[field].as_object().into_iter().flatten();
            let ours = all.filter(|(key, _)| key.contains("istio") || key.contains("linkerd"));
            ours.map(|(key, value)| (key.clone(), value.clone()))
                .collect::<serde_json::Map<_, _>>()
        });
        let [labels, annotations] = marks;
        let name = body["metadata"]["name"].as_str().unwrap();
        format!(
            "{kind} {name}: {}",
            json!({"labels": labels, "annotations": annotations})
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn istio_is_told_who_may_call_whom() {
    assert_yaml_snapshot!(told(&whole("Istio", &Facts::default())));
}

#[test]
fn linkerd_is_told_who_may_call_whom() {
    let plan = whole("Linkerd", &Facts::default());
    assert_yaml_snapshot!(told(&plan));
    let service = |name: &str| {
        let mut services = bodies(&plan, Kind::Service).into_iter();
        let service = services.find(|body| body["metadata"]["name"] == name);
        service.unwrap()["metadata"]["annotations"].to_string()
    };
    assert_snapshot!(service("orders"), @r#"{"gravity.dev/node":"wiring/orders","timeout.linkerd.io/request":"30000ms"}"#);
    // Nobody says how long, and streams have no end.
    assert_snapshot!(service("users"), @r#"{"gravity.dev/node":"wiring/users"}"#);
    assert_snapshot!(service("feed"), @r#"{"gravity.dev/node":"wiring/feed"}"#);
}

/// Servers, their Jobs and migrations stay outside, and services speak to servers past the mesh.
#[test]
fn services_and_companions_join_with_all_their_pods() {
    assert_snapshot!("istio-marks", marks(&whole("Istio", &Facts::default())));
    assert_snapshot!("linkerd-marks", marks(&whole("Linkerd", &Facts::default())));
    let none = marks(&whole("None", &Facts::default()));
    assert!(
        !none.contains("istio") && !none.contains("linkerd"),
        "{none}"
    );
}

/// Or a service would answer to whoever calls.
#[test]
fn no_pod_starts_before_the_mesh_knows_who_may_call_it() {
    for mesh in ["Istio", "Linkerd"] {
        let plan = whole(mesh, &Facts::default());
        let needs = |kind, name: &str| &plan.nodes[&NodeId::new(kind, name)].needs;
        let mesh = |name: &str| NodeId::new(NodeKind::Mesh, name);
        assert!(needs(NodeKind::Service, "orders").contains(&mesh("orders")));
        let companion = "shop-authenticator";
        assert!(needs(NodeKind::Companion, companion).contains(&mesh(companion)));
    }
}

#[test]
fn a_mesh_that_is_not_there_is_told_and_nothing_starts_without() {
    let facts = Facts {
        missing_kinds: vec![Kind::AuthorizationPolicy],
        ..Facts::default()
    };
    let plan = whole("Istio", &facts);
    let held: Vec<String> = plan.held.keys().map(ToString::to_string).collect();
    assert_snapshot!(held.join(" "), @"mesh/feed mesh/orders mesh/shop-authenticator mesh/users");
    let held = plan.held.values().next().unwrap();
    assert_snapshot!(format!("{:?} {}", held.reason, held.message), @"Some(OperatorMissing) the cluster does not know AuthorizationPolicy (security.istio.io/v1), so Istio would keep nobody out: install Istio with its CustomResourceDefinitions, or take mesh: Istio out of the app");
    assert!(whole("Linkerd", &facts).held.is_empty());
}

/// The way of a proxy to its control plane.
#[test]
fn walls_let_a_proxy_reach_its_control_plane() {
    let last = |mesh: &str| {
        let plan = plan_in(&shop(mesh), &[USERS]);
        let policy = bodies(&plan, Kind::NetworkPolicy).remove(0);
        let rules = policy["spec"]["egress"].as_array().unwrap().clone();
        rules[1].to_string()
    };
    assert_snapshot!(last("Istio"), @r#"{"ports":[{"port":15012,"protocol":"TCP"}],"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"istio-system"}}}]}"#);
    assert_snapshot!(last("Linkerd"), @r#"{"ports":[{"port":8080,"protocol":"TCP"},{"port":8086,"protocol":"TCP"},{"port":8090,"protocol":"TCP"}],"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"linkerd"}}}]}"#);
}

/// What has no mesh is made as it always was.
#[test]
fn no_mesh_is_no_object() {
    let plan = whole("None", &Facts::default());
    assert_eq!(told(&plan), json!({}));
    let services = vec![service(USERS)];
    let without = try_plan(
        app("services: [{name: users}]"),
        services,
        &Facts::default(),
    );
    assert!(
        without
            .unwrap()
            .nodes
            .keys()
            .all(|id| id.kind != NodeKind::Mesh)
    );
}

/// What would seem to work and does not.
#[test]
fn what_a_mesh_makes_of_a_service_is_told() {
    let service = "{name: users, version: 1.0.0, image: 'users:1', service: {type: NodePort}}";
    let told = |mesh: &str| plan_in(&shop(mesh), &[service]).warnings.join("\n");
    assert_snapshot!(told("Linkerd"), @r#"
    users: service.type NodePort opens it to everybody outside, and Linkerd keeps out who is not of it, so nobody outside reaches it: take service.type out, and let the gateway lead to it
    users: without a path to ask it is ready when its port opens, and that is opened by Linkerd's proxy before the service listens: write health.readiness
    "#);
    assert_snapshot!(told("Istio"), @"users: service.type NodePort opens it to everybody outside, and Istio keeps out who is not of it, so nobody outside reaches it: take service.type out, and let the gateway lead to it");
    assert_eq!(told("None"), "");
}

/// Members of one service know one another, at whatever port they speak.
#[test]
fn members_may_call_one_another() {
    let service = "{name: registry, version: 1.0.0, image: 'registry:1', storage: [{name: data, mountPath: /data, size: 1Gi}]}";
    let told = |mesh: &str| told(&plan_in(&shop(mesh), &[service]));
    let istio = &told("Istio")["security.istio.io/v1 AuthorizationPolicy registry"];
    assert_snapshot!(istio["rules"], @r#"[{"from":[{"source":{"principals":["cluster.local/ns/shop/sa/registry"]}}],"to":[{"operation":{"ports":["8000"]}}]},{"from":[{"source":{"principals":["cluster.local/ns/shop/sa/registry"]}}]}]"#);
    let linkerd = &told("Linkerd")["policy.linkerd.io/v1alpha1 MeshTLSAuthentication registry"];
    assert_snapshot!(linkerd["identityRefs"], @r#"[{"kind":"ServiceAccount","name":"registry","namespace":"shop"}]"#);
}

/// A call of Linkerd's comes to the port of the other proxy.
#[test]
fn walls_let_proxies_call_one_another() {
    let ports = |mesh: &str| {
        let plan = plan_in(&shop(mesh), &[ORDERS, USERS]);
        let policies = bodies(&plan, Kind::NetworkPolicy);
        let of = |name: &str| {
            policies
                .iter()
                .find(|body| body["metadata"]["name"] == name)
        };
        let (orders, users) = (of("orders").unwrap(), of("users").unwrap());
        format!(
            "{} {}",
            orders["spec"]["egress"][1]["ports"], users["spec"]["ingress"][0]["ports"]
        )
    };
    assert_snapshot!(ports("Linkerd"), @r#"[{"port":8002,"protocol":"TCP"},{"port":4143,"protocol":"TCP"}] [{"port":8002,"protocol":"TCP"},{"port":4143,"protocol":"TCP"}]"#);
    assert_snapshot!(ports("Istio"), @r#"[{"port":8002,"protocol":"TCP"}] [{"port":8002,"protocol":"TCP"}]"#);
}

/// The sidecar of a gateway knows a service by its own name and address only.
#[test]
fn a_gateway_in_istio_calls_a_service_by_its_own_name() {
    let way = |class: &str, kind: Kind| {
        let app =
            format!("{{services: [{{name: orders}}], mesh: Istio, gateway: {{class: {class}}}}}");
        let plan = plan_in(
            &app,
            &["{name: orders, version: 1.0.0, image: o, api: {prefix: /o}}"],
        );
        bodies(&plan, kind).remove(0)
    };
    let traefik = way("Traefik", Kind::IngressRoute);
    assert_snapshot!(traefik["spec"]["routes"][0]["services"], @r#"[{"name":"orders","nativeLB":true,"passHostHeader":false,"port":8000,"serversTransport":"shop-gateway-transport"}]"#);
    let ingress = way("Ingress", Kind::Ingress);
    assert_snapshot!(ingress["metadata"]["annotations"], @r#"{"gravity.dev/needs":"service/orders","gravity.dev/node":"route/orders","gravity.dev/places":"*/o","nginx.ingress.kubernetes.io/proxy-connect-timeout":"2","nginx.ingress.kubernetes.io/proxy-next-upstream":"error timeout","nginx.ingress.kubernetes.io/proxy-next-upstream-tries":"3","nginx.ingress.kubernetes.io/proxy-read-timeout":"5","nginx.ingress.kubernetes.io/proxy-send-timeout":"5","nginx.ingress.kubernetes.io/service-upstream":"true","nginx.ingress.kubernetes.io/upstream-vhost":"orders.shop.svc.cluster.local"}"#);
}
