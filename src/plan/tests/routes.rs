//! The way in: from one intent to the objects of three gateways.

use insta::{assert_snapshot, assert_yaml_snapshot};
use serde_json::Value;

use super::builder::{app, bodies, body, plan_in, refusal, service, try_plan};
use crate::api::objects::Kind;
use crate::plan::{Body, Facts, NodeId, NodeKind, Plan};

const PLAIN: &str = "{name: orders, version: 1.0.0, image: o, api: {prefix: /api/orders}}";

/// Says all that can be said of requests.
const FULL: &str = "
name: orders
version: 1.0.0
image: o
api:
  prefix: /api/orders
  rewrite: /v2
  hosts: [orders.example.com, '*.orders.example.com']
  methods: [GET, POST]
  traffic:
    timeout: 30s
    retries: 1
    headers: {request: {X-Shop: one, X-Debug: ''}, response: {X-Frame-Options: DENY}}
    cors: {allowOrigins: ['https://shop.example.com'], allowCredentials: true, allowHeaders: [Content-Type]}
    compression: true
    maxBodySize: 10Mi
    maxInFlight: 100
    allowedNetworks: [10.0.0.0/8, '2001:db8::/32']
    rateLimit: {average: 100, burst: 200}
    circuitBreaker: {failureRatio: 30%, latency: 500ms, recovery: 20s}
    stickySession: {}
    middlewares: [waf]
  paths:
    - path: /login
      methods: [POST]
      traffic: {rateLimit: {average: 5, period: 1m}}
    - path: /reports/Yearly
      traffic: {timeout: 2m}
";

fn gateway(lines: &str) -> String {
    format!("{{services: [{{name: orders}}], gateway: {{host: shop.example.com{lines}}}}}")
}

/// The objects of the nodes of the way in, in the order in which they are sent.
fn way_in(plan: &Plan) -> Vec<Value> {
    let kinds = [NodeKind::Certificate, NodeKind::Gateway, NodeKind::Route];
    let nodes = plan
        .nodes
        .values()
        .filter(|node| kinds.contains(&node.id.kind));
    nodes
        .flat_map(|node| &node.objects)
        .map(|object| match &object.body {
            Body::Apply(body) => {
                let name = &body["metadata"]["name"];
                let annotations = &body["metadata"]["annotations"];
                let nginx = annotations.as_object().into_iter().flatten();
                let nginx = nginx.filter(|(key, _)| key.starts_with("nginx"));
                let nginx: serde_json::Map<_, _> = nginx.map(|(k, v)| (k.clone(), v.clone())).collect();
                serde_json::json!({object.key.kind.to_string(): name, "annotations": nginx, "spec": body["spec"]})
            }
            Body::Create { .. } => Value::Null,
        })
        .collect()
}

#[test]
fn by_traefik_what_says_nothing_gets_timeouts_and_retries() {
    assert_yaml_snapshot!(way_in(&plan_in(&gateway(""), &[PLAIN])));
}

#[test]
fn by_traefik_all_that_can_be_said() {
    assert_yaml_snapshot!(way_in(&plan_in(
        &gateway(", tls: {secretName: shop-tls}, proxies: 1"),
        &[FULL]
    )));
}

#[test]
fn by_an_ingress_all_that_can_be_said_but_methods() {
    let full = FULL
        .replace("methods: [GET, POST]", "")
        .replace("methods: [POST]", "");
    let plan = plan_in(
        &gateway(", class: Ingress, ingressClassName: nginx, tls: {secretName: shop-tls}"),
        &[&full],
    );
    assert_yaml_snapshot!(way_in(&plan));
    assert_snapshot!(plan.warnings.join("\n"));
}

#[test]
fn by_gateway_api_all_that_can_be_said_but_walls() {
    let full = FULL.replace("allowedNetworks: [10.0.0.0/8, '2001:db8::/32']", "");
    let plan = plan_in(
        &gateway(
            ", class: GatewayAPI, gatewayClassName: traefik, tls: {issuer: {name: letsencrypt}}",
        ),
        &[&full],
    );
    assert_yaml_snapshot!(way_in(&plan));
    assert_snapshot!(plan.warnings.join("\n"));
}

