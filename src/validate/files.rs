//! What comes into a container from outside: variables, files, volumes.

use std::collections::BTreeMap;

use super::report::Report;
use super::scaling::size;
use super::value::name;
use crate::api::service::{ConfigFiles, EnvFrom, Storage};

/// A ConfigMap holds no more (Kubernetes: 1 MiB), and some room is for its names.
const CONFIG_LIMIT: usize = 1_000_000;

pub(super) fn variables(env: &BTreeMap<String, String>, at: &str, report: &mut Report) {
    for name in env.keys() {
        report.check(format!("{at}.{name}"), name::variable(name));
    }
}

pub(super) fn env_from(stated: &[EnvFrom], report: &mut Report) {
    for (index, each) in stated.iter().enumerate() {
        let at = format!("spec.envFrom[{index}]");
        match (&each.secret, &each.config_map) {
            (Some(secret), None) => report.check(format!("{at}.secret"), name::object(secret)),
            (None, Some(map)) => report.check(format!("{at}.configMap"), name::object(map)),
            (Some(_), Some(_)) => {
                report.add(
                    &at,
                    "names a secret and a configMap: make two entries of them",
                );
                None
            }
            (None, None) => {
                report.add(
                    &at,
                    "names nothing: write secret or configMap, and the name of one",
                );
                None
            }
        };
        if let Some(prefix) = &each.prefix {
            report.check(format!("{at}.prefix"), name::variable(prefix));
        }
    }
}

pub(super) fn config(stated: &[ConfigFiles], report: &mut Report) {
    for (index, each) in stated.iter().enumerate() {
        let at = format!("spec.config[{index}]");
        report.check(format!("{at}.mountPath"), name::folder(&each.mount_path));
        if each.files.is_empty() {
            report.add(
                format!("{at}.files"),
                "has no file: write a name and its content, or take the entry out",
            );
        }
        for file in each.files.keys() {
            report.check(format!("{at}.files.{file}"), name::file(file));
        }
        let size: usize = each
            .files
            .iter()
            .map(|(name, content)| name.len() + content.len())
            .sum();
        if size > CONFIG_LIMIT {
            report.add(format!("{at}.files"), format!("has {size} bytes, and a ConfigMap holds {CONFIG_LIMIT}: put large files into the image or a volume"));
        }
    }
}

pub(super) fn storage(stated: &[Storage], report: &mut Report) {
    let names = stated.iter().map(|each| each.name.as_str());
    report.unique("spec.storage", "name", "one", names);
    for (index, each) in stated.iter().enumerate() {
        let at = format!("spec.storage[{index}]");
        report.check(format!("{at}.name"), name::label(&each.name, 30));
        report.check(format!("{at}.mountPath"), name::folder(&each.mount_path));
        report.check(format!("{at}.size"), size(&each.size));
        if let Some(class) = &each.storage_class_name {
            report.check(format!("{at}.storageClassName"), name::object(class));
        }
    }
}

/// Two volumes at one folder: the second would hide the first.
pub(super) fn folders(config: &[ConfigFiles], storage: &[Storage], report: &mut Report) {
    let config = config.iter().enumerate();
    let config = config.map(|(index, each)| (format!("spec.config[{index}]"), &each.mount_path));
    let storage = storage.iter().enumerate();
    let storage = storage.map(|(index, each)| (format!("spec.storage[{index}]"), &each.mount_path));
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for (at, path) in config.chain(storage) {
        let folder = path.trim_end_matches('/');
        if let Some(first) = seen.get(folder) {
            report.add(
                format!("{at}.mountPath"),
                format!(
                    "{path} is the folder of {first} already: write another one, or join the two"
                ),
            );
        } else {
            seen.insert(folder, at);
        }
    }
}
