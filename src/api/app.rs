//! GravityApp: which services make the application.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backup::Backup;
use super::gateway::Gateway;
use super::mesh::Mesh;
use super::network::Network;
use super::pooler::Pooler;
use super::schema::{self, IntOrText};
use super::secrets::{SecretStore, ValueFrom};
use super::service::Resources;

/// An application: the services wanted, and how they are run in this namespace.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "gravity.dev",
    version = "v1alpha1",
    kind = "GravityApp",
    doc = "An application: the services wanted, and how they are run in this namespace.",
    namespaced,
    status = "GravityAppStatus",
    shortname = "gapp",
    category = "gravity",
    derive = "PartialEq",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Services", type_ = "string", json_path = ".status.servicesReady"),
    printcolumn(name = "Revision", type_ = "string", json_path = ".status.revision"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].message", priority = 1),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    validation = Rule::new("self.metadata.name.size() <= 40").message("an app's name has at most 40 characters, for the names of its objects are derived from it")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(
    validation = ("!has(self.environment) || (has(self.environments) && self.environment in self.environments)", "environment names none of the environments: add it under environments, or name one that is there"),
    validation = ("!has(self.lock) || !has(self.updates) || self.updates == 'Locked'", "lock keeps versions and updates: Automatic moves them: take one of the two out")
)]
pub struct GravityAppSpec {
    /// The roots of the application; their dependencies come along.
    #[schemars(length(min = 1, max = 200))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub services: Vec<AppService>,
    /// Which of the environments applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::environment_name")]
    pub environment: Option<String>,
    /// What differs from environment to environment, by the environment's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::bounded_map::<Environment, 20>")]
    pub environments: BTreeMap<String, Environment>,
    /// The way in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Gateway>")]
    pub gateway: Option<Gateway>,
    /// The store that the services' remote values come from, by the External Secrets Operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<SecretStore>")]
    pub secret_store: Option<SecretStore>,
    /// Who may reach the app's pods beside its own services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Network>")]
    pub network: Option<Network>,
    /// The service mesh that the services join, Linkerd or Istio; None when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::mesh")]
    pub mesh: Option<Mesh>,
    /// How each engine's servers are run, by the engine's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::bounded_map::<DatabaseServer, 20>")]
    pub databases: BTreeMap<String, DatabaseServer>,
    /// Locked (the default) keeps the versions that were chosen until they no longer fit;
    /// Automatic moves to the newest that fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::updates")]
    pub updates: Option<Updates>,
    /// The versions to take, by the service's name, while they fit: `gravity lock` writes them. What
    /// runs in another version moves to them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::lock")]
    pub lock: BTreeMap<String, String>,
    /// What becomes of the data when the app is deleted; Retain when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::deletion_policy")]
    pub deletion_policy: Option<DeletionPolicy>,
    /// Stops what runs: no pod of the services and of the servers that Gravity runs is left, and
    /// all data stays. When this is false again, all starts in its order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub stopped: Option<bool>,
    /// Stops all writes: what runs goes on, and nothing is mended until this is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub suspend: Option<bool>,
}

/// A service of the app. What stands here wins over the environment and the manifest.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("!has(self.env) || !has(self.envValueFrom) || self.envValueFrom.all(name, !(name in self.env))", "a variable is in env and in envValueFrom: take it out of one of the two"))]
pub struct AppService {
    /// The service's name.
    #[schemars(schema_with = "schema::service_name")]
    pub name: String,
    /// The versions that will do, as Cargo reads them; `*` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::version_range")]
    pub version: Option<String>,
    /// A fixed number of pods; there is no autoscaler then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::replicas")]
    pub replicas: Option<i32>,
    /// Stops the service: no pod of it is left, and its data stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub stopped: Option<bool>,
    /// Environment variables, over those of the environment and the manifest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::environment")]
    pub env: BTreeMap<String, String>,
    /// Environment variables whose values stand elsewhere, over those of the environment and
    /// the manifest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::bounded_map::<ValueFrom, 30>")]
    pub env_value_from: BTreeMap<String, ValueFrom>,
    /// CPU and memory, over those of the environment and the manifest, each by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Resources>")]
    pub resources: Option<Resources>,
}

/// What differs in one environment. It applies to every service of the app.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("!has(self.env) || !has(self.envValueFrom) || self.envValueFrom.all(name, !(name in self.env))", "a variable is in env and in envValueFrom: take it out of one of the two"))]
pub struct Environment {
    /// A fixed number of pods of each service; there are no autoscalers then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::replicas")]
    pub replicas: Option<i32>,
    /// Environment variables of every service, over those of the manifest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::environment")]
    pub env: BTreeMap<String, String>,
    /// Environment variables of every service whose values stand elsewhere, over those of the
    /// manifest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::bounded_map::<ValueFrom, 30>")]
    pub env_value_from: BTreeMap<String, ValueFrom>,
    /// CPU and memory of every service, over those of the manifest, each by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Resources>")]
    pub resources: Option<Resources>,
    /// The host that the gateway answers for, over that of the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::host")]
    pub host: Option<String>,
    /// The store that remote values come from, over that of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<SecretStore>")]
    pub secret_store: Option<SecretStore>,
}

