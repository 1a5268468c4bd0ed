//! The Helm chart: what it renders, what it refuses, and whether its papers agree.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinitionSpec;
use serde_json::Value;

fn chart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/gravity")
}

/// The helm that tools/build makes from its Go module, unless HELM names another.
fn helm() -> PathBuf {
    if let Some(helm) = std::env::var_os("HELM") {
        return helm.into();
    }
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/build");
    let output = Command::new(build).arg("helm").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    match text.trim().split_once('\t') {
        Some((_, path)) => path.into(),
        None => panic!(
            "tools/build helm: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

fn render(values: &Path) -> Output {
    Command::new(helm())
        .args(["template", "gravity", "--namespace", "gravity-system"])
        .args(["--kube-version", "1.33.0", "--values"])
        .arg(values)
        .arg(chart())
        .output()
        .unwrap()
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).collect()
}

#[test]
fn bad_values_are_refused_in_words_that_name_the_value() {
    let mut told = String::new();
    for values in files(&chart().join("ci/refused")) {
        let output = render(&values);
        assert!(!output.status.success(), "{} was taken", values.display());
        let error = String::from_utf8(output.stderr).unwrap();
        let name = values.file_stem().unwrap().to_string_lossy().into_owned();
        let reasons = error
            .lines()
            .filter(|line| line.trim_start().starts_with("- at"));
        told.push_str(&format!("{name}\n"));
        reasons.for_each(|line| told.push_str(&format!("  {}\n", line.trim_end())));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_derived_from_the_chart_and_the_examples_is_fresh() {
    let generate = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/generate");
    let output = Command::new(generate)
        .arg("--check")
        .env("HELM", helm())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_definitions_are_those_of_the_repository_and_are_kept() {
    let rendered = render(&chart().join("values.yaml"));
    let text = String::from_utf8(rendered.stdout).unwrap();
    let objects: Vec<Value> = serde_yaml::from_multiple(&text).unwrap();
    for definition in gravity::api::crds::crds() {
        let name = definition.metadata.name.clone().unwrap();
        let object = objects
            .iter()
            .find(|object| object["metadata"]["name"] == name.as_str())
            .unwrap_or_else(|| panic!("the chart lacks {name}"));
        assert_eq!(
            object["metadata"]["annotations"]["helm.sh/resource-policy"],
            "keep"
        );
        // Typed, for a bound that is written 1000 here is read as 1000.0 there.
        let spec: CustomResourceDefinitionSpec =
            serde_json::from_value(object["spec"].clone()).unwrap();
        assert!(
            spec == definition.spec,
            "{name} is stale in the chart: run config/generate"
        );
    }
}

#[test]
fn every_value_stands_in_the_schema_and_in_the_readme() {
    let values = fs::read_to_string(chart().join("values.yaml")).unwrap();
    let values: Value = serde_yaml::from_str(&values).unwrap();
    let schema = fs::read_to_string(chart().join("values.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let readme = fs::read_to_string(chart().join("README.md")).unwrap();
    let in_schema = named(&schema, "");
    let in_values = of_these(&values, &in_schema);
    assert_eq!(
        in_values, in_schema,
        "values.yaml (left) and values.schema.json (right)"
    );
    for value in in_schema {
        assert!(
            readme.contains(&format!("| `{value}` |")),
            "README.md lacks {value}"
        );
    }
}

/// What only a parent chart gives.
const PARENT: [&str; 2] = ["global", "enabled"];

/// The dotted names of the schema's values. `resources` is Kubernetes' own, and one value.
#[test]
fn the_rights_in_the_readme_are_those_that_are_granted() {
    let rules = fs::read_to_string(chart().join("templates/_rules.tpl")).unwrap();
    let readme = fs::read_to_string(chart().join("README.md")).unwrap();
    let told = told_rights(&readme);
    let granted = granted_rights(&rules);
    assert!(granted.len() > 20, "the rules are not read: {granted:?}");
    assert_eq!(told, granted, "README.md (left) and _rules.tpl (right)");
}

/// The verbs of each resource, as the rules of the chart's helper template grant them.
fn granted_rights(template: &str) -> BTreeMap<String, BTreeSet<String>> {
    let is_rule = |line: &&str| line.starts_with("- ") || line.starts_with("  ");
    let text: Vec<&str> = template
        .lines()
        .take_while(|line| !line.contains("gravity.subjects"))
        .filter(is_rule)
        .collect();
    let rules: Vec<Value> = serde_yaml::from_str(&text.join("\n")).unwrap();
    let words = |value: &Value| -> BTreeSet<String> {
        let items = value.as_array().unwrap().iter();
        items
            .map(|item| item.as_str().unwrap().to_owned())
            .collect()
    };
    let each = rules.iter().flat_map(|rule| {
        let verbs = words(&rule["verbs"]);
        let resources = words(&rule["resources"]);
        resources
            .into_iter()
            .map(move |resource| (resource, verbs.clone()))
    });
    each.collect()
}

/// The same, as the table in the README tells it. Leases are granted by a Role of their own.
fn told_rights(readme: &str) -> BTreeMap<String, BTreeSet<String>> {
    let (_, section) = readme.split_once("## Rights").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let words = |cell: &str| -> BTreeSet<String> {
        let words = cell.split(',').map(str::trim);
        let words = words.filter(|word| !word.contains(' '));
        words.map(str::to_owned).collect()
    };
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let rows = rows.map(|line| line.split('|').collect::<Vec<_>>());
    let rows = rows.filter(|cells| {
        !["what", "leases"]
            .iter()
            .any(|it| cells[1].trim().starts_with(it))
    });
    let each = rows.flat_map(|cells| {
        let verbs = words(cells[2]);
        words(cells[1])
            .into_iter()
            .map(move |resource| (resource, verbs.clone()))
    });
    each.collect()
}

fn named(schema: &Value, prefix: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, value) in schema["properties"].as_object().unwrap() {
        let path = format!("{prefix}{name}");
        if PARENT.contains(&path.as_str()) {
            continue;
        }
        if value.get("properties").is_some() && name != "resources" {
            names.extend(named(value, &format!("{path}.")));
        } else {
            names.insert(path);
        }
    }
    names
}

/// The names of what stands in `values`, as deep as the schema goes.
fn of_these(values: &Value, schema: &BTreeSet<String>) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, schema: &BTreeSet<String>, names: &mut BTreeSet<String>) {
        match value.as_object() {
            Some(fields) if !schema.contains(path) => {
                for (name, field) in fields {
                    let deeper = if path.is_empty() {
                        name.clone()
                    } else {
                        format!("{path}.{name}")
                    };
                    walk(field, &deeper, schema, names);
                }
            }
            _ => {
                names.insert(path.to_owned());
            }
        }
    }
    let mut names = BTreeSet::new();
    walk(values, "", schema, &mut names);
    names
}
