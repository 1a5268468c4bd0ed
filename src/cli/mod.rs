//! cli: a file a verb. What is offline is pure between reading files and printing;
//! what asks a cluster makes its client in `cluster`, and nothing else does.
//!
//! ```text
//! arguments ──input──▶ ValidApp, Catalogue ──resolve──plan──▶ text, JSON or YAML
//!                       cluster ──▶ Observed ──schedule──▶ what would change
//! ```
//! Standard output holds the answer and nothing else; warnings and errors go to standard
//! error. Exit codes: 0, 1 for a failure, 2 for wrong usage (and `plan --exit-code`).

mod age;
mod backup;
mod cluster;
mod companion;
mod crds;
mod error;
mod gateway;
mod input;
mod namespace;
pub mod operator;
mod output;
mod plan;
mod render;
mod resolve;
mod status;
mod table;
mod version;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
pub use error::Error;

/// Turns independent services into one running application on Kubernetes.
#[derive(Debug, Parser)]
#[command(
    name = "gravity",
    version,
    max_term_width = 100,
    after_long_help = "Examples:
  gravity resolve -f examples/shop           which version of each service is chosen, and why
  gravity render -f examples/shop            the objects that the operator would make
  gravity plan -f examples/shop -n shop      what would change in the cluster
  gravity status                             how the applications of a namespace are

Exit codes: 0; 1 for a failure, told on standard error; 2 for wrong usage.
Colours are used on a terminal only; NO_COLOR=1 turns them off."
)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

/// The table of verbs.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the objects that the operator would make, in start order; asks no cluster
    Render(render::Arguments),
    /// Print which version of each service is chosen, and who asks for it; asks no cluster
    Resolve(resolve::Arguments),
    /// Print what would change in the cluster, and who waits for whom
    Plan(plan::Arguments),
    /// Print how applications and their services are
    Status(status::Arguments),
    /// Look at the way in to applications
    Gateway(gateway::Arguments),
    /// Back databases up now, as their schedule does
    Backup(backup::Arguments),
    /// Print the backups that are there
    Backups(backup::listing::Arguments),
    /// Restore a backup to a new database, or in place
    Restore(backup::restore::Arguments),
    /// Print Gravity's CustomResourceDefinitions
    Crds(crds::Arguments),
    /// Run the operator
    Operator(operator::Arguments),
    /// Answer gateways whether a request may come in; the operator starts it where an app asks
    Authenticator(companion::Authenticator),
    /// Answer how an application is; the operator starts it where an app asks
    Health(companion::Health),
    /// Print the version
    Version(version::Arguments),
}

/// Runs the command line of this process. Wrong usage ends the process here, with 2.
pub fn main() -> ExitCode {
    run(Cli::parse().verb).unwrap_or_else(|error| {
        output::error(&error);
        ExitCode::FAILURE
    })
}

fn run(verb: Verb) -> Result<ExitCode, Error> {
    match verb {
        Verb::Render(arguments) => render::run(&arguments),
        Verb::Resolve(arguments) => resolve::run(&arguments),
        Verb::Plan(arguments) => plan::run(&arguments),
        Verb::Status(arguments) => status::run(&arguments),
        Verb::Gateway(arguments) => gateway::run(&arguments),
        Verb::Backup(arguments) => backup::run(&arguments),
        Verb::Backups(arguments) => backup::listing::run(&arguments),
        Verb::Restore(arguments) => backup::restore::run(&arguments),
        Verb::Crds(arguments) => crds::run(&arguments),
        Verb::Operator(arguments) => operator::run(arguments),
        Verb::Authenticator(arguments) => companion::authenticator(&arguments),
        Verb::Health(arguments) => companion::health(&arguments),
        Verb::Version(arguments) => version::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_shows_an_example() {
        for verb in Cli::command().get_subcommands() {
            let help = verb.get_after_long_help().map(ToString::to_string);
            let name = verb.get_name();
            let example = help.is_some_and(|text| text.contains(&format!("  gravity {name}")));
            assert!(example, "gravity {name} --help shows no example");
        }
    }
}
