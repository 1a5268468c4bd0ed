//! The drawing in each README shows the calls that the manifests have, and no others.

use std::collections::BTreeSet;

use gravity::api::service::{Dependency, Startup};

use crate::example::{EXAMPLES, Example};

#[test]
fn each_readme_draws_its_graph() {
    for (name, _) in EXAMPLES {
        let example = Example::read(name);
        assert_eq!(drawn(&example.readme()), called(&example), "{name}");
    }
}

/// The arrows of the drawing.
fn drawn(readme: &str) -> BTreeSet<String> {
    let (_, drawing) = readme.split_once("```mermaid\n").unwrap();
    let (drawing, _) = drawing.split_once("```").unwrap();
    let lines = drawing.lines().map(str::trim);
    let arrows = lines.filter(|line| line.contains("-> "));
    arrows.map(str::to_owned).collect()
}

/// The calls of the manifests as arrows.
fn called(example: &Example) -> BTreeSet<String> {
    let services = example.services.values();
    let calls = services.flat_map(|each| each.dependencies.iter().map(move |call| (each, call)));
    calls
        .map(|(service, call)| format!("{} {} {}", service.name, arrow(call), call.name))
        .collect()
}

fn arrow(call: &Dependency) -> &'static str {
    match (call.optional, call.startup) {
        (Some(true), _) => "-. optional .->",
        (_, Some(Startup::Unordered)) => "-.->",
        _ => "-->",
    }
}
