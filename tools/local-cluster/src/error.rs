//! What can go wrong, told with the program it happened to and what to do now.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Why a local cluster could not be started or used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `tools/build` itself could not be run.
    #[error(
        "{path} could not be run: {source}. It builds the programs of the cluster and needs bash."
    )]
    BuildNotRun {
        /// The script.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// `tools/build` ran and failed; it has said why on standard error.
    #[error(
        "the programs of the cluster are missing and could not be built ({status}); tools/build says why above, or run it yourself: {path} {groups}"
    )]
    BuildFailed {
        /// The script.
        path: PathBuf,
        /// The groups of programs that were asked for.
        groups: String,
        /// How the script ended.
        status: ExitStatus,
    },
    /// `tools/build` does not know a program that the cluster needs.
    #[error(
        "tools/build printed no path for {name}; the table of programs in it and tools/local-cluster disagree"
    )]
    ProgramUnknown {
        /// The program or the set of schemas.
        name: &'static str,
    },
    /// A file or folder of the cluster could not be read or written.
    #[error("{path} could not be {action}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as in "could not be written".
        action: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// Two clusters in one folder would ruin each other's data.
    #[error("{folder} is in use by another local cluster; stop that one, or choose another folder")]
    FolderInUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The machine lacks what a real node takes.
    #[error("a real node cannot run on this machine: {missing}")]
    NoRealNode {
        /// What is missing, and how to get it.
        missing: String,
    },
    /// There is no real node, or another restart of it is under way or has failed.
    #[error("the cluster has no real node that could be restarted: ask for one by Node::Real")]
    NoNode,
    /// A program that was to do one thing in the node could not.
    #[error("{action} ({status}): {message}")]
    NodeCommand {
        /// What was being done.
        action: String,
        /// How the program ended.
        status: ExitStatus,
        /// What it says.
        message: String,
    },
    /// A key or certificate could not be made.
    #[error("the certificates of the cluster could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// No free port could be had from the operating system.
    #[error("no free port on 127.0.0.1 could be had: {0}")]
    NoPort(io::Error),
    /// A program could not be started at all.
    #[error("{program} ({path}) could not be started: {source}")]
    NotStarted {
        /// The program's name.
        program: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A program ended though the cluster needs it.
    #[error("{program} ended early ({status}). The end of its log {log}:\n{tail}")]
    Ended {
        /// The program's name.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The whole log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// Helm refused the chart.
    #[error("the chart {chart} was not installed ({status}): {message}")]
    ChartRefused {
        /// The chart's folder.
        chart: PathBuf,
        /// How helm ended.
        status: ExitStatus,
        /// What helm says.
        message: String,
    },
    /// The chart has no Deployment to take the operator's arguments from.
    #[error(
        "the chart's Deployment {namespace}/{name} cannot be run: {missing} is missing in its pod template"
    )]
    NotRunnable {
        /// The namespace of the release.
        namespace: String,
        /// The name of the Deployment.
        name: String,
        /// What it lacks.
        missing: &'static str,
    },
    /// Something did not become true in time.
    #[error("{what} did not happen within {} s; the logs are in {logs}{}", limit.as_secs(), last(.last_answer))]
    TimedOut {
        /// What was waited for, as "the API server's /readyz".
        what: String,
        /// How long was waited.
        limit: Duration,
        /// The folder of the logs.
        logs: PathBuf,
        /// The last answer, where there was one.
        last_answer: Option<String>,
    },
    /// The kubeconfig could not be used.
    #[error("the kubeconfig {path} cannot be used: {source}")]
    Kubeconfig {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<kube::config::KubeconfigError>,
    },
    /// The API server refused or could not be reached.
    #[error("{action}: {source}")]
    Api {
        /// What was being done.
        action: String,
        /// What the client says.
        source: Box<kube::Error>,
    },
    /// A file of schemas is not what it was expected to be.
    #[error(
        "the schemas in {path} cannot be read: {message}. If a pin in tools/crds was just changed, its layout may have too."
    )]
    Schemas {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        message: String,
    },
    /// The given cluster is not ours to change in this way.
    #[error(
        "{what} needs a cluster of our own, and GRAVITY_TEST_KUBECONFIG names a given one; unset it"
    )]
    NotOurs {
        /// What was asked for.
        what: &'static str,
    },
}

impl Error {
    /// For `map_err` after something was done to a file.
    pub(crate) fn file(
        path: impl Into<PathBuf>,
        action: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            path,
            action,
            source,
        }
    }

    /// For `map_err` after a request; `action` reads as "what could not be done".
    pub(crate) fn api(action: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let action = action.into();
        move |source| Self::Api {
            action,
            source: Box::new(source),
        }
    }

    /// Between choosing a free port and using it another process may take it.
    pub(crate) fn is_taken_port(&self) -> bool {
        matches!(self, Self::Ended { tail, .. } if tail.contains("address already in use"))
    }
}

fn last(answer: &Option<String>) -> String {
    answer
        .as_ref()
        .map(|answer| format!(". The last answer: {answer}"))
        .unwrap_or_default()
}
