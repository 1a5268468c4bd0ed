//! The packages that code uses, in the words of each language's own file.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use super::{Files, text};

/// The schema of Prisma.
const PRISMA: &str = "prisma/schema.prisma";

/// The packages, and the file that names each.
pub(super) fn packages(
    files: &Files,
    node: &Value,
    rust: &Value,
    python: &Value,
) -> BTreeMap<String, &'static str> {
    let mut all = BTreeMap::new();
    let mut add = |names: Vec<String>, file: &'static str| {
        all.extend(names.into_iter().map(|name| (name, file)));
    };
    add(keys(&node["dependencies"]), "package.json");
    add(keys(&rust["dependencies"]), "Cargo.toml");
    add(features(&rust["dependencies"]), "Cargo.toml");
    add(providers(text(files, PRISMA)), PRISMA);
    add(
        keys(&python["tool"]["poetry"]["dependencies"]),
        "pyproject.toml",
    );
    let listed = python["project"]["dependencies"].as_array();
    let listed = listed.into_iter().flatten().filter_map(Value::as_str);
    add(listed.map(python_package).collect(), "pyproject.toml");
    let lines = text(files, "requirements.txt").lines();
    add(lines.map(python_package).collect(), "requirements.txt");
    let lines = text(files, "go.mod").lines();
    add(lines.filter_map(go_package).collect(), "go.mod");
    for file in ["pom.xml", "build.gradle"] {
        add(java_packages(text(files, file)), file);
    }
    all
}

fn keys(value: &Value) -> Vec<String> {
    let fields = value.as_object();
    fields
        .into_iter()
        .flat_map(|fields| fields.keys().cloned())
        .collect()
}

/// The features that a crate is asked for, as `sqlx/postgres`.
fn features(dependencies: &Value) -> Vec<String> {
    let all = dependencies.as_object().into_iter().flatten();
    all.flat_map(|(name, it)| {
        let features = it["features"].as_array().into_iter().flatten();
        let features = features.filter_map(Value::as_str);
        features
            .map(|feature| format!("{name}/{feature}"))
            .collect::<Vec<_>>()
    })
    .collect()
}

/// What Prisma's schema says of its database, as `prisma/postgresql`.
fn providers(schema: &str) -> Vec<String> {
    let lines = schema.lines().map(str::trim);
    let values = lines.filter_map(|line| {
        let (_, value) = line.strip_prefix("provider")?.split_once('=')?;
        Some(format!("prisma/{}", value.trim().trim_matches('"')))
    });
    values.collect()
}

/// `redis[hiredis]>=5` is `redis` (PEP 508).
fn python_package(line: &str) -> String {
    let end = line.find(|each: char| !each.is_ascii_alphanumeric() && !"-_.".contains(each));
    line[..end.unwrap_or(line.len())]
        .trim()
        .to_ascii_lowercase()
}

fn go_package(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("require ").trim();
    let path = line.split(' ').next()?;
    path.contains('/').then(|| path.to_owned())
}

/// What Maven and Gradle call artifacts.
fn java_packages(text: &str) -> Vec<String> {
    let Ok(artifact) = Regex::new(r#"<artifactId>([^<]+)</artifactId>|['"][\w.-]+:([\w.-]+)[:'"]"#)
    else {
        return Vec::new();
    };
    let found = artifact.captures_iter(text);
    let name = |captures: regex::Captures| {
        let name = captures.get(1).or_else(|| captures.get(2))?;
        Some(name.as_str().trim().to_owned())
    };
    found.filter_map(name).collect()
}
