//! Every kind of object, whole.

use insta::assert_yaml_snapshot;
use serde_json::{Value, json};

use super::builder::{bodies, body, container, plan_in, plan_of};
use crate::api::objects::Kind;
use crate::plan::{NodeId, NodeKind, Plan};

const ORDER: &str = r#"
name: order-service
version: 2.1.0
image: example/order-service:2.1.0
command: [node, server.js]
port: 8010
dependencies:
  - {name: user-service}
  - {name: search-service, startup: Unordered}
  - {name: mail-service, optional: true}
databases: [{name: order_db, type: postgresql, env: DATABASE_URL}]
api: {prefix: /api/orders}
health:
  liveness: {path: /health, initialDelaySeconds: 30, periodSeconds: 10}
  readiness: {path: /health/ready, initialDelaySeconds: 5, periodSeconds: 5}
migrations: {command: [node, migrate.js], seed: [node, seed.js]}
scaling:
  minReplicas: 3
  maxReplicas: 10
  metrics: [{type: cpu, target: 70%}, {type: memory, target: 400Mi}, {type: http_requests_per_second, target: 1000}]
resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {cpu: 500m, memory: 512Mi}}
env: {LOG_LEVEL: info, POOL: "5"}
envFrom: [{secret: order-keys, prefix: KEY_}, {configMap: flags, optional: true}]
config:
  - {mountPath: /etc/order, files: {rules.yaml: "max: 3"}}
  - {mountPath: /etc/flags, reload: Watch, files: {flags.yaml: "new: true"}}
"#;
const USER: &str =
    "{name: user-service, version: 1.0.0, image: example/user-service:1.0.0, service: {port: 80}}";
const SEARCH: &str = "{name: search-service, version: 1.0.0, image: example/search-service:1.0.0}";
const WORKER: &str =
    "{name: mailer, version: 0.3.0-rc.1, type: worker, image: 'example/mailer:0.3.0'}";
const FILES: &str = r"
name: registry
version: 1.20.0
image: example/registry:1.20
port: 8500
scaling: {minReplicas: 3}
storage: [{name: data, mountPath: /data, size: 10Gi, storageClassName: fast}]
";
const CRON: &str = r"
name: report
version: 1.0.0
type: cron
image: example/report:1.0.0
schedule: '0 3 * * *'
args: [--daily]
";
const JOB: &str = "{name: importer, version: 1.2.0, type: job, image: 'example/importer:1.2.0', command: [import]}";
const APP: &str = r"
services: [{name: order-service, env: {LOG_LEVEL: debug}, resources: {limits: {memory: 1Gi}}}]
environment: staging
environments: {staging: {env: {STAGE: staging, LOG_LEVEL: warn}}}
gateway: {host: shop.example.com, tls: {secretName: shop-tls}}
";

fn shop() -> Plan {
    plan_in(APP, &[ORDER, USER, SEARCH])
}

fn named(plan: &Plan, kind: Kind, name: &str) -> Value {
    let mut bodies = bodies(plan, kind).into_iter();
    bodies
        .find(|body| body["metadata"]["name"] == name)
        .unwrap()
}

#[test]
fn a_deployment() {
    assert_yaml_snapshot!(named(&shop(), Kind::Deployment, "order-service"));
}

#[test]
fn the_wiring_of_a_service() {
    let plan = shop();
    let id = NodeId::new(NodeKind::Wiring, "order-service");
    let kinds: Vec<_> = plan.nodes[&id]
        .objects
        .iter()
        .map(|each| each.key.to_string())
        .collect();
    let objects = [
        named(&plan, Kind::ServiceAccount, "order-service"),
        named(&plan, Kind::ConfigMap, "order-service-config-etc-order"),
        named(&plan, Kind::Service, "order-service"),
        body(&plan, Kind::PodDisruptionBudget),
    ];
    assert_yaml_snapshot!((kinds, objects));
}

#[test]
fn an_autoscaler() {
    let plan = shop();
    assert_yaml_snapshot!(body(&plan, Kind::HorizontalPodAutoscaler));
    let id = NodeId::new(NodeKind::Service, "order-service");
    assert_eq!(plan.nodes[&id].objects[0].initial_replicas, Some(3));
}

#[test]
fn a_migration_and_a_seed() {
    assert_yaml_snapshot!(bodies(&shop(), Kind::Job));
}

#[test]
fn a_worker_has_no_port_and_no_probes() {
    let plan = plan_of(&[WORKER]);
    assert_yaml_snapshot!(body(&plan, Kind::Deployment));
    assert_eq!(bodies(&plan, Kind::Service), [] as [Value; 0]);
}

#[test]
fn a_stateful_set() {
    let plan = plan_of(&[FILES]);
    assert_yaml_snapshot!((
        body(&plan, Kind::StatefulSet),
        named(&plan, Kind::Service, "registry-headless")
    ));
}

#[test]
fn a_cron_job() {
    let plan = plan_of(&[CRON]);
    assert_yaml_snapshot!(body(&plan, Kind::CronJob));
    assert_eq!(plan.services["report"].replicas, 0);
}

