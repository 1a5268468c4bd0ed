//! The guides say what the code does: each YAML in the guide of the manifest is a manifest,
//! and the guide leaves no field out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test tells what is wrong by failing"
)]

use std::collections::BTreeSet;

use gravity::api::GravityApp;
use gravity::api::crds::crds;
use gravity::api::reason::Reason;
use gravity::manifest::{self, Source};
use gravity::validate::{validate_app, validate_service};
use serde_json::{Value, json};

const BACKUP: &str = include_str!("../docs/guides/backup.md");
const SECRETS: &str = include_str!("../docs/guides/secrets.md");
const NETWORK: &str = include_str!("../docs/guides/network.md");
const GUIDE: &str = include_str!("../docs/guides/service-manifest.md");

#[test]
fn each_yaml_of_the_guide_is_a_manifest() {
    let blocks: Vec<_> = GUIDE.split("```yaml\n").skip(1).collect();
    assert!(blocks.len() > 10);
    for block in blocks {
        let (excerpt, _) = block.split_once("```").unwrap();
        let text = whole(excerpt);
        let name = "the guide".to_owned();
        let documents = manifest::read(&[Source::Text { name, text }]);
        let documents = documents.unwrap_or_else(|error| panic!("{error}\n{excerpt}"));
        assert_eq!(documents.services.len(), 1, "{excerpt}");
        let valid = validate_service(&documents.services[0]);
        valid.unwrap_or_else(|wrong| panic!("{wrong:?}\n{excerpt}"));
    }
}

#[test]
fn each_yaml_of_the_guide_of_secrets_can_be_used() {
    let blocks: Vec<_> = SECRETS.split("```yaml\n").skip(1).collect();
    assert!(blocks.len() > 4);
    for block in blocks {
        let (excerpt, _) = block.split_once("```").unwrap();
        let text = match excerpt.contains("kind: GravityApp") {
            true => excerpt.to_owned(),
            false => whole(excerpt),
        };
        let name = "the guide".to_owned();
        let documents = manifest::read(&[Source::Text { name, text }]);
        let documents = documents.unwrap_or_else(|error| panic!("{error}\n{excerpt}"));
        for app in &documents.apps {
            validate_app(app).unwrap_or_else(|wrong| panic!("{wrong:?}\n{excerpt}"));
        }
        for service in &documents.services {
            validate_service(service).unwrap_or_else(|wrong| panic!("{wrong:?}\n{excerpt}"));
        }
        assert_eq!(documents.apps.len() + documents.services.len(), 1);
    }
}

#[test]
fn the_guide_of_backups_says_what_is_taken() {
    let (_, block) = BACKUP.split_once("```yaml\n").unwrap();
    let (excerpt, _) = block.split_once("```").unwrap();
    let spec = format!("{{services: [{{name: a}}]}}\n---\n{excerpt}");
    let spec: Vec<Value> = serde_yaml::from_multiple(&spec).unwrap();
    let databases = spec[1]["databases"].clone();
    let spec = json!({"services": spec[0]["services"], "databases": databases});
    let app = GravityApp::new("shop", serde_json::from_value(spec).unwrap());
    validate_app(&app).unwrap_or_else(|wrong| panic!("{wrong:?}"));

    let [apps, _] = crds();
    let apps = serde_json::to_value(apps).unwrap();
    let schema = &apps["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    let server = &schema["properties"]["databases"]["additionalProperties"];
    let mut fields = BTreeSet::new();
    collect(&server["properties"]["backup"], &mut fields);
    assert!(fields.contains("secretName") && fields.contains("days"));
    let words: BTreeSet<_> = BACKUP
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .collect();
    fields.retain(|field| !words.contains(field.as_str()));
    assert!(fields.is_empty(), "the guide does not have {fields:?}");
}

#[test]
fn the_guide_of_walls_says_what_is_taken() {
    let blocks: Vec<_> = NETWORK.split("```yaml\n").skip(1).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let (excerpt, _) = block.split_once("```").unwrap();
        let name = "the guide".to_owned();
        let text = whole(excerpt);
        let documents = manifest::read(&[Source::Text { name, text }]);
        let documents = documents.unwrap_or_else(|error| panic!("{error}\n{excerpt}"));
        for app in &documents.apps {
            validate_app(app).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        }
        for service in &documents.services {
            validate_service(service).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        }
    }
    let [apps, _] = crds();
    let apps = serde_json::to_value(apps).unwrap();
    let schema = &apps["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    let mut fields = BTreeSet::new();
    collect(&schema["properties"]["network"], &mut fields);
    assert!(fields.contains("namespaceSelector") && fields.contains("except"));
    let words: BTreeSet<_> = NETWORK
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .collect();
    fields.retain(|field| !words.contains(field.as_str()));
    assert!(fields.is_empty(), "the guide does not have {fields:?}");
}

#[test]
fn the_guide_has_every_field() {
    let [_, services] = crds();
    assert_eq!(services.spec.names.kind, "GravityService");
    let services = serde_json::to_value(services).unwrap();
    let schema = &services["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let mut fields = BTreeSet::new();
    collect(&schema["properties"]["spec"], &mut fields);
    assert!(fields.contains("startupTimeout") && fields.contains("urlScheme"));
    let words: BTreeSet<_> = GUIDE
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .collect();
    fields.retain(|field| !words.contains(field.as_str()));
    assert!(fields.is_empty(), "the guide does not have {fields:?}");
}

/// An excerpt with what every manifest needs.
fn whole(excerpt: &str) -> String {
    if excerpt.starts_with("name:") || excerpt.starts_with("apiVersion:") {
        return excerpt.to_owned();
    }
    format!("name: excerpt\nversion: 1.0.0\nimage: docs/excerpt:1.0.0\n{excerpt}")
}

/// The names of all fields below a schema.
fn collect(schema: &Value, fields: &mut BTreeSet<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        for (name, field) in properties {
            fields.insert(name.clone());
            collect(field, fields);
        }
    }
    if !schema["items"].is_null() {
        collect(&schema["items"], fields);
    }
}

/// Table rows whose first cell is a word in code are what the reference says of it.
#[test]
fn the_reference_has_every_reason() {
    let reference = include_str!("../docs/reference/conditions.md");
    let (_, reference) = reference.split_once("## The reasons").unwrap();
    let told: Vec<&str> = reference
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(word, _)| word)
        .collect();
    let reasons: Vec<String> = Reason::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(told, reasons);
}
