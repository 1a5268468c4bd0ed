//! Parts of messages: how a value is to be written, and what a field is.

use super::tree::Tree;

/// A number or boolean where a text belongs: YAML has lost its spelling (1.10 is 1.1).
pub(super) fn unquoted(tree: &Tree, written: &str, path: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let is_number = tree.noun() == "a number";
    let read = tree.to_value().to_string();
    let loses = if read == written {
        String::new()
    } else {
        format!(" that YAML reads as {read}")
    };
    // A service's own version has three parts; a range or a series may have fewer.
    let meant = if is_number && (path == "version" || path == "spec.version") {
        three_parts(written)
    } else {
        written.to_owned()
    };
    let what = if last == "version" || last == "contract" {
        "a version"
    } else {
        "a text"
    };
    format!(
        "`{path}` is {}{loses}, and {what} belongs here: quote it, as {}",
        tree.noun(),
        quoted(path, &meant)
    )
}

fn three_parts(written: &str) -> String {
    match written.matches('.').count() {
        0 => format!("{written}.0.0"),
        1 => format!("{written}.0"),
        _ => written.to_owned(),
    }
}

/// `version: "15"`, or the item alone in quotes.
pub(super) fn quoted(path: &str, text: &str) -> String {
    field(path, &format!("\"{text}\""))
}

/// `version: "15"`, or the item alone in a list.
pub(super) fn field(path: &str, text: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    if last.ends_with(']') {
        text.to_owned()
    } else {
        format!("{last}: {text}")
    }
}

/// A description's first clause, for a message.
pub(super) fn first(description: &str) -> String {
    let end = description
        .find([':', '.', ';'])
        .unwrap_or(description.len());
    description[..end].replace('\n', " ")
}
