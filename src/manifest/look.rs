//! Whether a document without a kind is meant as a manifest.
//!
//! A folder holds other people's YAML too: Compose files, pipelines, values of charts. What
//! is nearly a manifest must count as one all the same, or its mistake would go untold and
//! its service be missing.

use serde_json::Value;

use super::tree::{Data, Entry, Tree};
use super::{shape, spelling};

/// The fields that a manifest hardly ever lacks, and others seldom have together.
const USUAL: [&str; 6] = [
    "version",
    "image",
    "port",
    "type",
    "databases",
    "dependencies",
];

/// What the fields at the top of a document tell.
#[derive(Default)]
struct Look {
    /// It has a name.
    named: bool,
    /// It has a field that is a name but for a typing error.
    nearly_named: bool,
    /// It has a version or an image.
    released: bool,
    /// How many of its fields are [`USUAL`].
    usual: usize,
    /// How many of its fields no manifest has.
    strange: usize,
}

/// Whether the document is a manifest, or would be one but for a mistake.
pub(super) fn is_like_a_manifest(tree: &Tree, schema: &Value) -> bool {
    let Data::Map(entries) = &tree.data else {
        return false;
    };
    let mut look = Look::default();
    for entry in entries {
        look.at(entry, schema);
    }
    match look {
        Look { named: true, .. } => {
            look.usual >= 2 || look.usual == 1 && look.released && look.strange == 0
        }
        Look {
            nearly_named: true, ..
        } => look.usual >= 2 && look.strange <= 1,
        _ => look.usual >= 3 && look.strange == 0,
    }
}

impl Look {
    /// Counts a field, the older spelling as today's.
    fn at(&mut self, entry: &Entry, schema: &Value) {
        let today = spelling::today("", &entry.key);
        let path = today.map_or_else(|| spelling::camel(&entry.key), str::to_owned);
        let field = path.split('.').next().unwrap_or_default();
        self.named |= field == "name";
        if USUAL.contains(&field) && is_as_usual(field, &entry.value) {
            self.usual += 1;
            self.released |= matches!(field, "version" | "image");
        }
        if shape::properties(schema).is_none_or(|fields| !fields.contains_key(field)) {
            self.strange += 1;
            self.nearly_named |= shape::nearest(&entry.key, ["name", "service_name"]).is_some();
        }
    }
}

/// Whether the value is what the field has in a manifest: others write `dependencies` as a
/// map, and `image` as well.
fn is_as_usual(field: &str, value: &Tree) -> bool {
    match (field, &value.data) {
        ("databases" | "dependencies", Data::List(_)) => true,
        ("databases" | "dependencies", _) | (_, Data::List(_) | Data::Map(_) | Data::Null) => false,
        (_, Data::Text(_) | Data::Plain { .. }) => true,
    }
}
