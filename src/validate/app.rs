//! GravityApp → [`ValidApp`].

use std::collections::BTreeMap;

use semver::VersionReq;

use super::Invalid;
use crate::api::GravityApp;
use crate::api::app::{DatabaseServer, DeletionPolicy, GatewayClass, Updates};
use crate::api::service::Resources;
use crate::engines::Engine;

/// An app whose every field has been checked.
#[derive(Clone, Debug)]
pub struct ValidApp {
    /// The app's name.
    pub name: String,
    /// The app's namespace.
    pub namespace: String,
    /// The app's uid; empty for a file that was never applied.
    pub uid: String,
    /// The generation of the spec; 0 for a file that was never applied.
    pub generation: i64,
    /// The roots, by name: the range as it is meant and as it was written.
    pub roots: BTreeMap<String, VersionReq>,
    /// What the app says of a service by name; the strongest layer.
    pub services: BTreeMap<String, Layer>,
    /// The name of the environment that applies.
    pub environment: Option<String>,
    /// What the environment says of every service; the second layer.
    pub overlay: Layer,
    /// The way in.
    pub gateway: Gateway,
    /// How each engine's servers are run.
    pub databases: BTreeMap<Engine, DatabaseServer>,
    /// When a newer version is taken.
    pub updates: Updates,
    /// What becomes of the data.
    pub deletion_policy: DeletionPolicy,
    /// Whether all writes stop.
    pub suspend: bool,
}

/// What a stronger layer says of a service, over its manifest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// A fixed number of pods.
    pub replicas: Option<i32>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// CPU and memory.
    pub resources: Resources,
}

/// The way in, with the environment's host.
#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    /// Which kind of route is made.
    pub class: GatewayClass,
    /// The host; every host when absent.
    pub host: Option<String>,
    /// The Secret of the certificate.
    pub tls_secret: Option<String>,
    /// The IngressClass.
    pub ingress_class_name: Option<String>,
    /// Traefik's entry points; never empty.
    pub entry_points: Vec<String>,
}

/// Checks an app.
///
/// # Errors
/// Everything that is wrong with it, in the order of its fields, not only the first.
pub fn validate_app(app: &GravityApp) -> Result<ValidApp, Vec<Invalid>> {
    let _ = app;
    Err(Vec::new())
}
