//! Why a backup was not made, listed or restored.

/// Why a backup was not made, listed or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Nothing is backed up.
    #[error(
        "no database server in namespace {namespace} is backed up: write databases.<engine>.backup into the GravityApp, with a schedule and a place; backups that were made stay where they are, and are seen again with it"
    )]
    None {
        /// Where it was looked for.
        namespace: String,
    },
    /// The server is not backed up.
    #[error("the server {server} in namespace {namespace} is not backed up: there is {}", known.join(", "))]
    NoServer {
        /// The server that was asked for.
        server: String,
        /// Where it was looked for.
        namespace: String,
        /// Those that are backed up.
        known: Vec<String>,
    },
    /// The Job was refused.
    #[error("the Job {job} cannot be {done}: {message}{rights}")]
    Refused {
        /// The Job's name.
        job: String,
        /// What was to be done with it.
        done: &'static str,
        /// The API server's words.
        message: String,
        /// What to do, where it is for want of a right.
        rights: &'static str,
    },
    /// Another is at it.
    #[error(
        "the Job {job} runs already, and two at once would spoil each other's work: wait for its end (kubectl logs -f job/{job} -n {namespace}), and then try again"
    )]
    Runs {
        /// The Job's name.
        job: String,
        /// Its namespace.
        namespace: String,
    },
    /// The Job has failed.
    #[error("the Job {job} has failed:\n{says}")]
    Failed {
        /// The Job's name.
        job: String,
        /// Its last words.
        says: String,
    },
    /// The Job has not come to an end.
    #[error(
        "the Job {job} has not ended in {seconds}s{says}: look at it by `kubectl describe job/{job} -n {namespace}`"
    )]
    Late {
        /// The Job's name.
        job: String,
        /// Its namespace.
        namespace: String,
        /// How long it was waited for.
        seconds: u64,
        /// What its pod says.
        says: String,
    },
    /// Somebody must say that data may be replaced.
    #[error(
        "{database} on {server} would be replaced: say --yes, or restore beside it, to a new name"
    )]
    NotConfirmed {
        /// The database.
        database: String,
        /// Its server.
        server: String,
    },
    /// A person said no.
    #[error("nothing was changed")]
    Declined,
}
