//! Values that a service's variables are taken from, and that others make.

use std::sync::Arc;

use insta::{assert_snapshot, assert_yaml_snapshot};
use serde_json::Value;

use super::builder::{app, body, container, plan_in, refusal, resolution, service, try_plan};
use crate::api::objects::{Kind, ObjectKey};
use crate::plan::{Contents, Facts, Named, NodeId, NodeKind, Plan, PlanError, plan};

const WEB: &str = "{name: web, version: 1.0.0, image: w, env: {AUTH: 'Bearer $(STRIPE_KEY)'}, envValueFrom: {STRIPE_KEY: {secretKeyRef: {name: stripe, key: api-key}}, FEATURES: {configMapKeyRef: {name: features, key: flags, optional: true}}}}";
const REMOTE: &str = "{name: web, version: 1.0.0, image: w, migrations: {command: [m]}, envValueFrom: {SENTRY_DSN: {remoteRef: {key: prod/sentry, property: dsn}}, TOKEN: {remoteRef: {key: prod/token, version: '3'}}}}";
const APP: &str = "services: [{name: web}]";
const STORED: &str = "{services: [{name: web}], secretStore: {name: vault, kind: ClusterSecretStore, refreshInterval: 15m}}";

/// What is known of a Secret: its keys, each with a word.
fn secret(name: &str, keys: &[(&str, &str)]) -> (ObjectKey, Named) {
    object(Kind::Secret, name, keys, None)
}

fn object(
    kind: Kind,
    name: &str,
    keys: &[(&str, &str)],
    controller: Option<&str>,
) -> (ObjectKey, Named) {
    let pairs = keys.iter();
    let contents = Contents {
        keys: pairs
            .map(|(key, word)| ((*key).to_owned(), (*word).to_owned()))
            .collect(),
        controller: controller.map(str::to_owned),
        server: Err("it has no key uri".to_owned()),
        certificate: Err(String::new()),
    };
    (key(kind, name), Named::There(contents))
}

fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey {
        kind,
        namespace: "shop".to_owned(),
        name: name.to_owned(),
    }
}

fn knowing(named: impl IntoIterator<Item = (ObjectKey, Named)>) -> Facts {
    Facts {
        named: named.into_iter().collect(),
        ..Facts::default()
    }
}

fn planned(app_yaml: &str, yaml: &str, facts: &Facts) -> Plan {
    try_plan(app(app_yaml), vec![service(yaml)], facts).unwrap()
}

