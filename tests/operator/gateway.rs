//! The way in, on a real API server: every gateway's own definitions judge what is sent.

use serde_json::json;

use crate::support::{Space, condition};

/// A service of which all is said that any gateway can express.
const SERVICES: &str = "
name: shop-api
version: 1.0.0
image: api:1
api:
  prefix: /api
  stripPrefix: true
  traffic:
    timeout: 30s
    retries: 1
    cors: {allowOrigins: ['https://shop.example.com'], allowCredentials: true, allowHeaders: [Content-Type]}
    maxBodySize: 10Mi
    rateLimit: {average: 100, burst: 200}
    stickySession: {}
    headers: {request: {X-Shop: one, X-Debug: ''}, response: {X-Frame-Options: DENY}}
    compression: true
    maxInFlight: 100
    circuitBreaker: {failureRatio: 30%, latency: 500ms}
  paths:
    - path: /login
      traffic: {rateLimit: {average: 5, period: 1m}, timeout: 1m}
---
name: stream
version: 1.0.0
image: stream:1
api: {prefix: /stream, protocol: GRPC}
---
name: chat
version: 1.0.0
image: chat:1
api: {prefix: /chat, protocol: WebSocket, methods: [GET]}
";

const ALL: &str = "services: [{name: shop-api}, {name: stream}, {name: chat}]";

fn app(gateway: &str) -> String {
    format!("{{{ALL}, gateway: {{host: ways.example.com, {gateway}}}}}")
}

#[tokio::test]
async fn what_is_made_for_each_gateway_is_taken_and_what_is_not_needed_goes() {
    let space = Space::new("ways").await;
    space.services(SERVICES).await;
    space
        .app(
            "ways",
            &app("class: Traefik, tls: {secretName: ways-tls}, proxies: 1"),
        )
        .await;
    space.ready("ways").await;
    let traefik = [
        "IngressRoute",
        "Middleware",
        "ServersTransport",
        "TraefikService",
    ];
    for kind in traefik {
        assert_ne!(space.names(kind).await, Vec::<String>::new(), "{kind}");
    }

    space
        .app(
            "ways",
            &app("class: GatewayAPI, gatewayClassName: any, tls: {secretName: ways-tls}"),
        )
        .await;
    space.until_there("GRPCRoute", "stream").await;
    space.until_there("Gateway", "ways").await;
    space
        .until("Traefik's objects are gone", async || {
            for kind in traefik {
                if !space.names(kind).await.is_empty() {
                    return false;
                }
            }
            true
        })
        .await;
    space.ready("ways").await;
    let told = space.says("ways", "Ready").await;
    assert!(
        told.contains(
            "shop-api: api.traffic.rateLimit cannot be expressed by Gateway API and is not in force"
        ),
        "{told}"
    );

    space
        .app("ways", &app("class: Ingress, ingressClassName: nginx"))
        .await;
    space.until_there("Ingress", "shop-api-login").await;
    space.until_gone("HTTPRoute", "shop-api").await;
    let told = space
        .until_says("ways", "RoutesReady", "RouteUnsupported")
        .await;
    insta::assert_snapshot!(told, @"False RouteUnsupported: chat: api.methods cannot be expressed by an Ingress, so there is no way in to chat, for it would be open to those whom this keeps out; Traefik and Gateway API have it");
}

const POSTS: &str = "
name: posts
version: 1.0.0
image: posts:1
api: {prefix: /posts}
";

#[tokio::test]
async fn of_two_apps_that_want_one_place_the_first_has_it() {
    let first = Space::new("first").await;
    let second = Space::new("second").await;
    let spec = "{services: [{name: posts}], gateway: {host: one.example.com}}";
    for space in [&first, &second] {
        space.services(POSTS).await;
    }
    first.app("blog", spec).await;
    first.ready("blog").await;
    second.app("forum", spec).await;
    second.ready("forum").await;
    let told = second
        .until_says("forum", "RoutesReady", "RouteConflict")
        .await;
    insta::assert_snapshot!(told, @"False RouteConflict: one.example.com/posts leads to posts of the app first/blog already, so there is no way in to posts: give one of the two another host or another api.prefix");
    assert_eq!(second.names("IngressRoute").await, Vec::<String>::new());
    let services = condition(&second.get("GravityApp", "forum").await, "ServicesReady");
    assert_eq!(services["status"], "True");

    first.delete("GravityApp", "blog").await;
    second.until_there("IngressRoute", "posts").await;
    second.until_says("forum", "RoutesReady", "True").await;
}

