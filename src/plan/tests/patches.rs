//! The `podTemplate` of a manifest.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::builder::{bodies, body, plan_of, refusal};
use crate::api::objects::Kind;

fn with(patch: &str) -> String {
    format!(
        "{{name: a, version: 1.0.0, image: a, migrations: {{command: [m]}}, podTemplate: {patch}}}"
    )
}

fn patched(patch: &str) -> Value {
    body(&plan_of(&[&with(patch)]), Kind::Deployment)["spec"]["template"].clone()
}

fn refused(patch: &str) -> String {
    refusal("services: [{name: a}]", &[&with(patch)])
}

#[test]
fn a_container_is_found_by_its_name_and_another_stands_beside_it() {
    let template = patched(
        "{spec: {containers: [{name: a, env: [{name: PORT, value: '1'}, {name: X, value: 'y'}], tty: true}, {name: proxy, image: proxy}]}}",
    );
    let containers = template["spec"]["containers"].as_array().unwrap();
    assert_eq!(
        containers[0]["env"],
        json!([{"name": "PORT", "value": "1"}, {"name": "X", "value": "y"}])
    );
    assert_eq!(containers[0]["tty"], true);
    assert_eq!(containers[0]["image"], "a");
    assert_eq!(containers[1], json!({"name": "proxy", "image": "proxy"}));
}

#[test]
fn null_removes_and_is_never_sent() {
    let template = patched(
        "{metadata: {annotations: {a: null, b: c}}, spec: {topologySpreadConstraints: null, priorityClassName: null}}",
    );
    let spec = template["spec"].as_object().unwrap();
    assert!(!spec.contains_key("topologySpreadConstraints"));
    assert!(!spec.contains_key("priorityClassName"));
    assert_eq!(template["metadata"]["annotations"], json!({"b": "c"}));
}

#[test]
fn a_list_with_a_key_is_merged_and_one_without_is_replaced() {
    let template = patched(
        "{spec: {tolerations: [{key: gpu, operator: Exists}], volumes: [{name: tmp, emptyDir: {medium: Memory}}, {name: more, emptyDir: {}}], containers: [{name: a, volumeMounts: [{name: more, mountPath: /more}]}]}}",
    );
    assert_eq!(
        template["spec"]["tolerations"],
        json!([{"key": "gpu", "operator": "Exists"}])
    );
    assert_eq!(
        template["spec"]["volumes"],
        json!([{"name": "tmp", "emptyDir": {"medium": "Memory"}}, {"name": "more", "emptyDir": {}}])
    );
    let mounts = template["spec"]["containers"][0]["volumeMounts"]
        .as_array()
        .unwrap();
    assert_eq!(mounts.len(), 2);
}

#[test]
fn directives_delete_and_replace() {
    let template = patched(
        "{spec: {volumes: [{name: tmp, $patch: delete}], securityContext: {$patch: replace, runAsUser: 7}, topologySpreadConstraints: [{topologyKey: topology.kubernetes.io/zone, $patch: delete}]}}",
    );
    assert_eq!(template["spec"]["volumes"], json!([]));
    assert_eq!(template["spec"]["securityContext"], json!({"runAsUser": 7}));
    let spread = template["spec"]["topologySpreadConstraints"]
        .as_array()
        .unwrap();
    assert_eq!(spread.len(), 1);
}

#[test]
fn a_migration_is_patched_too_but_has_no_sidecar() {
    let yaml = with(
        "{spec: {imagePullSecrets: [{name: pull}], containers: [{name: proxy, image: proxy}]}}",
    );
    let job = bodies(&plan_of(&[&yaml]), Kind::Job).remove(0);
    let spec = &job["spec"]["template"]["spec"];
    assert_eq!(spec["imagePullSecrets"], json!([{"name": "pull"}]));
    assert_eq!(spec["containers"].as_array().unwrap().len(), 1);
    assert_eq!(spec["containers"][0]["name"], "a");
}

