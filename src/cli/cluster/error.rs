//! Why a cluster does not answer as it should, and what to do.

use std::fmt;

/// What is asked of an API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// All of a kind.
    List,
    /// One object.
    Get,
    /// A new object.
    Create,
    /// A change, by server-side apply too.
    Patch,
    /// That an object goes.
    Delete,
    /// What changes.
    Watch,
}

impl Verb {
    /// The right that it takes, as RBAC calls it.
    pub const fn right(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
            Self::Create => "create",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::Watch => "watch",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Patch => "change",
            verb => verb.right(),
        })
    }
}

/// Why a cluster does not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// There is no kubeconfig, or nothing is current in it.
    #[error(
        "no cluster to ask: {cause}\nset KUBECONFIG to the cluster's file, or choose a context of it by `kubectl config use-context`"
    )]
    NoCluster {
        /// What the configuration lacks.
        cause: String,
    },
    /// The kubeconfig does not have the context.
    #[error(
        "the kubeconfig has no context {name}: there is {}; `kubectl config get-contexts` shows them", if known.is_empty() { "none".to_owned() } else { known.join(", ") }
    )]
    NoContext {
        /// The context that was asked for.
        name: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// Nobody answers.
    #[error(
        "the API server {server} cannot be reached: {cause}: is the cluster up, and is it the one you mean? `kubectl config current-context` tells, --context names another"
    )]
    Unreachable {
        /// The API server's URL.
        server: String,
        /// What the network says.
        cause: String,
    },
    /// The API server takes too long.
    #[error("the API server {server} has not answered in {}s: try again, or ask its administrator", super::TIME_LIMIT.as_secs())]
    Silent {
        /// The API server's URL.
        server: String,
    },
    /// The API server does not know who asks.
    #[error("the API server {server} does not accept your credentials ({message}): log in again")]
    Unauthorized {
        /// The API server's URL.
        server: String,
        /// Its words.
        message: String,
    },
    /// A right is missing.
    #[error(
        "you have no right to {verb} {plural}: ask for a Role with apiGroups [{group:?}], resources [{plural:?}], verbs [{:?}]; the API server says: {message}", verb.right()
    )]
    Forbidden {
        /// What was to be done.
        verb: Verb,
        /// The API group.
        group: String,
        /// The kind's plural.
        plural: String,
        /// The API server's words.
        message: String,
    },
    /// Gravity is not installed.
    #[error(
        "the cluster {server} has no {plural}: install Gravity, or its definitions alone by `gravity crds | kubectl apply --server-side -f -`"
    )]
    NotInstalled {
        /// The API server's URL.
        server: String,
        /// The kind's plural.
        plural: String,
    },
    /// There is no object of the name.
    #[error("there is no {name} in {plural}: it was deleted, or never made")]
    NotFound {
        /// The kind's plural.
        plural: String,
        /// The object's name.
        name: String,
    },
    /// There is no app of the name.
    #[error(
        "there is no GravityApp {name} in namespace {namespace}: {}",
        others(names)
    )]
    NoApp {
        /// The name that was asked for.
        name: String,
        /// Where it was looked for.
        namespace: String,
        /// Those that are there.
        names: Vec<String>,
    },
    /// Somebody else has set what is to be set.
    #[error(
        "{name} is managed by somebody else too: {message}: change it where it is managed, or take it over by --force-conflicts"
    )]
    Conflict {
        /// The object, by its kind and name.
        name: String,
        /// The API server's words: which fields, and whose.
        message: String,
        /// Who has set them: the field managers.
        managers: Vec<String>,
    },
    /// Anything else.
    #[error("the API server could not {verb} {plural}: {message}")]
    Other {
        /// What was to be done.
        verb: Verb,
        /// The kind's plural.
        plural: String,
        /// What went wrong.
        message: String,
    },
}

fn others(names: &[String]) -> String {
    match names {
        [] => {
            "there is none; name another namespace by -n, or apply it by `gravity start`".to_owned()
        }
        names => format!("there is {}", names.join(", ")),
    }
}
