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
use gravity::manifest::{self, Documents, Source};
use gravity::validate::{validate_app, validate_service};
use serde_json::{Value, json};

const BACKUP: &str = include_str!("../docs/guides/backup.md");
const SECRETS: &str = include_str!("../docs/guides/secrets.md");
const NETWORK: &str = include_str!("../docs/guides/network.md");
const MESH: &str = include_str!("../docs/guides/mesh.md");
const GUIDE: &str = include_str!("../docs/guides/service-manifest.md");

#[test]
fn each_yaml_of_the_guide_is_a_manifest() {
    let blocks = documents_of(GUIDE);
    assert!(blocks.len() > 10);
    for (documents, excerpt) in &blocks {
        assert_eq!(documents.services.len(), 1, "{excerpt}");
    }
}

#[test]
fn each_yaml_of_the_guide_of_secrets_can_be_used() {
    let blocks = documents_of(SECRETS);
    assert!(blocks.len() > 4);
    for (documents, _) in &blocks {
        assert_eq!(documents.apps.len() + documents.services.len(), 1);
    }
}

#[test]
fn the_guide_of_meshes_has_an_app() {
    // The other one is an object of Istio's.
    let (ours, _) = MESH.split_once("kind: AuthorizationPolicy").unwrap();
    let (ours, _) = ours.rsplit_once("```yaml\n").unwrap();
    assert_eq!(documents_of(ours)[0].0.apps.len(), 1);
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

    let [apps, _] = schemas();
    let server = &apps["properties"]["databases"]["additionalProperties"];
    let backup = &server["properties"]["backup"];
    has_every_field(BACKUP, backup, ["secretName", "days"]);
}

#[test]
fn the_guide_of_walls_says_what_is_taken() {
    assert_eq!(documents_of(NETWORK).len(), 2);
    let [apps, _] = schemas();
    let network = &apps["properties"]["network"];
    has_every_field(NETWORK, network, ["namespaceSelector", "except"]);
}

#[test]
fn the_guide_has_every_field() {
    let [_, services] = schemas();
    has_every_field(GUIDE, &services, ["startupTimeout", "urlScheme"]);
}

/// The example of an engine is the one that is rendered in tests, and each of its fields is told.
#[test]
fn the_page_of_plugins_has_a_whole_engine_and_every_field() {
    let page = include_str!("../docs/contributing/plugins.md");
    let engine = include_str!("cli/fixtures/valkey/engine.yaml");
    assert!(page.contains(&format!("```yaml\n{engine}```")));
    let schema = gravity::manifest::stated_schema::<gravity::engines::Stated>();
    has_every_field(page, &schema, ["neverRotates", "sharedByPrefix"]);
}

/// What the blocks of YAML in a guide come to, each valid, with its text.
fn documents_of(guide: &str) -> Vec<(Documents, &str)> {
    let blocks = guide.split("```yaml\n").skip(1);
    let read = blocks.map(|block| {
        let (excerpt, _) = block.split_once("```").unwrap();
        let (name, text) = ("the guide".to_owned(), whole(excerpt));
        let documents = manifest::read(&[Source::Text { name, text }]);
        let documents = documents.unwrap_or_else(|error| panic!("{error}\n{excerpt}"));
        for app in &documents.apps {
            validate_app(app).unwrap_or_else(|wrong| panic!("{wrong:?}\n{excerpt}"));
        }
        for service in &documents.services {
            validate_service(service).unwrap_or_else(|wrong| panic!("{wrong:?}\n{excerpt}"));
        }
        (documents, excerpt)
    });
    read.collect()
}

/// The schemas of the specs of GravityApp and GravityService.
fn schemas() -> [Value; 2] {
    let all = crds();
    let kinds = all.each_ref().map(|each| each.spec.names.kind.as_str());
    assert_eq!(kinds, ["GravityApp", "GravityService"]);
    all.map(|definition| {
        let definition = serde_json::to_value(definition).unwrap();
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        schema["properties"]["spec"].clone()
    })
}

/// Whether a guide has the name of each field of a schema, among which these are.
fn has_every_field(guide: &str, schema: &Value, these: [&str; 2]) {
    let mut fields = BTreeSet::new();
    collect(schema, &mut fields);
    assert!(these.iter().all(|field| fields.contains(*field)));
    let words: BTreeSet<_> = guide
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
