//! Whether what is live is what is wanted: every leaf that is wanted must be there. What
//! others have added (defaults, a sidecar, a label) is no difference.

use serde_json::{Map, Value};

use crate::api::quantity;

/// The fields that hold a map of quantities, or one quantity.
const QUANTITIES: [&str; 4] = ["requests", "limits", "averageValue", "sizeLimit"];

/// The fields of a NetworkPolicy to which nobody may add: a rule more opens the wall, and a
/// label more takes pods out of it. The API server, too, takes each as a whole.
pub(super) const WHOLE: [&str; 3] = ["podSelector", "ingress", "egress"];

/// The paths of all wanted leaves that are not live, as `spec.template.spec.containers[app].image`.
pub fn differences(wanted: &Value, live: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    compare("", false, wanted, Some(live), &mut paths);
    paths
}

fn compare(
    path: &str,
    quantity: bool,
    wanted: &Value,
    live: Option<&Value>,
    out: &mut Vec<String>,
) {
    match (wanted, live) {
        (wanted, None | Some(Value::Null)) if is_nothing(wanted) => {}
        // An environment variable that is empty comes back without its value.
        (Value::String(wanted), None) if wanted.is_empty() && path.ends_with("].value") => {}
        (Value::Object(wanted), Some(Value::Object(live))) => {
            compare_maps(path, quantity, wanted, live, out);
        }
        (Value::Array(wanted), Some(Value::Array(live))) => compare_lists(path, wanted, live, out),
        (wanted, Some(live)) if wanted == live => {}
        (wanted, Some(live)) if quantity && same_quantity(wanted, live) => {}
        _ => out.push(path.to_owned()),
    }
}

