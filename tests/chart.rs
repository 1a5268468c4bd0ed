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
    match std::env::var_os("HELM") {
        Some(helm) => helm.into(),
        None => local_cluster::helm_program().unwrap(),
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

/// A rule that grants something, and whom to: the kind and the name of its role.
#[derive(Debug)]
struct Granted {
    role: String,
    groups: BTreeSet<String>,
    resources: BTreeSet<String>,
    verbs: BTreeSet<String>,
    names: BTreeSet<String>,
}

/// Every rule of a rendered chart, those for people too.
fn granted(values: &Path) -> Vec<Granted> {
    let rendered = render(values);
    let text = String::from_utf8(rendered.stdout).unwrap();
    let objects: Vec<Value> = serde_yaml::from_multiple(&text).unwrap();
    let is_role = |object: &&Value| {
        ["Role", "ClusterRole"]
            .iter()
            .any(|it| object["kind"] == *it)
    };
    let roles = objects.iter().filter(is_role);
    let rules = roles.flat_map(|role| {
        let place = &role["metadata"]["namespace"];
        let place = place
            .as_str()
            .map_or_else(String::new, |it| format!(" in {it}"));
        let name = role["metadata"]["name"].as_str().unwrap();
        let whose = format!("{} {name}{place}", role["kind"].as_str().unwrap());
        let rules = role["rules"].as_array().unwrap().iter();
        rules.map(move |rule| Granted {
            role: whose.clone(),
            groups: words(&rule["apiGroups"]),
            resources: words(&rule["resources"]),
            verbs: words(&rule["verbs"]),
            names: words(&rule["resourceNames"]),
        })
    });
    rules.collect()
}

/// The words of a list; none where there is no list.
fn words(list: &Value) -> BTreeSet<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

/// Whether the operator has the rule, and not those who use the cluster.
fn is_of_the_operator(rule: &Granted) -> bool {
    let of_people = ["-view", "-edit", "-admin"];
    !of_people.iter().any(|suffix| rule.role.ends_with(suffix))
}

/// How many rules each role has, and how many rights: a resource and a verb.
fn counted(values: &Path) -> String {
    let mut roles: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for rule in granted(values) {
        let (rules, rights) = roles.entry(rule.role).or_default();
        *rules += 1;
        *rights += rule.resources.len() * rule.verbs.len();
    }
    let told = roles
        .iter()
        .map(|(role, (rules, rights))| format!("{role}: {rules} rules, {rights} rights"));
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_rights_of_the_whole_cluster_are_counted() {
    insta::assert_snapshot!(counted(&chart().join("values.yaml")), @"
    ClusterRole gravity: 25 rules, 176 rights
    ClusterRole gravity-admin: 1 rules, 2 rights
    ClusterRole gravity-edit: 1 rules, 8 rights
    ClusterRole gravity-view: 2 rules, 8 rights
    Role gravity-leader-election in gravity-system: 2 rules, 3 rights
    ");
}

/// Of the cluster nothing is left but the look at definitions.
#[test]
fn the_rights_in_namespaces_are_counted() {
    let values = chart().join("ci/namespaces-values.yaml");
    insta::assert_snapshot!(counted(&values), @"
    ClusterRole gravity: 1 rules, 2 rights
    Role gravity in bank: 24 rules, 174 rights
    Role gravity in services: 2 rules, 3 rights
    Role gravity in shop: 24 rules, 174 rights
    Role gravity-leader-election in gravity-system: 2 rules, 3 rights
    ");
    let rules = granted(&values);
    let of_the_cluster: Vec<&Granted> = rules
        .iter()
        .filter(|rule| rule.role.starts_with("ClusterRole"))
        .collect();
    let seen: BTreeSet<&str> = of_the_cluster
        .iter()
        .flat_map(|rule| &rule.resources)
        .map(String::as_str)
        .collect();
    assert_eq!(seen, BTreeSet::from(["customresourcedefinitions"]));
    assert!(
        of_the_cluster.iter().all(|rule| !rule.names.is_empty()),
        "each by its name: {of_the_cluster:#?}"
    );
    let secrets: BTreeSet<&str> = rules
        .iter()
        .filter(|rule| rule.resources.contains("secrets"))
        .map(|rule| rule.role.as_str())
        .collect();
    assert_eq!(
        secrets,
        BTreeSet::from(["Role gravity in bank", "Role gravity in shop"])
    );
}

/// No rule says "all", none gives rights to somebody else, and none runs what it likes in a pod.
#[test]
fn no_rule_is_wider_than_its_words() {
    let never = ["*", "bind", "escalate", "impersonate", "deletecollection"];
    for values in files(&chart().join("ci"))
        .into_iter()
        .chain([chart().join("values.yaml")])
    {
        for rule in granted(&values) {
            let wild = [&rule.groups, &rule.resources, &rule.verbs, &rule.names]
                .iter()
                .any(|words| words.contains("*"));
            assert!(!wild, "{}: {rule:#?}", values.display());
            if is_of_the_operator(&rule) {
                let verbs = never.iter().find(|verb| rule.verbs.contains(**verb));
                assert_eq!(verbs, None, "{rule:#?}");
                let inside = rule.resources.iter().find(|resource| {
                    resource.starts_with("pods/") || resource.starts_with("serviceaccounts/")
                });
                assert_eq!(inside, None, "{rule:#?}");
            }
        }
    }
}

/// A right that nobody can give a reason for is one too many.
#[test]
fn every_rule_has_its_reason_above_it() {
    let mut seen = 0;
    for template in files(&chart().join("templates")) {
        let text = fs::read_to_string(&template).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.starts_with("- apiGroups:"))
        {
            // The policies say why as a whole.
            if lines[at + 1].starts_with("apiVersions:") {
                continue;
            }
            seen += 1;
            assert!(
                lines[at - 1].starts_with("# "),
                "{}:{}: {line} has no reason above it",
                template.display(),
                at + 1
            );
        }
    }
    assert!(seen > 20, "the rules are not read: {seen}");
}

#[test]
fn the_rights_in_the_readme_are_those_that_are_granted() {
    let readme = fs::read_to_string(chart().join("README.md")).unwrap();
    let told = told_rights(&readme);
    for values in ["values.yaml", "ci/namespaces-values.yaml"] {
        let mut granted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for rule in self::granted(&chart().join(values))
            .iter()
            .filter(|rule| is_of_the_operator(rule))
        {
            for resource in &rule.resources {
                granted
                    .entry(resource.clone())
                    .or_default()
                    .extend(rule.verbs.clone());
            }
        }
        assert!(granted.len() > 20, "the rules are not read: {granted:?}");
        assert_eq!(
            told, granted,
            "README.md (left) and the chart with {values} (right)"
        );
    }
}

/// The verbs of each resource, as the table in the README tells them.
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
    let each = rows
        .filter(|cells| cells[1].trim() != "what")
        .flat_map(|cells| {
            let verbs = words(cells[2]);
            words(cells[1])
                .into_iter()
                .map(move |resource| (resource, verbs.clone()))
        });
    each.collect()
}

/// The dotted names of the schema's values. `resources` is Kubernetes' own, and one value.
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
