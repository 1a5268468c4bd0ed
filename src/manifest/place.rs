//! Where an object and its fields stand. Only a problem asks for it, so nothing is worked
//! out before.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Position;
use super::error::Problem;
use super::tree::{Data, Tree};

/// Where an object stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub file: Arc<str>,
    pub text: Arc<str>,
    pub tree: Tree,
    /// Whether it is a manifest by itself, whose fields are the spec's.
    pub bare: bool,
}

impl Place {
    /// A problem with a field of the object, as `spec.port`.
    pub fn problem(&self, field: &str, message: &str) -> Problem {
        self.problem_at(field, format!("{}: {message}", self.path(field)))
    }

    /// The same with a message that names the field itself.
    pub fn problem_at(&self, field: &str, message: String) -> Problem {
        let position = self.position(self.path(field));
        Problem::new(&self.file, &self.text, position, message)
    }

    /// The field as it stands in the file.
    fn path<'f>(&self, field: &'f str) -> &'f str {
        let path = field.strip_prefix("spec.").filter(|_| self.bare);
        path.unwrap_or(field)
    }

    /// A problem with the object as a whole.
    pub fn problem_of_all(&self, message: String) -> Problem {
        Problem::new(&self.file, &self.text, self.tree.position, message)
    }

    /// The file and line, as `auth/gravity-service.yaml:1`.
    pub fn line(&self) -> String {
        format!("{}:{}", self.file, self.tree.position.line)
    }

    /// The place of a field, or of what it would be in.
    fn position(&self, field: &str) -> Position {
        let fields = positions(&self.tree);
        let mut path = field;
        loop {
            if let Some(position) = fields.get(path) {
                return *position;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return self.tree.position,
            }
        }
    }
}

/// Where each field stands, by its path.
fn positions(tree: &Tree) -> BTreeMap<String, Position> {
    let mut positions = BTreeMap::new();
    add_positions(tree, "", &mut positions);
    positions
}

fn add_positions(tree: &Tree, path: &str, positions: &mut BTreeMap<String, Position>) {
    match &tree.data {
        Data::List(items) => {
            for (index, item) in items.iter().enumerate() {
                let inner = format!("{path}[{index}]");
                positions.insert(inner.clone(), item.position);
                add_positions(item, &inner, positions);
            }
        }
        Data::Map(entries) => {
            for entry in entries {
                let inner = if path.is_empty() {
                    entry.key.clone()
                } else {
                    format!("{path}.{}", entry.key)
                };
                let scalar = matches!(entry.value.data, Data::Text(_) | Data::Plain { .. });
                let position = if scalar {
                    entry.value.position
                } else {
                    entry.position
                };
                positions.insert(inner.clone(), position);
                add_positions(&entry.value, &inner, positions);
            }
        }
        Data::Null | Data::Plain { .. } | Data::Text(_) => {}
    }
}
