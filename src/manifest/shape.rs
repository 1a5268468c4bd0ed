//! Tree + schema → the value, or everything that the schema has against it.
//!
//! The schema is the custom resource's own. Serde would stop at the first mistake, and
//! knows no place for it.

use serde_json::{Map, Value, json};

use super::spelling;
use super::tree::{Data, Entry, Position, Tree};
use super::wording::{field, first, quoted, unquoted};

/// Marks an object that may be written as one text.
const TEXT_TOO: &str = "x-gravity-text-too";

/// Something wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub position: Position,
    pub message: String,
}

/// The fields of an object's schema, where it has some.
pub(super) fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

/// Whether an object of this schema may be written as one text.
pub(super) fn may_be_text(schema: &Value) -> bool {
    schema[TEXT_TOO] == true
}

/// Checks a tree and hands back its value without nulls, which say nothing.
pub(super) fn check(tree: &Tree, schema: &Value, path: &str, faults: &mut Vec<Fault>) -> Value {
    let kind = properties(schema).is_some_and(|fields| fields.contains_key("kind"));
    let mut walk = Walk {
        faults,
        is_object: kind,
    };
    walk.node(tree, schema, path)
}

struct Walk<'a> {
    faults: &'a mut Vec<Fault>,
    /// A Kubernetes object, which must have today's spelling; else a bare manifest.
    is_object: bool,
}

