//! The older spelling of manifests → the one of the custom resource.
//!
//! Most fields only change from snake_case to camelCase; the others stand in [`MOVED`].
//! Docs list the table, so it is data.

use serde_json::Value;

use super::shape::{Fault, properties};
use super::tree::{Data, Entry, Position, Tree};

/// Older fields that are somewhere else now: the older path, and the paths that get its
/// value.
pub(super) const MOVED: [(&str, &[&str]); 30] = [
    ("min_instances", &["scaling.minReplicas"]),
    ("max_instances", &["scaling.maxReplicas"]),
    ("min_replicas", &["scaling.minReplicas"]),
    ("max_replicas", &["scaling.maxReplicas"]),
    ("instances", &["scaling.minReplicas"]),
    ("replicas", &["scaling.minReplicas"]),
    ("scaling.min_instances", &["scaling.minReplicas"]),
    ("scaling.max_instances", &["scaling.maxReplicas"]),
    ("scaling.min", &["scaling.minReplicas"]),
    ("scaling.max", &["scaling.maxReplicas"]),
    ("api_prefix", &["api.prefix"]),
    ("api_contract", &["api.contract"]),
    ("health_check", &["health.liveness", "health.readiness"]),
    (
        "health_check_path",
        &["health.liveness", "health.readiness"],
    ),
    ("health_checks", &["health"]),
    ("liveness_probe", &["health.liveness"]),
    ("readiness_probe", &["health.readiness"]),
    ("startup_probe", &["health.startup"]),
    ("env_vars", &["env"]),
    ("environment_variables", &["env"]),
    ("depends_on", &["dependencies"]),
    ("service_name", &["name"]),
    ("start_command", &["command"]),
    ("migration_command", &["migrations.command"]),
    ("seed_command", &["migrations.seed"]),
    ("cron_schedule", &["schedule"]),
    ("cpu_request", &["resources.requests.cpu"]),
    ("memory_request", &["resources.requests.memory"]),
    ("cpu_limit", &["resources.limits.cpu"]),
    ("memory_limit", &["resources.limits.memory"]),
];

/// The tree in today's spelling. What is said in both spellings is a fault.
pub(super) fn modern(mut tree: Tree, schema: &Value) -> (Tree, Vec<Fault>) {
    let mut faults = Vec::new();
    for (old, new) in MOVED {
        let parts: Vec<&str> = old.split('.').collect();
        let Some(entry) = take(&mut tree, &parts) else {
            continue;
        };
        for path in new {
            let parts: Vec<&str> = path.split('.').collect();
            if put(&mut tree, &parts, &entry).is_err() {
                faults.push(twice(old, path, entry.position));
            }
        }
    }
    rename(&mut tree, schema, &mut faults);
    (tree, faults)
}

/// Where an older top-level field is now, for objects that must have today's spelling.
pub(super) fn today(key: &str) -> Option<&'static str> {
    let found = MOVED.iter().find(|(old, _)| *old == key);
    found.and_then(|(_, new)| new.first().copied())
}

/// `min_replicas` → `minReplicas`.
pub(super) fn camel(key: &str) -> String {
    let mut words = key.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

fn twice(old: &str, new: &str, position: Position) -> Fault {
    Fault {
        position,
        message: format!(
            "`{old}` is an older name of `{new}`, which is here too: keep `{new}` only"
        ),
    }
}

fn take(tree: &mut Tree, path: &[&str]) -> Option<Entry> {
    let Data::Map(entries) = &mut tree.data else {
        return None;
    };
    let (first, rest) = path.split_first()?;
    let index = entries.iter().position(|entry| entry.key == *first)?;
    if rest.is_empty() {
        Some(entries.remove(index))
    } else {
        take(&mut entries.get_mut(index)?.value, rest)
    }
}

/// Puts the entry's value at the path; refused where something is already.
fn put(tree: &mut Tree, path: &[&str], entry: &Entry) -> Result<(), ()> {
    let Data::Map(entries) = &mut tree.data else {
        return Err(());
    };
    let Some((first, rest)) = path.split_first() else {
        return Err(());
    };
    let index = entries.iter().position(|each| each.key == *first);
    match (index, rest) {
        (Some(_), []) => Err(()),
        (Some(index), rest) => put(&mut entries[index].value, rest, entry),
        (None, rest) => {
            entries.push(nested(first, rest, entry));
            Ok(())
        }
    }
}

fn nested(first: &str, rest: &[&str], entry: &Entry) -> Entry {
    let value = match rest.split_first() {
        None => entry.value.clone(),
        Some((next, rest)) => Tree {
            data: Data::Map(vec![nested(next, rest, entry)]),
            position: entry.position,
        },
    };
    Entry {
        key: first.to_owned(),
        position: entry.position,
        value,
    }
}

/// Gives known fields their names of today, in all maps that have fields.
fn rename(tree: &mut Tree, schema: &Value, faults: &mut Vec<Fault>) {
    match &mut tree.data {
        Data::List(items) => {
            for item in items {
                rename(item, &schema["items"], faults);
            }
        }
        Data::Map(entries) => {
            let known: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
            for entry in entries {
                rename_entry(entry, schema, &known, faults);
            }
        }
        Data::Null | Data::Plain { .. } | Data::Text(_) => {}
    }
}

fn rename_entry(entry: &mut Entry, schema: &Value, known: &[String], faults: &mut Vec<Fault>) {
    let Some(properties) = properties(schema) else {
        return rename(&mut entry.value, &schema["additionalProperties"], faults);
    };
    let camel = camel(&entry.key);
    if camel != entry.key && properties.contains_key(&camel) {
        if known.contains(&camel) {
            faults.push(twice(&entry.key, &camel, entry.position));
        }
        entry.key = camel;
    }
    if let Some(schema) = properties.get(&entry.key) {
        rename(&mut entry.value, schema, faults);
    }
}
