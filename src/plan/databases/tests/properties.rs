//! What holds for any names and any order.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::api::objects::Kind;
use crate::engines::Engine;

fn engine() -> impl Strategy<Value = Engine> {
    prop::sample::select(Engine::BUILT_IN.to_vec())
}

fn provisioning_name(app: &ValidApp, service: &ValidService, facts: &Facts) -> String {
    let plan = plan(app, std::slice::from_ref(service), facts);
    let job = plan
        .nodes
        .iter()
        .find(|node| node.id.kind == NodeKind::Provisioning);
    job.unwrap().objects[0].key.name.clone()
}

/// The longest name that an object of the kind can have.
fn limit(kind: Kind) -> usize {
    if kind == Kind::StatefulSet {
        names::WORKLOAD_LIMIT
    } else {
        names::LABEL_LIMIT
    }
}

fn is_dns_label(name: &str) -> bool {
    let letters = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    letters && !name.starts_with('-') && !name.ends_with('-') && !name.is_empty()
}

fn labels_of(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("labels" | "matchLabels", Value::Object(labels)) => {
                    labels.values().filter_map(Value::as_str).collect()
                }
                (_, value) => labels_of(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(labels_of).collect(),
        _ => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn names_keep_their_limits(
        engine in engine(),
        app_name in "[a-z]([-a-z0-9]{0,38}[a-z0-9])?",
        service_name in "[a-z]([-a-z0-9]{0,38}[a-z0-9])?",
        database in "[A-Za-z_][A-Za-z0-9_-]{0,62}",
        cache: bool,
    ) {
        let mode = if cache { "cache" } else { "store" };
        let mut service = service(&service_name, "[]");
        let yaml = format!("[{{name: order_db, engine: {engine}, mode: {mode}}}]");
        service.databases = build::service("x", &yaml).databases;
        service.databases[0].name = database;
        let app = ValidApp { name: app_name, ..app() };
        let Ok(plan) = databases(&app, &build::all(&[service]), &facts()) else {
            return Ok(());
        };
        for node in &plan.nodes {
            for object in &node.objects {
                let name = &object.key.name;
                prop_assert!(name.len() <= limit(object.key.kind) && is_dns_label(name), "{}", object.key);
                if let Body::Apply(value) = &object.body {
                    for label in labels_of(value) {
                        prop_assert!(label.len() <= 63, "{label}");
                    }
                    let containers = value.pointer("/spec/template/spec/containers");
                    for container in containers.and_then(Value::as_array).into_iter().flatten() {
                        let name = container["name"].as_str().unwrap();
                        prop_assert!(name.len() <= 63 && is_dns_label(name), "{name}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(engine in engine()) {
        let yaml = format!("[{{name: order_db, engine: {engine}}}]");
        let services = [service("order", &yaml), service("user", "[{name: user_db, engine: mysql}]")];
        let once = format!("{:?}", plan(&app(), &services, &facts()));
        prop_assert_eq!(once, format!("{:?}", plan(&app(), &services, &facts())));
    }
}

#[test]
fn a_job_has_a_new_name_exactly_when_a_named_input_changes() {
    let yaml = "[{name: order_db, engine: postgresql, series: '15', extensions: [hstore, citext]}]";
    let before = service("order", yaml);
    let name = provisioning_name(&app(), &before, &facts());

    let same = |change: &dyn Fn(&mut ValidApp, &mut ValidService, &mut Facts)| {
        let (mut app, mut service, mut facts) = (app(), before.clone(), facts());
        change(&mut app, &mut service, &mut facts);
        provisioning_name(&app, &service, &facts) == name
    };
    let live = |series: &str| crate::plan::LiveServer {
        image: "postgres:15.2".to_owned(),
        series: series.to_owned(),
        members: 1,
    };
    // What does not belong to the inputs.
    assert!(same(&|_, _, _| ()));
    assert!(same(&|_, service, _| service.databases[0]
        .extensions
        .reverse()));
    assert!(same(&|_, service, _| service.image = "order:2".to_owned()));
    assert!(same(
        &|_, service, _| service.databases[0].url_scheme = "postgres".to_owned()
    ));
    assert!(same(
        &|app, _, _| app.databases = build::policies("postgresql: {storage: 90Gi}")
    ));
    assert!(same(&|_, _, facts| drop(
        facts
            .servers
            .insert("shop-postgresql-15".to_owned(), live("15"))
    )));
    assert!(same(&|_, _, facts| drop(
        facts.credentials.insert("other".to_owned(), "2".to_owned())
    )));
    // What does.
    assert!(!same(
        &|_, service, _| service.databases[0].name = "orders".to_owned()
    ));
    assert!(!same(&|_, service, _| service.databases[0]
        .extensions
        .push("ltree".to_owned())));
    assert!(!same(
        &|_, service, _| service.databases[0].charset = Some("UTF8".to_owned())
    ));
    assert!(!same(
        &|_, service, _| service.databases[0].collation = Some("C".to_owned())
    ));
    assert!(!same(
        &|_, service, _| service.databases[0].series = "16".to_owned()
    ));
    assert!(!same(&|_, service, _| service.name = "orders".to_owned()));
    assert!(!same(&|app, _, _| app.again = Some("1".to_owned())));
    for secret in ["order-order-db", "shop-postgresql-15-admin"] {
        assert!(!same(&|_, _, facts| drop(
            facts.credentials.insert(secret.to_owned(), "2".to_owned())
        )));
    }
}

#[test]
fn a_broker_is_provisioned_again_when_events_change() {
    let before = service("order", "[{name: events, engine: rabbitmq}]");
    let after = ValidService {
        events: build::events("{publishes: [{exchange: shop}]}"),
        ..before.clone()
    };
    let name = |service| provisioning_name(&app(), service, &facts());
    assert_ne!(name(&before), name(&after));
}

/// The topic is there and so is the binding: what is new is the right to write.
#[test]
fn a_broker_is_provisioned_again_when_a_subscriber_publishes_too() {
    let mut before = service("order", "[{name: events, engine: kafka}]");
    before.events = build::events("{subscribes: [{exchange: shop}]}");
    let mut after = before.clone();
    after.events = build::events("{publishes: [{exchange: shop}], subscribes: [{exchange: shop}]}");
    let name = |service| provisioning_name(&app(), service, &facts());
    assert_ne!(name(&before), name(&after));
}

#[test]
fn consumers_roll_when_one_of_their_credentials_changes_and_only_then() {
    let services = [
        service(
            "auth",
            "[{name: auth_db, engine: postgresql}, {name: cache, engine: redis}]",
        ),
        service("user", "[{name: user_db, engine: postgresql}]"),
    ];
    let digests = |facts: &Facts| {
        let plan = plan(&app(), &services, facts);
        ["auth", "user"].map(|name| plan.services[name].credentials.clone().unwrap())
    };
    let [auth, user] = digests(&facts());
    let mut rotated = facts();
    rotated
        .credentials
        .insert("auth-cache".to_owned(), "2".to_owned());
    let [auth_after, user_after] = digests(&rotated);
    assert_ne!(auth, auth_after);
    assert_eq!(user, user_after);
}

/// Secrets are only ever named: what is applied refers to them by name and key.
#[test]
fn no_applied_object_holds_a_secret() {
    for engine in Engine::BUILT_IN {
        let yaml = format!("[{{name: order_db, engine: {engine}}}]");
        let plan = plan(&app(), &[service("order", &yaml)], &facts());
        for value in applied(&plan) {
            assert_ne!(value["kind"], "Secret");
            for variable in variables(value) {
                let name = variable["name"].as_str().unwrap();
                let secret = ["PASSWORD", "PASS", "SECRET", "COOKIE", "KEY", "URI"];
                if secret.iter().any(|word| name.ends_with(word)) {
                    assert!(variable.get("value").is_none(), "{engine} {name}");
                }
            }
        }
    }
}

fn variables(value: &Value) -> Vec<&Value> {
    let containers = value
        .pointer("/spec/template/spec/containers")
        .and_then(Value::as_array);
    let lists = containers
        .into_iter()
        .flatten()
        .filter_map(|it| it["env"].as_array());
    lists.flatten().collect()
}

/// What is left in braces in a file would reach a server as it stands.
#[test]
fn no_placeholder_is_left_open() {
    let placeholders = [
        "server",
        "headless",
        "namespace",
        "series",
        "members",
        "replicas",
        "limit",
    ];
    for engine in Engine::BUILT_IN {
        for mode in ["cache", "store"] {
            let yaml = format!("[{{name: order_db, engine: {engine}, mode: {mode}}}]");
            let plan = plan(&app(), &[service("order", &yaml)], &facts());
            for value in applied(&plan) {
                let text = value.to_string();
                for name in placeholders {
                    // In a shell script, ${name} is a variable.
                    let open = text
                        .replace(&format!("${{{name}}}"), "")
                        .contains(&format!("{{{name}}}"));
                    assert!(!open, "{engine}: {{{name}}} in {}", value["kind"]);
                }
            }
        }
    }
}
