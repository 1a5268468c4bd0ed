//! plan: [`ValidApp`](crate::validate::ValidApp) + [`Resolution`](crate::resolve::Resolution)
//! + [`Facts`] → [`Plan`], a graph of nodes with their objects.
//!
//! Pure, and it leaves nothing to decide: what a node holds is what is sent.

mod databases;
mod graph;
pub(crate) mod meta;

use std::collections::BTreeMap;

pub use graph::{Body, Generated, Node, NodeId, NodeKind, Plan, PlannedObject, PlannedService};

use crate::api::objects::Kind;

/// What of the cluster the plan depends on. Time and existing objects come in as data;
/// offline everything here is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The servers that run, by their StatefulSet's name: a server's image and series
    /// stay as they are, so that an upgrade of Gravity restarts no database.
    pub servers: BTreeMap<String, LiveServer>,
    /// Which set of credentials each Secret holds, by the Secret's name: an opaque word
    /// that changes when the credentials do. Provisioning and consumers follow it.
    pub credentials: BTreeMap<String, String>,
    /// Where managed servers answer, by the name of the Secret with their admin `uri`.
    pub external: BTreeMap<String, Address>,
    /// The kinds that may be missing and are.
    pub missing_kinds: Vec<Kind>,
}

/// A server that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveServer {
    /// Its image.
    pub image: String,
    /// Its series, as 15 or 8.4.
    pub series: String,
}

/// Where a managed server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: i32,
}

/// Why there is no plan. Nothing that runs is changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two services want the same database on the same server.
    #[error(
        "{first} and {second} both claim the database {database} on {server}: give one of them another name, or make one service its owner and let the other call it"
    )]
    DatabaseClaimedTwice {
        /// The database's name.
        database: String,
        /// The server's name.
        server: String,
        /// The service that comes first by name.
        first: String,
        /// The other one.
        second: String,
    },
    /// Two databases of one server have keys in common.
    #[error(
        "{first} and {second} would have the same keys on {server}: give each of them a keyPrefix that is no beginning of the other's"
    )]
    KeysClaimedTwice {
        /// The server's name.
        server: String,
        /// The one that comes first.
        first: String,
        /// The other one.
        second: String,
    },
    /// A database that the engine has for itself.
    #[error(
        "{service} claims the database {database}, which {engine} has for itself: give it another name"
    )]
    DatabaseReserved {
        /// The service.
        service: String,
        /// The engine, as people write it.
        engine: String,
        /// The database's name.
        database: String,
    },
    /// An external server of which nothing is known.
    #[error(
        "databases.{engine}.mode is External, but no secretName is given: name the Secret that holds the uri of the server's administrator"
    )]
    ExternalWithoutSecret {
        /// The engine's name.
        engine: String,
    },
    /// Two sources give one variable of a service.
    #[error(
        "{service}: the variable {variable} comes from {first} and from {second}: rename one of them, or set databases[].env"
    )]
    VariableTwice {
        /// The service.
        service: String,
        /// The variable.
        variable: String,
        /// Where it comes from.
        first: String,
        /// Where else it comes from.
        second: String,
    },
    /// Two objects would have one name.
    #[error("{object} is needed by {first} and by {second}: rename one of them")]
    NameTwice {
        /// The object, as `Service shop/redis`.
        object: String,
        /// Who needs it.
        first: String,
        /// Who needs it too.
        second: String,
    },
}
