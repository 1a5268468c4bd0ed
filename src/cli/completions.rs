//! `gravity completions` and `gravity man`: what shells and `man` read, derived from the verbs.

use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::{Arg, Args, Command, CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::{Cli, Error, output};

/// The arguments of `gravity completions`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity completions bash > /etc/bash_completion.d/gravity
  gravity completions zsh > ~/.zfunc/_gravity
  gravity completions fish > ~/.config/fish/completions/gravity.fish
  gravity completions kubectl > ~/bin/kubectl_complete-gravity     and chmod +x, for `kubectl gravity`")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Reader,
}

/// Who completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "each is the shell of that name")]
enum Reader {
    Bash,
    Elvish,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
    /// kubectl, for the plugin
    Kubectl,
}

/// The arguments of the verb that kubectl asks.
#[derive(Debug, Args)]
#[command(
    disable_help_flag = true,
    after_long_help = "Example:\n  gravity __complete sta"
)]
pub struct Complete {
    /// The words that were typed, the last of which is not whole
    #[arg(
        value_name = "WORD",
        allow_hyphen_values = true,
        trailing_var_arg = true
    )]
    words: Vec<String>,
}

/// What kubectl runs to complete a plugin's words (kubernetes.io, "Extend kubectl with plugins").
const KUBECTL: &str = "#!/bin/sh
# Completes `kubectl gravity`. Its place is on the path, as kubectl_complete-gravity.
exec gravity __complete \"$@\"
";
/// Tells kubectl that what stands above is all that there is, and no file is meant.
const NO_FILES: &str = ":4";
/// Tells it that the name of a file may be meant.
const FILES: &str = ":0";

/// The arguments of `gravity man`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity man | man -l -
  gravity man start > /usr/local/share/man/man1/gravity-start.1")]
pub struct Man {
    /// The verb; gravity itself when absent
    #[arg(value_name = "VERB")]
    verb: Option<String>,
}

/// Prints what the shell reads.
pub fn completions(arguments: &Completions) -> Result<ExitCode, Error> {
    let shell = match arguments.shell {
        Reader::Bash => Shell::Bash,
        Reader::Elvish => Shell::Elvish,
        Reader::Fish => Shell::Fish,
        Reader::PowerShell => Shell::PowerShell,
        Reader::Zsh => Shell::Zsh,
        Reader::Kubectl => {
            output::plain(KUBECTL)?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "gravity", &mut text);
    output::plain(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what could stand in the place of the last word, as kubectl reads it.
pub fn complete(arguments: &Complete) -> Result<ExitCode, Error> {
    let mut command = Cli::command();
    command.build();
    let (last, before) = arguments
        .words
        .split_last()
        .map_or(("", &[][..]), |(last, before)| (last.as_str(), before));
    let mut at = &command;
    for word in before {
        at = match at.find_subcommand(word) {
            Some(inner) => inner,
            // What is no verb leads nowhere; behind a verb it is an argument.
            None if at.has_subcommands() && !word.starts_with('-') => {
                output::plain(&format!("{FILES}\n"))?;
                return Ok(ExitCode::SUCCESS);
            }
            None => at,
        };
    }
    let mut text = String::new();
    for (word, about) in possible(at, before.last().map(String::as_str)) {
        if word.starts_with(last) {
            text += &format!("{word}\t{about}\n");
        }
    }
    let is_closed = !text.is_empty();
    text += if is_closed { NO_FILES } else { FILES };
    output::plain(&(text + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The words that can follow, each with what it is.
fn possible(command: &Command, before: Option<&str>) -> Vec<(String, String)> {
    let about = |text: Option<&StyledStr>| {
        let text = text.map(ToString::to_string).unwrap_or_default();
        text.lines().next().unwrap_or_default().to_owned()
    };
    let values = |argument: &Arg| {
        let values = argument.get_possible_values().into_iter();
        let values = values.filter(|it| !it.is_hide_set());
        let told = values.map(|it| (it.get_name().to_owned(), about(it.get_help())));
        told.collect::<Vec<_>>()
    };
    let long = before.and_then(|word| word.strip_prefix("--"));
    let short = before.and_then(|word| word.strip_prefix('-')?.parse::<char>().ok());
    let is_before = |it: &&Arg| {
        (long.is_some() && it.get_long() == long) || (short.is_some() && it.get_short() == short)
    };
    let takes = command.get_arguments().find(is_before);
    if let Some(argument) = takes.filter(|it| it.get_action().takes_values()) {
        return values(argument);
    }
    let places = command.get_positionals().flat_map(values);
    let verbs = command.get_subcommands().filter(|it| !it.is_hide_set());
    let verbs = verbs.map(|it| (it.get_name().to_owned(), about(it.get_about())));
    let flags = command.get_arguments().filter(|it| !it.is_hide_set());
    let flags =
        flags.filter_map(|it| Some((format!("--{}", it.get_long()?), about(it.get_help()))));
    verbs.chain(places).chain(flags).collect()
}

/// Prints the page.
pub fn man(arguments: &Man) -> Result<ExitCode, Error> {
    let mut command = Cli::command();
    command.build();
    let command = match &arguments.verb {
        None => command,
        Some(verb) => {
            let found = command.find_subcommand(verb).cloned();
            found.ok_or_else(|| Error::NoVerb { name: verb.clone() })?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut text)
        .map_err(Error::Output)?;
    output::plain(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}
