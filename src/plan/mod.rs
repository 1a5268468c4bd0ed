//! plan: [`ValidApp`](crate::validate::ValidApp) + [`Resolution`](crate::resolve::Resolution)
//! + [`Facts`] → [`Plan`], a graph of nodes with their objects.
//!
//! Pure, and it leaves nothing to decide: what a node holds is what is sent.

mod graph;

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
