//! What the shop is made of, object by object, beside files that people read in a review.
//!
//! A difference here is a difference in clusters: pod templates that change without a
//! reason roll every pod at the next upgrade of Gravity, and a server's would restart a
//! database. `GRAVITY_UPDATE=1 cargo test --test golden` writes the files anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test tells what is wrong by failing"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gravity::manifest::{self, Source, yaml};
use gravity::plan::{Body, Facts, Node, Plan, plan};
use gravity::resolve::{Lock, resolve};
use gravity::validate::{catalogue, validate_app};

#[test]
fn the_shop_is_rendered_as_it_was() {
    let rendered = rendered(&shop());
    let folder = root().join("tests/golden/shop");
    if std::env::var_os("GRAVITY_UPDATE").is_some() {
        write(&folder, &rendered);
    }
    assert_eq!(names(&folder), rendered.keys().cloned().collect::<Vec<_>>());
    for (name, text) in &rendered {
        let golden = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(
            golden == *text,
            "tests/golden/shop/{name} is not what is rendered:\n{text}"
        );
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn shop() -> Plan {
    let documents = manifest::read(&[Source::Path(root().join("examples/shop"))]).unwrap();
    let app = Arc::new(validate_app(&documents.apps[0]).unwrap_or_else(|all| panic!("{all:?}")));
    let catalogue = catalogue(&documents.services, &app.namespace);
    let resolution = resolve(&app, &catalogue, &Lock::new()).unwrap_or_else(|all| panic!("{all}"));
    plan(&app, &resolution, &Facts::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// A file for each service and one for the servers that several share, each with its
/// objects in start order.
fn rendered(plan: &Plan) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for node in plan.order() {
        let name = node.service.as_deref().unwrap_or("servers");
        files
            .entry(format!("{name}.yaml"))
            .or_default()
            .push_str(&text(node));
    }
    files
}

fn text(node: &Node) -> String {
    let documents = node.objects.iter().map(|object| match &object.body {
        Body::Apply(body) => format!("---\n# {}\n{}", node.id, yaml::to_string(body)),
        Body::Create { stated, generate } => {
            let made = generate
                .iter()
                .map(|(key, how)| format!("# makes {key}: {how:?}\n"));
            let made: String = made.collect();
            format!("---\n# {}\n{made}{}", node.id, yaml::to_string(stated))
        }
    });
    documents.collect()
}

fn write(folder: &Path, rendered: &BTreeMap<String, String>) {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in rendered {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
