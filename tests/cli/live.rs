//! `gravity plan` against a real API server.

use serde_json::Value;

use crate::cluster::cluster;

/// The lines that tell of objects and nodes, without the differences.
fn outline(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("      "));
    lines.collect::<Vec<_>>().join("\n")
}

/// The last line: how many of each.
fn summary(text: &str) -> &str {
    text.trim_end().lines().last().unwrap_or_default()
}

#[test]
fn without_definitions_the_plan_of_files_is_shown_even_so() {
    let outcome = &cluster().plan_without_definitions;
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    insta::assert_snapshot!(summary(&outcome.stdout), @"11 to create, 0 to change, 0 to delete, 0 as wanted.");
}

#[test]
fn in_an_empty_namespace_all_is_made_in_the_order_of_the_graph() {
    cluster().namespace("empty");
    let outcome = cluster().gravity(&["plan", "-f", "data", "-n", "empty"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    insta::assert_snapshot!(outcome.stdout);
    let told = cluster().gravity(&["plan", "-f", "data", "-n", "empty", "--exit-code"]);
    assert_eq!(told.code, 2);
}

#[test]
fn what_was_rendered_and_applied_is_as_wanted() {
    cluster().rendered_pair("applied");
    let plan = cluster().gravity(&["plan", "-f", "pair", "-n", "applied", "--exit-code"]);
    insta::assert_snapshot!(outline(&plan.answer()));
}

#[test]
fn a_plan_needs_only_the_right_to_list() {
    cluster().rendered_pair("listed");
    let reader = cluster().who_may_list("listed");
    let plan = cluster().gravity_as(&reader, &["plan", "-f", "pair", "-n", "listed"]);
    insta::assert_snapshot!(summary(&plan.answer()), @"0 to create, 0 to change, 0 to delete, 11 as wanted.");
}

#[test]
fn a_change_by_hand_is_shown_and_so_is_one_in_the_files() {
    cluster().rendered_pair("changed");
    let image = "*=registry.example.com/web:1.9.0";
    cluster()
        .kubectl(
            &["-n", "changed", "set", "image", "deployment/web", image],
            "",
        )
        .answer();
    let plan = cluster().gravity(&["plan", "-f", "pair", "-n", "changed", "--exit-code"]);
    assert_eq!(plan.code, 2, "{}", plan.stderr);
    let change = plan
        .stdout
        .lines()
        .skip_while(|line| !line.starts_with("  ~"));
    let change: Vec<&str> = change.take_while(|line| !line.is_empty()).collect();
    insta::assert_snapshot!(change.join("\n"));
}

#[test]
fn somebody_elses_object_is_in_the_way() {
    cluster().namespace("taken");
    let service = [
        "-n",
        "taken",
        "create",
        "service",
        "clusterip",
        "users",
        "--tcp=80",
    ];
    cluster().kubectl(&service, "").answer();
    let plan = cluster().gravity(&["plan", "-f", "pair", "-n", "taken"]);
    assert_eq!(plan.code, 1);
    insta::assert_snapshot!(plan.stderr, @"error: 1 thing stands in the way of this plan: see the lines that begin with !");
    let line = plan.stdout.lines().find(|line| line.starts_with("  !"));
    insta::assert_snapshot!(line.unwrap_or_default(), @"  ! blocked Service users, which is not Gravity's (it was made by kubectl-create)");
}

/// An app in the cluster, with one of its services and what is left of another one.
#[test]
fn the_app_in_the_cluster_is_planned_by_its_name() {
    let cluster = cluster();
    cluster.namespace("named");
    let app = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: one, namespace: named}\n\
               spec: {services: [{name: users}]}\n---\n\
               apiVersion: gravity.dev/v1alpha1\nkind: GravityService\n\
               metadata: {name: users-1.0.0, namespace: named}\n\
               spec: {name: users, version: 1.0.0, type: api, image: 'users:1'}\n";
    cluster.apply(app);
    let uid = [
        "-n",
        "named",
        "get",
        "gapp",
        "one",
        "-o",
        "jsonpath={.metadata.uid}",
    ];
    let uid = cluster.kubectl(&uid, "").answer();
    let old = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: old-config\n  namespace: named\n  \
         labels: {{app.kubernetes.io/managed-by: gravity, app.kubernetes.io/instance: one}}\n  \
         annotations: {{gravity.dev/node: wiring/old}}\n  ownerReferences:\n  \
         - {{apiVersion: gravity.dev/v1alpha1, kind: GravityApp, name: one, uid: {uid}}}\n"
    );
    cluster.apply(&old);
    insta::assert_snapshot!(outline(
        &cluster.gravity(&["plan", "one", "-n", "named"]).answer()
    ));
    let json = cluster
        .gravity(&["plan", "one", "-n", "named", "-o", "json"])
        .answer();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["summary"]["delete"], 1, "{json}");
    assert_eq!(json["nodes"][0]["state"], "starts", "{json}");
}

#[test]
fn an_app_that_is_not_in_the_cluster_is_told() {
    cluster().namespace("bare");
    let plan = cluster().gravity(&["plan", "shop", "-n", "bare"]);
    insta::assert_snapshot!(plan.failure(), @"error: there is no GravityApp shop in namespace bare: there is none; name another namespace by -n, or apply it by `gravity start`");
}
