//! `gravity render`: the objects that the operator would make, in start order.

use std::collections::BTreeSet;
use std::mem::ManuallyDrop;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use super::input::{DEFAULT_NAMESPACE, Input};
use super::{Error, output};
use crate::manifest::{parallel, yaml};

use crate::plan::{Body, Plan, PlannedObject};

/// The arguments of `gravity render`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "The same files give the same bytes. Secrets with passwords are made once, in the cluster: they
stand as comments at the beginning (JSON leaves them out), and pods name them only.

Examples:
  gravity render -f app.yaml -f services/
  gravity render -f examples/shop --environment staging --output json
  helm template shop | gravity render -f -"
)]
pub struct Arguments {
    #[command(flatten)]
    input: Input,
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
    // The process ends with it, and to hand back its parts one by one takes a while.
    let plan = ManuallyDrop::new(arguments.input.read(None, DEFAULT_NAMESPACE)?.plan()?);
    match arguments.output {
        Format::Yaml => output::plain(&documents(&plan))?,
        Format::Json => output::json(&list(&plan))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// All objects as documents, after a comment with what is made in the cluster only.
fn documents(plan: &Plan) -> String {
    let mut text = header(plan);
    text.extend(parallel::map(&plan.order(), |node| {
        let objects = node.objects.iter().filter_map(printed);
        let document = |object| format!("---\n# {}\n{}", node.id, yaml::to_string(object));
        objects.map(document).collect::<String>()
    }));
    text
}

/// A List as kubectl reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<&'a Value>,
}

fn list(plan: &Plan) -> List<'_> {
    let objects = plan.order().into_iter().flat_map(|node| &node.objects);
    List {
        api_version: "v1",
        kind: "List",
        items: objects.filter_map(printed).collect(),
    }
}

/// What can be applied by anybody. A Secret without its passwords cannot: it would take
/// those away that are there, or keep the operator from making them.
fn printed(object: &PlannedObject) -> Option<&Value> {
    match &object.body {
        Body::Apply(body) => Some(body),
        Body::Create { stated, generate } => generate.is_empty().then_some(stated),
    }
}

fn header(plan: &Plan) -> String {
    let app = &plan.app;
    let environment = app.environment.as_ref();
    let environment = environment.map_or(String::new(), |name| format!(", environment {name}"));
    let mut text = format!("# GravityApp {}/{}{environment}\n", app.namespace, app.name);
    let objects = plan.order().into_iter().flat_map(|node| &node.objects);
    let made: Vec<String> = objects.filter_map(made).collect();
    if !made.is_empty() {
        text += "# Secrets that are made once, in the cluster, and are not among these objects:\n";
    }
    made.iter().for_each(|secret| text += secret);
    text
}

/// The line that states a Secret whose values are made in the cluster.
fn made(object: &PlannedObject) -> Option<String> {
    let Body::Create { stated, generate } = &object.body else {
        return None;
    };
    let stated = stated["stringData"].as_object().into_iter().flatten();
    let stated = stated.map(|(key, _)| key.as_str());
    let keys: BTreeSet<&str> = stated.chain(generate.keys().map(String::as_str)).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let secret = &object.key.name;
    (!generate.is_empty()).then(|| format!("#   Secret {secret}: {}\n", keys.join(", ")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::api::objects::{Kind, ObjectKey};
    use crate::plan::Generated;

    #[test]
    fn a_secret_with_a_password_is_stated_and_not_printed() {
        let object = PlannedObject {
            key: ObjectKey {
                kind: Kind::Secret,
                namespace: "shop".to_owned(),
                name: "shop-auth".to_owned(),
            },
            body: Body::Create {
                stated: json!({"stringData": {"username": "auth"}}),
                generate: BTreeMap::from([("password".to_owned(), Generated::Password(32))]),
            },
            data: true,
            initial_replicas: None,
        };
        assert_eq!(printed(&object), None);
        let line = made(&object).unwrap();
        assert_eq!(line, "#   Secret shop-auth: password, username\n");
    }
}
