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
            Problem::new(
                &text.name,
                plain,
                place.unwrap_or(Position::START),
                message(&error),
            )
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

/// The parser's words without the place, which is told before them, and with what to do.
fn message(error: &serde_yaml::Error) -> String {
    let told = error.without_snippet().to_string();
    let told = match told.rfind(" at line ") {
        Some(end) => &told[..end],
        None => &told,
    };
    format!("this is no YAML that can be read: {told}{}", advice(told))
}

fn advice(told: &str) -> &'static str {
    const ADVICE: [(&str, &str); 7] = [
        ("tab", ": indent with spaces"),
        ("uplicate", ": keep one of the two"),
        (
            "mapping values are not allowed",
            ": quote a text that has a colon in it, and look at the indentation",
        ),
        (
            "illegal placement of ':'",
            ": look at the brackets and the indentation before this line",
        ),
        (
            "unexpected character",
            ": quote a text that begins with this character",
        ),
        (
            "budget",
            ": it is nested too deeply or repeats itself too often",
        ),
        ("alias", ": write the repeated part out"),
    ];
    let found = ADVICE.iter().find(|(cause, _)| told.contains(cause));
    found.map_or("", |(_, advice)| advice)
}

impl Position {
    /// The first character of a text.
    pub(super) const START: Self = Self {
        line: 1,
        column: 1,
        length: 1,
    };
}
