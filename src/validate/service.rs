//! GravityService → [`ValidService`].

use std::collections::BTreeMap;
use std::time::Duration;

use semver::{Version, VersionReq};

use super::Invalid;
use crate::api::GravityService;
use crate::api::service::{
    ConfigFiles, DatabaseMode, EnvFrom, Events, Resources, ScalingMetric, Security, ServiceType,
    Storage,
};
use crate::engines::Engine;

/// A service in one version whose every field has been checked and has its default.
#[derive(Clone, Debug)]
pub struct ValidService {
    /// The service's name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The namespace of the GravityService it comes from.
    pub namespace: String,
    /// The name of the GravityService it comes from.
    pub object: String,
    /// What kind of workload it is.
    pub type_: ServiceType,
    /// The container image.
    pub image: String,
    /// Replaces the image's entry point; empty for the image's own.
    pub command: Vec<String>,
    /// Arguments.
    pub args: Vec<String>,
    /// The container's port; `None` for workers and jobs that state none.
    pub port: Option<i32>,
    /// The Kubernetes Service's port; as the container's unless stated.
    pub service_port: Option<i32>,
    /// The Kubernetes Service's type.
    pub service_type: String,
    /// The services it calls, by name.
    pub dependencies: BTreeMap<String, Dependency>,
    /// The databases it owns, in the order of the manifest.
    pub databases: Vec<Database>,
    /// The gateway's path for it.
    pub prefix: Option<String>,
    /// The version of the API it offers.
    pub contract: Option<Version>,
    /// The process lives.
    pub liveness: Option<Probe>,
    /// It takes requests.
    pub readiness: Option<Probe>,
    /// It has started.
    pub startup: Option<Probe>,
    /// The migration's command; empty for none.
    pub migration: Vec<String>,
    /// The seed's command; empty for none.
    pub seed: Vec<String>,
    /// How long a migration may take.
    pub migration_timeout: Duration,
    /// How often a failed migration is tried again.
    pub migration_retries: i32,
    /// How many pods.
    pub scaling: Scaling,
    /// CPU and memory, as stated.
    pub resources: Resources,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Secrets and ConfigMaps that become variables.
    pub env_from: Vec<EnvFrom>,
    /// Mounted files.
    pub config: Vec<ConfigFiles>,
    /// Claims.
    pub storage: Vec<Storage>,
    /// Events.
    pub events: Events,
    /// When a cron service runs.
    pub schedule: Option<String>,
    /// How long it may take to become ready.
    pub startup_timeout: Duration,
    /// Never chosen anew.
    pub deprecated: bool,
    /// What its image needs.
    pub security: Security,
    /// A patch of the pod template.
    pub pod_template: Option<serde_json::Value>,
}

/// A service that another one calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// The versions that will do.
    pub version: VersionReq,
    /// The versions of its API contract that will do.
    pub contract: Option<VersionReq>,
    /// Absent is fine.
    pub optional: bool,
    /// Whether it must be ready first.
    pub ordered: bool,
}

/// A database that a service owns.
#[derive(Clone, Debug, PartialEq)]
pub struct Database {
    /// Its name on its server.
    pub name: String,
    /// Its engine.
    pub engine: Engine,
    /// The engine's series, as 15 or 8.4: one that the engine's facts know.
    pub series: String,
    /// Extensions to have.
    pub extensions: Vec<String>,
    /// The character set.
    pub charset: Option<String>,
    /// The collation.
    pub collation: Option<String>,
    /// The variable that holds the URL.
    pub env: String,
    /// The URL's scheme.
    pub url_scheme: String,
    /// What a Redis is for.
    pub mode: DatabaseMode,
    /// The prefix of every key.
    pub key_prefix: Option<String>,
}

/// A probe. Times are whole seconds; what is absent is left to the plan's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// The path of an HTTP GET; a TCP connection is tried when absent.
    pub path: Option<String>,
    /// From the container's start to the first probe.
    pub initial_delay: Option<i32>,
    /// Between probes.
    pub period: Option<i32>,
    /// After which a probe has failed.
    pub timeout: Option<i32>,
    /// Failures in a row that count.
    pub failures: Option<i32>,
    /// Successes in a row that count.
    pub successes: Option<i32>,
}

/// How many pods.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// The fewest.
    pub min: i32,
    /// The most; more than `min` means that an autoscaler owns the number.
    pub max: i32,
    /// What the autoscaler goes by; never empty where there is one.
    pub metrics: Vec<ScalingMetric>,
}

/// Checks a GravityService and fills in the defaults.
///
/// # Errors
/// Everything that is wrong with it, in the order of its fields, not only the first.
pub fn validate_service(service: &GravityService) -> Result<ValidService, Vec<Invalid>> {
    let _ = service;
    Err(Vec::new())
}