/// Why nodes are held, each in a line.
fn held(app_yaml: &str, yaml: &str, facts: &Facts) -> String {
    let plan = planned(app_yaml, yaml, facts);
    let lines = plan.held.iter().map(|(id, held)| match held.reason {
        Some(reason) => format!("{id}: {reason}: {}", held.message),
        None => format!("{id}: {}", held.message),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn annotation(plan: &Plan) -> Option<String> {
    let body = body(plan, Kind::Deployment);
    let annotations = &body["spec"]["template"]["metadata"]["annotations"];
    annotations["gravity.dev/values"]
        .as_str()
        .map(str::to_owned)
}

#[test]
fn variables_come_before_the_texts_that_are_built_from_them() {
    assert_yaml_snapshot!(container(&plan_in(APP, &[WEB]), Kind::Deployment)["env"], @r#"
    - name: PORT
      value: "8000"
    - name: FEATURES
      valueFrom:
        configMapKeyRef:
          key: flags
          name: features
          optional: true
    - name: STRIPE_KEY
      valueFrom:
        secretKeyRef:
          key: api-key
          name: stripe
    - name: AUTH
      value: Bearer $(STRIPE_KEY)
    "#);
}

#[test]
fn the_app_wins_over_the_manifest_by_either_field() {
    let env = |app: &str| {
        let env = container(&plan_in(app, &[WEB]), Kind::Deployment)["env"].clone();
        let named = |one: &&Value| one["name"] == "STRIPE_KEY";
        env.as_array().unwrap().iter().find(named).unwrap().clone()
    };
    let text = env("{services: [{name: web, env: {STRIPE_KEY: sk_test}}]}");
    assert_eq!(text["value"], "sk_test");
    let other = env(
        "{services: [{name: web, envValueFrom: {STRIPE_KEY: {secretKeyRef: {name: mine, key: k}}}}]}",
    );
    assert_eq!(other["valueFrom"]["secretKeyRef"]["name"], "mine");
    let environment = env(
        "{services: [{name: web}], environment: test, environments: {test: {envValueFrom: {STRIPE_KEY: {configMapKeyRef: {name: fakes, key: k}}}}}}",
    );
    let map = &environment["valueFrom"]["configMapKeyRef"];
    assert_eq!(map["name"], "fakes");
}

#[test]
fn pods_wait_until_all_is_there() {
    let told = |facts: Facts| held(APP, WEB, &facts);
    assert_snapshot!(told(Facts::default()), @"values/web: ConfigMap shop/features is being read");
    let features = || (key(Kind::ConfigMap, "features"), Named::Missing);
    let missing = (key(Kind::Secret, "stripe"), Named::Missing);
    assert_snapshot!(told(knowing([features(), missing])), @"values/web: ValueMissing: STRIPE_KEY is the key api-key of Secret shop/stripe, which is not there: make it with the key api-key, or set optional: true where the service can do without");
    assert_snapshot!(told(knowing([features(), secret("stripe", &[("apikey", "1")])])), @"values/web: ValueMissing: STRIPE_KEY is the key api-key of Secret shop/stripe, which has no such key: add it, or write apikey if that was meant, or set optional: true where the service can do without");
    assert_snapshot!(told(knowing([features(), secret("stripe", &[("password", "1")])])), @"values/web: ValueMissing: STRIPE_KEY is the key api-key of Secret shop/stripe, which has no such key: add it, or set optional: true where the service can do without");
    assert_eq!(
        told(knowing([features(), secret("stripe", &[("api-key", "1")])])),
        ""
    );
    let service = planned(APP, WEB, &Facts::default());
    let node = &service.nodes[&NodeId::new(NodeKind::Service, "web")];
    assert!(node.needs.contains(&NodeId::new(NodeKind::Values, "web")));
}

#[test]
fn whole_objects_are_waited_for_too() {
    let yaml =
        "{name: web, version: 1.0.0, image: w, envFrom: [{secret: stripe, prefix: STRIPE_}]}";
    let missing = (key(Kind::Secret, "stripe"), Named::Missing);
    assert_snapshot!(held(APP, yaml, &knowing([missing])), @"values/web: ValueMissing: envFrom takes all keys of Secret shop/stripe, which is not there: make it, or set optional: true where the service can do without");
    let word = |word: &str| {
        let facts = knowing([secret("stripe", &[("a", word)])]);
        annotation(&planned(APP, yaml, &facts))
    };
    assert_ne!(word("1"), word("2"));
}

#[test]
fn pods_roll_when_a_value_changes_that_they_use_and_else_not() {
    let of = |keys: &[(&str, &str)], features: Option<&str>| {
        let features = match features {
            Some(word) => object(Kind::ConfigMap, "features", &[("flags", word)], None),
            None => (key(Kind::ConfigMap, "features"), Named::Missing),
        };
        annotation(&planned(
            APP,
            WEB,
            &knowing([features, secret("stripe", keys)]),
        ))
    };
    let before = of(&[("api-key", "1"), ("other", "1")], None);
    assert!(before.is_some());
    assert_eq!(before, of(&[("api-key", "1"), ("other", "2")], None));
    assert_eq!(before, of(&[("api-key", "1")], None));
    assert_ne!(before, of(&[("api-key", "2")], None));
    assert_ne!(before, of(&[("api-key", "1")], Some("1")));
}

#[test]
fn what_uses_nothing_has_no_node_and_no_annotation() {
    let plain = "{name: web, version: 1.0.0, image: w}";
    let plan = planned(APP, plain, &Facts::default());
    assert_eq!(annotation(&plan), None);
    assert!(plan.held.is_empty() && plan.named.is_empty());
    assert!(plan.nodes.keys().all(|id| id.kind != NodeKind::Values));
    // What is optional and not there gives the pods nothing either.
    let optional = "{name: web, version: 1.0.0, image: w, envFrom: [{secret: a, optional: true}]}";
    let missing = (key(Kind::Secret, "a"), Named::Missing);
    assert_eq!(
        annotation(&planned(APP, optional, &knowing([missing]))),
        None
    );
}

#[test]
fn an_external_secret() {
    let plan = plan_in(STORED, &[REMOTE]);
    assert_yaml_snapshot!(body(&plan, Kind::ExternalSecret), @r#"
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      annotations:
        gravity.dev/node: external-secret/web
      labels:
        app.kubernetes.io/component: service
        app.kubernetes.io/instance: shop
        app.kubernetes.io/managed-by: gravity
        app.kubernetes.io/name: web
      name: web-remote
      namespace: shop
      ownerReferences:
        - apiVersion: gravity.dev/v1alpha1
          blockOwnerDeletion: false
          controller: true
          kind: GravityApp
          name: shop
          uid: 2f0c
    spec:
      data:
        - remoteRef:
            key: prod/sentry
            property: dsn
          secretKey: SENTRY_DSN
        - remoteRef:
            key: prod/token
            version: "3"
          secretKey: TOKEN
      refreshInterval: 15m
      secretStoreRef:
        kind: ClusterSecretStore
        name: vault
      target:
        creationPolicy: Owner
        deletionPolicy: Retain
        name: web-remote
        template:
          engineVersion: v2
    "#);
    assert_yaml_snapshot!(container(&plan, Kind::Deployment)["env"][1], @"
    name: SENTRY_DSN
    valueFrom:
      secretKeyRef:
        key: SENTRY_DSN
        name: web-remote
    ");
    for kind in [NodeKind::Migration, NodeKind::Service] {
        let needs = &plan.nodes[&NodeId::new(kind, "web")].needs;
        assert!(needs.contains(&NodeId::new(NodeKind::ExternalSecret, "web")));
        assert!(needs.contains(&NodeId::new(NodeKind::Values, "web")));
    }
}

#[test]
fn a_remote_value_needs_a_store() {
    assert_snapshot!(refusal(APP, &[REMOTE]), @"web takes SENTRY_DSN from a secret store (remoteRef), and the app names none: write secretStore: {name: …, kind: ClusterSecretStore} in its spec, the name being that of a SecretStore or ClusterSecretStore of the External Secrets Operator");
    let environment = "{services: [{name: web}], environment: a, environments: {a: {secretStore: {name: of-a}}}, secretStore: {name: of-all}}";
    let body = body(&plan_in(environment, &[REMOTE]), Kind::ExternalSecret);
    let store = &body["spec"]["secretStoreRef"];
    assert_eq!(
        (&store["name"], &store["kind"]),
        (&"of-a".into(), &"SecretStore".into())
    );
}

#[test]
fn what_another_operator_has_not_written_yet_is_on_its_way() {
    // Nothing is sent before it is known whose the Secret is.
    assert_snapshot!(held(STORED, REMOTE, &Facts::default()), @r"
    external-secret/web: Secret shop/web-remote is being read
    values/web: Secret shop/web-remote is being read
    ");
    let missing = (key(Kind::Secret, "web-remote"), Named::Missing);
    assert_snapshot!(held(STORED, REMOTE, &knowing([missing])), @"values/web: the External Secrets Operator has not written SENTRY_DSN into Secret shop/web-remote yet");
    let made = |controller| {
        let keys = [("SENTRY_DSN", "1"), ("TOKEN", "1")];
        knowing([object(Kind::Secret, "web-remote", &keys, controller)])
    };
    assert_eq!(
        held(STORED, REMOTE, &made(Some("ExternalSecret web-remote"))),
        ""
    );
    assert_snapshot!(held(STORED, REMOTE, &made(None)), @"external-secret/web: OwnershipConflict: the External Secrets Operator would replace what is in Secret shop/web-remote, which it has not made: delete that Secret, or rename the service");
}

#[test]
fn without_that_operator_it_is_told_how_to_mend_it() {
    let facts = Facts {
        missing_kinds: vec![Kind::ExternalSecret],
        ..knowing([(key(Kind::Secret, "web-remote"), Named::Missing)])
    };
    assert_snapshot!(held(STORED, REMOTE, &facts), @"
    external-secret/web: OperatorMissing: the cluster does not know ExternalSecret (external-secrets.io/v1), so nobody would fetch SENTRY_DSN, TOKEN of web: install the External Secrets Operator with its CustomResourceDefinitions, or take them from Secrets by secretKeyRef
    values/web: the External Secrets Operator has not written SENTRY_DSN into Secret shop/web-remote yet
    ");
}

#[test]
fn a_variable_that_gravity_gives_is_refused_by_its_field() {
    let order = "{name: order, version: 1.0.0, image: o, dependencies: [{name: web}], envValueFrom: {WEB_URL: {secretKeyRef: {name: s, key: k}}}}";
    let services = vec![service(WEB), service(order)];
    let refused = try_plan(app(APP), services, &Facts::default()).unwrap_err();
    assert_snapshot!(refused.to_string(), @"order: the variable WEB_URL comes from the dependency web and from envValueFrom of its manifest: rename one of them, or set databases[].env");
    assert_eq!(
        refused.place(),
        Some(("order", "spec.envValueFrom.WEB_URL".to_owned()))
    );
}

fn with_owner(app_yaml: &str, yaml: &str) -> Result<Plan, PlanError> {
    let owner = "{name: api, version: 1.0.0, image: a, databases: [{name: main, type: postgres, version: '16'}], envValueFrom: {TOKEN: {remoteRef: {key: token}}}}";
    let services = vec![service(owner), service(yaml)];
    plan(
        &Arc::new(app(app_yaml)),
        &resolution(services),
        &Facts::default(),
    )
}

#[test]
fn what_is_another_services_is_refused_wherever_it_is_named() {
    let thief = |secret: &str| {
        format!(
            "{{name: web, version: 1.0.0, image: w, envValueFrom: {{X: {{secretKeyRef: {{name: {secret}, key: password}}}}}}}}"
        )
    };
    assert_snapshot!(with_owner(STORED, &thief("api-main")).unwrap_err().to_string(), @"web: envValueFrom.X.secretKeyRef.name names the Secret api-main, the login of api to its database main, which is not for web to have: take it out, and declare a database of its own in databases, or call api for what is there");
    assert_snapshot!(with_owner(STORED, &thief("api-remote")).unwrap_err().to_string(), @"web: envValueFrom.X.secretKeyRef.name names the Secret api-remote, what api takes from the secret store, which is not for web to have: take it out, and name what it needs of the secret store by remoteRef");
    let by_app = "{services: [{name: web, envValueFrom: {X: {secretKeyRef: {name: api-main, key: password}}}}], secretStore: {name: s}}";
    let plain = "{name: web, version: 1.0.0, image: w}";
    let refused = with_owner(by_app, plain).unwrap_err();
    assert_snapshot!(refused.to_string(), @"web: services[web].envValueFrom.X.secretKeyRef.name of the app names the Secret api-main, the login of api to its database main, which is not for web to have: take it out, and declare a database of its own in databases, or call api for what is there");
    assert_eq!(refused.place(), None);
}

/// Its credentials have a node and an annotation of their own.
#[test]
fn a_services_own_login_is_not_waited_for_twice() {
    let own = "{name: web, version: 1.0.0, image: w, databases: [{name: files, type: postgres, version: '16'}], envValueFrom: {PGPASSWORD: {secretKeyRef: {name: web-files, key: password}}}}";
    let plan = with_owner(STORED, own).unwrap();
    let node = &plan.nodes[&NodeId::new(NodeKind::Service, "web")];
    assert!(!node.needs.contains(&NodeId::new(NodeKind::Values, "web")));
    assert!(!plan.named.contains(&key(Kind::Secret, "web-files")));
}

/// That operator would empty a login that has the name of what it makes.
#[test]
fn a_login_and_what_comes_from_a_store_cannot_have_one_name() {
    let both = "{name: web, version: 1.0.0, image: w, databases: [{name: remote, type: postgres, version: '16'}], envValueFrom: {A: {remoteRef: {key: a}}}}";
    assert_snapshot!(with_owner(STORED, both).unwrap_err().to_string(), @"Secret shop/web-remote is needed by the login of web to its database remote and by what web takes from the secret store: rename one of them");
}

#[test]
fn a_migration_keeps_what_a_layer_put_in_the_place_of_a_url() {
    let app = "{services: [{name: web, envValueFrom: {MAIN_URL: {secretKeyRef: {name: mine, key: uri}}}}], databases: {postgresql: {pooler: {}}}}";
    let yaml = "{name: web, version: 1.0.0, image: w, migrations: {command: [m]}, databases: [{name: main, type: postgres, version: '16'}]}";
    let services = resolution(vec![service(yaml)]);
    let plan = plan(
        &Arc::new(super::builder::app(app)),
        &services,
        &Facts::default(),
    )
    .unwrap();
    let node = &plan.nodes[&NodeId::new(NodeKind::Migration, "web")];
    let text = format!("{:?}", node.objects);
    assert!(
        text.contains("mine") && !text.contains("direct-uri"),
        "{text}"
    );
}
