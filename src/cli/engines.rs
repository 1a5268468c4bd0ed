//! `--engines`: files of engines → engines that every verb knows. They are read before the verb
//! runs, so that what validates and what plans cannot know different ones.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use clap::Args;

use super::Error;
use crate::engines::{self, Stated};
use crate::manifest::{self, ManifestError, Problem, Problems, Source};

/// The option as a variable.
pub const VARIABLE: &str = "GRAVITY_ENGINES";

/// Which files are read.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A file or folder with engines that Gravity does not know by itself; may be given many times,
    /// or with commas between several
    // Before the verb's own, it would be in front of what a person looks for.
    #[arg(
        long,
        global = true,
        value_name = "FILE|FOLDER",
        env = VARIABLE,
        hide_env_values = true,
        value_delimiter = ',',
        display_order = 900
    )]
    engines: Vec<OsString>,
}

impl Arguments {
    /// Makes the engines of the files known.
    pub fn register(&self) -> Result<(), Error> {
        // A variable that is empty names no file.
        let named: Vec<&OsString> = self.engines.iter().filter(|it| !it.is_empty()).collect();
        if named.is_empty() {
            return Ok(());
        }
        let sources: Vec<_> = named.iter().map(|it| Source::Path(it.into())).collect();
        let read = manifest::stated::<Stated>(&sources)?;
        if read.is_empty() {
            let places = self.joined().to_string_lossy().into_owned();
            return Err(Error::NoEngine { places });
        }
        let problems: Vec<Problem> = wrong(&read).chain(twice(&read)).collect();
        if !problems.is_empty() {
            return Err(ManifestError::Wrong(Problems(problems)).into());
        }
        engines::register(read.into_iter().map(|it| it.value).collect());
        Ok(())
    }

    /// The files as one text, as the variable has them.
    pub fn joined(&self) -> OsString {
        self.engines.join(OsStr::new(","))
    }
}

fn wrong(read: &[manifest::Stated<Stated>]) -> impl Iterator<Item = Problem> {
    let each = read.iter().map(|it| (it, it.value.check()));
    each.flat_map(|(it, wrong)| {
        let problem = |wrong: engines::Wrong| it.problem(&wrong.field, &wrong.message);
        wrong.into_iter().map(problem)
    })
}

/// The names that two engines have.
fn twice(read: &[manifest::Stated<Stated>]) -> impl Iterator<Item = Problem> {
    let mut seen = BTreeMap::new();
    let named = read
        .iter()
        .flat_map(|it| it.value.names().map(move |(field, name)| (it, field, name)));
    named.filter_map(move |(it, field, name)| {
        let first = *seen.entry(name).or_insert(it);
        let place = first.line();
        let message = format!(
            "{name} is the engine of {place} already: give one of the two another name, or read one of them only"
        );
        (!std::ptr::eq(first, it)).then(|| it.problem(&field, &message))
    })
}
