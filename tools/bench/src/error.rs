//! Why a measurement could not be made.

use std::path::PathBuf;
use std::time::Duration;

/// Why a measurement could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cluster did not come up, or one of its programs has ended.
    #[error(transparent)]
    Cluster(#[from] local_cluster::Error),
    /// The API server did not take a request of the benchmark itself.
    #[error("the API server refused what the benchmark asked of it: {0}")]
    Api(#[from] kube::Error),
    /// A file or process could not be read, written or started.
    #[error("{path} could not be used: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of the audit log, or an object, is not what it should be.
    #[error("{what} could not be read as JSON: {source}")]
    Json {
        /// What.
        what: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The example is not valid.
    #[error("{path} cannot be planned: {message}")]
    Example {
        /// The folder.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// A program that is measured has failed.
    #[error("{program} failed with {status}: {output}")]
    Program {
        /// Which one.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// The last of what it said.
        output: String,
    },
    /// What was waited for did not come.
    #[error("{what} did not come about within {} s", limit.as_secs())]
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long.
        limit: Duration,
    },
    /// What was to be measured is not in the audit log.
    #[error("the audit log does not hold {0}")]
    Unrecorded(String),
}

impl Error {
    /// Tells which file or program an I/O error is about.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
