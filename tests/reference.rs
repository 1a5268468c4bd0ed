//! docs/reference/{commands,fields}.md are derived, from the verbs and from the schemas of the
//! custom resources. `GRAVITY_UPDATE=1 cargo test --test reference` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test tells what is wrong by failing"
)]

use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};
use gravity::api::crds::crds;
use gravity::cli::Cli;
use kube::ResourceExt;
use serde_json::Value;

/// The width of a line in the text of a page.
const WIDTH: usize = 100;

#[test]
fn every_verb_is_told() {
    let mut command = Cli::command().term_width(WIDTH);
    command.build();
    let mut text = "# Commands\n\nWhat `gravity VERB --help` prints, of every verb.\n".to_owned();
    for verb in command.get_subcommands_mut() {
        told(verb, "gravity", &mut text);
    }
    held("commands.md", &text);
}

/// The help of a verb, and of those below it.
fn told(verb: &mut Command, above: &str, text: &mut String) {
    if verb.is_hide_set() || verb.get_name() == "help" {
        return;
    }
    let name = format!("{above} {}", verb.get_name());
    let help = verb.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    *text += &format!(
        "\n## {name}\n\n```text\n{}\n```\n",
        help.join("\n").trim_end()
    );
    for inner in verb.get_subcommands_mut() {
        told(inner, &name, text);
    }
}

#[test]
fn every_field_is_told() {
    let mut text = "# Fields\n\nEvery field of the custom resources, by its path. `[]` is an item of a list, `*` any name.\nThe spec of a GravityService is what `gravity-service.yaml` has, without `spec.`.\n".to_owned();
    for definition in crds() {
        let definition = (
            definition.name_any(),
            serde_json::to_value(&definition).unwrap(),
        );
        let version = &definition.1["spec"]["versions"][0];
        let kind = definition.1["spec"]["names"]["kind"].as_str().unwrap();
        text += &format!("\n## {kind}\n\n| field | type | |\n| --- | --- | --- |\n");
        let schema = &version["schema"]["openAPIV3Schema"]["properties"];
        for part in ["spec", "status"] {
            fields(&schema[part], part, &mut text);
        }
    }
    held("fields.md", &text);
}

/// A row for each field below a path.
fn fields(schema: &Value, path: &str, text: &mut String) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let must = if required.iter().any(|it| it == name) {
            ", required"
        } else {
            ""
        };
        let description = field["description"].as_str().unwrap_or_default();
        let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
        let description = description.replace('|', "\\|");
        *text += &format!("| `{path}` | {}{must} | {description} |\n", kind(field));
        below(field, &path, text);
    }
}

fn below(field: &Value, path: &str, text: &mut String) {
    fields(field, path, text);
    if field["items"].is_object() {
        below(&field["items"], &format!("{path}[]"), text);
    }
    if field["additionalProperties"].is_object() {
        below(&field["additionalProperties"], &format!("{path}.*"), text);
    }
}

fn kind(field: &Value) -> String {
    if let Some(values) = field["enum"].as_array() {
        let values = values.iter().filter_map(Value::as_str);
        return values
            .map(|value| format!("`{value}`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    if field["x-kubernetes-int-or-string"] == true {
        return "integer or text".to_owned();
    }
    match field["type"].as_str() {
        Some("array") => format!("list of {}", kind(&field["items"])),
        Some("object") if field["additionalProperties"].is_object() => {
            format!("map to {}", kind(&field["additionalProperties"]))
        }
        Some("string") => "text".to_owned(),
        Some(other) => other.to_owned(),
        None => "any".to_owned(),
    }
}

fn held(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/reference")
        .join(name);
    if std::env::var_os("GRAVITY_UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let held = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        held == text,
        "run GRAVITY_UPDATE=1 cargo test --test reference"
    );
}
