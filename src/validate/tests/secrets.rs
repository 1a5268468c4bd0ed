use insta::assert_snapshot;

use super::*;

/// What is said of a service with these lines.
fn refused(lines: &str) -> String {
    told(validate_service(&service(lines)))
}

#[test]
fn a_source_is_one_of_three() {
    assert_snapshot!(refused("envValueFrom: {A: {}}\n"), @"GravityService auth-service-1.4.0: spec.envValueFrom.A: says nothing: write secretKeyRef: {name: stripe, key: api-key}, or configMapKeyRef, or remoteRef");
    assert_snapshot!(refused("envValueFrom: {A: {secretKeyRef: {name: s, key: k}, remoteRef: {key: k}}}\n"), @"GravityService auth-service-1.4.0: spec.envValueFrom.A: has several sources: write one of secretKeyRef, configMapKeyRef and remoteRef");
    assert_snapshot!(refused("envValueFrom: {A: {secretKeyRef: {name: S_1, key: 'a b'}}}\n"), @r#"
    GravityService auth-service-1.4.0: spec.envValueFrom.A.secretKeyRef.name: "S_1" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls
    GravityService auth-service-1.4.0: spec.envValueFrom.A.secretKeyRef.key: "a b" can be no key of it: write letters, digits, -, _ and ., as api-key
    "#);
    assert_snapshot!(refused("envValueFrom: {a-b: {configMapKeyRef: {name: c, key: k}}}\n"), @r#"GravityService auth-service-1.4.0: spec.envValueFrom.a-b: "a-b" can be no variable's name: write letters, digits and underscores, no digit first, as A_B"#);
}

#[test]
fn a_variable_is_a_text_or_comes_from_elsewhere() {
    assert_snapshot!(refused("env: {A: b}\nenvValueFrom: {A: {secretKeyRef: {name: s, key: k}}}\n"), @"GravityService auth-service-1.4.0: spec.envValueFrom.A: A is in env, too: take it out of one of the two");
    let lines = "services: [{name: a, env: {A: b}, envValueFrom: {A: {secretKeyRef: {name: s, key: k}}}}]\n";
    assert_snapshot!(told(validate_app(&app(lines))), @"GravityApp shop/shop: spec.services[0].envValueFrom.A: A is in env, too: take it out of one of the two");
}

#[test]
fn stores_that_cannot_be() {
    let refused = |lines: &str| told(validate_app(&app(lines)));
    assert_snapshot!(refused("secretStore: {name: A_B, refreshInterval: hourly}\n"), @r#"
    GravityApp shop/shop: spec.secretStore.name: "A_B" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls
    GravityApp shop/shop: spec.secretStore.refreshInterval: "hourly" is no duration: write hours, minutes and seconds in this order, as 90s, 10m or 1h30m
    "#);
    assert_snapshot!(refused("environments: {a: {secretStore: {name: A}}}\n"), @r#"GravityApp shop/shop: spec.environments.a.secretStore.name: "A" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls"#);
}

#[test]
fn files_of_vault_that_cannot_be() {
    let refused = |files: &str| refused(&format!("vault: {{role: r, files: {files}}}\n"));
    assert_snapshot!(refused("{}"), @"GravityService auth-service-1.4.0: spec.vault.files: has no file: write a name and its path, as payment: {path: secret/data/payment}");
    assert_snapshot!(refused("{Payment.env: {path: kv/a}}"), @r#"GravityService auth-service-1.4.0: spec.vault.files.Payment.env: "Payment.env" can be no file's name here: write at most 40 lower-case letters, digits, -, _ and ., as payment.env"#);
    assert_snapshot!(refused("{a: {path: /kv/a}}"), @r#"GravityService auth-service-1.4.0: spec.vault.files.a.path: "/kv/a" is no path of Vault: write the mount and the name without a slash at either end, as secret/data/payment"#);
    assert_snapshot!(refused("{a: {path: kv/a, env: {A: b}, template: x}}"), @"GravityService auth-service-1.4.0: spec.vault.files.a: has env and a template, and env writes the template: take one of the two out");
    assert_snapshot!(refused("{a: {path: kv/a, env: {A: api-key}}}"), @r#"GravityService auth-service-1.4.0: spec.vault.files.a.env.A: "api-key" is no key that a template can name by itself: write letters, digits and _, or write a template"#);
    assert_snapshot!(told(validate_service(&service("vault: {role: r, mountPath: vault, files: {a: {path: kv/a}}}\nstorage: [{name: vault-token, mountPath: /d, size: 1Gi}]\n"))), @r#"
    GravityService auth-service-1.4.0: spec.vault.mountPath: "vault" can be no folder to mount at: write a full path other than /, without a colon, as /etc/auth-service
    GravityService auth-service-1.4.0: spec.storage[0].name: vault-token is the volume of the token for Vault: write another name
    "#);
}
