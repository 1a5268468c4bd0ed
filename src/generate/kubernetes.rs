//! Plain objects with a kustomization: `kubectl apply -k` brings them to a cluster.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::objects::{by_file, freed, unmade};
use super::{Files, Make, SECRETS_FILE};
use crate::manifest::yaml;
use crate::plan::Plan;
use crate::schedule::secrets;

/// Whose the objects are said to be.
const MANAGER: &str = "kustomize";

/// The files. `made` are the Secrets of an earlier time by their name, whose passwords stay.
///
/// # Errors
/// Those of `make`.
pub fn files<E>(
    plan: &Plan,
    made: &BTreeMap<String, Value>,
    make: Make<'_, E>,
) -> Result<Files, E> {
    let namespace = &plan.app.namespace;
    let mut files = Files::new();
    let home = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    files.insert("namespace.yaml".to_owned(), yaml::to_string(&home));
    let mut resources = vec!["namespace.yaml".to_owned()];
    let passwords = passwords(plan, made, make)?;
    if !passwords.is_empty() {
        resources.push(SECRETS_FILE.to_owned());
        files.insert(SECRETS_FILE.to_owned(), yaml::documents(&passwords));
    }
    for (name, objects) in by_file(plan, MANAGER) {
        files.insert(name.clone(), yaml::documents(&objects));
        resources.push(name);
    }
    let kustomization = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    });
    let head =
        "# Made by `gravity generate k8s`, which writes it anew: change what it was made from.\n";
    files.insert(
        "kustomization.yaml".to_owned(),
        format!("{head}{}", yaml::to_string(&kustomization)),
    );
    files.insert(
        ".gitignore".to_owned(),
        format!("# Passwords.\n{SECRETS_FILE}\n"),
    );
    Ok(files)
}

fn passwords<E>(
    plan: &Plan,
    made: &BTreeMap<String, Value>,
    make: Make<'_, E>,
) -> Result<Vec<Value>, E> {
    let mut secrets = Vec::new();
    for each in unmade(plan) {
        let kept = match made.get(each.name) {
            Some(live) => secrets::filled(each.stated, each.generate, live, make)?,
            None => None,
        };
        let secret = match kept {
            Some(secret) => secret,
            None => secrets::anew(each.stated, each.generate, false, make)?,
        };
        secrets.push(freed(&secret, MANAGER));
    }
    Ok(secrets)
}
