//! The one writer of YAML: what `gravity render` and `gravity crds` print is read by
//! kubectl, Helm and Argo CD, whose readers follow YAML 1.1 in part. A text that any of
//! them would take for a boolean, a number or a date is quoted, in keys as well.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;
use serde_yaml::DoubleQuoted;

/// A value as a YAML document, block style, keys in the value's own order, with a
/// newline at its end.
pub fn to_string(value: &Value) -> String {
    // JSON is YAML, so even a value that the writer refused would be written.
    write(&Writable(value)).unwrap_or_else(|| format!("{value}\n"))
}

/// Several documents in one text, each after `---`.
pub fn documents<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    values
        .into_iter()
        .map(|value| format!("---\n{}", to_string(value)))
        .collect()
}

fn write(value: &impl Serialize) -> Option<String> {
    let options = serde_yaml::ser_options! {
        // Lists stand below their key, as kubectl writes them.
        compact_list_indent: true,
        // A folded text has line breaks that are not in it: people would copy them.
        min_fold_chars: usize::MAX,
        folded_wrap_chars: usize::MAX,
    };
    let mut text = String::new();
    serde_yaml::to_fmt_writer_with_options(&mut text, value, options).ok()?;
    Some(text)
}

struct Writable<'a>(&'a Value);

impl Serialize for Writable<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Writable(item))?;
                }
                list.end()
            }
            Value::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    if is_ambiguous(key) {
                        map.serialize_entry(&DoubleQuoted(key), &Writable(value))?;
                    } else {
                        map.serialize_entry(key, &Writable(value))?;
                    }
                }
                map.end()
            }
            scalar => scalar.serialize(serializer),
        }
    }
}

/// Whether a key means something else to a YAML 1.1 reader. The writer looks at values
/// by the rules of 1.1 and at keys by those of 1.2, so it is asked for the key as a value.
fn is_ambiguous(key: &str) -> bool {
    let starts_like_number = key.starts_with(|first: char| !first.is_ascii_alphabetic());
    let is_short = key.len() <= "false".len();
    (starts_like_number || is_short)
        && write(&key).is_some_and(|written| written.starts_with(['"', '\'']))
}
