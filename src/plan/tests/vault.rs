//! What Vault's injector is asked for.

use insta::{assert_snapshot, assert_yaml_snapshot};
use serde_json::Value;

use super::builder::{body, plan_of};
use crate::api::objects::Kind;

const FILES: &str = "vault: {role: payments, files: {payment: {path: secret/data/payment, env: {API_KEY: api_key, DB_PASSWORD: password}}, old: {path: kv/payment, env: {PIN: pin}}, ca.pem: {path: pki/issue/web, template: '{{ with secret \"pki/issue/web\" \"common_name=web\" }}{{ .Data.certificate }}{{ end }}'}}}";

fn web(extra: &str) -> String {
    format!("{{name: web, version: 1.0.0, image: w, {FILES}, {extra}}}")
}

#[test]
fn pods_that_serve_have_an_agent_and_a_token_for_it() {
    let plan = plan_of(&[&web("port: 80")]);
    let template = body(&plan, Kind::Deployment)["spec"]["template"].clone();
    assert_yaml_snapshot!(template["metadata"]["annotations"], @r#"
    vault.hashicorp.com/agent-inject: "true"
    vault.hashicorp.com/agent-inject-secret-ca.pem: pki/issue/web
    vault.hashicorp.com/agent-inject-secret-old: kv/payment
    vault.hashicorp.com/agent-inject-secret-payment: secret/data/payment
    vault.hashicorp.com/agent-inject-template-ca.pem: "{{ with secret \"pki/issue/web\" \"common_name=web\" }}{{ .Data.certificate }}{{ end }}"
    vault.hashicorp.com/agent-inject-template-old: "{{- with secret \"kv/payment\" -}}\nexport PIN='{{ .Data.pin | printf \"%v\" | replaceAll \"'\" \"'\\\\''\" }}'\n{{ end }}"
    vault.hashicorp.com/agent-inject-template-payment: "{{- with secret \"secret/data/payment\" -}}\nexport API_KEY='{{ .Data.data.api_key | printf \"%v\" | replaceAll \"'\" \"'\\\\''\" }}'\nexport DB_PASSWORD='{{ .Data.data.password | printf \"%v\" | replaceAll \"'\" \"'\\\\''\" }}'\n{{ end }}"
    vault.hashicorp.com/agent-service-account-token-volume-name: vault-token
    vault.hashicorp.com/error-on-missing-key-old: "true"
    vault.hashicorp.com/error-on-missing-key-payment: "true"
    vault.hashicorp.com/role: payments
    "#);
    let spec = &template["spec"];
    assert_eq!(spec["automountServiceAccountToken"], false);
    assert_yaml_snapshot!(spec["volumes"][1], @r"
    name: vault-token
    projected:
      sources:
        - serviceAccountToken:
            path: token
    ");
    // The token is for the agent alone.
    let mounts = spec["containers"][0]["volumeMounts"].to_string();
    assert!(!mounts.contains("vault"), "{mounts}");
}

#[test]
fn pods_that_end_have_no_agent_that_would_keep_them_from_it() {
    let only =
        |annotations: &Value| annotations["vault.hashicorp.com/agent-pre-populate-only"].clone();
    let plan = plan_of(&[&web("migrations: {command: [m]}")]);
    let migration = &body(&plan, Kind::Job)["spec"]["template"]["metadata"]["annotations"];
    assert_eq!(only(migration), "true");
    let role = &migration["vault.hashicorp.com/role"];
    assert_eq!(role, "payments");
    let serving = &body(&plan, Kind::Deployment)["spec"]["template"]["metadata"]["annotations"];
    assert_eq!(only(serving), Value::Null);
    let cron = plan_of(&[&web("type: cron, schedule: '@daily'")]);
    let cron = &body(&cron, Kind::CronJob)["spec"]["jobTemplate"]["spec"]["template"];
    assert_eq!(only(&cron["metadata"]["annotations"]), "true");
    assert_eq!(cron["spec"]["volumes"][1]["name"], "vault-token");
}

#[test]
fn another_folder() {
    let yaml = "{name: web, version: 1.0.0, image: w, vault: {role: r, mountPath: /run/secrets/web, files: {a: {path: kv/a}}}}";
    let template = &body(&plan_of(&[yaml]), Kind::Deployment)["spec"]["template"];
    let folder = &template["metadata"]["annotations"]["vault.hashicorp.com/secret-volume-path"];
    assert_snapshot!(folder.as_str().unwrap(), @"/run/secrets/web");
}
