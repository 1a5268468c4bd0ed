//! JSON Schemas by which an editor completes and checks while one types: those of the custom
//! resources, in the words that every editor knows.

use serde_json::{Map, Value, json};

use super::{schema, shape};

/// The dialect that the language server for YAML knows best.
const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of an application's file.
pub fn app() -> Value {
    titled(&schema::APP, "GravityApp")
}

/// The schema of a service's manifest, `gravity-service.yaml`.
pub fn service() -> Value {
    titled(
        &schema::SERVICE["properties"]["spec"],
        "gravity-service.yaml",
    )
}

fn titled(schema: &Value, title: &str) -> Value {
    let mut schema = plain(schema);
    schema["$schema"] = json!(DIALECT);
    schema["title"] = json!(title);
    schema
}

/// A schema without Kubernetes' own words, each replaced by what comes nearest.
fn plain(schema: &Value) -> Value {
    let Some(fields) = schema.as_object() else {
        return schema.clone();
    };
    if fields.get("x-kubernetes-int-or-string") == Some(&json!(true)) {
        return described(fields, json!({"type": ["integer", "string"]}));
    }
    let mut made = Map::new();
    for (key, value) in fields {
        match key.as_str() {
            "properties" => drop(made.insert(key.clone(), each(value))),
            "items" | "additionalProperties" => drop(made.insert(key.clone(), plain(value))),
            "x-kubernetes-validations" => made.extend(pattern(value)),
            key if key.starts_with("x-") => {}
            _ => drop(made.insert(key.clone(), value.clone())),
        }
    }
    let open = fields.get("x-kubernetes-preserve-unknown-fields") == Some(&json!(true));
    if made.contains_key("properties") && !open {
        made.insert("additionalProperties".to_owned(), json!(false));
    }
    if shape::may_be_text(schema) {
        let object = Value::Object(made);
        return described(fields, json!({"anyOf": [{"type": "string"}, object]}));
    }
    Value::Object(made)
}

fn each(properties: &Value) -> Value {
    let fields = properties.as_object().into_iter().flatten();
    let plain = fields.map(|(name, schema)| (name.clone(), plain(schema)));
    Value::Object(plain.collect())
}

fn described(fields: &Map<String, Value>, mut schema: Value) -> Value {
    if let Some(description) = fields.get("description") {
        schema["description"] = description.clone();
    }
    schema
}

/// The pattern of a text, where that is what its rule says.
fn pattern(rules: &Value) -> Option<(String, Value)> {
    let [rule] = rules.as_array()?.as_slice() else {
        return None;
    };
    let pattern = rule["rule"].as_str()?.strip_prefix("self.matches(r\"")?;
    let pattern = pattern.strip_suffix("\")")?;
    Some(("pattern".to_owned(), json!(pattern)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths of all keys that only Kubernetes knows.
    fn foreign(schema: &Value, path: &str) -> Vec<String> {
        let Some(fields) = schema.as_object() else {
            return Vec::new();
        };
        let one = |(key, value): (&String, &Value)| {
            let path = format!("{path}/{key}");
            let own = key.starts_with("x-").then(|| path.clone());
            own.into_iter()
                .chain(foreign(value, &path))
                .collect::<Vec<_>>()
        };
        fields.iter().flat_map(one).collect()
    }

    #[test]
    fn an_editor_knows_every_word() {
        for schema in [app(), service()] {
            assert_eq!(foreign(&schema, ""), Vec::<String>::new());
            assert_eq!(schema["$schema"], DIALECT);
        }
    }

    #[test]
    fn a_field_that_nobody_knows_is_marked_and_a_probe_may_be_a_path() {
        let service = service();
        assert_eq!(service["additionalProperties"], false);
        let probe = &service["properties"]["health"]["properties"]["readiness"]["anyOf"];
        assert_eq!(probe[0]["type"], "string");
        assert_eq!(probe[1]["type"], "object");
        let quantity = &service["properties"]["resources"]["properties"]["limits"];
        let quantity = &quantity["additionalProperties"]["type"];
        assert_eq!(quantity, &json!(["integer", "string"]));
        let name = &service["properties"]["name"]["pattern"];
        assert!(
            name.as_str().is_some_and(|it| it.starts_with('^')),
            "{name}"
        );
    }
}
