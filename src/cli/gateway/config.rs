//! `gravity gateway config`: what the gateway gets, as the cluster has it.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kube::ResourceExt;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::Whose;
use crate::api::objects::Kind;
use crate::cli::{Error, cluster, output};
use crate::manifest::yaml;

/// The arguments of `gravity gateway config`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity gateway config -n shop
  gravity gateway config shop -n shop --output json")]
pub struct Arguments {
    #[command(flatten)]
    whose: Whose,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Yaml)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Several documents
    Yaml,
    /// One List
    Json,
}

/// Prints the objects.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let found = cluster::block_on(arguments.whose.find())?;
    let items: Vec<Value> = found
        .objects
        .iter()
        .map(|(kind, object)| shown(*kind, object))
        .collect();
    match arguments.output {
        Format::Yaml => {
            let documents: String = items
                .iter()
                .map(|item| format!("---\n{}", yaml::to_string(item)))
                .collect();
            output::plain(&documents)?;
        }
        Format::Json => output::json(&json!({"apiVersion": "v1", "kind": "List", "items": items}))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What of an object somebody reads who looks for a mistake: nothing that the server adds.
fn shown(kind: Kind, object: &DynamicObject) -> Value {
    let mut metadata = json!({"name": object.name_any(), "namespace": object.namespace()});
    let annotations = object.annotations().iter();
    let theirs: serde_json::Map<String, Value> = annotations
        .filter(|(name, _)| name.starts_with("nginx."))
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    if !theirs.is_empty() {
        metadata["annotations"] = Value::Object(theirs);
    }
    json!({
        "apiVersion": kind.api_version(),
        "kind": kind.to_string(),
        "metadata": metadata,
        "spec": object.data["spec"],
    })
}
