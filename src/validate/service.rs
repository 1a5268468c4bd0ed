//! GravityService → [`ValidService`].

use std::collections::BTreeMap;
use std::time::Duration;

use semver::{Version, VersionReq};

use super::report::Report;
use super::routing::{Routing, routing};
use super::runtime::{Runtime, program};
use super::secrets::{self, ValueSource};
use super::value::cron;
use super::value::duration::duration;
use super::value::name::{self, NAME_LIMIT};
use super::value::version::version;
use super::{
    Egress, Invalid, databases, files, health, links, namespace, network, object_name, scaling,
};
use crate::api::GravityService;
use crate::api::service::{
    ConfigFiles, DatabaseMode, EnvFrom, Events, GravityServiceSpec, Migrations, Resources,
    ScalingMetric, Security, ServiceType, Storage, Vault,
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
    /// The container image; that of the runtime where it runs from its source.
    pub image: String,
    /// How it runs from its source; `None` where it has an image of its own.
    pub runtime: Option<Runtime>,
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
    /// How requests come to it from outside; `None` where they do not.
    pub routing: Option<Routing>,
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
    /// Environment variables whose values stand somewhere else.
    pub env_value_from: BTreeMap<String, ValueSource>,
    /// Secrets and ConfigMaps that become variables.
    pub env_from: Vec<EnvFrom>,
    /// What Vault's injector writes.
    pub vault: Option<Vault>,
    /// Mounted files.
    pub config: Vec<ConfigFiles>,
    /// Claims.
    pub storage: Vec<Storage>,
    /// Events.
    pub events: Events,
    /// What it reaches beside DNS, its dependencies and its databases.
    pub egress: Egress,
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

/// How long a start or a migration may take unless it is said: far above what a healthy
/// one takes with a cold image, far below a night.
const PATIENCE: Duration = Duration::from_mins(10);
/// A migration fails for a moment's lack of its database more often than for itself.
const RETRIES: i32 = 3;
/// The port of the web servers that most manifests were written for (uvicorn).
const PORT: i32 = 8_000;

/// Checks a GravityService and fills in the defaults.
///
/// # Errors
/// Everything that is wrong with it, in the order of its fields, not only the first.
pub fn validate_service(service: &GravityService) -> Result<ValidService, Vec<Invalid>> {
    let spec = &service.spec;
    let mut report = Report::of(object_name("GravityService", &service.metadata));
    report.check("spec.name", name::label(&spec.name, NAME_LIMIT));
    let version = report.check("spec.version", version(&spec.version));
    let type_ = fitting_type(spec, &mut report);
    let program = program(service, &mut report);
    let port = port(spec, type_, &mut report);
    let dependencies = links::dependencies(&spec.name, &spec.dependencies, &mut report);
    let databases = databases::databases(&spec.databases, &mut report);
    let (routing, contract) = routing(spec.api.as_ref(), &mut report);
    let health = spec.health.clone().unwrap_or_default();
    let probes = health::probes(&health, port.is_some(), &mut report);
    let migrations = migrations(spec.migrations.as_ref(), &mut report);
    let scaling = scaling::scaling(&spec.scaling.clone().unwrap_or_default(), &mut report);
    let resources = spec.resources.clone().unwrap_or_default();
    scaling::resources(&resources, "spec.resources", &mut report);
    let env_value_from = surroundings(spec, &mut report);
    let egress = network::egress(spec.egress.as_ref(), &mut report);
    let startup_timeout = timeout(
        "spec.startupTimeout",
        spec.startup_timeout.as_deref(),
        &mut report,
    );
    rest(spec, type_, &mut report);
    report.finish()?;
    let Some(version) = version else {
        return Err(Vec::new());
    };
    let address = spec.service.clone().unwrap_or_default();
    Ok(ValidService {
        name: spec.name.clone(),
        version,
        namespace: namespace(&service.metadata),
        object: service.metadata.name.clone().unwrap_or_default(),
        type_,
        image: program.image,
        runtime: program.runtime,
        command: program.command,
        args: program.args,
        port,
        service_port: address.port.or(port),
        // Only the gateway is reachable from outside.
        service_type: address.type_.unwrap_or_else(|| "ClusterIP".to_owned()),
        dependencies,
        databases,
        routing,
        contract,
        liveness: probes.liveness,
        readiness: probes.readiness,
        startup: probes.startup,
        migration: migrations.command,
        seed: migrations.seed,
        migration_timeout: migrations.timeout,
        migration_retries: migrations.retries,
        scaling,
        resources,
        env: spec.env.clone(),
        env_value_from,
        env_from: spec.env_from.clone(),
        vault: spec.vault.clone(),
        config: spec.config.clone(),
        storage: spec.storage.clone(),
        events: spec.events.clone().unwrap_or_default(),
        egress,
        schedule: spec.schedule.clone(),
        startup_timeout,
        deprecated: spec.deprecated.unwrap_or(false),
        security: spec.security.clone().unwrap_or_default(),
        pod_template: spec.pod_template.clone(),
    })
}

/// The type, and what of the other fields does not go with it.
fn fitting_type(spec: &GravityServiceSpec, report: &mut Report) -> ServiceType {
    // Most services answer requests.
    let type_ = spec.type_.unwrap_or(ServiceType::Api);
    let runs_on = !matches!(type_, ServiceType::Cron | ServiceType::Job);
    let takes_requests = matches!(type_, ServiceType::Api | ServiceType::Web);
    if type_ == ServiceType::Cron && spec.schedule.is_none() {
        report.add(
            "spec.schedule",
            "is missing, and a service of type cron needs one: write schedule: \"*/5 * * * *\"",
        );
    }
    if spec.api.is_some() && !takes_requests {
        report.add("spec.api", "is for services of type api or web, for workers and jobs take no requests: take it out, or change the type");
    }
    let (scaling, storage) = (spec.scaling.is_some(), !spec.storage.is_empty());
    for (field, stated) in [("scaling", scaling), ("storage", storage)] {
        if stated && !runs_on {
            report.add(format!("spec.{field}"), "is for services that keep running, and a cron or job ends: take it out, or change the type");
        }
    }
    type_
}

fn port(spec: &GravityServiceSpec, type_: ServiceType, report: &mut Report) -> Option<i32> {
    let takes_requests = matches!(type_, ServiceType::Api | ServiceType::Web);
    let port = spec.port.or(takes_requests.then_some(PORT));
    let address = spec.service.clone().unwrap_or_default();
    for (field, port) in [
        ("spec.port", spec.port),
        ("spec.service.port", address.port),
    ] {
        if let Some(port) = port.filter(|port| !(1..=65_535).contains(port)) {
            report.add(field, format!("{port} is no port: write 1 to 65535"));
        }
    }
    if spec.service.is_some() && port.is_none() {
        report.add(
            "spec.service",
            "there is no port to send requests to: add port, or take service out",
        );
    }
    const TYPES: [&str; 3] = ["ClusterIP", "NodePort", "LoadBalancer"];
    if let Some(type_) = address
        .type_
        .filter(|type_| !TYPES.contains(&type_.as_str()))
    {
        report.add(
            "spec.service.type",
            format!(
                "{type_:?} is no type of a Service: write one of {}",
                TYPES.join(", ")
            ),
        );
    }
    port
}

/// A migration with its defaults.
struct Migration {
    command: Vec<String>,
    seed: Vec<String>,
    timeout: Duration,
    retries: i32,
}

fn migrations(stated: Option<&Migrations>, report: &mut Report) -> Migration {
    let Some(Migrations {
        command,
        seed,
        timeout: stated,
        retries,
    }) = stated
    else {
        let (command, seed) = (Vec::new(), Vec::new());
        return Migration {
            command,
            seed,
            timeout: PATIENCE,
            retries: RETRIES,
        };
    };
    if command.is_empty() {
        report.add(
            "spec.migrations.command",
            "is empty: write the command and its arguments, as [alembic, upgrade, head]",
        );
    }
    let timeout = timeout("spec.migrations.timeout", stated.as_deref(), report);
    let retries = retries.unwrap_or(RETRIES);
    if !(0..=20).contains(&retries) {
        report.add(
            "spec.migrations.retries",
            format!("{retries} is out of range: write 0 to 20"),
        );
    }
    Migration {
        command: command.clone(),
        seed: seed.clone(),
        timeout,
        retries,
    }
}

fn timeout(field: &str, stated: Option<&str>, report: &mut Report) -> Duration {
    let duration = stated.map(duration).transpose();
    report.check(field, duration).flatten().unwrap_or(PATIENCE)
}

/// What comes from outside; what of it has another type than it is written in comes out.
fn surroundings(spec: &GravityServiceSpec, report: &mut Report) -> BTreeMap<String, ValueSource> {
    files::variables(&spec.env, "spec.env", report);
    let values = secrets::values(&spec.env_value_from, &spec.env, "spec", report);
    secrets::vault(spec.vault.as_ref(), &spec.storage, report);
    files::env_from(&spec.env_from, report);
    files::config(&spec.config, report);
    files::storage(&spec.storage, report);
    files::folders(&spec.config, &spec.storage, report);
    links::events(&spec.events.clone().unwrap_or_default(), report);
    if let Some(schedule) = &spec.schedule {
        report.check("spec.schedule", cron::schedule(schedule));
    }
    values
}

fn rest(spec: &GravityServiceSpec, type_: ServiceType, report: &mut Report) {
    if spec.schedule.is_some() && type_ != ServiceType::Cron {
        report.add(
            "spec.schedule",
            "is for services of type cron: write type: cron, or take the schedule out",
        );
    }
    let security = spec.security.clone().unwrap_or_default();
    let as_root = security.run_as_root.unwrap_or(false);
    match security.run_as_user {
        Some(0) if !as_root => report.add(
            "spec.security.runAsUser",
            "0 is root: write another user, or runAsRoot: true if the image cannot do without",
        ),
        Some(user) if user < 0 => report.add(
            "spec.security.runAsUser",
            format!("{user} is no user: write a number above 0"),
        ),
        Some(user) if user > 0 && as_root => report.add(
            "spec.security.runAsUser",
            format!("{user} is not root, and runAsRoot is true: take one of the two out"),
        ),
        _ => {}
    }
    if spec
        .pod_template
        .as_ref()
        .is_some_and(|patch| !patch.is_object())
    {
        report.add(
            "spec.podTemplate",
            "is no map: write a patch as spec: {tolerations: […]}",
        );
    }
}
