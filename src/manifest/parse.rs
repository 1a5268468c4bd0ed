//! Text → trees, one for each document; YAML's own mistakes are told here.

use serde_yaml::Spanned;

use super::error::Problem;
use super::tree::{self, Data, Parsed, Tree};
use super::{Position, Text};

/// How deep a document may be nested; the deepest manifest has fewer than ten levels.
const MAX_DEPTH: usize = 48;
/// How many times anchors may be repeated in all: a manifest that repeats itself more
/// often is a bomb.
const MAX_REPEATED: usize = 20_000;

/// The documents of a text; empty ones are left out.
///
/// # Errors
/// What is not YAML, with its place.
pub(super) fn trees(text: &Text) -> Result<Vec<Tree>, Problem> {
    let plain = text.text.strip_prefix('\u{feff}').unwrap_or(&text.text);
    let parsed: Vec<Spanned<Parsed>> = serde_yaml::from_multiple_with_options(plain, options())
        .map_err(|error| {
            let place = error.location().map(|place| tree::position(&place, plain));
            let place = place.unwrap_or(Position::START);
            let (place, message) = match tab(plain, place.line, &error) {
                Some(tab) => (tab, TAB.to_owned()),
                None => (place, message(&error)),
            };
            Problem::new(&text.name, plain, place, message)
        })?;
    let trees = parsed.into_iter().map(|each| tree::place(each, plain));
    Ok(trees.filter(|tree| tree.data != Data::Null).collect())
}

fn options() -> serde_yaml::Options {
    let mut options = serde_yaml::options! {
        with_snippet: false,
        // As kubectl reads `defaultMode: 0644`.
        legacy_octal_numbers: true,
    };
    options.alias_limits.max_total_replayed_events = MAX_REPEATED;
    if let Some(budget) = &mut options.budget {
        budget.max_depth = MAX_DEPTH;
        budget.flow_nesting_limit = MAX_DEPTH;
    }
    options
}

const TAB: &str = "a tab stands where YAML takes spaces only: indent with spaces";

/// The tab in an indentation that a mistake comes from. The parser tells of it at the end of
/// the line before, or as of something else.
fn tab(text: &str, line: usize, error: &serde_yaml::Error) -> Option<Position> {
    let lines_near = if error.to_string().contains("tab") {
        2
    } else {
        1
    };
    let lines = text.lines().enumerate().skip(line.saturating_sub(1));
    let blank = |line: &str| line.trim().is_empty();
    let mut near = lines.filter(|(_, line)| !blank(line)).take(lines_near);
    near.find_map(|(index, line)| {
        let inside = |letter: char| letter.is_whitespace() || letter == '-';
        let indent = line.len() - line.trim_start_matches(inside).len();
        let column = line[..indent].find('\t')?;
        Some(Position {
            line: index + 1,
            column: column + 1,
            length: 1,
        })
    })
}

/// The parser's words without the place, which is told before them, and what to do.
fn message(error: &serde_yaml::Error) -> String {
    let told = error.without_snippet().to_string();
    let told = told.split(" at line ").next().unwrap_or(&told);
    let found = CAUSES.iter().find(|(cause, _)| told.contains(cause));
    match (told.strip_prefix("duplicate mapping key: "), found) {
        (Some(key), _) => {
            let key = key.split(',').next().unwrap_or(key);
            format!("`{key}` is here twice: keep one of the two")
        }
        (None, Some((_, told))) => (*told).to_owned(),
        (None, None) => format!("this is no YAML: {told}"),
    }
}

/// What people do wrong most often, in the parser's words and in plainer ones.
const CAUSES: [(&str, &str); 8] = [
    ("tab", TAB),
    (
        "mapping values are not allowed",
        "a colon stands where no field can begin: quote a text that has a colon in it, or look at the indentation",
    ),
    (
        "illegal placement of ':'",
        "a field begins inside of something that has not ended: look at the brackets and the indentation above",
    ),
    ("unclosed bracket", "this bracket is never closed: close it"),
    ("unclosed quote", "this quote is never closed: close it"),
    (
        "unexpected character",
        "no text can begin with this character unless it is quoted: quote it",
    ),
    (
        "budget breached",
        "the document is nested too deeply or has too many parts: split it, or make it flatter",
    ),
    (
        "alias",
        "the document repeats itself by aliases (*name) far too often: write the repeated parts out",
    ),
];

impl Position {
    /// The first character of a text.
    pub(super) const START: Self = Self {
        line: 1,
        column: 1,
        length: 1,
    };
}
