//! resolve: ranges → one version of each service.
//!
//! Pure: PubGrub over the [`Catalogue`]. The newest version that fits is chosen; a locked
//! version is kept while it fits; the same input gives the same output.

use std::collections::BTreeMap;
use std::sync::Arc;

use semver::Version;

use crate::validate::ValidService;

/// The versions that run now, by the service's name: what is kept while it fits.
pub type Lock = BTreeMap<String, Version>;

/// One version of each service of an app.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The services, by name.
    pub services: BTreeMap<String, Resolved>,
}

/// The version that was chosen for one service, and why it is there.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The service in the version that was chosen.
    pub service: Arc<ValidService>,
    /// How many ordered dependencies lie below it at the most: 0 starts first. For
    /// people; the order of starting goes by the graph.
    pub wave: usize,
    /// Who asks for it and in which versions, by name.
    pub required_by: Vec<Requirement>,
}

/// Who asks for a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    /// The name of the service that asks, or of the app.
    pub name: String,
    /// The range, as it was written; `*` where none was.
    pub range: String,
}
