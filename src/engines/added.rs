//! Engines that are known without a build: files describe them, which are read at the start.

mod check;
mod profile;
mod stated;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

pub use check::Wrong;
pub use stated::Stated;

use super::Engine;
use super::profile::Profile;

/// Those of this process. They are there before the first step asks and never change, so for
/// the steps they are as constant as the built-in ones.
static ADDED: OnceLock<Vec<Engine>> = OnceLock::new();

/// An engine that a file describes: what tells it from others is its name.
#[derive(Clone, Copy)]
pub struct Added(&'static Profile);

impl Added {
    /// Its facts.
    pub(super) const fn profile(self) -> &'static Profile {
        self.0
    }
}

/// Makes engines known, whose facts have been checked. What was registered first stays.
pub fn register(all: Vec<Stated>) {
    let engine = |stated| Engine::Added(Added(profile::profile(stated)));
    ADDED.get_or_init(|| all.into_iter().map(engine).collect());
}

/// The engines that files have added.
pub(super) fn added() -> impl Iterator<Item = Engine> {
    ADDED.get().into_iter().flatten().copied()
}

impl PartialEq for Added {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Added {}

impl PartialOrd for Added {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Added {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.name.cmp(other.0.name)
    }
}

impl Hash for Added {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl fmt::Debug for Added {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.name)
    }
}
