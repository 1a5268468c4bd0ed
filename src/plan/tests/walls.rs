//! The walls around services.

use insta::{assert_snapshot, assert_yaml_snapshot};
use serde_json::Value;

use super::builder::{bodies, plan_in, plan_of};
use crate::api::objects::Kind;
use crate::plan::Plan;

const ORDER: &str = r"
name: order-service
version: 2.1.0
image: order:1
port: 8010
service: {port: 80}
dependencies:
  - {name: user-service}
  - {name: search-service, startup: Unordered}
  - {name: mail-service, optional: true}
  - {name: importer}
databases: [{name: order_db, type: postgresql}]
api: {prefix: /api/orders}
migrations: {command: [migrate]}
podTemplate: {spec: {containers: [{name: exporter, image: e, ports: [{containerPort: 9100}, {containerPort: 53, protocol: UDP}]}]}}
";
const USER: &str = "{name: user-service, version: 1.0.0, image: 'user:1', dependencies: [{name: order-service, startup: Unordered}]}";
const SEARCH: &str = "{name: search-service, version: 1.0.0, image: 'search:1', service: {port: 80, type: LoadBalancer}, dependencies: [{name: order-service, startup: Unordered}]}";
const IMPORTER: &str =
    "{name: importer, version: 1.0.0, type: job, image: 'importer:1', egress: deny}";
const REGISTRY: &str = "{name: registry, version: 1.0.0, image: 'registry:1', storage: [{name: data, mountPath: /data, size: 1Gi}], egress: allow}";

fn shop() -> Plan {
    plan_of(&[ORDER, USER, SEARCH, IMPORTER, REGISTRY])
}

fn policy(plan: &Plan, name: &str) -> Value {
    let mut policies = bodies(plan, Kind::NetworkPolicy).into_iter();
    policies
        .find(|body| body["metadata"]["name"] == name)
        .unwrap()
}

#[test]
fn a_service_lets_in_its_callers_and_reaches_what_it_calls() {
    assert_yaml_snapshot!(policy(&shop(), "order-service"));
}

