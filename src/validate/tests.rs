//! Behaviour: short YAML in, valid objects or whole messages out.

mod app;
mod backup;
mod catalogue;
mod network;
mod runtime;
mod secrets;
mod service;
mod value;

use super::*;
use crate::api::{GravityApp, GravityService};
use crate::manifest::{Origin, Text, parse};

/// The documents of a text that the manifest reader lets pass.
fn documents(text: &str) -> (Vec<GravityApp>, Vec<GravityService>) {
    let text = Text {
        name: "test.yaml".to_owned(),
        text: text.to_owned(),
        origin: Origin::Named,
    };
    let documents = parse(&[text]).unwrap_or_else(|error| panic!("{error}"));
    (documents.apps, documents.services)
}

/// A service with a name, a version and an image, and these lines.
fn service(lines: &str) -> GravityService {
    let head = "name: auth-service\nversion: 1.4.0\nimage: auth:1.4.0\n";
    documents(&format!("{head}{lines}")).1.remove(0)
}

/// An app with one root, and these lines in its spec.
fn app(lines: &str) -> GravityApp {
    let head = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: shop, namespace: shop}\nspec:\n";
    let lines: String = lines.lines().map(|line| format!("  {line}\n")).collect();
    let root = if lines.contains("services:") {
        ""
    } else {
        "  services: [{name: auth-service}]\n"
    };
    documents(&format!("{head}{root}{lines}")).0.remove(0)
}

/// All problems, a line each.
fn told<T: std::fmt::Debug>(result: Result<T, Vec<Invalid>>) -> String {
    let problems = result.expect_err("this should be refused");
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}
