//! Why a verb failed, as it is told on standard error.

use std::io;

use super::backup::BackupError;
use super::catalog::ShelfError;
use super::cluster::ClusterError;
use super::overrides::OverrideError;
use super::project::VerbError;
use super::running::RunningError;
use crate::catalog::CatalogError;
use crate::companion::CompanionError;
use crate::controller::OperatorError;
use crate::manifest::ManifestError;
use crate::plan::PlanError;
use crate::project::ProjectError;
use crate::repository::RepositoryError;
use crate::resolve::ResolveError;
use crate::telemetry::logs::LogError;

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Files that cannot be read or have mistakes.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A project's folder cannot be used.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// A repository gave nothing.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A catalogue cannot be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A catalogue does not have it.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// What is said over the files cannot be.
    #[error(transparent)]
    Override(#[from] OverrideError),
    /// A project is not to be changed so.
    #[error(transparent)]
    Verb(#[from] VerbError),
    /// An application is not as it was to be made.
    #[error(transparent)]
    Running(#[from] RunningError),
    /// Neither a verb nor a program.
    #[error(
        "there is no verb {name}, and no program gravity-{name} on the path: `gravity --help` shows the verbs"
    )]
    NoVerb {
        /// What was asked for.
        name: String,
    },
    /// Nearly a verb.
    #[error("there is no verb {name}, did you mean `gravity {near}`?")]
    NearVerb {
        /// What was asked for.
        name: String,
        /// The verb that is nearest.
        near: String,
    },
    /// A program of a person's own cannot be run.
    #[error("gravity-{name} cannot be run: {error}")]
    Extension {
        /// The verb.
        name: String,
        /// What the system says.
        error: io::Error,
    },
    /// No engine where one was looked for.
    #[error(
        "--engines {places}: there is no engine: name a file that describes one, or take the option out"
    )]
    NoEngine {
        /// The files and folders.
        places: String,
    },
    /// Standard input broke off.
    #[error("standard input cannot be read: {0}")]
    StandardInput(#[source] io::Error),
    /// There is no application in the files.
    #[error(
        "no GravityApp in {places}: name the file that holds it too, as in `-f app.yaml -f services/`"
    )]
    NoApp {
        /// The files, folders and so on.
        places: String,
    },
    /// There are several, and none was named.
    #[error("{places} hold {} GravityApps: say which is meant by --app, one of {}", names.len(), names.join(", "))]
    SeveralApps {
        /// The files, folders and so on.
        places: String,
        /// Their names.
        names: Vec<String>,
    },
    /// None of them is the one that was named.
    #[error("no GravityApp {name} in {places}: there is {}", names.join(", "))]
    AppNotThere {
        /// The name that was asked for.
        name: String,
        /// The files, folders and so on.
        places: String,
        /// Those that are there.
        names: Vec<String>,
    },
    /// An environment that the app does not have.
    #[error(
        "--environment {name}: GravityApp {app} has no such environment; {}",
        there_is(names)
    )]
    NoEnvironment {
        /// The environment that was asked for.
        name: String,
        /// The app.
        app: String,
        /// Those that it has.
        names: Vec<String>,
    },
    /// What validate refuses, each with its place.
    #[error("{}", .0.join("\n\n"))]
    Invalid(Vec<String>),
    /// There is no fitting choice of versions.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The cluster does not answer as it should.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// A backup was not made, listed or restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The logs could not be begun.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A companion could not run.
    #[error(transparent)]
    Companion(#[from] CompanionError),
    /// The operator ended by a fault.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// Some of a plan cannot come to be.
    #[error(
        "{count} {} in the way of this plan: see the lines that begin with !", if *count == 1 { "thing stands" } else { "things stand" }
    )]
    InTheWay {
        /// How many.
        count: usize,
    },
    /// The answer could not be written.
    #[error("the output cannot be written: {0}")]
    Output(#[source] io::Error),
}

fn there_is(names: &[String]) -> String {
    match names {
        [] => "it has none: add it under spec.environments".to_owned(),
        names => format!("there is {}", names.join(", ")),
    }
}