#[test]
fn a_job() {
    assert_yaml_snapshot!(body(&plan_of(&[JOB]), Kind::Job));
}

#[test]
fn the_url_of_a_service() {
    let plan = shop();
    let url = plan.services["order-service"].url.as_deref();
    assert_eq!(url, Some("https://shop.example.com/api/orders"));
}

#[test]
fn no_way_in_is_no_route() {
    let plan = plan_in(
        "{services: [{name: a}], gateway: {class: None, host: a.example}}",
        &[ORDER],
    );
    assert!(plan.nodes.keys().all(|id| id.kind != NodeKind::Route));
    assert_eq!(plan.services["order-service"].url, None);
}

#[test]
fn what_a_node_waits_for() {
    let needs: Vec<String> = shop()
        .order()
        .into_iter()
        .map(|node| {
            let needs: Vec<_> = node.needs.iter().map(ToString::to_string).collect();
            format!("{} <- {}", node.id, needs.join(" "))
        })
        .collect();
    insta::assert_snapshot!(needs.join("\n"), @"
    provisioning/order-service <- 
    values/order-service <- 
    wiring/order-service <- 
    wiring/search-service <- 
    wiring/user-service <- 
    gateway/shop <- 
    migration/order-service <- provisioning/order-service values/order-service wiring/order-service
    service/search-service <- wiring/search-service
    service/user-service <- wiring/user-service
    seed/order-service <- provisioning/order-service values/order-service wiring/order-service migration/order-service
    service/order-service <- provisioning/order-service values/order-service wiring/order-service migration/order-service service/user-service
    route/order-service <- service/order-service gateway/shop
    ");
}

#[test]
fn variables_stand_in_their_order() {
    let plan = shop();
    let deployment = named(&plan, Kind::Deployment, "order-service");
    let variables = deployment["spec"]["template"]["spec"]["containers"][0]["env"].clone();
    let text: Vec<String> = variables
        .as_array()
        .unwrap()
        .iter()
        .map(|each| format!("{}={}", each["name"].as_str().unwrap(), each["value"]))
        .collect();
    insta::assert_snapshot!(text.join("\n"), @r#"
    DATABASE_URL=null
    SEARCH_SERVICE_URL="http://search-service:8000"
    USER_SERVICE_URL="http://user-service:80"
    PORT="8010"
    LOG_LEVEL="debug"
    POOL="5"
    STAGE="staging"
    "#);
}

#[test]
fn a_number_in_a_stronger_layer_removes_the_autoscaler() {
    let plan = plan_in(
        "{services: [{name: order-service, replicas: 1}], environment: s, environments: {s: {replicas: 2}}}",
        &[ORDER, WORKER],
    );
    assert_eq!(
        bodies(&plan, Kind::HorizontalPodAutoscaler),
        [] as [Value; 0]
    );
    let replicas = |name| named(&plan, Kind::Deployment, name)["spec"]["replicas"].clone();
    assert_eq!(replicas("order-service"), 1);
    assert_eq!(replicas("mailer"), 2);
    let budgets = bodies(&plan, Kind::PodDisruptionBudget);
    assert_eq!(budgets.len(), 1, "one replica alone has no budget");
    assert_eq!(budgets[0]["metadata"]["name"], "mailer");
}

#[test]
fn resources_are_merged_key_by_key() {
    let deployment = named(&shop(), Kind::Deployment, "order-service");
    assert_eq!(
        deployment["spec"]["template"]["spec"]["containers"][0]["resources"],
        json!({"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"cpu": "500m", "memory": "1Gi"}})
    );
}

#[test]
fn a_limit_alone_gets_no_default_request_above_it() {
    let limited = "{name: a, version: 1.0.0, image: a, resources: {limits: {memory: 64Mi}}}";
    assert_eq!(
        container(&plan_of(&[limited]), Kind::Deployment)["resources"],
        json!({"requests": {"cpu": "100m"}, "limits": {"memory": "64Mi"}})
    );
}

#[test]
fn a_seed_runs_only_where_an_environment_is_named_that_is_not_production() {
    let seeds = |app: &str| {
        let plan = plan_in(app, &[ORDER]);
        plan.nodes
            .keys()
            .filter(|id| id.kind == NodeKind::Seed)
            .count()
    };
    assert_eq!(seeds("services: [{name: a}]"), 0);
    for name in [
        "production",
        "prod",
        "live",
        "prod-eu",
        "eu-production-1",
        "prd",
        "prod2",
    ] {
        let app = format!(
            "{{services: [{{name: a}}], environment: {name}, environments: {{{name}: {{}}}}}}"
        );
        assert_eq!(seeds(&app), 0, "{name}");
    }
    assert_eq!(
        seeds("{services: [{name: a}], environment: test, environments: {test: {}}}"),
        1
    );
}

#[test]
fn only_a_file_that_restarts_rolls_the_pods() {
    let digest = |from: &str, to: &str| {
        let plan = plan_of(&[&ORDER.replace(from, to)]);
        body(&plan, Kind::Deployment)["spec"]["template"]["metadata"]["annotations"].clone()
    };
    let before = digest("", "");
    assert_eq!(digest("new: true", "new: false"), before);
    assert_ne!(digest("max: 3", "max: 4"), before);
}

#[test]
fn a_migration_runs_again_for_its_inputs_and_for_nothing_else() {
    let name = |from: &str, to: &str| {
        let jobs = bodies(&plan_of(&[&ORDER.replace(from, to)]), Kind::Job);
        jobs[0]["metadata"]["name"].as_str().unwrap().to_owned()
    };
    let before = name("", "");
    insta::assert_snapshot!(before, @"order-service-migration-2-1-0-99360abf");
    assert_eq!(name("LOG_LEVEL: info", "LOG_LEVEL: debug"), before);
    assert_eq!(name("memory: 512Mi", "memory: 600Mi"), before);
    assert_ne!(name("migrate.js", "upgrade.js"), before);
    assert_ne!(name("order_db", "orders_db"), before);
    assert_ne!(name("version: 2.1.0", "version: 2.1.1"), before);
}

#[test]
fn the_startup_probe_lasts_as_long_as_the_startup_timeout() {
    let plan = plan_of(&[
        "{name: a, version: 1.0.0, image: a, health: {startup: {path: /up, periodSeconds: 7, initialDelaySeconds: 10}}}",
    ]);
    let probe = container(&plan, Kind::Deployment)["startupProbe"].clone();
    assert_eq!(
        probe["failureThreshold"], 85,
        "85 times 7 s is the first beyond 590 s"
    );
    assert_eq!(probe["httpGet"]["path"], "/up");
}

#[test]
fn root_keeps_its_capabilities() {
    let plan = plan_of(&[
        "{name: a, version: 1.0.0, image: a, security: {runAsRoot: true, writableRootFilesystem: true}}",
    ]);
    let spec = body(&plan, Kind::Deployment)["spec"]["template"]["spec"].clone();
    assert_eq!(
        spec["securityContext"],
        json!({"runAsUser": 0, "seccompProfile": {"type": "RuntimeDefault"}})
    );
    assert_eq!(
        spec["containers"][0]["securityContext"],
        json!({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": false})
    );
    assert_eq!(spec["volumes"], Value::Null);
}

#[test]
fn what_the_server_does_not_keep_is_not_sent() {
    let plan = plan_of(&[
        "{name: a, version: 1.0.0, image: a, env: {NONE: ''}, health: {liveness: {path: /, initialDelaySeconds: 0}}}",
    ]);
    let container = container(&plan, Kind::Deployment);
    assert_eq!(container["env"][1], json!({"name": "NONE"}));
    assert_eq!(
        container["livenessProbe"]["initialDelaySeconds"],
        Value::Null
    );
    assert_eq!(
        body(&plan, Kind::Deployment)["spec"]["minReadySeconds"],
        Value::Null
    );
}

#[test]
fn a_stateful_set_can_be_scaled_too() {
    let plan = plan_of(&[&FILES.replace(
        "minReplicas: 3",
        "minReplicas: 3, maxReplicas: 5, metrics: [{type: cpu, target: 80%}]",
    )]);
    let scaler = body(&plan, Kind::HorizontalPodAutoscaler);
    assert_eq!(scaler["spec"]["scaleTargetRef"]["kind"], "StatefulSet");
    assert_eq!(
        body(&plan, Kind::StatefulSet)["spec"]["replicas"],
        Value::Null
    );
    let node = &plan.nodes[&NodeId::new(NodeKind::Service, "registry")];
    assert_eq!(node.objects[0].initial_replicas, Some(3));
}

#[test]
fn a_claim_that_is_named_like_a_configuration_does_not_take_its_place() {
    let files = FILES.replace("name: data", "name: config-etc-app")
        + "config: [{mountPath: /etc/app, files: {app.conf: x}}]";
    let plan = plan_of(&[&files]);
    let pod = &bodies(&plan, Kind::StatefulSet)[0]["spec"]["template"]["spec"];
    let mounts = &pod["containers"][0]["volumeMounts"];
    let names = |list: &Value| -> Vec<String> {
        let all = list.as_array().unwrap().iter();
        all.map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&pod["volumes"]), ["config-etc-app-2", "tmp"]);
    assert_eq!(names(mounts), ["config-etc-app-2", "tmp", "config-etc-app"]);
}

#[test]
fn a_folder_over_tmp_takes_its_place() {
    let files = FILES.replace("mountPath: /data", "mountPath: /tmp");
    let plan = plan_of(&[&files]);
    let spec = body(&plan, Kind::StatefulSet)["spec"]["template"]["spec"].clone();
    assert_eq!(spec["volumes"], Value::Null);
    assert_eq!(
        spec["containers"][0]["volumeMounts"],
        json!([{"name": "data", "mountPath": "/tmp"}])
    );
}
