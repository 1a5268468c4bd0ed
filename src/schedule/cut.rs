//! What is live, cut to what is wanted: the two then differ in the wanted leaves only,
//! and a person sees nothing that others have added.

use serde_json::{Map, Value};

use super::differences::{WHOLE, is_nothing, is_quantity, merge_key, same_quantity};

/// The live value with only those leaves that are wanted; `None` where nothing is live.
pub fn cut(wanted: &Value, live: &Value) -> Value {
    value("", false, wanted, Some(live)).unwrap_or(Value::Null)
}

fn value(field: &str, quantity: bool, wanted: &Value, live: Option<&Value>) -> Option<Value> {
    match (wanted, live) {
        (wanted, None | Some(Value::Null)) => {
            let empty_variable = field == "value" && wanted == "";
            (is_nothing(wanted) || empty_variable).then(|| wanted.clone())
        }
        (_, Some(live)) if WHOLE.contains(&field) => Some(live.clone()),
        (Value::Object(wanted), Some(Value::Object(live))) => Some(map(quantity, wanted, live)),
        (Value::Array(wanted), Some(Value::Array(live))) => Some(list(field, wanted, live)),
        (wanted, Some(live)) if quantity && same_quantity(wanted, live) => Some(wanted.clone()),
        (_, Some(live)) => Some(live.clone()),
    }
}

fn map(quantity: bool, wanted: &Map<String, Value>, live: &Map<String, Value>) -> Value {
    let fields = wanted.iter().filter_map(|(name, wanted)| {
        let quantity = quantity || is_quantity(name);
        Some((name.clone(), value(name, quantity, wanted, live.get(name))?))
    });
    Value::Object(fields.collect())
}

fn list(field: &str, wanted: &[Value], live: &[Value]) -> Value {
    if let Some(key) = merge_key(field, wanted) {
        let items = wanted.iter().filter_map(|item| {
            let twin = live.iter().find(|live| live[key] == item[key])?;
            value("", false, item, Some(twin))
        });
        return Value::Array(items.collect());
    }
    if wanted.len() != live.len() {
        return Value::Array(live.to_vec());
    }
    let items = wanted.iter().zip(live);
    Value::Array(
        items
            .filter_map(|(item, live)| value("", false, item, Some(live)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schedule::differences;

    #[test]
    fn what_others_added_is_cut_away() {
        let wanted = json!({"spec": {
            "replicas": 2,
            "containers": [{"name": "app", "image": "a:2", "limits": {"cpu": "1000m"}}],
            "args": ["a"],
            "empty": {},
        }});
        let live = json!({"spec": {
            "replicas": 1,
            "dnsPolicy": "ClusterFirst",
            "containers": [
                {"name": "sidecar", "image": "proxy:1"},
                {"name": "app", "image": "a:1", "limits": {"cpu": "1"}},
            ],
            "args": ["a", "b"],
        }});
        let seen = json!({"spec": {
            "replicas": 1,
            "containers": [{"name": "app", "image": "a:1", "limits": {"cpu": "1000m"}}],
            "args": ["a", "b"],
            "empty": {},
        }});
        assert_eq!(cut(&wanted, &live), seen);
    }

    #[test]
    fn what_has_no_difference_is_cut_to_what_is_wanted() {
        let wanted =
            json!({"spec": {"ports": [{"port": 80}], "env": [{"name": "A", "value": "1"}]}});
        let live = json!({"spec": {"ports": [{"port": 80, "protocol": "TCP"}], "env": [
            {"name": "B", "value": "2"}, {"name": "A", "value": "1"},
        ]}});
        assert_eq!(differences(&wanted, &live), Vec::<String>::new());
        assert_eq!(cut(&wanted, &live), wanted);
    }
}
