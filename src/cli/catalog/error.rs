//! Why nothing comes of a catalogue.

use crate::catalog::CatalogError;
use crate::validate::nearest;

/// Why nothing comes of a catalogue.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// No catalogue has it.
    #[error(
        "no catalogue has {name}{}: `gravity search WORD` looks for services, and --catalog names another catalogue",
        near.as_ref().map_or_else(String::new, |near| format!(", did you mean {near}?"))
    )]
    Unknown {
        /// What was asked for.
        name: String,
        /// What is nearest.
        near: Option<String>,
    },
    /// A range that is none.
    #[error("{text}: {problem}; write NAME or NAME@RANGE, as grafana@^11")]
    Range {
        /// What was written.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A service is asked for twice.
    #[error("{name} is named twice: an application has one version of a service, so name it once")]
    Twice {
        /// The service.
        name: String,
    },
    /// A catalogue that a person names cannot be read.
    #[error("--catalog or GRAVITY_CATALOG names {source_text}: {error}")]
    Catalog {
        /// What was written.
        source_text: String,
        /// Why it cannot be read.
        error: CatalogError,
    },
    /// Nobody has agreed.
    #[error("nothing was changed")]
    Declined,
    /// There is no such preset.
    #[error("there is no preset {name}: there is {}", names.join(", "))]
    NoPreset {
        /// What was asked for.
        name: String,
        /// Those that there are.
        names: Vec<String>,
    },
}

impl ShelfError {
    /// No catalogue has it, among those names.
    pub fn unknown<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Self {
        Self::Unknown {
            name: name.to_owned(),
            near: nearest(name, names).map(str::to_owned),
        }
    }
}
