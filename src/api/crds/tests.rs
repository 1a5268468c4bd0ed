use std::path::Path;

use serde_json::Value;

use super::*;

/// `GRAVITY_UPDATE=1 cargo test crds` writes the files anew.
#[test]
fn the_files_in_crds_are_what_is_printed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    for (name, text) in files() {
        if std::env::var_os("GRAVITY_UPDATE").is_some() {
            std::fs::write(folder.join(name), &text).unwrap();
        }
        let held = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(
            held == text,
            "crds/{name} is not what `gravity crds` prints: run GRAVITY_UPDATE=1 cargo test crds"
        );
    }
}

#[test]
fn what_is_printed_is_what_was_defined() {
    let read: Vec<Value> = serde_yaml::from_multiple(&to_yaml()).unwrap();
    let defined: Vec<Value> = crds().iter().map(value).collect();
    assert_eq!(read, defined);
}

/// Calls `visit` with each schema and its path.
fn walk(schema: &Value, path: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    if let Some(properties) = schema["properties"].as_object() {
        for (name, inner) in properties {
            walk(inner, &format!("{path}.{name}"), visit);
        }
    }
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            walk(&schema[inner], &format!("{path}.{inner}"), visit);
        }
    }
}

fn offenders(is_wrong: impl Fn(&Value) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for definition in crds() {
        let definition = value(&definition);
        let kind = definition["spec"]["names"]["kind"]
            .as_str()
            .unwrap()
            .to_owned();
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        for part in ["spec", "status"] {
            walk(
                &schema["properties"][part],
                &format!("{kind}.{part}"),
                &mut |path, schema| {
                    if is_wrong(schema) {
                        wrong.push(path.to_owned());
                    }
                },
            );
        }
    }
    wrong
}

#[test]
fn every_text_list_and_map_has_a_bound() {
    let unbounded = offenders(|schema| match schema["type"].as_str() {
        Some("string") => {
            let dated = schema["format"] == "date-time";
            schema["maxLength"].is_null() && schema["enum"].is_null() && !dated
        }
        Some("array") => schema["maxItems"].is_null(),
        Some("object") => {
            schema["additionalProperties"].is_object() && schema["maxProperties"].is_null()
        }
        Some("integer") => schema["minimum"].is_null(),
        _ => schema["x-kubernetes-int-or-string"] == true && schema["maxLength"].is_null(),
    });
    assert_eq!(unbounded, Vec::<String>::new());
}

#[test]
fn nothing_has_a_default_or_is_nullable() {
    let wrong = offenders(|schema| {
        !schema["default"].is_null() || !schema["nullable"].is_null() || !schema["$ref"].is_null()
    });
    assert_eq!(wrong, Vec::<String>::new());
}

/// apiextensions: "supported formats"; an unknown one is ignored with a warning.
#[test]
fn all_formats_are_known_to_an_api_server() {
    let known = ["int32", "int64", "date-time"];
    let wrong = offenders(|schema| {
        schema["format"]
            .as_str()
            .is_some_and(|format| !known.contains(&format))
    });
    assert_eq!(wrong, Vec::<String>::new());
}

/// The rules of a structural schema: a type everywhere but where anything goes; within
/// `anyOf` and its like no type but those of int-or-string.
#[test]
fn the_schemas_are_structural() {
    let wrong = offenders(|schema| {
        let any = schema["x-kubernetes-preserve-unknown-fields"] == true;
        let mixed = schema["x-kubernetes-int-or-string"] == true;
        let both = schema["properties"].is_object() && schema["additionalProperties"].is_object();
        let logic = ["oneOf", "allOf", "not"]
            .iter()
            .any(|word| !schema[*word].is_null());
        let union = !schema["anyOf"].is_null() && !mixed;
        (schema["type"].is_null() && !any && !mixed) || both || logic || union
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_field_is_described() {
    let mut wrong = Vec::new();
    for definition in crds() {
        let definition = value(&definition);
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        walk(
            &schema["properties"]["spec"],
            "spec",
            &mut |path, schema| {
                for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                    if field["description"].as_str().is_none_or(str::is_empty) {
                        wrong.push(format!("{path}.{name}"));
                    }
                }
            },
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The keys of a list map are required, or the API server refuses the definition.
#[test]
fn the_keys_of_lists_are_required() {
    let wrong = offenders(|schema| {
        let keys = schema["x-kubernetes-list-map-keys"].as_array();
        let required = schema["items"]["required"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        keys.is_some_and(|keys| !keys.iter().all(|key| required.contains(key)))
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn people_find_the_resources() {
    let definitions = crds().map(|definition| {
        let version = &definition.spec.versions[0];
        let columns = version.additional_printer_columns.iter().flatten();
        let columns: Vec<_> = columns
            .map(|column| format!("{} {}", column.name, column.json_path))
            .collect();
        let subresources = version.subresources.clone().unwrap();
        (
            definition.spec.names,
            columns,
            subresources.status.is_some(),
            version.served,
            version.storage,
        )
    });
    insta::assert_yaml_snapshot!(definitions);
}

#[test]
fn rules_say_what_to_write() {
    let mut rules = Vec::new();
    for definition in crds() {
        let definition = value(&definition);
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        walk(
            schema,
            definition["spec"]["names"]["kind"].as_str().unwrap(),
            &mut |path, schema| {
                for rule in schema["x-kubernetes-validations"]
                    .as_array()
                    .into_iter()
                    .flatten()
                {
                    let (rule, message) = (
                        rule["rule"].as_str().unwrap(),
                        rule["message"].as_str().unwrap(),
                    );
                    rules.push(format!("{path}: {rule} → {message}"));
                }
            },
        );
    }
    insta::assert_yaml_snapshot!(rules);
}
