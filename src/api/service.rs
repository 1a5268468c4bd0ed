//! GravityService: one version of one service. Its spec *is* the manifest of the
//! service's repository, so a team writes one file.

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::events::{Events, Publication, Subscription};
pub use super::files::{ConfigFiles, EnvFrom, Reload, Storage};
pub use super::health::{Health, PathOrProbe, Probe};
pub use super::network::Egress;
use super::routing::ApiSpec;
pub use super::runtime::{Runtime, RuntimeSource};
pub use super::scaling::{Resources, Scaling, ScalingMetric};
use super::schema;
pub use super::secrets::{ValueFrom, Vault};

/// One version of one service, as its repository's `gravity-service.yaml` tells it.
///
/// Many versions of a service stand side by side; that set is the catalogue that
/// versions are resolved from.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "gravity.dev",
    version = "v1alpha1",
    kind = "GravityService",
    doc = "One version of one service, as its repository's gravity-service.yaml tells it.",
    namespaced,
    status = "GravityServiceStatus",
    shortname = "gsvc",
    category = "gravity",
    derive = "PartialEq",
    printcolumn(name = "Service", type_ = "string", json_path = ".spec.name"),
    printcolumn(name = "Version", type_ = "string", json_path = ".spec.version"),
    printcolumn(name = "Type", type_ = "string", json_path = ".status.type"),
    printcolumn(name = "Used by", type_ = "string", json_path = ".status.usedBy"),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    )
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(clippy::duplicated_attributes, reason = "two columns are of one type")]
#[x_kube(
    validation = Rule::new("self.name == oldSelf.name").message("name cannot change: make a new GravityService for another service").reason(Reason::FieldValueInvalid),
    validation = Rule::new("self.version == oldSelf.version").message("version cannot change: make a new GravityService, named <name>-<version>, for another version").reason(Reason::FieldValueInvalid),
    validation = Rule::new("has(self.image) != has(self.runtime)").message("a service has an image, or a runtime that runs it from its source: write one of the two").reason(Reason::FieldValueInvalid),
    validation = Rule::new("!has(self.runtime) || !(has(self.command) || has(self.args))").message("command and args are of an image, and a runtime has a command of its own: write all of it as runtime.command").reason(Reason::FieldValueForbidden),
    validation = Rule::new("!has(self.type) || self.type != 'cron' || has(self.schedule)").message("a service of type cron needs a schedule, as schedule: \"*/5 * * * *\"").reason(Reason::FieldValueRequired),
    validation = Rule::new("!has(self.schedule) || (has(self.type) && self.type == 'cron')").message("schedule is for services of type cron: set type: cron, or take the schedule out").reason(Reason::FieldValueForbidden),
    validation = Rule::new("!has(self.api) || !has(self.type) || self.type in ['api', 'web']").message("only services of type api or web can have an api: workers and jobs take no requests").reason(Reason::FieldValueForbidden),
    validation = Rule::new("!(has(self.scaling) || has(self.storage)) || !has(self.type) || !(self.type in ['cron', 'job'])").message("scaling and storage are for services that keep running, and a cron or job ends: take them out, or change the type").reason(Reason::FieldValueForbidden),
    validation = Rule::new("!has(self.env) || !has(self.envValueFrom) || self.envValueFrom.all(name, !(name in self.env))").message("a variable is in env and in envValueFrom: take it out of one of the two").reason(Reason::FieldValueInvalid),
    validation = Rule::new("!has(self.dependencies) || self.dependencies.all(dependency, dependency.name != self.name)").message("the service depends on itself: take that entry out of its dependencies").reason(Reason::FieldValueInvalid)
)]
pub struct GravityServiceSpec {
    /// The service's name: a DNS label (RFC 1035) of at most 40 characters. Its
    /// Deployment and Service have this name, so other services reach it by it.
    #[schemars(schema_with = "schema::service_name")]
    pub name: String,
    /// The service's version: semantic versioning, without build metadata and upper case.
    #[schemars(schema_with = "schema::version")]
    pub version: String,
    /// What kind of workload the service is; api when absent.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::service_type")]
    pub type_: Option<ServiceType>,
    /// The container image; absent for a service that runs from its source by `runtime`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional_image")]
    pub image: Option<String>,
    /// Runs the service from its source where there is no image: for development.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Runtime>")]
    pub runtime: Option<Runtime>,
    /// Replaces the image's entry point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::words")]
    pub command: Vec<String>,
    /// Arguments to the command or the image's entry point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::words")]
    pub args: Vec<String>,
    /// The port that the container listens on; 8000 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::port")]
    pub port: Option<i32>,
    /// The Kubernetes Service in front of the pods, where it differs from the container's port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<ServiceAddress>")]
    pub service: Option<ServiceAddress>,
    /// The services that this one calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub dependencies: Vec<Dependency>,
    /// The databases, caches, queues and object stores that this service owns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 30))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub databases: Vec<Database>,
    /// How requests from outside reach the service through the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<ApiSpec>")]
    pub api: Option<ApiSpec>,
    /// How the service tells that it lives and that it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Health>")]
    pub health: Option<Health>,
    /// Brings the databases to this version's shape, before its pods start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Migrations>")]
    pub migrations: Option<Migrations>,
    /// How many pods run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Scaling>")]
    pub scaling: Option<Scaling>,
    /// CPU and memory of each pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Resources>")]
    pub resources: Option<Resources>,
    /// Environment variables, text to text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::environment")]
    pub env: BTreeMap<String, String>,
    /// Environment variables whose values stand in Secrets, ConfigMaps or a secret store.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::bounded_map::<ValueFrom, 100>")]
    pub env_value_from: BTreeMap<String, ValueFrom>,
    /// Secrets and ConfigMaps whose keys become environment variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub env_from: Vec<EnvFrom>,
    /// What Vault's injector writes into the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Vault>")]
    pub vault: Option<Vault>,
    /// Files that are mounted into the container from a ConfigMap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["mountPath".into()]))]
    pub config: Vec<ConfigFiles>,
    /// Volumes of a service that keeps files itself; it then runs as a StatefulSet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub storage: Vec<Storage>,
    /// Events that the service publishes and subscribes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Events>")]
    pub events: Option<Events>,
    /// What the service reaches beside DNS, its dependencies and its databases: `internet`
    /// (also when absent), `deny`, `allow`, or a list of addresses and pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::egress")]
    pub egress: Option<Egress>,
    /// When a service of type cron runs: five fields, as cron(5) has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<100>")]
    pub schedule: Option<String>,
    /// How long the service may take to become ready, as 90s or 10m; 10m when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub startup_timeout: Option<String>,
    /// Yanked: never chosen anew, though kept where it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub deprecated: Option<bool>,
    /// Asked of the pods' security context, where the image cannot run unprivileged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Security>")]
    pub security: Option<Security>,
    /// A strategic-merge patch of the pod template, for what Gravity has no field for:
    /// volumes, tolerations, sidecars, more ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::free_object")]
    pub pod_template: Option<serde_json::Value>,
}