/// How an engine's servers are run.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(
    validation = ("!has(self.mode) || self.mode != 'External' || has(self.secretName)", "mode: External needs secretName: name the Secret that holds the managed server's admin uri"),
    validation = ("!has(self.secretName) || (has(self.mode) && self.mode == 'External')", "secretName is for mode: External: write that mode, or take the line out"),
    validation = ("!has(self.backup) || !has(self.mode) || self.mode in ['Shared', 'Dedicated']", "backup is for servers that Gravity runs itself: take it out, and use the backups of the managed server or of CloudNativePG"),
    validation = ("!has(self.pooler) || !has(self.mode) || self.mode != 'External'", "pooler is for servers that run in the cluster: take it out, or write another mode"),
    validation = ("!has(self.imageCatalog) || (has(self.mode) && self.mode == 'CloudNativePG')", "imageCatalog is for mode: CloudNativePG: write that mode, or take the line out")
)]
pub struct DatabaseServer {
    /// Shared (one server an engine and series), Dedicated (one for each service), External,
    /// or CloudNativePG; what is right for the engine when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::server_mode")]
    pub mode: Option<ServerMode>,
    /// The size of the server's claim, as 10Gi; the engine's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional_quantity")]
    pub storage: Option<IntOrText>,
    /// The claim's storage class; the cluster's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub storage_class_name: Option<String>,
    /// CPU and memory of the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Resources>")]
    pub resources: Option<Resources>,
    /// The members of a replica set, where the engine has one, or of a server of
    /// CloudNativePG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::replicas")]
    pub replicas: Option<i32>,
    /// The server's image, over the engine's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional_image")]
    pub image: Option<String>,
    /// External: the Secret that holds the managed server's admin `uri`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub secret_name: Option<String>,
    /// CloudNativePG: the ClusterImageCatalog that has the server's image, where `image` is
    /// absent; the engine's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub image_catalog: Option<String>,
    /// When its databases are backed up, and to where; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Backup>")]
    pub backup: Option<Backup>,
    /// A pooler, through which services reach the server: `{}` is one as most want it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Pooler>")]
    pub pooler: Option<Pooler>,
}

/// Whose server a database is on.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerMode {
    /// One server for an engine and series.
    Shared,
    /// One server for each service.
    Dedicated,
    /// A managed server, outside Gravity's care.
    External,
    /// One server for an engine and series, with replicas, which CloudNativePG runs.
    CloudNativePG,
}

/// When a newer version is taken.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// What was chosen is kept while it fits.
    Locked,
    /// The newest that fits.
    Automatic,
}

/// What becomes of the data when the app is deleted.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionPolicy {
    /// Claims and credentials stay, and a new app of the same name takes them up again.
    Retain,
    /// Claims and credentials go too.
    Delete,
}

/// What is known of an app.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct GravityAppStatus {
    /// The generation that this status is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::generation")]
    pub observed_generation: Option<i64>,
    /// Ready, Reconciling, Stalled, Resolved, DatabasesReady, ServicesReady, RoutesReady.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<Condition>,
    /// Services ready of those wanted, as 8/10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<20>")]
    pub services_ready: Option<String>,
    /// Names the set of versions that was chosen: the same set has the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<20>")]
    pub revision: Option<String>,
    /// Each service, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub services: Vec<ServiceStatus>,
}

/// What is known of one service of an app; at most 200 bytes.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatus {
    /// The service's name.
    #[schemars(schema_with = "schema::service_name")]
    pub name: String,
    /// The version that was chosen.
    #[schemars(schema_with = "schema::version")]
    pub version: String,
    /// The version that its workload has, until that is the chosen one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::version")]
    pub current_version: Option<String>,
    /// Where the service stands.
    #[schemars(schema_with = "schema::phase")]
    pub phase: Phase,
    /// When the phase began (RFC 3339, whole seconds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<30>")]
    pub since: Option<String>,
    /// Pods ready of those wanted, as 2/3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<20>")]
    pub replicas: Option<String>,
    /// The first of those that the service waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<100>")]
    pub waits_for: Option<String>,
    /// The names of its databases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::database_names")]
    pub databases: Vec<String>,
    /// Where the gateway answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<300>")]
    pub url: Option<String>,
}

/// Where a service stands.
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
pub enum Phase {
    /// Waits for others.
    Pending,
    /// Its databases are being made.
    Provisioning,
    /// Its migration runs.
    Migrating,
    /// Its first pods start.
    Starting,
    /// A new version or configuration rolls out.
    Updating,
    /// As wanted.
    Running,
    /// It was ready once and is not now.
    Degraded,
    /// Nothing of it runs, as wanted.
    Stopped,
    /// It cannot go on by itself.
    Failed,
}
