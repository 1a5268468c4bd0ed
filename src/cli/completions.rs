//! `gravity completions` and `gravity man`: what shells and `man` read, derived from the verbs.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Error, output};

/// The arguments of `gravity completions`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity completions bash > /etc/bash_completion.d/gravity
  gravity completions zsh > ~/.zfunc/_gravity
  gravity completions fish > ~/.config/fish/completions/gravity.fish")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

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
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "gravity", &mut text);
    output::plain(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
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
