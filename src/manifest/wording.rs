//! Parts of messages: how a value is to be written, and what a field is.

use serde_json::Value;

use super::tree::Tree;

/// A number or boolean where a text belongs: YAML has lost its spelling (1.10 is 1.1).
pub(super) fn unquoted(tree: &Tree, written: &str, schema: &Value, path: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let is_number = tree.noun() == "a number";
    if let Some(belongs) = in_no_quotes(written, schema, path).filter(|_| is_number) {
        return format!("`{path}` is a number{belongs}");
    }
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

/// What belongs where a number would be wrong in quotes as well. The schema's own rule says
/// what to write.
fn in_no_quotes(written: &str, schema: &Value, path: &str) -> Option<String> {
    let rule = &schema["x-kubernetes-validations"][0];
    let write = rule["message"].as_str()?.strip_prefix("write ")?;
    if write.starts_with("a duration") {
        let whole = written.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = if whole { written } else { "90" };
        let with_unit = field(path, &format!("{seconds}s"));
        return Some(format!(
            ", and a duration has a unit: write {with_unit}, or minutes and hours as 1h30m"
        ));
    }
    let (_, pattern) = rule["rule"].as_str()?.split_once('^')?;
    let (begins, _) = pattern.split_once(']')?;
    (!begins.contains("-9")).then(|| format!(": write {write}"))
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

/// A description's first clause, for a message. A sign in the midst of a word, as in
/// `python:3.11`, ends none.
pub(super) fn first(description: &str) -> String {
    let mut ends = description.match_indices([':', '.', ';']);
    let is_end = |(at, sign): &(usize, &str)| {
        let rest = description.get(at + sign.len()..).unwrap_or_default();
        rest.is_empty() || rest.starts_with(char::is_whitespace)
    };
    let end = ends.find(is_end).map_or(description.len(), |(at, _)| at);
    description[..end].replace('\n', " ")
}
