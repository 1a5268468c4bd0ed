//! `gravity status` against a real API server.

use serde_json::Value;

use crate::cluster::cluster;
use crate::run::Outcome;

/// An app with a status as the operator would write it, and a server's StatefulSet.
fn shop(namespace: &str) {
    let cluster = cluster();
    cluster.namespace(namespace);
    let objects = include_str!("fixtures/status/objects.yaml");
    let apply = ["-n", namespace, "apply", "--server-side", "-f", "-"];
    cluster.kubectl(&apply, objects).answer();
    let status = include_str!("fixtures/status/status.yaml");
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

/// Ages grow: of what was in 2020 they are days.
fn ageless(outcome: Outcome) -> String {
    let text = outcome.answer();
    let lines = text.lines().map(|line| {
        let words = line.split(' ').map(|word| {
            let days = word
                .strip_suffix('d')
                .filter(|digits| digits.parse::<u32>().is_ok());
            days.map_or_else(|| word.to_owned(), |days| "9".repeat(days.len()) + "d")
        });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn status_is_a_table_a_person_can_read() {
    shop("shown");
    let text = ageless(cluster().gravity(&["status", "shop", "-n", "shown"]));
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn a_wider_status_has_types_ports_and_databases() {
    shop("wider");
    let text = ageless(cluster().gravity(&["status", "shop", "-n", "wider", "-o", "wide"]));
    insta::assert_snapshot!(text, @r"
    wider/shop  Reconciling  1/3 services ready  revision 5f3a9c21
    Progressing: order-service waits for the migration of payment-service
    https://shop.example.com

    SERVICE          VERSION  TYPE    PHASE      REPLICAS  PORT  SINCE  DATABASES  WAITS FOR / URL
    auth-service     1.4.0    api     Running    2/2       8001  9999d  auth_db    /api/auth
    order-service    2.0.0            Pending    0/2             9999d             service/payment-service
    payment-service  1.3.1    worker  Migrating  0/1             9999d

    DATABASE SERVER     VERSION  READY  IMAGE
    shop-postgresql-15  15       0/0    postgres:15
    ");
}

#[test]
fn status_is_data_too() {
    shop("data");
    let json = cluster()
        .gravity(&["status", "-n", "data", "-o", "json"])
        .answer();
    insta::assert_snapshot!(json);
    let yaml = cluster()
        .gravity(&["status", "-n", "data", "-o", "yaml"])
        .answer();
    let (json, yaml): (Value, Value) = (
        serde_json::from_str(&json).unwrap(),
        serde_yaml::from_str(&yaml).unwrap(),
    );
    assert_eq!(json, yaml);
}

#[test]
fn status_of_all_namespaces_has_every_app() {
    shop("everywhere");
    let json = cluster()
        .gravity(&["status", "shop", "-A", "-o", "json"])
        .answer();
    let json: Value = serde_json::from_str(&json).unwrap();
    let apps = json["apps"].as_array().unwrap();
    assert!(
        apps.iter().any(|app| app["namespace"] == "everywhere"),
        "{json}"
    );
}

#[test]
fn a_namespace_without_apps_is_told() {
    cluster().namespace("quiet");
    let status = cluster().gravity(&["status", "-n", "quiet"]).answer();
    insta::assert_snapshot!(status, @"No GravityApp in namespace quiet.");
}

#[test]
fn an_app_without_a_status_is_told() {
    cluster().namespace("new");
    let app = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: shop, namespace: new}\n\
               spec: {services: [{name: users}]}\n";
    cluster().apply(app);
    insta::assert_snapshot!(cluster().gravity(&["status", "-n", "new"]).answer(), @"
    new/shop  Unknown: is the operator running?
    The operator has not seen the newest spec yet.
    ");
}

#[test]
fn without_definitions_it_is_told_how_to_install_them() {
    let message = cluster().status_without_definitions.clone().failure();
    insta::assert_snapshot!(cluster().without_address(&message), @"error: the cluster https://SERVER has no gravityapps: install Gravity, or its definitions alone by `gravity crds | kubectl apply --server-side -f -`");
}

#[test]
fn without_the_right_it_is_told_which() {
    cluster().namespace("forbidden");
    let account = ["-n", "forbidden", "create", "serviceaccount", "guest"];
    cluster().kubectl(&account, "").answer();
    let kubeconfig = cluster().kubeconfig_of("forbidden", "guest");
    let status = cluster().gravity_as(&kubeconfig, &["status", "-n", "forbidden"]);
    insta::assert_snapshot!(status.failure(), @r#"error: you have no right to list gravityapps: ask for a Role with apiGroups ["gravity.dev"], resources ["gravityapps"], verbs ["list"]; the API server says: gravityapps.gravity.dev is forbidden: User "system:serviceaccount:forbidden:guest" cannot list resource "gravityapps" in API group "gravity.dev" in the namespace "forbidden""#);
}

/// However many services there are, each kind is asked for once.
#[test]
fn a_status_of_fifty_services_is_one_request_a_kind() {
    shop("fifty");
    let service = |number: usize| {
        serde_json::json!({
            "name": format!("service-{number}"),
            "version": "1.0.0",
            "phase": "Running",
            "replicas": "1/1",
        })
    };
    let services: Vec<Value> = (0..52).map(service).collect();
    let status = serde_json::json!({"status": {"services": services}}).to_string();
    let patch = [
        "-n",
        "fifty",
        "patch",
        "gapp",
        "shop",
        "--subresource=status",
    ];
    let patch = [&patch[..], &["--type=merge", "-p", &status]].concat();
    cluster().kubectl(&patch, "").answer();
    let before = cluster().asked_in("fifty").len();
    let text = cluster().gravity(&["status", "-n", "fifty"]).answer();
    assert_eq!(text.matches("service-").count(), 52, "{text}");
    let asked = cluster().asked_in("fifty").split_off(before);
    // The last ones are of CloudNativePG, whose kind this cluster does not have.
    assert_eq!(
        asked,
        ["list gravityapps", "list statefulsets", "list clusters"]
    );
}
