//! What a Compose file says of the service whose folder this is, and of what stands beside it.

use serde_json::Value;

use super::Files;

/// The names that a Compose file has, the first that is there counts (the Compose
/// specification, "Compose file").
pub(super) const NAMES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// The services of a Compose file.
#[derive(Clone, Debug, Default)]
pub(super) struct Compose {
    /// The file.
    pub file: &'static str,
    /// The service that is built of this folder.
    own: Value,
    /// Those that it depends on, or all others where it says nothing of that.
    others: Vec<(String, Value)>,
}

impl Compose {
    pub(super) fn read(files: &Files) -> Option<Self> {
        let (file, text) = NAMES
            .into_iter()
            .find_map(|name| Some((name, files.get(name)?)))?;
        let read: Value = serde_yaml::from_str(text).ok()?;
        let services = read["services"].as_object()?;
        let mut built = services
            .iter()
            .filter(|(_, it)| is_built_here(&it["build"]));
        let (name, own) = built.next()?;
        if built.next().is_some() {
            return None;
        }
        let needed = names(&own["depends_on"]);
        let is_needed = |other: &String| needed.is_empty() || needed.contains(other);
        let others = services
            .iter()
            .filter(|(other, _)| *other != name && is_needed(other));
        Some(Self {
            file,
            own: own.clone(),
            others: others
                .map(|(name, it)| (name.clone(), it.clone()))
                .collect(),
        })
    }

    /// The port of its container: the last number of `8080:80/tcp`, or `target`.
    pub(super) fn port(&self) -> Option<u16> {
        let first = self.own["ports"]
            .get(0)
            .or_else(|| self.own["expose"].get(0))?;
        if let Some(target) = first["target"].as_u64() {
            return u16::try_from(target).ok();
        }
        let text = first
            .as_str()
            .map_or_else(|| first.to_string(), str::to_owned);
        let container = text.rsplit(':').next()?;
        container.split('/').next()?.parse().ok()
    }

    /// Its variables, and their values.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let said = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        match &self.own["environment"] {
            Value::Object(all) => all
                .iter()
                .map(|(name, it)| (name.clone(), said(it)))
                .collect(),
            Value::Array(all) => {
                let pairs = all.iter().filter_map(|it| it.as_str()?.split_once('='));
                pairs
                    .map(|(name, text)| (name.to_owned(), text.to_owned()))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// The path that its health check asks.
    pub(super) fn health(&self) -> Option<String> {
        let test = &self.own["healthcheck"]["test"];
        let words = test
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let words: Vec<&str> = words.chain(test.as_str()).collect();
        super::dockerfile::path_of(&words.join(" "))
    }

    /// The images beside it, and what the file calls them.
    pub(super) fn images(&self) -> impl Iterator<Item = (&str, &str)> {
        let others = self.others.iter().filter(|(_, it)| it["build"].is_null());
        others.filter_map(|(name, it)| Some((name.as_str(), it["image"].as_str()?)))
    }

    /// The services of other folders beside it.
    pub(super) fn services(&self) -> impl Iterator<Item = &str> {
        let built = self.others.iter().filter(|(_, it)| !it["build"].is_null());
        built.map(|(name, _)| name.as_str())
    }
}

fn is_built_here(build: &Value) -> bool {
    let context = build.as_str().or_else(|| build["context"].as_str());
    context.is_some_and(|it| matches!(it, "." | "./"))
}

/// The names of `depends_on`, as a list or as a map.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => {
            let names = all.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        }
        Value::Object(all) => all.keys().cloned().collect(),
        _ => Vec::new(),
    }
}
