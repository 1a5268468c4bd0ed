//! Standard output and standard error. A reader that has read enough and left
//! (`gravity render | head`) is no failure.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use clap::ValueEnum;
use owo_colors::OwoColorize;
use serde::Serialize;
use serde_json::Value;

use super::Error;
use crate::manifest::yaml;

/// The formats that most verbs have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A row each
    Table,
    /// The same as JSON
    Json,
    /// The same as YAML
    Yaml,
}

/// Writes a text that may hold colours; they are left out where nobody would see them.
pub fn styled(text: &str) -> Result<(), Error> {
    let mut stdout = AutoStream::auto(io::stdout()).lock();
    finish(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush()),
    )
}

/// Writes a text that is for programs.
pub fn plain(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    finish(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush()),
    )
}

/// Writes a value as JSON.
pub fn json(value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::Output(error.into()))?;
    plain(&(text + "\n"))
}

/// Writes a value as YAML.
pub fn yaml(value: &impl Serialize) -> Result<(), Error> {
    let value: Value = serde_json::to_value(value).map_err(|error| Error::Output(error.into()))?;
    plain(&yaml::to_string(&value))
}

/// Writes a view in the format that was asked for; `table` is what it is for people.
pub fn formatted(
    format: Format,
    view: &impl Serialize,
    table: impl FnOnce() -> String,
) -> Result<(), Error> {
    match format {
        Format::Table => styled(&table()),
        Format::Json => json(view),
        Format::Yaml => yaml(view),
    }
}

/// How many there are of something, as `1 service` or `3 services`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}

/// Tells why the verb failed.
pub fn error(error: &Error) {
    let text = printable(&error.to_string());
    say(&format!("{} {text}\n", "error:".red().bold()));
}

/// The text in its lines, without what would move a terminal's cursor or worse.
fn printable(text: &str) -> String {
    let plain = |each: char| match each {
        '\n' => '\n',
        each if each.is_control() => ' ',
        each => each,
    };
    text.chars().map(plain).collect()
}

/// Tells what a person should know though nothing is wrong.
pub fn warnings(warnings: &[String]) {
    for warning in warnings {
        let warning = printable(warning);
        say(&format!("{} {warning}\n", "warning:".yellow().bold()));
    }
}

/// Writes a line of many, that may hold colours; whether there is still somebody who reads.
pub fn line(text: &str) -> Result<bool, Error> {
    let mut stdout = AutoStream::auto(io::stdout()).lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true).map_err(Error::Output),
    }
}

/// Tells what is being done, on standard error.
pub fn tell(text: &str) {
    say(&format!("{text}\n"));
}

/// Tells a person at a terminal what may come next.
pub fn hint(text: &str) {
    if io::stderr().is_terminal() {
        say(&format!("{}\n", text.dimmed()));
    }
}

/// How many characters a line may have; no limit where nobody looks at it, so that a
/// program finds one row in one line.
pub fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// Nothing is left to be done when standard error is closed.
fn say(text: &str) {
    let _ = AutoStream::auto(io::stderr())
        .lock()
        .write_all(text.as_bytes());
}

fn finish(written: io::Result<()>) -> Result<(), Error> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Error::Output),
    }
}
