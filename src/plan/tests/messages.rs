//! What a person is told, whole.

use insta::assert_snapshot;

use super::builder::{app, plan_in, plan_of, refusal, service, try_plan};
use crate::api::objects::Kind;
use crate::plan::Facts;

const USER: &str = "{name: user-service, version: 1.0.0, image: user, api: {prefix: /api}}";

fn warnings(app: &str, services: &[&str]) -> String {
    plan_in(app, services).warnings.join("\n")
}

#[test]
fn one_prefix_of_two_services() {
    let other = "{name: order-service, version: 1.0.0, image: order, api: {prefix: /api}}";
    assert_snapshot!(refusal("services: [{name: a}]", &[USER, other]), @"order-service and user-service both have the prefix /api: change api.prefix of one of them, for the gateway can hand a path to one service only");
}

#[test]
fn one_variable_of_the_manifest_and_a_dependency() {
    let order = "{name: order, version: 1.0.0, image: order, dependencies: [{name: user-service}], env: {USER_SERVICE_URL: 'http://u'}}";
    assert_snapshot!(refusal("services: [{name: a}]", &[USER, order]), @"order: the variable USER_SERVICE_URL comes from the dependency user-service and from env of its manifest: rename one of them, or set databases[].env");
}

#[test]
fn one_variable_of_the_manifest_and_a_database() {
    let order = "{name: order, version: 1.0.0, image: order, databases: [{name: order_db, type: postgresql, env: DATABASE_URL}], env: {DATABASE_URL: x}}";
    assert_snapshot!(refusal("services: [{name: a}]", &[order]), @"order: the variable DATABASE_URL comes from the database order_db and from env of its manifest: rename one of them, or set databases[].env");
}

#[test]
fn one_variable_of_a_database_and_a_dependency() {
    let order = "{name: order, version: 1.0.0, image: order, databases: [{name: user_service, type: postgresql}], dependencies: [{name: user-service}]}";
    assert_snapshot!(refusal("services: [{name: a}]", &[USER, order]), @"order: the variable USER_SERVICE_URL comes from the database user_service and from the dependency user-service: rename one of them, or set databases[].env");
}

#[test]
fn one_variable_of_two_databases() {
    let order = "{name: order, version: 1.0.0, image: order, databases: [{name: a, type: postgresql, env: URL}, {name: b, type: postgresql, env: URL}]}";
    assert_snapshot!(refusal("services: [{name: a}]", &[order]), @"order: the variable URL comes from the database a and from the database b: rename one of them, or set databases[].env");
}

#[test]
fn the_app_and_the_environment_may_replace_a_url() {
    let order = "{name: order, version: 1.0.0, image: order, databases: [{name: order_db, type: postgresql}], dependencies: [{name: user-service}]}";
    let app = "{services: [{name: order, env: {USER_SERVICE_URL: 'https://users.example'}}], environment: test, environments: {test: {env: {ORDER_DB_URL: 'postgresql://outside'}}}}";
    assert_snapshot!(warnings(app, &[USER, order]), @"
    order: ORDER_DB_URL comes from env of the environment test, not from the database order_db
    order: USER_SERVICE_URL comes from env of the app, not from the dependency user-service
    ");
}

#[test]
fn a_stated_port_is_kept_without_a_word() {
    let order = "{name: order, version: 1.0.0, image: order, env: {PORT: '9'}}";
    assert_snapshot!(warnings("services: [{name: a}]", &[order]), @"");
    let plan = plan_of(&[order]);
    let container = super::builder::container(&plan, Kind::Deployment);
    assert_eq!(
        container["env"],
        serde_json::json!([{"name": "PORT", "value": "9"}])
    );
}

#[test]
fn two_services_whose_derived_names_meet() {
    let registry = "{name: registry, version: 1.0.0, image: r, storage: [{name: data, mountPath: /data, size: 1Gi}]}";
    let headless = "{name: registry-headless, version: 1.0.0, image: h}";
    assert_snapshot!(refusal("services: [{name: a}]", &[registry, headless]), @"Service shop/registry-headless is needed by wiring/registry and by wiring/registry-headless: rename one of them");
}

#[test]
fn a_cluster_without_traefik() {
    let facts = Facts {
        missing_kinds: vec![Kind::IngressRoute],
        ..Facts::default()
    };
    let plan = try_plan(app("services: [{name: a}]"), vec![service(USER)], &facts).unwrap();
    assert_snapshot!(plan.warnings.join("\n"), @"the cluster does not know IngressRoute (traefik.io), so there is no way in to user-service: install its CustomResourceDefinitions, or set gateway.class to Ingress or None");
    assert_eq!(super::builder::bodies(&plan, Kind::IngressRoute).len(), 0);
}

#[test]
fn root_is_told() {
    let job = "{name: import, version: 1.0.0, type: job, image: i, security: {runAsRoot: true}}";
    assert_snapshot!(warnings("services: [{name: a}]", &[job]), @"import runs as root (security.runAsRoot): a namespace under Pod Security restricted refuses its pods");
}

#[test]
fn a_number_of_pods_that_nothing_has_is_told() {
    let job = "{name: import, version: 1.0.0, type: job, image: i}";
    let app = "{services: [{name: import, replicas: 3}], environments: {dev: {replicas: 2}}, environment: dev}";
    assert_snapshot!(warnings(app, &[job]), @"import: replicas: 3 of the app is not used, for a cron or job has no pods that run on: take it out");
}

#[test]
fn a_request_that_one_layer_raises_above_the_limit_of_another() {
    let order =
        "{name: order, version: 1.0.0, image: o, resources: {limits: {cpu: '1', memory: 512Mi}}}";
    let app = "{services: [{name: order, resources: {requests: {cpu: 1000m, memory: 1Gi}}}]}";
    assert_snapshot!(warnings(app, &[order]), @"order: all layers together, its request of 1Gi memory is above its limit of 512Mi, and the API server refuses such pods: raise resources.limits.memory where the request was raised");
}
