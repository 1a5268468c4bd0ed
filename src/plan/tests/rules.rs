//! What holds of every plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::builder::{app, resolution, service};
use crate::api::names::WORKLOAD_LIMIT;
use crate::api::objects::Kind;
use crate::plan::{Body, Facts, Plan};
use crate::validate::ValidService;

/// A service of the app, as far as it makes a difference to the plan.
#[derive(Clone, Debug)]
struct Sketch {
    type_: &'static str,
    dependencies: Vec<(usize, bool)>,
    databases: usize,
    storage: bool,
    config: bool,
    migrates: bool,
    max: i32,
    version: &'static str,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    (
        prop::sample::select(vec!["api", "web", "worker", "cron", "job"]),
        prop::collection::vec((0..6usize, any::<bool>()), 0..4),
        0..3usize,
        (any::<bool>(), any::<bool>(), any::<bool>()),
        1..4i32,
        prop::sample::select(vec!["1.0.0", "2.0.0-alpha.beta.gamma.delta.epsilon.zet"]),
    )
        .prop_map(
            |(type_, dependencies, databases, flags, max, version)| Sketch {
                type_,
                dependencies,
                databases,
                storage: flags.0,
                config: flags.1,
                migrates: flags.2,
                max,
                version,
            },
        )
}

/// The longest name a service may have, and as many of them as are wanted.
fn name(index: usize) -> String {
    format!("{}-{index}", "s".repeat(38))
}

/// Ordered dependencies lead only to services before, as the resolver sees to it.
fn valid(index: usize, sketch: &Sketch) -> ValidService {
    let dependencies: std::collections::BTreeMap<usize, bool> =
        sketch.dependencies.iter().copied().collect();
    let dependencies: Vec<Value> = dependencies
        .into_iter()
        .filter(|(other, _)| *other != index)
        .map(|(other, ordered)| {
            let startup = if ordered && other < index {
                "Ordered"
            } else {
                "Unordered"
            };
            json!({"name": name(other), "optional": true, "startup": startup})
        })
        .collect();
    let databases: Vec<Value> = (0..sketch.databases)
        .map(|number| json!({"name": format!("db{index}_{number}"), "type": (["postgresql", "redis"][number % 2])}))
        .collect();
    let mut manifest = json!({
        "name": name(index), "version": sketch.version, "image": "image", "type": sketch.type_,
        "dependencies": dependencies, "databases": databases,
    });
    if ["api", "web"].contains(&sketch.type_) {
        manifest["api"] = json!({"prefix": format!("/{index}")});
    }
    if sketch.type_ == "cron" {
        manifest["schedule"] = json!("0 3 * * *");
    }
    let serves = !["cron", "job"].contains(&sketch.type_);
    if serves {
        manifest["scaling"] = json!({"minReplicas": 1, "maxReplicas": sketch.max});
    }
    if sketch.storage && serves {
        manifest["storage"] = json!([{"name": "data", "mountPath": "/data", "size": "1Gi"}, {"name": "cache", "mountPath": "/tmp", "size": "1Gi"}]);
    }
    if sketch.config {
        manifest["config"] = json!([{"mountPath": "/etc/a", "files": {"a": "b"}}, {"mountPath": format!("/{}", "long/".repeat(30)), "files": {"c": ""}}]);
    }
    if sketch.migrates {
        manifest["migrations"] = json!({"command": ["migrate"], "seed": ["seed"]});
    }
    service(&manifest.to_string())
}

/// The whole plan, with the databases.
fn plan(services: Vec<ValidService>) -> Plan {
    let app = app(
        "{services: [{name: a}], environment: test, environments: {test: {}}, gateway: {host: a.example}}",
    );
    crate::plan::plan(&Arc::new(app), &resolution(services), &Facts::default()).unwrap()
}

/// The same service, written in another order.
fn turned(mut service: ValidService) -> ValidService {
    service.config.reverse();
    service.storage.reverse();
    service
}

/// Every pod template of an object.
fn template(object: &Value) -> Option<&Value> {
    object
        .pointer("/spec/template")
        .or_else(|| object.pointer("/spec/jobTemplate/spec/template"))
}