#[test]
fn a_cron_job_is_patched_where_its_pods_are() {
    let yaml = "{name: a, version: 1.0.0, type: cron, schedule: '* * * * *', image: a, podTemplate: {spec: {priorityClassName: low}}}";
    let job = body(&plan_of(&[yaml]), Kind::CronJob);
    assert_eq!(
        job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["priorityClassName"],
        "low"
    );
}

#[test]
fn labels_that_select_the_pods_cannot_change() {
    assert_snapshot!(refused("{metadata: {labels: {gravity.dev/track: mine}}}"), @"a: podTemplate.metadata.labels[gravity.dev/track]: Gravity selects the pods by this label and it cannot change: take it out of the patch");
}

#[test]
fn the_service_itself_cannot_be_removed() {
    assert_snapshot!(refused("{spec: {containers: [{name: a, $patch: delete}]}}"), @"a: podTemplate.spec.containers: the container a is the service itself and cannot be removed: name it to change it, or add others beside it");
    assert_snapshot!(refused("{spec: null}"), @"a: podTemplate.spec.containers: the container a is the service itself and cannot be removed: name it to change it, or add others beside it");
}

#[test]
fn the_account_is_the_services_own() {
    assert_snapshot!(refused("{spec: {serviceAccountName: deployer, automountServiceAccountToken: true}}"), @"a: podTemplate.spec.serviceAccountName: the pods run under an account of their own, a, and so have no other's rights: take it out, and give the ServiceAccount a what the service needs by a RoleBinding");
    assert_snapshot!(refused("{spec: {serviceAccount: deployer}}"), @"a: podTemplate.spec.serviceAccount: the pods run under an account of their own, a, and so have no other's rights: take it out, and give the ServiceAccount a what the service needs by a RoleBinding");
    let told = refused("{spec: {serviceAccountName: null}}");
    assert!(
        told.contains("run under an account of their own, a"),
        "{told}"
    );
    let template = patched(
        "{spec: {serviceAccountName: a, serviceAccount: a, automountServiceAccountToken: true}}",
    );
    assert_eq!(template["spec"]["automountServiceAccountToken"], true);
}

#[test]
fn a_wrong_type_is_told_offline() {
    assert_snapshot!(refused("{spec: {terminationGracePeriodSeconds: soon}}"), @r#"a: podTemplate.spec: this makes no pod template (invalid type: string "soon", expected i64): see the fields of a PodTemplateSpec"#);
}

#[test]
fn a_field_that_no_pod_has_is_told_offline() {
    assert_snapshot!(refused("{spec: {nodeSelectr: {a: b}}}"), @"a: podTemplate.spec.nodeSelectr: there is no such field in Kubernetes 1.33: write nodeSelector");
    assert_snapshot!(refused("{spec: {containers: [{name: proxy, image: p, securityContext: {runAsUsr: 7}}]}}"), @"a: podTemplate.spec.containers[proxy].securityContext.runAsUsr: there is no such field in Kubernetes 1.33: write runAsUser");
    assert_snapshot!(refused("{metdata: {labels: {a: b}}}"), @"a: podTemplate.metdata: there is no such field in Kubernetes 1.33: write metadata");
}

#[test]
fn a_field_that_is_near_to_none_is_left_to_the_server_which_may_be_newer() {
    let template = patched("{spec: {tardiness: low}}");
    assert_eq!(template["spec"]["tardiness"], "low");
}

#[test]
fn every_field_that_a_pod_has_is_taken() {
    let template = patched(
        "{metadata: {annotations: {any.where/x: z}}, spec: {nodeSelector: {any: label}, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}, containers: [{name: a, resources: {limits: {nvidia.com/gpu: '1'}}, lifecycle: {preStop: {httpGet: {port: http, path: /x}}}}]}}",
    );
    assert_eq!(template["spec"]["nodeSelector"], json!({"any": "label"}));
}
