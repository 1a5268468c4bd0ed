//! Values that stand somewhere else: in Secrets and ConfigMaps, in a secret store, in Vault.

use std::collections::BTreeMap;

use super::report::Report;
use super::value::duration::duration;
use super::value::name;
use crate::api::secrets::{KeyRef, RemoteRef, SecretStore, StoreKind, ValueFrom, Vault, VaultFile};
use crate::api::service::Storage;

/// The volume with the token by which Vault's agent logs in.
pub const VAULT_TOKEN: &str = "vault-token";

/// Where the value of a variable stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// In a Secret of the app's namespace.
    Secret(Key),
    /// In a ConfigMap of the app's namespace.
    ConfigMap(Key),
    /// In the app's secret store.
    Remote(RemoteRef),
}

/// A key of a Secret or a ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The object's name.
    pub name: String,
    /// The key.
    pub key: String,
    /// Absent is fine.
    pub optional: bool,
}

/// The store that remote values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: StoreKind,
    /// How often values are fetched anew; the operator's own interval when absent.
    pub refresh: Option<String>,
}

/// The sources of variables, each checked. One that is a text, too, is refused.
pub(super) fn values(
    stated: &BTreeMap<String, ValueFrom>,
    texts: &BTreeMap<String, String>,
    at: &str,
    report: &mut Report,
) -> BTreeMap<String, ValueSource> {
    let mut values = BTreeMap::new();
    for (variable, from) in stated {
        let at = format!("{at}.envValueFrom.{variable}");
        report.check(&at, name::variable(variable));
        if texts.contains_key(variable) {
            let message = format!("{variable} is in env, too: take it out of one of the two");
            report.add(&at, message);
        }
        if let Some(value) = source(from, &at, report) {
            values.insert(variable.clone(), value);
        }
    }
    values
}

fn source(from: &ValueFrom, at: &str, report: &mut Report) -> Option<ValueSource> {
    let ValueFrom {
        secret_key_ref,
        config_map_key_ref,
        remote_ref,
    } = from;
    match (secret_key_ref, config_map_key_ref, remote_ref) {
        (Some(key), None, None) => {
            let key = of_object(key, &format!("{at}.secretKeyRef"), report);
            Some(ValueSource::Secret(key))
        }
        (None, Some(key), None) => {
            let key = of_object(key, &format!("{at}.configMapKeyRef"), report);
            Some(ValueSource::ConfigMap(key))
        }
        (None, None, Some(remote)) => {
            remote_key(remote, &format!("{at}.remoteRef"), report);
            Some(ValueSource::Remote(remote.clone()))
        }
        (None, None, None) => {
            report.add(at, "says nothing: write secretKeyRef: {name: stripe, key: api-key}, or configMapKeyRef, or remoteRef");
            None
        }
        _ => {
            report.add(
                at,
                "has several sources: write one of secretKeyRef, configMapKeyRef and remoteRef",
            );
            None
        }
    }
}

fn of_object(stated: &KeyRef, at: &str, report: &mut Report) -> Key {
    report.check(format!("{at}.name"), name::object(&stated.name));
    report.check(format!("{at}.key"), data_key(&stated.key));
    Key {
        name: stated.name.clone(),
        key: stated.key.clone(),
        optional: stated.optional.unwrap_or(false),
    }
}

fn data_key(key: &str) -> Result<(), String> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !key.is_empty() && key.len() <= 253 && key.bytes().all(fine) {
        return Ok(());
    }
    Err(format!(
        "{key:?} can be no key of it: write letters, digits, -, _ and ., as api-key"
    ))
}

fn remote_key(remote: &RemoteRef, at: &str, report: &mut Report) {
    if remote.key.is_empty() {
        report.add(
            format!("{at}.key"),
            "is empty: write the store's name of the secret, as prod/sentry",
        );
    }
}

/// The store that applies: the environment's, or else the app's.
pub(super) fn store(stated: Option<&SecretStore>, at: &str, report: &mut Report) -> Option<Store> {
    let SecretStore {
        name: store,
        kind,
        refresh_interval,
    } = stated?;
    report.check(format!("{at}.name"), name::object(store));
    if let Some(interval) = refresh_interval {
        report.check(format!("{at}.refreshInterval"), duration(interval));
    }
    Some(Store {
        name: store.clone(),
        // As the External Secrets Operator itself has it.
        kind: kind.unwrap_or(StoreKind::SecretStore),
        refresh: refresh_interval.clone(),
    })
}

pub(super) fn vault(stated: Option<&Vault>, storage: &[Storage], report: &mut Report) {
    let Some(Vault {
        role,
        mount_path,
        files,
    }) = stated
    else {
        return;
    };
    if role.is_empty() {
        report.add(
            "spec.vault.role",
            "is empty: write the role of Vault's Kubernetes auth method that this service has",
        );
    }
    if let Some(path) = mount_path {
        report.check("spec.vault.mountPath", name::folder(path));
    }
    if files.is_empty() {
        report.add(
            "spec.vault.files",
            "has no file: write a name and its path, as payment: {path: secret/data/payment}",
        );
    }
    for (name, file) in files {
        vault_file(name, file, report);
    }
    if let Some(index) = storage.iter().position(|claim| claim.name == VAULT_TOKEN) {
        let message =
            format!("{VAULT_TOKEN} is the volume of the token for Vault: write another name");
        report.add(format!("spec.storage[{index}].name"), message);
    }
}

fn vault_file(name: &str, file: &VaultFile, report: &mut Report) {
    let at = format!("spec.vault.files.{name}");
    let VaultFile {
        path,
        env,
        template,
    } = file;
    report.check(&at, file_name(name));
    report.check(format!("{at}.path"), vault_path(path));
    if !env.is_empty() && template.is_some() {
        report.add(
            &at,
            "has env and a template, and env writes the template: take one of the two out",
        );
    }
    for (variable, key) in env {
        report.check(format!("{at}.env.{variable}"), name::variable(variable));
        if name::variable(key).is_err() {
            let message = format!(
                "{key:?} is no key that a template can name by itself: write letters, digits and _, or write a template"
            );
            report.add(format!("{at}.env.{variable}"), message);
        }
    }
}

/// The injector writes names in lower case, and a name is the end of an annotation's, of which
/// the longest leaves it forty characters.
fn file_name(name: &str) -> Result<(), String> {
    let fine =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    if name.len() <= 40
        && bytes.iter().copied().all(fine)
        && edge(bytes.first())
        && edge(bytes.last())
    {
        return Ok(());
    }
    Err(format!(
        "{name:?} can be no file's name here: write at most 40 lower-case letters, digits, -, _ and ., as payment.env"
    ))
}

fn vault_path(path: &str) -> Result<(), String> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let fine = |part: &str| !part.is_empty() && part.bytes().all(fine);
    if path.contains('/') && path.split('/').all(fine) {
        return Ok(());
    }
    Err(format!(
        "{path:?} is no path of Vault: write the mount and the name without a slash at either end, as secret/data/payment"
    ))
}
