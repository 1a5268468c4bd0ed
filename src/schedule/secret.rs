//! Secrets whose values were made once: what is there is kept, and what is composed of it
//! follows.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use serde_json::{Map, Value, json};

use crate::plan::Generated;

/// The whole Secret as it should be, from what is planned and what is live: the made
/// values are the live ones. `None` when one of them is missing.
pub fn completed(
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    live: &Value,
) -> Option<Value> {
    let mut values = stated_values(stated);
    for (key, generated) in generate {
        if matches!(generated, Generated::Password(_)) {
            values.insert(key.clone(), live_value(live, key)?);
        }
    }
    compose(generate, &mut values);
    Some(whole(stated, &values))
}

/// Fills in the composed values from the others.
pub fn compose(generate: &BTreeMap<String, Generated>, values: &mut BTreeMap<String, String>) {
    for (key, generated) in generate {
        if let Generated::Composed(template) = generated {
            let text = values.iter().fold(template.clone(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            });
            values.insert(key.clone(), text);
        }
    }
}

/// The values that the plan states.
pub fn stated_values(stated: &Value) -> BTreeMap<String, String> {
    let texts = stated["stringData"].as_object().into_iter().flatten();
    texts
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// The Secret with these values, encoded as the server holds them.
pub fn whole(stated: &Value, values: &BTreeMap<String, String>) -> Value {
    let data: Map<String, Value> = values
        .iter()
        .map(|(key, value)| (key.clone(), json!(ByteString(value.clone().into_bytes()))))
        .collect();
    let mut secret = stated.clone();
    if let Some(fields) = secret.as_object_mut() {
        fields.remove("stringData");
        fields.insert("data".to_owned(), Value::Object(data));
    }
    secret
}

/// The made values that a live Secret holds.
pub fn live_values(
    live: &Value,
    generate: &BTreeMap<String, Generated>,
) -> BTreeMap<String, String> {
    let made = generate
        .iter()
        .filter(|(_, how)| matches!(how, Generated::Password(_)));
    made.filter_map(|(key, _)| Some((key.clone(), live_value(live, key)?)))
        .collect()
}

fn live_value(live: &Value, key: &str) -> Option<String> {
    let bytes: ByteString = serde_json::from_value(live["data"].get(key)?.clone()).ok()?;
    String::from_utf8(bytes.0)
        .ok()
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned() -> (Value, BTreeMap<String, Generated>) {
        let stated = json!({"stringData": {"username": "auth_a", "host": "new-host"}});
        let generate = BTreeMap::from([
            ("password".to_owned(), Generated::Password(32)),
            (
                "uri".to_owned(),
                Generated::Composed("pg://{username}:{password}@{host}".to_owned()),
            ),
        ]);
        (stated, generate)
    }

    #[test]
    fn a_made_password_is_kept_and_the_uri_follows_the_host() {
        let (stated, generate) = planned();
        let old = BTreeMap::from([("password".to_owned(), "kept".to_owned())]);
        let live = whole(&json!({}), &old);
        let secret = completed(&stated, &generate, &live).unwrap();
        assert_eq!(
            live_value(&secret, "uri").unwrap(),
            "pg://auth_a:kept@new-host"
        );
    }

    #[test]
    fn a_missing_password_cannot_be_completed() {
        let (stated, generate) = planned();
        assert_eq!(completed(&stated, &generate, &json!({"data": {}})), None);
    }
}
