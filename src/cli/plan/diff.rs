//! The differences of one object, as a person reads them.

use serde_json::{Map, Value};
use similar::TextDiff;

use crate::api::objects::Kind;
use crate::manifest::yaml;

/// What stands for a value of a Secret.
const HIDDEN: &str = "(hidden)";

/// A unified diff of what is live of the wanted leaves and what is wanted. Values of
/// Secrets are never in it, only whether they differ.
pub fn diff(kind: Kind, live: &Value, wanted: &Value) -> String {
    let (mut live, mut wanted) = (live.clone(), wanted.clone());
    if kind == Kind::Secret {
        hide(&mut live, &mut wanted);
    }
    if live == wanted {
        return "fields that are no longer wanted are taken out\n".to_owned();
    }
    let (live, wanted) = (text(&live), text(&wanted));
    let diff = TextDiff::from_lines(&live, &wanted);
    diff.unified_diff().context_radius(3).to_string()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        value => yaml::to_string(value),
    }
}

fn hide(live: &mut Value, wanted: &mut Value) {
    for field in ["data", "stringData"] {
        let before = values(live, field);
        let after = values(wanted, field);
        mask(live, field, &after, "(hidden, as it is)");
        mask(wanted, field, &before, "(hidden, as it will be)");
    }
}

fn values(secret: &Value, field: &str) -> Map<String, Value> {
    secret[field].as_object().cloned().unwrap_or_default()
}

/// Puts words in the place of values: the same word where the other side has the same.
fn mask(secret: &mut Value, field: &str, other: &Map<String, Value>, differs: &str) {
    let values = secret.get_mut(field).and_then(Value::as_object_mut);
    for (key, value) in values.into_iter().flatten() {
        let word = if other.get(key) == Some(value) {
            HIDDEN
        } else {
            differs
        };
        *value = Value::from(word);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_changed_leaf_stands_between_its_neighbours() {
        let object = |image: &str| {
            json!({"kind": "Deployment", "metadata": {"name": "auth"}, "spec": {"template": {"spec": {
                "containers": [{"name": "app", "image": image, "ports": [{"containerPort": 8000}]}],
            }}}})
        };
        let shown = diff(Kind::Deployment, &object("auth:1"), &object("auth:2"));
        insta::assert_snapshot!(shown, @"
        @@ -5,7 +5,7 @@
           template:
             spec:
               containers:
        -      - image: auth:1
        +      - image: auth:2
                 name: app
                 ports:
                 - containerPort: 8000
        ");
    }

    #[test]
    fn no_value_of_a_secret_is_shown() {
        let live = json!({"data": {"password": "b2xk", "host": "YQ=="}});
        let wanted = json!({"data": {"password": "bmV3", "host": "YQ=="}});
        insta::assert_snapshot!(diff(Kind::Secret, &live, &wanted), @"
        @@ -1,3 +1,3 @@
         data:
           host: (hidden)
        -  password: (hidden, as it is)
        +  password: (hidden, as it will be)
        ");
    }

    #[test]
    fn a_field_that_is_only_taken_out_is_told() {
        let same = json!({"spec": {}});
        insta::assert_snapshot!(diff(Kind::Service, &same, &same), @"fields that are no longer wanted are taken out");
    }
}
