//! The applications that run on a real node (`e2e/apps`): what is wrong with them is found
//! here in a moment, rather than by minutes of `make e2e`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gravity::manifest::{self, Source};
use gravity::plan::{Body, Facts, Plan, plan};
use gravity::resolve::{Lock, resolve};
use gravity::validate::{catalogue, validate_app};
use serde_json::Value;

#[test]
fn the_shop_of_the_real_node_can_be_planned_without_a_warning() {
    let plan = planned("shop");
    assert_eq!(plan.services.len(), 10);
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
}

/// Nothing can be pulled there.
#[test]
fn every_image_of_an_application_is_one_that_is_made_on_the_spot() {
    let made = made_on_the_spot();
    for app in ["shop", "ledger.yaml", "maps.yaml"] {
        let asked: BTreeSet<String> = images(&planned(app));
        let missing: Vec<_> = asked.difference(&made).collect();
        assert!(
            missing.is_empty(),
            "{app}: {missing:?} are not among {made:?}"
        );
    }
}

fn end_to_end() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e")
}

fn planned(app: &str) -> Plan {
    let source = Source::Path(end_to_end().join("apps").join(app));
    let documents = manifest::read(&[source]).unwrap_or_else(|error| panic!("{error}"));
    let app = validate_app(&documents.apps[0]).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let catalogue = catalogue(&documents.services, &app.namespace);
    assert_eq!(catalogue.rejected, []);
    let resolution = resolve(&app, &catalogue, &Lock::new());
    let resolution = resolution.unwrap_or_else(|error| panic!("{error}"));
    plan(&Arc::new(app), &resolution, &Facts::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// All values of `image` in the plan's objects, in full.
fn images(plan: &Plan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for object in plan.order().into_iter().flat_map(|node| &node.objects) {
        if let Body::Apply(body) = &object.body {
            collect(body, &mut found);
        }
    }
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("image", Value::String(image)) => drop(found.insert(in_full(image))),
                    _ => collect(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// As the container runtime completes it.
fn in_full(image: &str) -> String {
    match image.split_once('/') {
        None => format!("docker.io/library/{image}"),
        Some((host, _)) if host.contains('.') => image.to_owned(),
        Some(_) => format!("docker.io/{image}"),
    }
}

/// The names in the recipes of `e2e/images`.
fn made_on_the_spot() -> BTreeSet<String> {
    let folders = fs::read_dir(end_to_end().join("images")).unwrap();
    let recipes =
        folders.filter_map(|folder| fs::read_to_string(folder.unwrap().path().join("recipe")).ok());
    let names = |recipe: String| {
        let line = recipe.lines().find_map(|line| line.strip_prefix("names=("));
        let names = line.unwrap().trim_end_matches(')').split(' ');
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    recipes.flat_map(names).collect()
}
