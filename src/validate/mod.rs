//! validate: spec + environment → [`ValidApp`], and GravityServices → [`Catalogue`].
//!
//! Pure. Nothing after this step reads a raw spec: what is here has been checked and has
//! the type of what it means. The API server has refused most nonsense already, but the
//! offline commands have no API server, and validation holds while the operator is down.

mod app;
mod authentication;
mod backup;
mod catalogue;
mod databases;
mod files;
mod gateway;
mod health;
mod links;
mod network;
mod report;
mod routing;
mod runtime;
mod scaling;
mod secrets;
mod servers;
mod service;
#[cfg(test)]
mod tests;
mod traffic;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use app::{Layer, ValidApp, app_name, validate_app};
pub use authentication::{
    Access, ApiKey, Blacklist, Forward, Jwt, Key as SigningKey, OWNER_HEADER, TokenCheck,
};
pub use catalogue::catalogue;
pub use gateway::{Gateway, Tls};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
pub use network::{Egress, Walls};
pub use routing::{PathRule, Routing};
pub(crate) use runtime::SOURCE_FOLDER;
pub use runtime::{GitSource, Runtime, SOURCE_VOLUME};
pub(crate) use scaling::is_above;
pub use secrets::{Key, Store, VAULT_TOKEN, ValueSource};
use semver::Version;
pub use service::{Database, Dependency, Probe, Scaling, ValidService, validate_service};
pub use traffic::{CircuitBreaker, Cors, RateLimit, StickySession, Traffic};
pub(crate) use value::duration::duration;
pub use value::name::host;
pub use value::version::range as version_range;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{object}: {field}: {message}")]
pub struct Invalid {
    /// The object, as `GravityApp shop/shop`, or the file and line.
    pub object: String,
    /// The field's path, as `spec.services[0].version`.
    pub field: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// All services that can be chosen, by name and version.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The services that can be used.
    pub services: BTreeMap<String, BTreeMap<Version, Arc<ValidService>>>,
    /// Those that are there and cannot be used, so that a message can say so.
    pub rejected: Vec<Rejected>,
}

/// A GravityService that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The namespace and name of the object.
    pub namespace: String,
    /// The object's name.
    pub object: String,
    /// The service's name, as written.
    pub name: String,
    /// The service's version, as written.
    pub version: String,
    /// What is wrong with it.
    pub problems: Vec<Invalid>,
}

/// How messages name an object: its kind, its namespace where it has one, and its name.
pub(crate) fn object_name(kind: &str, metadata: &ObjectMeta) -> String {
    let name = metadata.name.as_deref().unwrap_or("without a name");
    match metadata.namespace.as_deref() {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

/// The known word that was probably meant, if one is near enough.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let distance = |known: &str| strsim::osa_distance(&wanted, &known.to_lowercase());
    let near = known
        .into_iter()
        .map(|known| (distance(known), known))
        .min()?;
    // A third of the letters may differ: `imgae` is image, `colour` is nothing.
    (near.0 <= word.chars().count().div_ceil(3)).then_some(near.1)
}

/// The namespace of an object; a file that names none means the one that kubectl would
/// take without being told.
fn namespace(metadata: &ObjectMeta) -> String {
    let namespace = metadata.namespace.clone();
    namespace.unwrap_or_else(|| "default".to_owned())
}