/// What kind of workload a service is.
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(rename_all = "lowercase")]
pub enum ServiceType {
    /// Serves requests; a Deployment and a Service.
    Api,
    /// Serves pages; a Deployment and a Service.
    Web,
    /// Works in the background; a Deployment.
    Worker,
    /// Runs on a schedule; a CronJob.
    Cron,
    /// Runs once for each version; a Job.
    Job,
}

/// The Kubernetes Service in front of the pods.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceAddress {
    /// The Service's port; the container's port when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::port")]
    pub port: Option<i32>,
    /// The Service's type; ClusterIP when absent, for only the gateway is reachable from outside.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::service_kind")]
    pub type_: Option<String>,
}

/// A service that this one calls.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dependency {
    /// The other service's name; it becomes `<NAME>_URL`.
    #[schemars(schema_with = "schema::service_name")]
    pub name: String,
    /// The versions that will do, as Cargo reads them; `*` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::version_range")]
    pub version: Option<String>,
    /// The versions of the other service's API contract that will do, as Cargo reads them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::version_range")]
    pub contract: Option<String>,
    /// Absent is fine: there is no URL then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub optional: Option<bool>,
    /// Ordered (the default) starts this service after the other is ready; Unordered gives
    /// the URL only, which is how a cycle is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::startup")]
    pub startup: Option<Startup>,
}