impl Walk<'_> {
    fn fault(&mut self, position: Position, message: String) -> Value {
        self.faults.push(Fault { position, message });
        Value::Null
    }

    fn node(&mut self, tree: &Tree, schema: &Value, path: &str) -> Value {
        if schema["x-kubernetes-int-or-string"] == true {
            return self.number_or_text(tree, schema, path);
        }
        if may_be_text(schema) {
            return self.text_or_object(tree, schema, path);
        }
        match schema["type"].as_str() {
            Some("object") => self.object(tree, schema, path),
            Some("array") => self.list(tree, schema, path),
            Some("string") => self.text(tree, schema, path),
            Some("integer") => self.integer(tree, schema, path),
            Some("boolean") => self.boolean(tree, path),
            _ => tree.to_value(),
        }
    }

    fn wrong_type(&mut self, tree: &Tree, path: &str, wanted: &str) -> Value {
        let message = format!("`{path}` is {}, and {wanted} belongs here", tree.noun());
        self.fault(tree.position, message)
    }

    fn object(&mut self, tree: &Tree, schema: &Value, path: &str) -> Value {
        let Data::Map(entries) = &tree.data else {
            return self.no_map(tree, schema, path);
        };
        let mut value = Map::new();
        for entry in entries {
            if let Some(inner) = self.entry(entry, schema, path) {
                value.insert(entry.key.clone(), inner);
            }
        }
        self.required(tree, schema, path);
        self.count(tree, entries.len(), schema["maxProperties"].as_u64(), path);
        Value::Object(value)
    }

    /// Most often a bare name in a list of maps that have one.
    fn no_map(&mut self, tree: &Tree, schema: &Value, path: &str) -> Value {
        let required = schema["required"].as_array();
        let named = required.is_some_and(|fields| fields.iter().any(|field| field == "name"));
        match tree.text() {
            Some(text) if named && path.ends_with(']') => {
                let message =
                    format!("`{path}` is a text, and a map belongs here: write - name: {text}");
                self.fault(tree.position, message)
            }
            _ => self.wrong_type(tree, path, "a map (`field: value`, indented, a line each)"),
        }
    }

    fn entry(&mut self, entry: &Entry, schema: &Value, path: &str) -> Option<Value> {
        let inner = join(path, &entry.key);
        if let Some(field) = properties(schema).and_then(|known| known.get(&entry.key)) {
            let present = entry.value.data != Data::Null;
            return present.then(|| self.node(&entry.value, field, &inner));
        }
        if schema["x-kubernetes-preserve-unknown-fields"] == true {
            return (entry.value.data != Data::Null).then(|| entry.value.to_value());
        }
        let additional = &schema["additionalProperties"];
        if !additional.is_object() {
            self.unknown(entry, schema, path);
            return None;
        }
        if entry.value.data == Data::Null {
            let message = format!(
                "`{inner}` has no value: write {}: \"\" for an empty text, or take the line out",
                entry.key
            );
            self.fault(entry.position, message);
            return None;
        }
        Some(self.node(&entry.value, additional, &inner))
    }

    fn unknown(&mut self, entry: &Entry, schema: &Value, path: &str) {
        let known = properties(schema).into_iter().flat_map(Map::keys);
        let known: Vec<&str> = known.map(String::as_str).collect();
        let hint = self.older(&entry.key, &known, path).unwrap_or_else(|| {
            match nearest(&entry.key, known.iter().copied()) {
                Some(near) => format!(", did you mean `{near}`?"),
                None => format!(": the fields here are {}", known.join(", ")),
            }
        });
        self.fault(
            entry.position,
            format!("unknown field `{}`{hint}", entry.key),
        );
    }

    /// What an older name is today: here, or at the top of the manifest.
    fn older(&self, key: &str, known: &[&str], path: &str) -> Option<String> {
        let anywhere = spelling::today("", key);
        let camel = spelling::camel(key);
        let mut names = [spelling::today(&section(path), key), anywhere]
            .into_iter()
            .flatten()
            .chain([camel.as_str()]);
        let here = names.find(|name| {
            known
                .iter()
                .any(|field| name.split('.').next() == Some(field))
        });
        match (here, anywhere) {
            (Some(here), _) if self.is_object => Some(format!(
                ": inside a Kubernetes object it is spelled `{here}`"
            )),
            (Some(here), _) => Some(format!(": it is spelled `{here}`")),
            (None, Some(top)) => {
                let top = if self.is_object {
                    format!("spec.{top}")
                } else {
                    top.to_owned()
                };
                Some(format!(": a manifest says this in `{top}`"))
            }
            (None, None) => None,
        }
    }

    /// A service needs an image where it has no runtime, which no list of the schema can say.
    fn required(&mut self, tree: &Tree, schema: &Value, path: &str) {
        let absent = |field: &str| tree.get(field).is_none_or(|it| it.data == Data::Null);
        let runs = properties(schema).is_some_and(|known| known.contains_key("runtime"));
        let image = (runs && absent("runtime")).then_some("image");
        let required = schema["required"].as_array().into_iter().flatten();
        for field in image.into_iter().chain(required.filter_map(Value::as_str)) {
            if absent(field) {
                let inner = join(path, field);
                let description = schema["properties"][field]["description"].as_str();
                let what = description.map_or(String::new(), |text| format!(" ({})", first(text)));
                self.fault(tree.position, format!("`{inner}` is missing: add it{what}"));
            }
        }
    }

    fn list(&mut self, tree: &Tree, schema: &Value, path: &str) -> Value {
        let Data::List(items) = &tree.data else {
            return self.wrong_type(tree, path, "a list (`- ` before each item)");
        };
        self.count(tree, items.len(), schema["maxItems"].as_u64(), path);
        if items.len() < length(&schema["minItems"]).unwrap_or(0) {
            self.fault(
                tree.position,
                format!("`{path}` is empty: it takes at least one item"),
            );
        }
        let each = items.iter().enumerate();
        each.map(|(index, item)| self.node(item, &schema["items"], &format!("{path}[{index}]")))
            .collect()
    }

    fn count(&mut self, tree: &Tree, count: usize, most: Option<u64>, path: &str) {
        let most = most.and_then(|most| usize::try_from(most).ok());
        if let Some(most) = most.filter(|most| count > *most) {
            let message =
                format!("`{path}` has {count} entries, and {most} are the most: take some out");
            self.fault(tree.position, message);
        }
    }

    fn text(&mut self, tree: &Tree, schema: &Value, path: &str) -> Value {
        match &tree.data {
            Data::Text(text) => {
                self.one_of(tree, text, schema, path);
                self.size(tree, text, schema, path);
                Value::String(text.clone())
            }
            Data::Plain { written, .. } => {
                let message = unquoted(tree, written, schema, path);
                self.fault(tree.position, message)
            }
            Data::Null | Data::List(_) | Data::Map(_) => self.wrong_type(tree, path, "a text"),
        }
    }

    fn one_of(&mut self, tree: &Tree, text: &str, schema: &Value, path: &str) {
        let Some(values) = schema["enum"].as_array() else {
            return;
        };
        let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        if values.contains(&text) {
            return;
        }
        let list = values.join(", ");
        let message = match nearest(text, values.iter().copied()) {
            Some(near) => format!("`{path}` is {text:?}, did you mean {near}? It is one of {list}"),
            None => format!("`{path}` is {text:?}, and it is one of {list}"),
        };
        self.fault(tree.position, message);
    }

    fn size(&mut self, tree: &Tree, text: &str, schema: &Value, path: &str) {
        let count = text.chars().count();
        if count < length(&schema["minLength"]).unwrap_or(0) {
            self.fault(
                tree.position,
                format!("`{path}` is empty: write a value, or take the line out"),
            );
        }
        if let Some(most) = length(&schema["maxLength"]).filter(|most| count > *most) {
            let message =
                format!("`{path}` has {count} characters, and {most} are the most: shorten it");
            self.fault(tree.position, message);
        }
    }

    fn integer(&mut self, tree: &Tree, schema: &Value, path: &str) -> Value {
        match &tree.data {
            Data::Plain { value, written } if value.is_i64() && is_whole(written) => {
                self.range(tree, value.as_i64().unwrap_or_default(), schema, path);
                value.clone()
            }
            Data::Text(text) if is_whole(text) => {
                let message = format!(
                    "`{path}` is a text, and a number belongs here: write it without quotes, as {}",
                    field(path, text)
                );
                self.fault(tree.position, message)
            }
            Data::Plain { written, .. } => {
                let message = format!(
                    "`{path}` is {written}, and a whole number belongs here, written with digits only"
                );
                self.fault(tree.position, message)
            }
            _ => self.wrong_type(tree, path, "a whole number"),
        }
    }

    fn range(&mut self, tree: &Tree, number: i64, schema: &Value, path: &str) {
        // A schema's bounds are JSON numbers and may come as 1.0.
        let bound = |name: &str| schema[name].as_f64().unwrap_or(f64::NAN);
        #[allow(clippy::cast_precision_loss, reason = "all bounds are far below 2^53")]
        let value = number as f64;
        if value < bound("minimum") || value > bound("maximum") {
            let message = format!(
                "`{path}` is {number}, and it is from {} to {}",
                bound("minimum"),
                bound("maximum")
            );
            self.fault(tree.position, message);
        }
    }

    fn boolean(&mut self, tree: &Tree, path: &str) -> Value {
        match &tree.data {
            Data::Plain { value, written } if written == "true" || written == "false" => {
                value.clone()
            }
            Data::Plain { written: text, .. } | Data::Text(text) => {
                let message = format!("`{path}` is {text}: write true or false, without quotes");
                self.fault(tree.position, message)
            }
            _ => self.wrong_type(tree, path, "true or false"),
        }
    }

    fn number_or_text(&mut self, tree: &Tree, schema: &Value, path: &str) -> Value {
        match &tree.data {
            Data::Plain { value, written } if value.is_i64() && is_whole(written) => value.clone(),
            Data::Text(text) => {
                self.size(tree, text, schema, path);
                Value::String(text.clone())
            }
            Data::Plain { written, .. } => {
                let message = format!(
                    "`{path}` is {written}, which an API server takes only as a text: write {}",
                    quoted(path, written)
                );
                self.fault(tree.position, message)
            }
            _ => self.wrong_type(tree, path, "a whole number or a text"),
        }
    }

    /// A path, or a map with path and timing.
    fn text_or_object(&mut self, tree: &Tree, schema: &Value, path: &str) -> Value {
        match &tree.data {
            Data::Text(_) => tree.to_value(),
            Data::Map(_) => self.object(tree, schema, path),
            _ => self.wrong_type(
                tree,
                path,
                "a path, as /health, or a map with path and timing",
            ),
        }
    }
}

