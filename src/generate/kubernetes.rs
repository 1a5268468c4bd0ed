//! Plain objects with a kustomization: `kubectl apply -k` brings them to a cluster.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::objects::{by_file, freed, unmade};
use super::{Files, MARK, Make, SECRETS_FILE};
use crate::manifest::yaml;
use crate::plan::Plan;
use crate::schedule::secrets;

/// Whose the objects are said to be.
const MANAGER: &str = "kustomize";

/// Why there are no passwords.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError<E: std::fmt::Display> {
    /// None can be made.
    #[error("no password can be made: {0}")]
    Make(E),
    /// Those that were made before cannot be used.
    #[error(
        "the Secret {0} in {SECRETS_FILE} holds values that cannot be used: bring back the one that was made first, or the databases' passwords are lost"
    )]
    Unusable(String),
}

/// The files. `made` are the Secrets of an earlier time by their name, whose passwords stay.
///
/// # Errors
/// Those of `make`, and an earlier Secret that cannot be used.
pub fn files<E: std::fmt::Display>(
    plan: &Plan,
    made: &BTreeMap<String, Value>,
    make: Make<'_, E>,
) -> Result<Files, PasswordError<E>> {
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
    let head = format!("# {MARK}: change what it was made from.\n");
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

fn passwords<E: std::fmt::Display>(
    plan: &Plan,
    made: &BTreeMap<String, Value>,
    make: Make<'_, E>,
) -> Result<Vec<Value>, PasswordError<E>> {
    let mut secrets = Vec::new();
    for each in unmade(plan) {
        let secret = match made.get(each.name) {
            Some(live) => secrets::filled(each.stated, each.generate, live, make)
                .map_err(PasswordError::Make)?
                .ok_or_else(|| PasswordError::Unusable(each.name.to_owned()))?,
            None => secrets::anew(each.stated, each.generate, false, make)
                .map_err(PasswordError::Make)?,
        };
        secrets.push(freed(&secret, MANAGER));
    }
    Ok(secrets)
}
