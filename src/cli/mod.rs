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
mod catalog;
mod cluster;
mod companion;
mod completions;
mod config;
mod crds;
mod doctor;
mod duration;
mod engines;
mod error;
mod extension;
mod gateway;
mod generate;
mod graph;
mod help;
mod host;
mod input;
mod namespace;
pub mod operator;
mod output;
mod overrides;
mod plan;
mod progress;
mod project;
mod render;
mod resolve;
mod running;
mod screen;
mod status;
mod table;
mod validate;
mod version;
mod why;

use std::ffi::OsString;
use std::process::ExitCode;

use catalog::MarketplaceVerb;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
pub use error::Error;

/// Turns independent services into one running application on Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "gravity", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    engines: engines::Arguments,
    #[command(subcommand)]
    verb: Verb,
}

/// The table of verbs.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a folder for a new application, or a service's manifest
    Init(project::init::Arguments),
    /// Add services from a Git repository, an image or a folder
    Add(project::add::Arguments),
    /// Take services out of the application
    Remove(project::remove::Arguments),
    /// Print what the application is made of
    List(project::list::Arguments),
    /// Look for services in catalogues, by what they are for
    Search(catalog::search::Arguments),
    /// Print what a catalogue says of a service
    Show(catalog::show::Arguments),
    /// Choose versions, show what is made; take NAME of a catalogue
    Install(running::install::Arguments),
    /// Apply the application to the cluster, and wait until it runs
    #[command(alias = "deploy")]
    Start(running::start::Arguments),
    /// Stop the application or services of it; all data stays
    Stop(running::stop::Arguments),
    /// Give services new pods
    Restart(running::restart::Arguments),
    /// Change how many pods a service has
    Scale(running::scale::Arguments),
    /// Print what services say
    Logs(running::logs::Arguments),
    /// Open a service's page, or print where it answers
    Open(running::open::Arguments),
    /// Bring a service's port to this machine
    PortForward(running::port_forward::Arguments),
    /// Print what has happened
    Events(running::events::Arguments),
    /// Check what the cluster has of what Gravity needs
    Doctor(doctor::Arguments),
    /// Delete the application; its data stays unless it says otherwise
    Delete(running::delete::Arguments),
    /// Write the versions that are chosen into gravity.yaml, to stay with them
    Lock(project::lock::Arguments),
    /// Print which services have newer versions
    Outdated(project::outdated::Arguments),
    /// Read services anew from where they came from
    Update(project::update::Arguments),
    /// Write the application for another tool: kubectl, Helm, Argo CD or Flux
    Generate(generate::Arguments),
    /// Check files as an API server would
    Validate(validate::Arguments),
    /// Print why a service is there, in this version
    Why(why::Arguments),
    /// Print what a service is configured by, and who says it
    Config(config::Arguments),
    /// Print what needs what
    Graph(graph::Arguments),
    /// Print what a shell completes by
    Completions(completions::Completions),
    /// Print a page of the manual
    Man(completions::Man),
    /// Print the JSON Schema that editors check a file by
    Schema(project::schema::Arguments),
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
    #[command(hide = true)]
    /// Answer gateways whether a request may come in; the operator starts it where an app asks
    Authenticator(companion::Authenticator),
    #[command(hide = true)]
    /// Answer how an application is; the operator starts it where an app asks
    Health(companion::Health),
    #[command(hide = true, name = "__complete")]
    /// Answer what kubectl asks to complete a word
    Complete(completions::Complete),
    #[command(hide = true)]
    /// Look for services in catalogues, and take them
    Marketplace(catalog::Marketplace),
    /// Print the version
    Version(version::Arguments),
    /// A program `gravity-NAME` on the path.
    #[command(external_subcommand)]
    Extension(Vec<OsString>),
}

/// Runs the command line of this process. Wrong usage ends the process here, with 2.
pub fn main() -> ExitCode {
    let matches = help::helped(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let registered = match cli.verb.speaks_of_engines() {
        true => cli.engines.register(),
        false => Ok(()),
    };
    let done = registered.and_then(|()| run(cli.verb, &cli.engines));
    done.unwrap_or_else(|error| {
        output::error(&error);
        ExitCode::FAILURE
    })
}

impl Verb {
    /// Whether it could name an engine. What is about this program alone works where a file of
    /// engines is wrong.
    const fn speaks_of_engines(&self) -> bool {
        !matches!(
            self,
            Self::Version(_) | Self::Completions(_) | Self::Complete(_) | Self::Man(_)
        )
    }
}

fn run(verb: Verb, engines: &engines::Arguments) -> Result<ExitCode, Error> {
    match verb {
        Verb::Init(arguments) => project::init::run(&arguments),
        Verb::Add(arguments) => project::add::run(&arguments),
        Verb::Remove(arguments) => project::remove::run(&arguments),
        Verb::List(arguments) => project::list::run(&arguments),
        Verb::Search(arguments) => catalog::search::run(&arguments),
        Verb::Show(arguments) => catalog::show::run(&arguments),
        Verb::Marketplace(arguments) => match arguments.verb {
            MarketplaceVerb::Search(arguments) => catalog::search::run(&arguments),
            MarketplaceVerb::Show(arguments) => catalog::show::run(&arguments),
            MarketplaceVerb::Install(arguments) => running::install::run(&arguments),
        },
        Verb::Install(arguments) => running::install::run(&arguments),
        Verb::Start(arguments) => running::start::run(&arguments),
        Verb::Stop(arguments) => running::stop::run(&arguments),
        Verb::Restart(arguments) => running::restart::run(&arguments),
        Verb::Scale(arguments) => running::scale::run(&arguments),
        Verb::Logs(arguments) => running::logs::run(&arguments),
        Verb::Open(arguments) => running::open::run(&arguments),
        Verb::PortForward(arguments) => running::port_forward::run(&arguments),
        Verb::Events(arguments) => running::events::run(&arguments),
        Verb::Doctor(arguments) => doctor::run(&arguments),
        Verb::Delete(arguments) => running::delete::run(&arguments),
        Verb::Lock(arguments) => project::lock::run(&arguments),
        Verb::Outdated(arguments) => project::outdated::run(&arguments),
        Verb::Update(arguments) => project::update::run(&arguments),
        Verb::Generate(arguments) => generate::run(&arguments),
        Verb::Validate(arguments) => validate::run(&arguments),
        Verb::Why(arguments) => why::run(&arguments),
        Verb::Config(arguments) => config::run(&arguments),
        Verb::Graph(arguments) => graph::run(&arguments),
        Verb::Completions(arguments) => completions::completions(&arguments),
        Verb::Complete(arguments) => completions::complete(&arguments),
        Verb::Man(arguments) => completions::man(&arguments),
        Verb::Extension(words) => extension::run(&words, engines),
        Verb::Schema(arguments) => project::schema::run(&arguments),
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