#[test]
fn a_gateway_of_somebody_else_is_named() {
    let plan = plan_in(
        &gateway(
            ", class: GatewayAPI, parentRef: {name: front, namespace: edge, sectionName: https}",
        ),
        &[PLAIN],
    );
    assert_yaml_snapshot!(body(&plan, Kind::HTTPRoute)["spec"], @r"
    hostnames:
      - shop.example.com
    parentRefs:
      - name: front
        namespace: edge
        sectionName: https
    rules:
      - backendRefs:
          - name: orders
            port: 8000
        matches:
          - path:
              type: PathPrefix
              value: /api/orders
        timeouts:
          backendRequest: 5s
    ");
}

#[test]
fn grpc_has_a_route_of_its_own() {
    let service = "{name: orders, version: 1.0.0, image: o, api: {prefix: /, protocol: GRPC}}";
    let plan = plan_in(&gateway(", class: GatewayAPI"), &[service]);
    assert_yaml_snapshot!(body(&plan, Kind::GRPCRoute)["spec"], @r"
    hostnames:
      - shop.example.com
    parentRefs:
      - name: shop
    rules:
      - backendRefs:
          - name: orders
            port: 8000
    ");
    assert_eq!(
        body(&plan, Kind::Service)["spec"]["ports"][0]["appProtocol"],
        "kubernetes.io/h2c"
    );
    let traefik = plan_in(&gateway(""), &[service]);
    let route = body(&traefik, Kind::IngressRoute);
    assert_eq!(route["spec"]["routes"][0]["services"][0]["scheme"], "h2c");
}

/// A rule that rewrites the path takes one match, and the API server refuses another one.
#[test]
fn each_method_of_a_rewritten_path_has_a_rule() {
    let service = "{name: orders, version: 1.0.0, image: o, api: {prefix: /api/orders, rewrite: /orders, methods: [GET, HEAD]}}";
    let plan = plan_in(&gateway(", class: GatewayAPI"), &[service]);
    let route = body(&plan, Kind::HTTPRoute);
    let rules = route["spec"]["rules"].as_array().unwrap();
    let methods: Vec<_> = rules
        .iter()
        .map(|rule| {
            assert_eq!(rule["matches"].as_array().unwrap().len(), 1);
            assert_eq!(rule["filters"][0]["type"], "URLRewrite");
            rule["matches"][0]["method"].clone()
        })
        .collect();
    assert_eq!(methods, ["GET", "HEAD"]);
}

#[test]
fn a_gateway_of_gravitys_own_answers_for_the_hosts_of_services_too() {
    let class = ", class: GatewayAPI, gatewayClassName: traefik";
    let listener = |services: &[&str]| {
        let plan = plan_in(&gateway(class), services);
        body(&plan, Kind::Gateway)["spec"]["listeners"][0]["hostname"].clone()
    };
    assert_eq!(listener(&[PLAIN]), "shop.example.com");
    let elsewhere =
        "{name: users, version: 1.0.0, image: u, api: {prefix: /, hosts: [users.example.com]}}";
    assert!(listener(&[PLAIN, elsewhere]).is_null());
}

#[test]
fn what_grpc_loses_by_gateway_api_is_told() {
    let service =
        "{name: orders, version: 1.0.0, image: o, api: {prefix: /orders, protocol: GRPC}}";
    let plan = plan_in(&gateway(", class: GatewayAPI"), &[service]);
    assert_snapshot!(plan.warnings.join("\n"), @"orders: api.prefix cannot be expressed by Gateway API and is not in force; Traefik and ingress-nginx (class: Ingress) have it");
}

#[test]
fn services_that_say_nothing_share_what_the_app_says() {
    let other = PLAIN.replace("orders", "users");
    let plan = plan_in(
        &gateway(", traffic: {rateLimit: {average: 10}}"),
        &[PLAIN, &other],
    );
    let names: Vec<_> = bodies(&plan, Kind::Middleware)
        .iter()
        .map(|body| body["metadata"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["shop-gateway-rate-limit", "shop-gateway-retries"]);
    assert_eq!(bodies(&plan, Kind::ServersTransport).len(), 1);
    let route = NodeId::new(NodeKind::Route, "users");
    let needs: Vec<String> = plan.nodes[&route]
        .needs
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(needs, ["service/users", "gateway/shop"]);
}

#[test]
fn a_wall_that_a_gateway_has_not_leaves_no_way_in() {
    let service = "{name: orders, version: 1.0.0, image: o, api: {prefix: /api, paths: [{path: /admin, traffic: {allowedNetworks: [10.0.0.0/8]}}]}}";
    let plan = plan_in(&gateway(", class: GatewayAPI"), &[service]);
    assert!(plan.nodes.keys().all(|id| id.kind != NodeKind::Route));
    assert_snapshot!(plan.warnings.join("\n"), @"orders: api.paths[/admin].traffic.allowedNetworks cannot be expressed by Gateway API, so there is no way in to orders, for it would be open to those whom this keeps out; Traefik and ingress-nginx (class: Ingress) have it");
}

#[test]
fn who_is_checked_and_whom_nobody_may_call_himself() {
    let service = "
name: orders
version: 1.0.0
image: o
port: 8001
api:
  prefix: /api/orders
  paths:
    - {path: /login, authentication: {type: None}}
    - {path: /admin, authentication: {type: Basic, basic: {secretName: admins}}}
    - {path: /hooks, authentication: {type: APIKey, apiKey: {secretName: partners}}}
    - {path: /own, authentication: {type: Forward, forward: {service: orders, path: /verify, responseHeaders: [X-User-ID]}}}
";
    let jwt = ", authentication: {type: JWT, jwt: {jwksUri: 'https://id.example.com/jwks', claimsToHeaders: {sub: X-User-ID, role: X-User-Role}}}";
    assert_yaml_snapshot!(way_in(&plan_in(&gateway(jwt), &[service])));
    let ingress = plan_in(&gateway(&format!("{jwt}, class: Ingress")), &[service]);
    assert_yaml_snapshot!(way_in(&ingress));
}

#[test]
fn a_service_to_ask_that_is_not_there() {
    let forward = ", authentication: {type: Forward, forward: {service: order}}";
    assert_snapshot!(refusal(&gateway(forward), &[PLAIN]), @"GravityApp: gateway.authentication.forward.service names order, which the app has not, or which takes no requests: did you mean orders? Write a service of the app that takes requests");
    let own = "{name: orders, version: 1.0.0, image: o, api: {prefix: /, authentication: {type: TokenCheck, tokenCheck: {service: auth-service}}}}";
    assert_snapshot!(refusal(&gateway(""), &[own]), @"orders: api.authentication.tokenCheck.service names auth-service, which the app has not, or which takes no requests: write a service of the app that takes requests");
}

#[test]
fn a_store_that_is_no_redis() {
    let store = ", rateLimitStore: {service: orders, database: limits}";
    assert_snapshot!(refusal(&gateway(store), &[PLAIN]), @"GravityApp: gateway.rateLimitStore names limits of orders, which is none of its databases: name a database of type redis, as a service of the app has it");
}

#[test]
fn two_services_may_have_one_prefix_on_two_hosts() {
    let other = "{name: admin, version: 1.0.0, image: a, api: {prefix: /api/orders, hosts: [admin.example.com]}}";
    let plan = plan_in(&gateway(""), &[PLAIN, other]);
    assert_eq!(bodies(&plan, Kind::IngressRoute).len(), 2);
    let same = other.replace("admin.example.com", "shop.example.com");
    assert_snapshot!(refusal(&gateway(""), &[PLAIN, &same]), @"admin and orders both have the prefix shop.example.com/api/orders: change api.prefix of one of them, for the gateway can hand a path to one service only");
}

#[test]
fn without_cert_manager_the_route_is_there_and_the_certificate_is_told() {
    let facts = Facts {
        missing_kinds: vec![Kind::Certificate],
        ..Facts::default()
    };
    let app = app(&gateway(", tls: {issuer: {name: letsencrypt}}"));
    let plan = try_plan(app, vec![service(PLAIN)], &facts).unwrap();
    assert_eq!(bodies(&plan, Kind::Certificate), Vec::<Value>::new());
    assert_snapshot!(plan.no_way_in[0].message, @"the cluster does not know Certificate (cert-manager.io), so no certificate is issued: install cert-manager, or take gateway.tls.issuer out and fill the Secret yourself");
}

const CHECKED: &str = "
name: orders
version: 1.0.0
image: o
databases: [{name: sessions, type: redis}]
api:
  prefix: /api/orders
  paths:
    - {path: /login, authentication: {type: None}}
    - {path: /hooks, authentication: {type: APIKey, apiKey: {secretName: partners}}}
    - {path: /old, authentication: {type: TokenCheck, tokenCheck: {service: orders}}}
";

const BLACKLISTED: &str = ", healthPath: /health, authentication: {type: JWT, jwt: {keySecret: id, issuer: id, claimsToHeaders: {sub: X-User-ID}, blacklist: {service: orders, database: sessions}}}";

/// The whole plan, with real databases.
fn whole(app_yaml: &str, services: &[&str], facts: &Facts) -> Result<Plan, crate::plan::PlanError> {
    let services = services.iter().map(|yaml| service(yaml)).collect();
    let resolution = super::builder::resolution(services);
    crate::plan::plan(&std::sync::Arc::new(app(app_yaml)), &resolution, facts)
}

#[test]
fn an_authenticator_knows_all_policies_of_the_app() {
    let plan = whole(&gateway(BLACKLISTED), &[CHECKED], &Facts::default()).unwrap();
    let id = NodeId::new(NodeKind::Companion, "shop-authenticator");
    let node = &plan.nodes[&id];
    let needs: Vec<String> = node.needs.iter().map(ToString::to_string).collect();
    assert_snapshot!(needs.join("\n"), @"provisioning/orders-shop-orders-redis-7");
    let object = |kind: Kind| {
        let found = node.objects.iter().find(|object| object.key.kind == kind);
        let Body::Apply(body) = &found.unwrap().body else {
            panic!("it is applied")
        };
        body.clone()
    };
    let settings = object(Kind::ConfigMap);
    assert_snapshot!(settings["data"]["settings.json"].as_str().unwrap());
    assert_yaml_snapshot!(object(Kind::Deployment)["spec"]);
    let route = &plan.nodes[&NodeId::new(NodeKind::Route, "orders")];
    assert!(route.needs.contains(&id));
}

/// The Redis of a blacklist lets the authenticator in, and the one that a gateway counts in lets
/// the gateway in.
#[test]
fn companions_have_walls_and_are_let_in_where_they_ask() {
    let stated = format!("{BLACKLISTED}, rateLimitStore: {{service: orders, database: sessions}}");
    let plan = whole(&gateway(&stated), &[CHECKED], &Facts::default()).unwrap();
    let walls = bodies(&plan, Kind::NetworkPolicy).into_iter();
    let walls = walls.map(|body| {
        (
            body["metadata"]["name"].as_str().unwrap().to_owned(),
            body["spec"].clone(),
        )
    });
    let walls: std::collections::BTreeMap<_, _> = walls.collect();
    assert_yaml_snapshot!(walls);
}

#[test]
fn new_credentials_of_the_blacklist_start_new_pods_of_the_authenticator() {
    let template = |credentials: &str| {
        let facts = Facts {
            credentials: [("orders-sessions".to_owned(), credentials.to_owned())].into(),
            ..Facts::default()
        };
        let plan = whole(&gateway(BLACKLISTED), &[CHECKED], &facts).unwrap();
        let all = bodies(&plan, Kind::Deployment);
        let is_it = |body: &&Value| body["metadata"]["name"] == "shop-authenticator";
        all.iter().find(is_it).unwrap()["spec"]["template"].clone()
    };
    assert_eq!(template("a"), template("a"));
    assert_ne!(template("a"), template("b"));
}

#[test]
fn the_health_of_an_app_asks_what_takes_requests_and_knows_what_is_absent() {
    let services = [
        "{name: orders, version: 1.0.0, image: o, health: {readiness: /ready}, dependencies: [{name: mail, optional: true}, {name: maps, optional: true}]}",
        "{name: mail, version: 1.0.0, image: m, port: 25, service: {port: 2525}}",
        "{name: worker, version: 1.0.0, image: w, type: worker}",
    ];
    for class in ["Traefik", "Ingress", "GatewayAPI"] {
        let app = gateway(&format!(", class: {class}, healthPath: /health"));
        let plan = whole(&app, &services, &Facts::default()).unwrap();
        let route = &plan.nodes[&NodeId::new(NodeKind::Route, "shop-health")];
        let specs = route.objects.iter().map(|object| match &object.body {
            Body::Apply(body) => body["spec"].clone(),
            Body::Create { .. } => Value::Null,
        });
        assert_yaml_snapshot!(format!("health_by_{class}"), specs.collect::<Vec<_>>());
    }
    let plan = whole(
        &gateway(", healthPath: /health"),
        &services,
        &Facts::default(),
    )
    .unwrap();
    let settings = body(&plan, Kind::ConfigMap)["data"]["settings.json"].clone();
    assert_snapshot!(settings.as_str().unwrap());
}

#[test]
fn a_blacklist_that_is_no_redis() {
    let other = CHECKED.replace("type: redis", "type: postgresql");
    let refused = whole(&gateway(BLACKLISTED), &[&other], &Facts::default());
    assert_snapshot!(refused.unwrap_err(), @"GravityApp: authentication.jwt.blacklist names sessions of orders, which is no Redis: name a database of type redis, as a service of the app has it");
}
