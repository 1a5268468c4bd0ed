//! `gravity gateway` against a real API server.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::cluster::cluster;

const APP: &str = "
apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {name: shop, namespace: NAMESPACE}
spec:
  services: [{name: orders}, {name: pages}]
  gateway: {host: shop.example.com, class: CLASS}
---
apiVersion: gravity.dev/v1alpha1
kind: GravityService
metadata: {name: orders-1.0.0, namespace: NAMESPACE}
spec:
  name: orders
  version: 1.0.0
  image: orders:1
  api:
    prefix: /api/orders
    traffic: {rateLimit: {average: 100}}
    paths:
      - {path: /login, methods: [POST], traffic: {rateLimit: {average: 5, period: 1m}}}
      - {path: /admin, authentication: {type: Basic, basic: {secretName: admins}}}
---
apiVersion: gravity.dev/v1alpha1
kind: GravityService
metadata: {name: pages-1.0.0, namespace: NAMESPACE}
spec: {name: pages, version: 1.0.0, type: web, image: 'pages:1', api: {prefix: /}}
";

/// The shop in the cluster, as the operator would have made it, with what it says of itself.
fn shop(namespace: &str, class: &str) {
    let cluster = cluster();
    cluster.namespace(namespace);
    let mut app = APP.replace("NAMESPACE", namespace).replace("CLASS", class);
    if class == "Ingress" {
        app = app.replace("methods: [POST], ", "");
    }
    cluster.apply(&app);
    let rendered = cluster.gravity_of(&["render", "-f", "-"], &app).answer();
    cluster.apply(&rendered);
    let status = r#"{"status": {"services": [{"name": "orders", "version": "1.0.0", "phase": "Running"}, {"name": "pages", "version": "1.0.0", "phase": "Updating"}]}}"#;
    let patch = [
        "-n",
        namespace,
        "patch",
        "gapp",
        "shop",
        "--subresource=status",
        "--type=merge",
    ];
    cluster
        .kubectl(&[&patch[..], &["-p", status]].concat(), "")
        .answer();
}

#[test]
fn routes_are_a_table_a_person_can_read() {
    shop("ways", "Traefik");
    let table = cluster()
        .gravity(&["gateway", "routes", "-n", "ways"])
        .answer();
    insta::assert_snapshot!(table);
    shop("ways-by-ingress", "Ingress");
    let table = cluster()
        .gravity(&["gateway", "routes", "-n", "ways-by-ingress"])
        .answer();
    assert!(
        table.contains("/api/orders/login") && table.contains("limit-rpm"),
        "{table}"
    );
}

#[test]
fn what_the_gateway_gets_can_be_applied_elsewhere() {
    shop("got", "Traefik");
    let config = cluster()
        .gravity(&["gateway", "config", "shop", "-n", "got"])
        .answer();
    insta::assert_snapshot!(config);
    let dry = [
        "apply",
        "--server-side",
        "--force-conflicts",
        "--dry-run=server",
        "-f",
        "-",
    ];
    cluster().kubectl(&dry, &config).answer();
}

#[test]
fn an_empty_namespace_has_no_route() {
    cluster().namespace("no-ways");
    let told = cluster()
        .gravity(&["gateway", "routes", "-n", "no-ways"])
        .answer();
    insta::assert_snapshot!(told, @"No route in namespace no-ways.");
}

/// A gateway that answers one path with 200, one with 401, and the rest with 502.
fn gateway() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 1_024];
            let read = stream.read(&mut head).unwrap();
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            assert!(
                head.to_lowercase().contains("host: shop.example.com"),
                "{head}"
            );
            let status = match head.split(' ').nth(1).unwrap() {
                "/" => "200 OK",
                "/api/orders/admin" => "401 Unauthorized",
                _ => "502 Bad Gateway",
            };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

#[test]
fn a_check_asks_each_route_and_says_what_came_back() {
    shop("checked", "Traefik");
    let address = gateway();
    let outcome = cluster().gravity(&["gateway", "check", "-n", "checked", "--address", &address]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    // Times differ from run to run.
    let table = outcome.stdout.lines().map(|line| {
        let words = line.split_whitespace();
        words
            .filter(|word| !word.chars().all(|letter| letter.is_ascii_digit()) || word.len() == 3)
            .collect::<Vec<_>>()
            .join(" ")
    });
    insta::assert_snapshot!(table.collect::<Vec<_>>().join("\n"));
}