/// The schema of a probe, which is a path as well. A structural schema has no union of
/// text and object, so the resource's own lets everything pass; this is what is meant.
pub(super) fn probe_schema() -> Value {
    let seconds = json!({"type": "integer", "minimum": 0, "maximum": 86_400});
    json!({"type": "object", TEXT_TOO: true, "properties": {
        "path": {"type": "string", "minLength": 1, "maxLength": 200},
        "initialDelaySeconds": seconds,
        "periodSeconds": seconds,
        "timeoutSeconds": seconds,
        "failureThreshold": seconds,
        "successThreshold": seconds,
    }})
}

/// Whether digits only, in a way that all YAML readers read alike.
fn is_whole(written: &str) -> bool {
    let digits = written.strip_prefix('-').unwrap_or(written);
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    !digits.is_empty() && !leading_zero && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn length(bound: &Value) -> Option<usize> {
    usize::try_from(bound.as_u64()?).ok()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// A path without the numbers of list items, from the top of the manifest:
/// `spec.dependencies[0]` → `dependencies[]`.
fn section(path: &str) -> String {
    let path = match path.strip_prefix("spec") {
        Some("") => "",
        Some(rest) => rest.strip_prefix('.').unwrap_or(path),
        None => path,
    };
    path.chars()
        .filter(|letter| !letter.is_ascii_digit())
        .collect()
}

/// The known word that was probably meant.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    crate::validate::nearest(word, known)
}