/// Whether a dependency must be ready first.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Startup {
    /// This service starts after the dependency is ready.
    Ordered,
    /// The URL is given, the order is not.
    Unordered,
}

/// A database, cache, queue or object store that a service owns.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Database {
    /// The database's name on its server; `auth_db` becomes `AUTH_DB_URL`.
    #[schemars(schema_with = "schema::database_name")]
    pub name: String,
    /// The engine: postgresql, mysql, mariadb, mongodb, redis, rabbitmq, and what else
    /// docs/engines.md has.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::text_value::<40>")]
    pub type_: String,
    /// The engine's version, as "15" or "8.4"; the engine's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<20>")]
    pub version: Option<String>,
    /// Extensions to have in the database, as uuid-ossp.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::extensions")]
    pub extensions: Vec<String>,
    /// The character set, where the engine has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<40>")]
    pub charset: Option<String>,
    /// The collation, where the engine has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<60>")]
    pub collation: Option<String>,
    /// The variable that holds the URL, as `DATABASE_URL`; `<NAME>_URL` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::variable_name")]
    pub env: Option<String>,
    /// The URL's scheme, as `postgresql+asyncpg`; the engine's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::url_scheme")]
    pub url_scheme: Option<String>,
    /// Redis: `cache` evicts under a memory limit, `store` (the default) keeps everything on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::database_mode")]
    pub mode: Option<DatabaseMode>,
    /// Redis: the prefix of every key of this service, which lets it share a server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<60>")]
    pub key_prefix: Option<String>,
}

/// What a Redis is for.
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseMode {
    /// A memory limit and eviction; nothing is kept over a restart.
    Cache,
    /// Everything is kept, on disk.
    Store,
}

/// Brings the databases to a version's shape.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Migrations {
    /// The command, run in the service's image with the service's variables.
    #[schemars(schema_with = "schema::command")]
    pub command: Vec<String>,
    /// Fills a new database with data to try things with; never run in production.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::words")]
    pub seed: Vec<String>,
    /// How long a migration may take, as 10m; 10m when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub timeout: Option<String>,
    /// How often a failed migration is tried again; 3 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::retries")]
    pub retries: Option<i32>,
}

/// What an image needs that Pod Security's *restricted* level does not admit.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("!has(self.runAsUser) || (self.runAsUser == 0) == (has(self.runAsRoot) && self.runAsRoot)", "runAsUser: 0 is root, and goes with runAsRoot: true only: write another user, or set runAsRoot"))]
pub struct Security {
    /// The user that the image runs as; a number above 0, unless `runAsRoot`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::user_id")]
    pub run_as_user: Option<i64>,
    /// The image must run as root. A namespace under *restricted* refuses it, and the
    /// app's condition says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub run_as_root: Option<bool>,
    /// The image writes to its own file system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub writable_root_filesystem: Option<bool>,
}

/// What is known of a GravityService.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct GravityServiceStatus {
    /// The generation that this status is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::generation")]
    pub observed_generation: Option<i64>,
    /// The kind of workload that it is, also where the manifest leaves `type` out.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::service_type")]
    pub type_: Option<ServiceType>,
    /// The apps that run this version, by name, with commas between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<1000>")]
    pub used_by: Option<String>,
    /// `Accepted`: whether the manifest can be used, and why not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition>,
}