/// The server drops empty maps and lists in many places; they ask for nothing.
pub(super) fn is_nothing(wanted: &Value) -> bool {
    match wanted {
        Value::Null => true,
        Value::Object(map) => map.values().all(is_nothing),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn compare_maps(
    path: &str,
    quantity: bool,
    wanted: &Map<String, Value>,
    live: &Map<String, Value>,
    out: &mut Vec<String>,
) {
    for (name, value) in wanted {
        let below = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let quantity = quantity || is_quantity(name);
        match live.get(name) {
            Some(live) if WHOLE.contains(&name.as_str()) => {
                if value != live {
                    out.push(below);
                }
            }
            live => compare(&below, quantity, value, live, out),
        }
    }
}

/// Whether the field of that name holds quantities.
pub(super) fn is_quantity(field: &str) -> bool {
    QUANTITIES.contains(&field)
}

/// Lists that the server merges by a key are compared by it; all others as a whole.
fn compare_lists(path: &str, wanted: &[Value], live: &[Value], out: &mut Vec<String>) {
    let field = path.rsplit('.').next().unwrap_or_default();
    let Some(key) = merge_key(field, wanted) else {
        if wanted.len() != live.len() {
            return out.push(path.to_owned());
        }
        for (index, (wanted, live)) in wanted.iter().zip(live).enumerate() {
            compare(&format!("{path}[{index}]"), false, wanted, Some(live), out);
        }
        return;
    };
    for item in wanted {
        let twin = live.iter().find(|live| live[key] == item[key]);
        let name = item[key]
            .as_str()
            .map_or_else(|| item[key].to_string(), str::to_owned);
        compare(&format!("{path}[{name}]"), false, item, twin, out);
    }
}

/// The key by which server-side apply merges a list (`x-kubernetes-list-map-keys` in
/// Kubernetes' OpenAPI).
pub(super) fn merge_key(field: &str, wanted: &[Value]) -> Option<&'static str> {
    let key = match field {
        "containers" | "initContainers" | "env" | "volumes" | "imagePullSecrets" => "name",
        "volumeMounts" => "mountPath",
        "ownerReferences" => "uid",
        "ports"
            if wanted
                .iter()
                .all(|port| port.get("containerPort").is_some()) =>
        {
            "containerPort"
        }
        "ports" => "port",
        _ => return None,
    };
    wanted
        .iter()
        .all(|item| item.get(key).is_some())
        .then_some(key)
}

/// `1` and `1000m` are the same, and so are `1Gi` and `1024Mi`.
pub(super) fn same_quantity(one: &Value, other: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::String(text) => quantity::nanos(text),
        Value::Number(number) => quantity::nanos(&number.to_string()),
        _ => None,
    };
    number(one).is_some_and(|one| number(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_others_added_is_no_difference() {
        let wanted = json!({"spec": {"containers": [{"name": "app", "image": "a:1"}]}});
        let live = json!({"spec": {"containers": [
            {"name": "sidecar", "image": "proxy:2"},
            {"name": "app", "image": "a:1", "imagePullPolicy": "IfNotPresent"},
        ], "dnsPolicy": "ClusterFirst"}});
        assert_eq!(differences(&wanted, &live), Vec::<String>::new());
    }

    #[test]
    fn a_changed_leaf_is_named_by_its_path() {
        let wanted = json!({"spec": {"containers": [{"name": "app", "image": "a:2"}]}});
        let live = json!({"spec": {"containers": [{"name": "app", "image": "a:1"}]}});
        assert_eq!(differences(&wanted, &live), ["spec.containers[app].image"]);
    }

    #[test]
    fn an_empty_variable_comes_back_without_its_value() {
        let wanted = json!({"env": [{"name": "A", "value": ""}], "data": {"value": ""}});
        let live = json!({"env": [{"name": "A"}], "data": {"value": ""}});
        assert_eq!(differences(&wanted, &live), Vec::<String>::new());
        // An empty file of a ConfigMap is there, or it is not.
        let without = json!({"env": [{"name": "A", "value": "b"}], "data": {}});
        assert_eq!(
            differences(&wanted, &without),
            ["data.value", "env[A].value"]
        );
    }

    #[test]
    fn a_list_without_a_key_is_compared_as_a_whole() {
        let wanted = json!({"command": ["a", "b"]});
        assert_eq!(
            differences(&wanted, &json!({"command": ["a"]})),
            ["command"]
        );
        assert_eq!(
            differences(&wanted, &json!({"command": ["a", "c"]})),
            ["command[1]"]
        );
    }

    #[test]
    fn quantities_are_compared_by_their_value() {
        let wanted = json!({"limits": {"cpu": "1000m", "memory": "1Gi"}, "env": [{"name": "A", "value": "1000m"}]});
        let live = json!({"limits": {"cpu": "1", "memory": "1024Mi"}, "env": [{"name": "A", "value": "1000m"}]});
        assert_eq!(differences(&wanted, &live), Vec::<String>::new());
        let less = json!({"limits": {"cpu": "1", "memory": "1023Mi"}, "env": [{"name": "A", "value": "1"}]});
        assert_eq!(
            differences(&wanted, &less),
            ["env[A].value", "limits.memory"]
        );
    }

    #[test]
    fn to_a_wall_nobody_may_add() {
        let rule =
            json!({"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]});
        let wall = |rules: Value| json!({"spec": {"podSelector": {"matchLabels": {"a": "b"}}, "egress": rules}});
        let wanted = wall(json!([rule]));
        assert_eq!(differences(&wanted, &wanted), Vec::<String>::new());
        let opened = wall(json!([{"ports": []}]));
        assert_eq!(differences(&wanted, &opened), ["spec.egress"]);
        let more = wall(json!([rule, {}]));
        assert_eq!(differences(&wanted, &more), ["spec.egress"]);
        // An empty list is not sent back.
        let none = json!({"spec": {"podSelector": {"matchLabels": {"a": "b"}}}});
        assert_eq!(differences(&wall(json!([])), &none), Vec::<String>::new());
    }

    #[test]
    fn an_empty_map_asks_for_nothing_and_an_absent_leaf_is_missed() {
        assert_eq!(
            differences(&json!({"a": {}, "b": null}), &json!({})),
            Vec::<String>::new()
        );
        assert_eq!(differences(&json!({"a": {"b": 1}}), &json!({})), ["a"]);
    }
}
