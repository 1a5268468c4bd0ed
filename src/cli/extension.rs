//! A program `gravity-NAME` on the path is the verb NAME, as Git and kubectl have it.

use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitCode};

use super::engines::{self, VARIABLE};
use super::{Cli, Error};
use clap::CommandFactory;

/// Runs the program with the other words, and the engines in its environment; its exit code is
/// this one's.
pub fn run(words: &[OsString], engines: &engines::Arguments) -> Result<ExitCode, Error> {
    let Some((name, rest)) = words.split_first() else {
        return Ok(ExitCode::SUCCESS);
    };
    let name = name.to_string_lossy().into_owned();
    let mut program = OsString::from("gravity-");
    program.push(&name);
    let mut command = Command::new(program);
    command.args(rest).env(VARIABLE, engines.joined());
    let status = command.status();
    let status = status.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => unknown(name.clone()),
        _ => Error::Extension {
            name: name.clone(),
            error,
        },
    })?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

/// A slip of the pen is told with the verb that was most likely meant.
fn unknown(name: String) -> Error {
    let command = Cli::command();
    let verbs = command.get_subcommands().map(clap::Command::get_name);
    let near = verbs.map(|verb| (strsim::damerau_levenshtein(&name, verb), verb));
    match near.min().filter(|(distance, _)| *distance <= 2) {
        Some((_, verb)) => Error::NearVerb {
            name,
            near: verb.to_owned(),
        },
        None => Error::NoVerb { name },
    }
}
