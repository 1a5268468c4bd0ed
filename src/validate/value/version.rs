//! Versions and ranges of versions, as Cargo reads them.

use semver::{Version, VersionReq};

/// The longest version: it stands in names and labels.
const LIMIT: usize = 40;

/// A version without build metadata and upper case, for it stands in names and labels.
pub(in crate::validate) fn version(text: &str) -> Result<Version, String> {
    let version = Version::parse(text).map_err(|_| unreadable(text))?;
    if !version.build.is_empty() {
        let plain = text.split('+').next().unwrap_or(text);
        return Err(format!(
            "{text} has build metadata (+{}), which orders no versions: write {plain}, or {plain}-{}",
            version.build, version.build
        ));
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(format!(
            "{text} has upper case, which no object's name can have: write {}",
            text.to_ascii_lowercase()
        ));
    }
    if text.len() > LIMIT {
        return Err(format!(
            "{text} has {} characters, and {LIMIT} are the most: shorten it",
            text.len()
        ));
    }
    // The resolver needs a number above each.
    if [version.major, version.minor, version.patch].contains(&u64::MAX) {
        return Err(format!(
            "{text} has too large a number: write a smaller one"
        ));
    }
    Ok(version)
}

fn unreadable(text: &str) -> String {
    let bare = text.trim().trim_start_matches(['v', 'V', '=']);
    let parts = bare.split('.').count();
    let guesses = [
        bare.to_owned(),
        format!("{bare}.0"),
        format!("{bare}.0.0"),
        without_zeros(bare),
    ];
    match guesses
        .iter()
        .find(|guess| parts <= 3 && Version::parse(guess).is_ok())
    {
        Some(better) => format!("{text:?} is no version (three numbers, as 1.4.0): write {better}"),
        None => format!(
            "{text:?} is no version: write three numbers, as 1.4.0, or 1.4.0-rc.1 for a pre-release"
        ),
    }
}

fn without_zeros(text: &str) -> String {
    let parts = text.split('.').map(|part| {
        let trimmed = part.trim_start_matches('0');
        if trimmed.is_empty() { "0" } else { trimmed }
    });
    parts.collect::<Vec<_>>().join(".")
}

/// A range. What npm, pip or Ruby would write is told in Cargo's words.
pub fn range(text: &str) -> Result<VersionReq, String> {
    let problem = match VersionReq::parse(text) {
        Ok(range) => return Ok(range),
        Err(problem) => problem,
    };
    const EXAMPLES: &str = "\">=1.0.0, <3.0.0\", \"^1.4\", \"~1.4.2\", \"=1.4.0\" or \"*\"";
    if text.trim().is_empty() {
        return Err(format!(
            "the range is empty: write one as {EXAMPLES}, or take the line out for any version"
        ));
    }
    Err(match better(text) {
        Some(better) => {
            format!("{text:?} is no range that can be read ({problem}): write {better:?}")
        }
        None => {
            format!("{text:?} is no range that can be read ({problem}): write one as {EXAMPLES}")
        }
    })
}

fn better(text: &str) -> Option<String> {
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // `1.0 - 2.0` means from one to the other.
    let from_to = spaced
        .split_once(" - ")
        .map(|(from, to)| format!(">={from}, <={to}"));
    let guesses = [
        text.replace("==", "="),
        text.replace("~=", "~")
            .replace("~>", "~")
            .replace("~ ", "~"),
        text.replace(['v', 'V'], ""),
        text.replace("latest", "*"),
        with_commas(&spaced),
    ];
    let mut guesses = guesses.into_iter().chain(from_to);
    guesses.find(|guess| VersionReq::parse(guess).is_ok())
}

/// `>=1.0 <2.0` → `>=1.0, <2.0`.
fn with_commas(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(' ') {
        let begins = word.starts_with(['<', '>', '=', '^', '~']);
        if begins && !out.is_empty() && !out.ends_with(',') {
            out.push(',');
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
