//! The schemas that manifests are checked against: those of the custom resources.
//!
//! They are read from files that are derived from the resources' types, for to derive them
//! takes longer than to read all manifests of an application.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::shape;

/// The longest name of a custom resource (a DNS subdomain).
pub(super) const NAME_LIMIT: usize = 253;

/// The schema of a GravityService, in which a probe may be a path.
pub(super) static SERVICE: LazyLock<Value> = LazyLock::new(|| {
    let mut schema = of_object(include_str!("schema/gravityservice.json"));
    let probes = &mut schema["properties"]["spec"]["properties"]["health"]["properties"];
    for probe in ["liveness", "readiness", "startup"] {
        probes[probe] = shape::probe_schema();
    }
    schema
});

/// The schema of a GravityApp.
pub(super) static APP: LazyLock<Value> =
    LazyLock::new(|| of_object(include_str!("schema/gravityapp.json")));

/// The schema of a whole object: the resource's own, and of the metadata what matters.
fn of_object(own: &str) -> Value {
    let mut schema: Value = serde_json::from_str(own).unwrap_or_default();
    let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let metadata = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": NAME_LIMIT},
            "namespace": {"type": "string", "minLength": 1, "maxLength": 63},
            "labels": texts,
            "annotations": texts,
        },
        "x-kubernetes-preserve-unknown-fields": true,
    });
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let text = json!({"type": "string"});
    if let Some(properties) = schema["properties"].as_object_mut() {
        let own = [
            ("metadata", metadata),
            ("status", open),
            ("apiVersion", text.clone()),
            ("kind", text),
        ];
        properties.extend(
            own.map(|(key, schema)| (key.to_owned(), schema))
                .into_iter()
                .collect::<Map<_, _>>(),
        );
    }
    schema["required"] = json!(["metadata", "spec"]);
    schema
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use kube::CustomResourceExt;

    use crate::api::{GravityApp, GravityService};

    /// `GRAVITY_UPDATE=1 cargo test schema` writes the files anew.
    #[test]
    fn the_files_are_what_the_custom_resources_have() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/manifest/schema");
        for (name, definition) in [
            ("gravityapp.json", GravityApp::crd()),
            ("gravityservice.json", GravityService::crd()),
        ] {
            let definition = serde_json::to_value(definition).unwrap();
            let own = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
            let text = serde_json::to_string_pretty(own).unwrap() + "\n";
            if std::env::var_os("GRAVITY_UPDATE").is_some() {
                std::fs::write(folder.join(name), &text).unwrap();
            }
            let held = std::fs::read_to_string(folder.join(name)).unwrap();
            assert!(held == text, "run GRAVITY_UPDATE=1 cargo test schema");
        }
    }
}