/// What Pod Security's restricted level asks of a pod template.
fn is_restricted(template: &Value) -> Result<(), String> {
    let spec = &template["spec"];
    let context = &spec["securityContext"];
    let allowed = [
        "configMap",
        "emptyDir",
        "persistentVolumeClaim",
        "secret",
        "projected",
    ];
    let volumes = spec["volumes"].as_array().into_iter().flatten();
    let known = |volume: &Value| allowed.iter().any(|source| !volume[*source].is_null());
    let mut rules = vec![
        ("runAsNonRoot", context["runAsNonRoot"] == true),
        ("runAsUser", context["runAsUser"] != 0),
        (
            "seccompProfile",
            context["seccompProfile"]["type"] == "RuntimeDefault",
        ),
        ("volumes", volumes.into_iter().all(known)),
        (
            "host namespaces",
            ["hostNetwork", "hostPID", "hostIPC"]
                .iter()
                .all(|field| spec[*field].is_null()),
        ),
    ];
    for container in spec["containers"].as_array().into_iter().flatten() {
        let context = &container["securityContext"];
        rules.push((
            "allowPrivilegeEscalation",
            context["allowPrivilegeEscalation"] == false,
        ));
        rules.push((
            "capabilities",
            context["capabilities"] == json!({"drop": ["ALL"]}),
        ));
    }
    let broken: Vec<&str> = rules
        .iter()
        .filter(|(_, kept)| !kept)
        .map(|(rule, _)| *rule)
        .collect();
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join(", "))
    }
}

#[test]
fn the_checker_sees_what_is_not_restricted() {
    let open =
        json!({"spec": {"hostNetwork": true, "volumes": [{"hostPath": {}}], "containers": [{}]}});
    insta::assert_snapshot!(is_restricted(&open).unwrap_err(), @"runAsNonRoot, seccompProfile, volumes, host namespaces, allowPrivilegeEscalation, capabilities");
}

fn check_object(key: &crate::api::objects::ObjectKey, body: &Value) -> Result<(), TestCaseError> {
    let limit = match key.kind {
        Kind::CronJob | Kind::StatefulSet => WORKLOAD_LIMIT,
        Kind::Deployment | Kind::Job | Kind::Service => 63,
        _ => 253,
    };
    prop_assert!(key.name.len() <= limit, "{} is too long", key);
    prop_assert_eq!(&body["metadata"]["name"], &Value::from(key.name.as_str()));
    prop_assert_eq!(&body["kind"], &Value::from(key.kind.to_string()));
    prop_assert_eq!(&body["apiVersion"], &Value::from(key.kind.api_version()));
    prop_assert!(body["metadata"]["annotations"]["gravity.dev/node"].is_string());
    let Some(template) = template(body) else {
        return Ok(());
    };
    let restricted = is_restricted(template);
    prop_assert!(restricted.is_ok(), "{}: {:?}", key, restricted);
    prop_assert!(template["metadata"]["annotations"]["gravity.dev/node"].is_null());
    let labels = &template["metadata"]["labels"];
    let selector = body
        .pointer("/spec/selector/matchLabels")
        .and_then(Value::as_object);
    for (label, value) in selector.into_iter().flatten() {
        prop_assert_eq!(
            &labels[label],
            value,
            "{} does not select its own pods",
            key
        );
    }
    let service = labels["app.kubernetes.io/component"] == "service";
    let tracked = service && matches!(key.kind, Kind::Deployment | Kind::StatefulSet);
    prop_assert_eq!(
        labels["gravity.dev/track"] == "stable",
        tracked,
        "only serving pods have a track"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_plan_can_be_sent(sketches in prop::collection::vec(sketch(), 1..6)) {
        let services: Vec<_> = sketches.iter().enumerate().map(|(index, each)| valid(index, each)).collect();
        let plan = plan(services.clone());
        let mut keys = BTreeSet::new();
        for node in plan.nodes.values() {
            for need in &node.needs {
                prop_assert!(plan.nodes.contains_key(need), "{} needs {}, which is not there", node.id, need);
            }
            for object in &node.objects {
                prop_assert!(keys.insert(object.key.clone()), "{} is there twice", object.key);
                let Body::Apply(body) = &object.body else { continue };
                check_object(&object.key, body)?;
            }
        }
        let bodies: Vec<&Value> = plan.nodes.values().flat_map(|node| &node.objects).filter_map(|object| match &object.body {
            Body::Apply(body) => Some(body),
            Body::Create { .. } => None,
        }).collect();
        prop_assert_eq!(super::walls::open(&bodies), Vec::<String>::new());
        let mut started = BTreeSet::new();
        for node in plan.order() {
            prop_assert!(node.needs.is_subset(&started), "{} starts before what it needs", node.id);
            started.insert(node.id.clone());
        }
        prop_assert_eq!(started.len(), plan.nodes.len());
        let reversed = self::plan(services.into_iter().rev().map(turned).collect());
        prop_assert_eq!(format!("{:?}", plan.nodes), format!("{:?}", reversed.nodes));
    }
}