#[tokio::test]
async fn what_the_api_server_says_of_a_way_in_that_is_none() {
    let space = Space::new("no-way").await;
    let refused = async |api: &str| {
        let manifest = format!("name: a\nversion: 1.0.0\nimage: a:1\napi: {api}");
        space.service(&manifest).await.unwrap_err()
    };
    let said = [
        refused("{prefix: api}").await,
        refused("{prefix: /, traffic: {rateLimit: {average: 0}}}").await,
        refused("{prefix: /, traffic: {allowedNetworks: [everywhere]}}").await,
        refused("{prefix: /, traffic: {circuitBreaker: {recovery: 5s}}}").await,
        refused("{prefix: /, authentication: {type: JWT}}").await,
        refused("{prefix: /, traffic: {cors: {allowOrigins: ['*'], allowCredentials: true}}}")
            .await,
        refused("{hosts: [a.example.com]}").await,
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[tokio::test]
async fn a_service_to_ask_that_is_not_in_the_app_is_named() {
    let space = Space::new("who-asks").await;
    space.services(POSTS).await;
    let gateway = "authentication: {type: Forward, forward: {service: auth}}";
    let spec =
        format!("{{services: [{{name: posts}}], gateway: {{host: ask.example.com, {gateway}}}}}");
    space.app("asks", &spec).await;
    let told = space.stalled("asks").await;
    insta::assert_snapshot!(told, @"True PlanFailed: GravityApp: gateway.authentication.forward.service names auth, which the app has not, or which takes no requests: write a service of the app that takes requests");
    // Nothing else is harmed once it is mended.
    space
        .merge(
            "GravityApp",
            "asks",
            json!({"spec": {"gateway": {"authentication": null}}}),
        )
        .await;
    space.ready("asks").await;
}

#[tokio::test]
async fn a_certificate_is_asked_for_and_what_its_issuer_says_is_told() {
    let space = Space::new("issued").await;
    space.services(POSTS).await;
    let gateway = "host: issued.example.com, tls: {issuer: {name: letsencrypt, kind: Issuer}}";
    let spec = format!("{{services: [{{name: posts}}], gateway: {{{gateway}}}}}");
    space.app("blog", &spec).await;
    space.until_there("Certificate", "blog-tls").await;
    // The route does not wait for it.
    space.until_there("IngressRoute", "posts").await;
    let says = async |status: &str, message: &str| {
        let ready = json!([{
            "type": "Ready", "status": status, "reason": "Any", "message": message,
            "observedGeneration": 1, "lastTransitionTime": "2026-01-01T00:00:00Z",
        }]);
        space
            .status("Certificate", "blog-tls", json!({"conditions": ready}))
            .await;
    };
    says(
        "False",
        "Referenced \"Issuer\" not found: issuer.cert-manager.io \"letsencrypt\" not found",
    )
    .await;
    let told = space.until_says("blog", "RoutesReady", "not found").await;
    insta::assert_snapshot!(told, @r#"False Progressing: certificate/blog-tls: Certificate issued/blog-tls: Referenced "Issuer" not found: issuer.cert-manager.io "letsencrypt" not found"#);
    says("True", "Certificate is up to date and has not expired").await;
    space.ready("blog").await;
}

#[tokio::test]
async fn companions_are_taken_by_a_namespace_that_admits_only_what_is_restricted() {
    let space = Space::new("companions").await;
    space.services(POSTS).await;
    let jwt = "type: JWT, jwt: {jwksUri: 'https://id.example.com/jwks', claimsToHeaders: {sub: X-User-ID}}";
    let gateway =
        format!("host: checked.example.com, healthPath: /health, authentication: {{{jwt}}}");
    space
        .app(
            "blog",
            &format!("{{services: [{{name: posts}}], gateway: {{{gateway}}}}}"),
        )
        .await;
    space.ready("blog").await;
    for name in ["blog-authenticator", "blog-health"] {
        assert!(space.exists("Deployment", name).await, "{name}");
    }
    space
        .app(
            "blog",
            "{services: [{name: posts}], gateway: {host: checked.example.com}}",
        )
        .await;
    space.until_gone("Deployment", "blog-authenticator").await;
    space.until_gone("Deployment", "blog-health").await;
    space.ready("blog").await;
}

const GUARDED: &str = "
name: desk
version: 1.0.0
image: desk:1
api:
  prefix: /desk
  authentication: {type: Basic, basic: {secretName: readers}}
  traffic: {middlewares: [waf]}
";

/// A gateway leaves such a route out, and says so in its own log only.
#[tokio::test]
async fn what_a_route_names_and_is_not_there_is_told_until_it_is() {
    let space = Space::new("incomplete").await;
    space.services(GUARDED).await;
    let app = "{services: [{name: desk}], gateway: {host: incomplete.example.com, tls: {secretName: edge}}}";
    space.app("desk", app).await;
    let told = async |word: &str| space.until_says("desk", "RoutesReady", word).await;
    insta::assert_snapshot!(told("edge, which is not there").await, @"False RouteIncomplete: gateway.tls.secretName names Secret incomplete/edge, which is not there: make it with kubectl create secret tls edge --cert=… --key=…, or name who issues it by gateway.tls.issuer; until then the gateway may leave out the routes of desk; authentication.basic.secretName names Secret incomplete/readers, which is not there: make it, with what htpasswd writes under users; until then the gateway may leave out the routes of desk; traffic.middlewares names Middleware incomplete/waf, which is not there: make it, or take it out; until then the gateway may leave out the routes of desk");
    // It runs all the same.
    space.until_there("IngressRoute", "desk").await;

    let pair = rcgen::generate_simple_self_signed(["incomplete.example.com".to_owned()]).unwrap();
    let (certificate, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
    let edge = async |certificate: &str| {
        let data = json!({"stringData": {"tls.crt": certificate, "tls.key": key}});
        space.apply("Secret", "edge", data).await.unwrap();
    };
    edge("hello").await;
    insta::assert_snapshot!(told("no certificate that can be used").await, @"False RouteIncomplete: gateway.tls.secretName names Secret incomplete/edge, which has no certificate that can be used (its tls.crt has no certificate): make it anew with kubectl create secret tls edge --cert=… --key=…; until then the gateway may leave out the routes of desk; authentication.basic.secretName names Secret incomplete/readers, which is not there: make it, with what htpasswd writes under users; until then the gateway may leave out the routes of desk; traffic.middlewares names Middleware incomplete/waf, which is not there: make it, or take it out; until then the gateway may leave out the routes of desk");
    edge(&certificate).await;
    told("RouteIncomplete: authentication.basic.secretName").await;
    let users = "ann:$apr1$x";
    let two = json!({"stringData": {"users": users, "auth": users}});
    space.apply("Secret", "readers", two).await.unwrap();
    insta::assert_snapshot!(told("not one key alone").await, @"False RouteIncomplete: authentication.basic.secretName names Secret incomplete/readers, which has not one key alone, as Traefik wants it: put there what htpasswd writes, under users, and nothing else; until then the gateway may leave out the routes of desk; traffic.middlewares names Middleware incomplete/waf, which is not there: make it, or take it out; until then the gateway may leave out the routes of desk");
    space.delete("Secret", "readers").await;
    let one = json!({"stringData": {"users": users}});
    space.apply("Secret", "readers", one).await.unwrap();
    insta::assert_snapshot!(told("RouteIncomplete: traffic").await, @"False RouteIncomplete: traffic.middlewares names Middleware incomplete/waf, which is not there: make it, or take it out; until then the gateway may leave out the routes of desk");
    let waf = json!({"spec": {"headers": {}}});
    space.apply("Middleware", "waf", waf).await.unwrap();
    space.until_says("desk", "RoutesReady", "True").await;
    space.ready("desk").await;
    // It goes again, and that is told, too.
    space.delete("Middleware", "waf").await;
    told("waf, which is not there").await;
}
