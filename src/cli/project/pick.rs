//! Which of several manifests are taken: by --all, or asked of the person at the terminal.

use std::io::{self, IsTerminal};

use dialoguer::MultiSelect;

use super::VerbError;
use crate::cli::Error;

/// Chooses among manifests by their paths; gives those chosen.
pub fn pick(place: &str, paths: &[String], all: bool) -> Result<Vec<usize>, Error> {
    if all || paths.len() <= 1 {
        return Ok((0..paths.len()).collect());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(VerbError::Several {
            place: place.to_owned(),
            paths: paths.to_vec(),
        }
        .into());
    }
    let prompt = format!(
        "{place} has {} manifests (space chooses, enter ends)",
        paths.len()
    );
    let chosen = MultiSelect::new()
        .with_prompt(prompt)
        .items(paths)
        .defaults(&vec![true; paths.len()])
        .interact_opt()
        .map_err(|dialoguer::Error::IO(error)| Error::StandardInput(error))?;
    match chosen {
        Some(chosen) if !chosen.is_empty() => Ok(chosen),
        _ => Err(VerbError::NothingChosen.into()),
    }
}
