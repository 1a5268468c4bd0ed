//! Whole applications to begin with, of services of the catalogue that is built in.

use crate::repository::built_in;

/// An application to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// A GravityApp, with comments for people.
    pub text: &'static str,
}

/// All presets, by name.
pub fn presets() -> impl Iterator<Item = Preset> {
    built_in::files().filter_map(|(path, text)| {
        let name = path.strip_prefix("presets/")?.strip_suffix(".yaml")?;
        let summary = text.lines().next()?.strip_prefix("# ")?;
        Some(Preset {
            name,
            summary,
            text,
        })
    })
}
