//! The one writer of YAML: what `gravity render` and `gravity crds` print is read by
//! kubectl, Helm and Argo CD, whose readers follow YAML 1.1 in part. A text that any of
//! them would take for a boolean, a number or a date is quoted, in keys as well.

use std::fmt::Write;

use serde_json::{Map, Value};

/// Words that mean something else to some reader, in any case.
const WORDS: [&str; 12] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity",
];

/// A value as a YAML document, block style, keys in the value's own order, with a
/// newline at its end.
pub fn to_string(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(entries) if !entries.is_empty() => map(&mut text, entries, 0),
        Value::Array(items) if !items.is_empty() => list(&mut text, items, 0),
        value => inline(&mut text, value, 0),
    }
    text
}

/// Several documents in one text, each after `---`.
pub fn documents<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    values
        .into_iter()
        .map(|value| format!("---\n{}", to_string(value)))
        .collect()
}

/// The entries of a map; the first one stands where the text ends.
fn map(text: &mut String, entries: &Map<String, Value>, depth: usize) {
    for (index, (name, value)) in entries.iter().enumerate() {
        if index > 0 {
            indent(text, depth);
        }
        key(text, name);
        text.push(':');
        match value {
            Value::Object(entries) if !entries.is_empty() => {
                text.push('\n');
                indent(text, depth + 1);
                map(text, entries, depth + 1);
            }
            // Lists stand below their key, as kubectl writes them.
            Value::Array(items) if !items.is_empty() => {
                text.push('\n');
                indent(text, depth);
                list(text, items, depth);
            }
            value => {
                text.push(' ');
                inline(text, value, depth + 1);
            }
        }
    }
}

/// The items of a list; the first one stands where the text ends.
fn list(text: &mut String, items: &[Value], depth: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            indent(text, depth);
        }
        text.push_str("- ");
        match item {
            Value::Object(entries) if !entries.is_empty() => map(text, entries, depth + 1),
            Value::Array(items) if !items.is_empty() => list(text, items, depth + 1),
            item => inline(text, item, depth + 1),
        }
    }
}

/// What needs no line of its own, and the end of the line.
fn inline(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::String(words) if is_block(words) => return block(text, words, depth),
        Value::String(words) if is_plain(words) => text.push_str(words),
        Value::String(words) => text.push_str(&doubtful(words)),
        value => drop(write!(text, "{value}")),
    }
    text.push('\n');
}

fn key(text: &mut String, name: &str) {
    if is_plain(name) {
        text.push_str(name);
    } else {
        text.push_str(&doubtful(name));
    }
}

fn indent(text: &mut String, depth: usize) {
    (0..depth).for_each(|_| text.push_str("  "));
}

/// Whether the text means itself to every reader, as nearly all do. This is asked for
/// each of ten thousands of texts; the few others are left to the library.
fn is_plain(words: &str) -> bool {
    let bytes = words.as_bytes();
    let fits = |(index, byte): (usize, &u8)| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'/' | b'-' => true,
        b':' | b' ' => bytes.get(index + 1).is_some_and(u8::is_ascii_alphanumeric),
        _ => false,
    };
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.iter().enumerate().all(fits)
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(words))
}

/// Whether the text is written as lines of its own: no line may be mistaken for an
/// indentation, or lose a space at its end unseen.
fn is_block(words: &str) -> bool {
    let shown = |letter: char| letter == '\n' || letter == '\t' || !letter.is_control();
    let hides = |line: &str| line.ends_with([' ', '\t']);
    words.trim_end_matches('\n').contains('\n')
        && !words.starts_with([' ', '\t', '\n'])
        && words
            .chars()
            .all(|letter| shown(letter) && !is_separator(letter))
        && !words.lines().any(hides)
}

/// What a reader of YAML 1.1 takes for the end of a line, or for the file's own mark.
fn is_separator(letter: char) -> bool {
    matches!(letter, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// The lines below each other; the sign after the bar says how many ends of a line the
/// text ends with.
fn block(text: &mut String, words: &str, depth: usize) {
    let ends = words.len() - words.trim_end_matches('\n').len();
    text.push_str(match ends {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for line in words.strip_suffix('\n').unwrap_or(words).split('\n') {
        text.push('\n');
        indent(text, depth);
        text.push_str(line);
    }
    text.push('\n');
}

/// A text of which the library knows whether it must be quoted.
fn doubtful(words: &str) -> String {
    let options = serde_yaml::ser_options! {
        // A folded text has line breaks that are not in it: people would copy them.
        min_fold_chars: usize::MAX,
        folded_wrap_chars: usize::MAX,
    };
    let mut text = String::new();
    let written = serde_yaml::to_fmt_writer_with_options(&mut text, &words, options);
    let text = text.trim_end_matches('\n');
    // A JSON text is a YAML text, in whatever line it stands.
    if written.is_err() || text.contains('\n') || text.starts_with(['|', '>']) {
        return Value::from(words).to_string();
    }
    text.to_owned()
}
