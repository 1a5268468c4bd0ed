//! What goes wrong with a manifest, told with its place.

use std::fmt;

use super::tree::Position;

/// How many characters of a line are shown at the most.
const SHOWN: usize = 100;
/// How many problems are told at once; more help nobody.
const TOLD: usize = 20;

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// A file or folder cannot be opened.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is too large to be a manifest.
    #[error(
        "{path}: is larger than {} MiB, the most that is read: a manifest has a few hundred lines, so name another file, or split this one", super::MAX_BYTES / 1024 / 1024
    )]
    TooLarge {
        /// Its path.
        path: String,
    },
    /// A file is not UTF-8.
    #[error(
        "{path}:{line}: is not UTF-8 text: save it as UTF-8, or name another file if this is no manifest"
    )]
    NotText {
        /// Its path.
        path: String,
        /// The first line that is not.
        line: usize,
    },
    /// There is no manifest where one was looked for.
    #[error(
        "no manifest in {}: looked for gravity-service.yaml, and for a GravityApp, a GravityService or a manifest in all other *.yaml and *.yml files, in sub-folders too", places.join(", ")
    )]
    Nothing {
        /// Where it was looked for.
        places: Vec<String>,
    },
    /// Manifests have mistakes.
    #[error("{0}")]
    Wrong(Problems),
}

/// All that is wrong, in the order of files and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

/// A mistake and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// Where in the file.
    pub position: Position,
    /// What is wrong and what to write instead.
    pub message: String,
    /// The line, as it stands there.
    pub line: String,
}

impl Problem {
    pub(super) fn new(file: &str, text: &str, position: Position, message: String) -> Self {
        let line = text.lines().nth(position.line.saturating_sub(1));
        Self {
            file: file.to_owned(),
            position,
            message,
            line: line.unwrap_or_default().to_owned(),
        }
    }

    /// The line around the place, and the column in what is left of it. Control
    /// characters are shown as spaces: a manifest must not write to a terminal.
    fn excerpt(&self) -> (String, usize) {
        let column = self.position.column.saturating_sub(1);
        let cut = column.saturating_sub(SHOWN * 2 / 3);
        let shown = self.line.chars().skip(cut).take(SHOWN);
        let shown = shown.map(|each| if each.is_control() { ' ' } else { each });
        (
            shown.collect::<String>().trim_end().to_owned(),
            column - cut,
        )
    }
}

impl fmt::Display for Problem {
    /// As compilers do: place, message, and the line with the place marked.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position {
            line,
            column,
            length,
        } = self.position;
        write!(formatter, "{}:{line}:{column}: {}", self.file, self.message)?;
        let (excerpt, start) = self.excerpt();
        if excerpt.trim().is_empty() {
            return Ok(());
        }
        let number = line.to_string();
        let rest = excerpt.chars().count().saturating_sub(start);
        let marks = "^".repeat(length.min(rest).max(1));
        let (gap, indent) = (" ".repeat(number.len()), " ".repeat(start));
        write!(
            formatter,
            "\n{gap} |\n{number} | {excerpt}\n{gap} | {indent}{marks}"
        )
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().take(TOLD).enumerate() {
            let gap = if index == 0 { "" } else { "\n\n" };
            write!(formatter, "{gap}{problem}")?;
        }
        match self.0.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(formatter, "\n\nand {more} more"),
        }
    }
}