/// A rule without `from` is for everybody.
#[test]
fn a_service_that_is_to_be_reached_from_outside_is() {
    let search = policy(&shop(), "search-service");
    assert_snapshot!(line(&search["spec"]["ingress"][1]), @r#"{"ports":[{"port":8000,"protocol":"TCP"}]}"#);
}

#[test]
fn members_reach_one_another_at_every_port() {
    let registry = policy(&shop(), "registry");
    assert_snapshot!(line(registry["spec"]["ingress"].as_array().unwrap().last().unwrap()), @r#"{"from":[{"podSelector":{"matchLabels":{"app.kubernetes.io/instance":"shop","app.kubernetes.io/managed-by":"gravity","app.kubernetes.io/name":"registry"}}}]}"#);
}

#[test]
fn what_a_service_reaches_beside_its_graph_is_its_own_to_say() {
    let egress = |stated: &str| {
        let service = format!("{{name: a, version: 1.0.0, image: 'a:1', egress: {stated}}}");
        let policy = policy(&plan_of(&[&service]), "a");
        let rules = policy["spec"]["egress"].as_array().unwrap().clone();
        // The first one is of names.
        rules
            .iter()
            .skip(1)
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_snapshot!(egress("deny"), @"");
    assert_snapshot!(egress("internet"), @r#"{"to":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["10.0.0.0/8","100.64.0.0/10","168.63.129.16/32","169.254.0.0/16","172.16.0.0/12","192.168.0.0/16"]}},{"ipBlock":{"cidr":"::/0","except":["fc00::/7","fe80::/10"]}}]}"#);
    let targets = "[{cidr: 203.0.113.0/24, except: [203.0.113.128/25], ports: [443, {port: 8000, endPort: 8100, protocol: UDP}]}, {namespace: vault, podSelector: {matchLabels: {app: vault}}, ports: [8200]}]";
    assert_snapshot!(egress(targets), @r#"
    {"ports":[{"port":443,"protocol":"TCP"},{"endPort":8100,"port":8000,"protocol":"UDP"}],"to":[{"ipBlock":{"cidr":"203.0.113.0/24","except":["203.0.113.128/25"]}}]}
    {"ports":[{"port":8200,"protocol":"TCP"}],"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"vault"}},"podSelector":{"matchLabels":{"app":"vault"}}}]}
    "#);
    let allow = policy(&shop(), "registry");
    assert_snapshot!(line(&allow["spec"]["egress"]), @"[{}]");
}

#[test]
fn the_gateway_is_let_in_where_there_is_a_route() {
    let gateway = |app: &str| {
        let service = "{name: a, version: 1.0.0, image: 'a:1', api: {prefix: /a}}";
        let plan = plan_in(app, &[service]);
        let policy = policy(&plan, "a");
        let rules = policy["spec"]["ingress"].as_array().unwrap().clone();
        let peers = rules
            .iter()
            .flat_map(|rule| rule["from"].as_array().unwrap().clone());
        peers.map(|peer| line(&peer)).collect::<Vec<_>>().join("\n")
    };
    let app = |rest: &str| format!("{{services: [{{name: a}}], {rest}}}");
    assert_snapshot!(gateway(&app("network: {metrics: []}")), @r#"{"namespaceSelector":{},"podSelector":{"matchLabels":{"app.kubernetes.io/name":"traefik"}}}"#);
    assert_snapshot!(gateway(&app("network: {metrics: []}, gateway: {class: Ingress}")), @r#"{"namespaceSelector":{},"podSelector":{"matchExpressions":[{"key":"app.kubernetes.io/name","operator":"In","values":["contour","haproxy-ingress","ingress-nginx","kubernetes-ingress","nginx-ingress","traefik"]}]}}"#);
    assert_snapshot!(gateway(&app("network: {metrics: []}, gateway: {class: GatewayAPI}")), @r#"
    {"namespaceSelector":{},"podSelector":{"matchExpressions":[{"key":"app.kubernetes.io/name","operator":"In","values":["envoy","nginx-gateway-fabric","traefik"]}]}}
    {"namespaceSelector":{},"podSelector":{"matchLabels":{"gateway.networking.k8s.io/gateway-name":"shop"}}}
    "#);
    assert_snapshot!(gateway(&app("network: {metrics: []}, gateway: {class: None}")), @"");
    assert_snapshot!(gateway(&app("network: {gateway: [{cidr: 10.9.0.0/16}], metrics: [{namespace: monitoring}]}")), @r#"
    {"ipBlock":{"cidr":"10.9.0.0/16"}}
    {"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"monitoring"}}}
    "#);
    assert_snapshot!(gateway(&app("network: {gateway: [{namespaceSelector: {matchExpressions: [{key: gateway, operator: Exists}]}}], metrics: []}")), @r#"{"namespaceSelector":{"matchExpressions":[{"key":"gateway","operator":"Exists"}]}}"#);
}

#[test]
fn without_walls_no_policy_is_made() {
    let app = "{services: [{name: a}], network: {policy: None}}";
    let plan = plan_in(app, &[ORDER, USER, SEARCH, IMPORTER, REGISTRY]);
    assert_eq!(bodies(&plan, Kind::NetworkPolicy), [] as [Value; 0]);
}

/// What a wall says changes no pod.
#[test]
fn a_wall_rolls_no_pod() {
    let without = plan_in("{services: [{name: a}], network: {policy: None}}", &[ORDER]);
    let with = plan_of(&[ORDER]);
    for kind in [Kind::Deployment, Kind::Job] {
        assert_eq!(bodies(&with, kind), bodies(&without, kind));
    }
}

fn line(value: &Value) -> String {
    value.to_string()
}

/// The pod templates that no policy shuts off both ways.
pub fn open(objects: &[&Value]) -> Vec<String> {
    let policies = || {
        objects
            .iter()
            .filter(|object| object["kind"] == "NetworkPolicy")
    };
    let walled = |labels: &Value| {
        policies().any(|policy| {
            let both = policy["spec"]["policyTypes"] == serde_json::json!(["Ingress", "Egress"]);
            both && selects(&policy["spec"]["podSelector"], labels)
        })
    };
    let template = |object: &Value| {
        let paths = ["/spec/template", "/spec/jobTemplate/spec/template"];
        paths.iter().find_map(|path| object.pointer(path)).cloned()
    };
    let pods = objects.iter().filter_map(|object| {
        let labels = template(object)?["metadata"]["labels"].clone();
        let name = &object["metadata"]["name"];
        (!walled(&labels)).then(|| format!("{} {name}: {labels}", object["kind"]))
    });
    pods.collect()
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let exact = selector["matchLabels"].as_object().into_iter().flatten();
    let listed = selector["matchExpressions"]
        .as_array()
        .into_iter()
        .flatten();
    exact
        .into_iter()
        .all(|(label, value)| labels[label] == *value)
        && listed.into_iter().all(|each| {
            assert_eq!(each["operator"], "In");
            let values = each["values"].as_array().unwrap();
            values.contains(&labels[each["key"].as_str().unwrap()])
        })
}
