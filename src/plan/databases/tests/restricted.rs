//! Pod Security's *restricted* level (kubernetes.io, "Pod Security Standards"), and what
//! Gravity asks of each pod besides.

use serde_json::Value;

use super::*;
use crate::engines::Engine;

/// What a pod's spec has that it must not have.
pub fn violations(spec: &Value) -> Vec<String> {
    let mut violations = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            violations.push(what.to_owned());
        }
    };
    let pod = &spec["securityContext"];
    demand(pod["runAsNonRoot"] == true, "runAsNonRoot");
    demand(pod["runAsUser"].as_i64() > Some(0), "runAsUser");
    demand(
        pod["seccompProfile"]["type"] == "RuntimeDefault",
        "seccompProfile",
    );
    demand(
        spec["automountServiceAccountToken"] == false,
        "automountServiceAccountToken",
    );
    demand(spec["enableServiceLinks"] == false, "enableServiceLinks");
    for forbidden in ["hostNetwork", "hostPID", "hostIPC"] {
        demand(spec.get(forbidden).is_none(), forbidden);
    }
    let first = spec["initContainers"].as_array().into_iter().flatten();
    for container in spec["containers"].as_array().unwrap().iter().chain(first) {
        let security = &container["securityContext"];
        demand(
            security["allowPrivilegeEscalation"] == false,
            "allowPrivilegeEscalation",
        );
        demand(
            security["capabilities"]["drop"] == serde_json::json!(["ALL"]),
            "capabilities",
        );
        demand(security.get("privileged").is_none(), "privileged");
        demand(
            container["resources"]["requests"]["memory"].is_string(),
            "requests",
        );
        demand(
            container["resources"]["limits"]["memory"].is_string(),
            "limits",
        );
    }
    let allowed = [
        "configMap",
        "emptyDir",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    for volume in spec["volumes"].as_array().unwrap() {
        let kinds = volume
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| *key != "name");
        demand(
            kinds.clone().all(|kind| allowed.contains(&kind.as_str())),
            "volumes",
        );
    }
    violations
}

#[test]
fn every_pod_is_admitted_under_restricted() {
    for engine in Engine::BUILT_IN {
        for mode in ["cache", "store"] {
            let databases = format!("[{{name: order_db, engine: {engine}, mode: {mode}}}]");
            let plan = plan(&app(), &[service("order", &databases)], &facts());
            let specs: Vec<_> = applied(&plan)
                .into_iter()
                .filter_map(|value| value.pointer("/spec/template/spec"))
                .collect();
            assert_eq!(specs.len(), 2, "a server and a Job");
            for spec in specs {
                assert_eq!(violations(spec), Vec::<String>::new(), "{engine}");
            }
        }
    }
}

#[test]
fn the_checker_sees_what_is_wrong() {
    let spec = serde_json::json!({
        "hostNetwork": true,
        "volumes": [{"name": "host", "hostPath": {"path": "/"}}],
        "containers": [{"securityContext": {"privileged": true}}],
    });
    assert_eq!(violations(&spec).len(), 12);
}
