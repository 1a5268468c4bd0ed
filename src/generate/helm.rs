//! A Helm chart for those who deploy without the operator: the objects as templates. Passwords
//! are made by Helm at the first install, and looked up in the cluster at each upgrade.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::objects::{SERVICES, Unmade, by_file, freed, unmade};
use super::{Files, MARK, SECRETS_FILE};
use crate::api::names;
use crate::manifest::yaml;
use crate::plan::{Generated, Plan};
use crate::schedule::secrets;

/// Whose the objects are said to be, as Helm's own conventions have it.
const MANAGER: &str = "Helm";
/// The folder of the templates: nothing of a person's own is in it.
pub const TEMPLATES: &str = "templates/generated";
/// Stands in a text for the image of a service, until the text is a template.
const IMAGE: &str = "gravity-image-of-";

/// The files of the chart.
pub fn files(plan: &Plan) -> Files {
    let app = &plan.app;
    let mut files = Files::new();
    let chart = json!({
        "apiVersion": "v2",
        "name": app.name,
        "description": format!("The application {}, as Gravity has planned it", app.name),
        "type": "application",
        "version": "0.1.0",
    });
    let head = format!("# {MARK}: change what it was made from.\n");
    files.insert("Chart.yaml".to_owned(), head + &yaml::to_string(&chart));
    let mut images = BTreeMap::new();
    for (name, objects) in by_file(plan, MANAGER) {
        let service = name.strip_prefix(SERVICES).unwrap_or_default();
        let service = service.trim_end_matches(".yaml");
        let objects: Vec<Value> = objects
            .into_iter()
            .map(|object| with_image(object, service, &mut images))
            .collect();
        let text = template(&yaml::documents(&objects), &images);
        files.insert(format!("{TEMPLATES}/{name}"), text);
    }
    let secrets: String = unmade(plan).map(|each| secret(&each)).collect();
    if !secrets.is_empty() {
        files.insert(format!("{TEMPLATES}/{SECRETS_FILE}"), secrets);
    }
    let check = right_namespace(&app.namespace);
    files.insert(format!("{TEMPLATES}/namespace.yaml"), check);
    let values = json!({"images": images});
    let head =
        format!("# {MARK}: put values of yours into another file.\n# The image of each service.\n");
    files.insert(
        "values.yaml".to_owned(),
        format!("{head}{}", yaml::to_string(&values)),
    );
    files
}

/// Names of hosts have the namespace in them, so there is one that the chart is for.
fn right_namespace(namespace: &str) -> String {
    format!(
        "{{{{- if ne .Release.Namespace {namespace:?} }}}}\n{{{{- fail \"this chart is for namespace {namespace}: install it with --namespace {namespace}, or generate it anew with -n\" }}}}\n{{{{- end }}}}\n"
    )
}

/// Puts a mark in the place of the service's own image.
fn with_image(mut object: Value, service: &str, images: &mut BTreeMap<String, String>) -> Value {
    // A Job can never be changed.
    if object["kind"] == "Job" {
        return object;
    }
    for path in [
        "/spec/template/spec/containers",
        "/spec/jobTemplate/spec/template/spec/containers",
    ] {
        let containers = object.pointer_mut(path).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let Some(image) = container["image"]
                .as_str()
                .filter(|_| container["name"] == service)
            else {
                continue;
            };
            images.insert(service.to_owned(), image.to_owned());
            container["image"] = json!(format!("{IMAGE}{service}"));
        }
    }
    object
}

/// A text as a template that gives this text again, but for the images.
fn template(text: &str, images: &BTreeMap<String, String>) -> String {
    let mut text = text.replace("{{", "{{ \"{{\" }}");
    for service in images.keys() {
        let value = format!("{{{{ index .Values.images {service:?} | quote }}}}");
        text = text.replace(
            &format!("image: {IMAGE}{service}\n"),
            &format!("image: {value}\n"),
        );
    }
    text
}

/// A Secret whose passwords Helm makes where the cluster has none yet.
fn secret(each: &Unmade) -> String {
    let Unmade {
        name,
        stated,
        generate,
    } = each;
    let mut object = freed(stated, MANAGER);
    let annotations = object["metadata"]["annotations"].take();
    let mut annotations = annotations.as_object().cloned().unwrap_or_else(Map::new);
    annotations.remove(names::FIRST_ANNOTATION);
    annotations.insert("helm.sh/resource-policy".to_owned(), json!("keep"));
    object["metadata"]["annotations"] = Value::Object(annotations);
    if let Some(fields) = object.as_object_mut() {
        fields.remove("stringData");
    }
    let mut text = format!(
        "---\n{{{{- $old := (lookup \"v1\" \"Secret\" .Release.Namespace {name:?}).data | default dict }}}}\n"
    );
    for (key, generated) in *generate {
        if let Generated::Password(length) = generated {
            text += &format!(
                "{{{{- {} := get $old {key:?} | b64dec | default (randAlphaNum {length}) }}}}\n",
                variable(key)
            );
        }
    }
    text += &template(&yaml::to_string(&object), &BTreeMap::new());
    text += "stringData:\n";
    let mut known = secrets::stated_values(stated);
    for (key, generated) in *generate {
        if let Generated::OneOf(choices) = generated {
            known.insert(key.clone(), choices.first().cloned().unwrap_or_default());
        }
    }
    for (key, value) in &known {
        text += &format!("  {key}: {{{{ {value:?} | quote }}}}\n");
    }
    for (key, generated) in *generate {
        match generated {
            Generated::Password(_) => {
                text += &format!("  {key}: {{{{ {} | quote }}}}\n", variable(key));
            }
            Generated::Composed(parts) => {
                text += &format!("  {key}: {}\n", composed(parts, &known))
            }
            Generated::OneOf(_) => {}
        }
    }
    text
}

/// A name that Go's templates take: a key may have hyphens and dots.
fn variable(key: &str) -> String {
    let plain = |each: char| {
        if each.is_ascii_alphanumeric() {
            each
        } else {
            '_'
        }
    };
    format!("$_{}", key.chars().map(plain).collect::<String>())
}

/// A composed value as a template: what is known stands in it percent-encoded, and a password
/// has only letters and digits.
fn composed(parts: &str, known: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut rest = parts;
    while let Some((before, after)) = rest.split_once('{') {
        text += before;
        let (key, after) = after.split_once('}').unwrap_or((after, ""));
        text += &match known.get(key) {
            Some(value) => names::percent(value),
            None => format!("{{{{ {} }}}}", variable(key)),
        };
        rest = after;
    }
    json!(text + rest).to_string()
}
