//! The older spelling of manifests → the one of the custom resource.
//!
//! Most fields only change from snake_case to camelCase; the others stand in [`MOVED`].
//! Docs list the table, so it is data.

use serde_json::Value;

use super::shape::{Fault, properties};
use super::tree::{Data, Entry, Position, Tree};

/// Older fields that are somewhere else now: the older path, and the paths that get its
/// value. A section that moves as a whole stands before what is read inside of it.
pub(super) const MOVED: [(&str, &[&str]); 31] = [
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
    ("dependencies[].service_name", &["dependencies[].name"]),
];

/// A field's older name in one section of a manifest.
struct Older {
    /// The section's path, `items[]` for each item of a list; empty for the top.
    section: &'static str,
    /// The older name.
    name: &'static str,
    /// The paths of today, from the top of the manifest.
    today: &'static [&'static str],
}

impl Older {
    /// With the section, as a person reads it.
    fn path(&self) -> String {
        if self.section.is_empty() {
            self.name.to_owned()
        } else {
            format!("{}.{}", self.section, self.name)
        }
    }

    /// A path of today, from the section.
    fn inside(&self, path: &'static str) -> &'static str {
        let rest = path.strip_prefix(self.section).unwrap_or(path);
        rest.strip_prefix('.').unwrap_or(rest)
    }
}

/// The rows of [`MOVED`], and after them what follows from these: a field that moved into
/// a section may stand in that section under its older name.
fn older() -> impl Iterator<Item = Older> {
    let rows = MOVED.iter().map(|(old, today)| {
        let (section, name) = old.rsplit_once('.').unwrap_or(("", old));
        Older {
            section,
            name,
            today,
        }
    });
    let inside = MOVED.iter().filter_map(|(old, today)| {
        let (section, name) = today.first()?.rsplit_once('.')?;
        let section = section.split('.').next().unwrap_or(section);
        // What changes from snake_case only is renamed everywhere.
        (!old.contains('.') && camel(old) != name).then_some(Older {
            section,
            name: old,
            today,
        })
    });
    rows.chain(inside)
}

/// The tree in today's spelling. What is said in both spellings is a fault.
pub(super) fn modern(mut tree: Tree, schema: &Value) -> (Tree, Vec<Fault>) {
    let mut faults = Vec::new();
    for older in older() {
        for section in sections(&mut tree, older.section) {
            let Some(entry) = take(section, older.name) else {
                continue;
            };
            for path in older.today {
                let parts: Vec<&str> = older.inside(path).split('.').collect();
                if put(section, &parts, &entry).is_err() {
                    faults.push(twice(&older.path(), path, entry.position));
                }
            }
        }
    }
    rename(&mut tree, schema, &mut faults);
    (tree, faults)
}

/// Where an older field of a section is now, from that section.
pub(super) fn today(section: &str, name: &str) -> Option<&'static str> {
    let found = older().find(|older| older.section == section && older.name == name)?;
    found.today.first().map(|path| found.inside(path))
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

/// The tree itself, the section of that name, or each item of the list of that name.
fn sections<'t>(tree: &'t mut Tree, section: &str) -> Vec<&'t mut Tree> {
    if section.is_empty() {
        return vec![tree];
    }
    let Data::Map(entries) = &mut tree.data else {
        return Vec::new();
    };
    let name = section.strip_suffix("[]");
    let key = name.unwrap_or(section);
    let Some(entry) = entries.iter_mut().find(|entry| entry.key == key) else {
        return Vec::new();
    };
    match (name, &mut entry.value) {
        (None, value) => vec![value],
        (
            Some(_),
            Tree {
                data: Data::List(items),
                ..
            },
        ) => items.iter_mut().collect(),
        (Some(_), _) => Vec::new(),
    }
}

fn take(tree: &mut Tree, name: &str) -> Option<Entry> {
    let Data::Map(entries) = &mut tree.data else {
        return None;
    };
    let index = entries.iter().position(|entry| entry.key == name)?;
    Some(entries.remove(index))
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
