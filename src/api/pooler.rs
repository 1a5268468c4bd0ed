//! A pooler in front of a server, as an app asks for it.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;
use super::service::Resources;

/// A pooler, through which services reach a server: `{}` is one as most want it.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pooler {
    /// How many pods; 2 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::replicas")]
    pub replicas: Option<i32>,
    /// How long a connection to the server is one client's: for a Transaction (the default)
    /// or a Session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::pool_mode")]
    pub mode: Option<PoolMode>,
    /// How many connections to the server each pod opens for a database; 20 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::pool_size")]
    pub pool_size: Option<i32>,
    /// How many connections each pod takes from services; 1000 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::max_clients")]
    pub max_clients: Option<i32>,
    /// CPU and memory of each pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Resources>")]
    pub resources: Option<Resources>,
    /// The pooler's image, over the engine's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional_image")]
    pub image: Option<String>,
}

/// How long a connection to the server is one client's.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    /// Until its transaction ends: many clients share few connections, and nothing that
    /// belongs to a session outlives a transaction.
    Transaction,
    /// Until the client goes.
    Session,
}

impl Pooler {
    /// How many pods.
    pub fn pods(&self) -> i32 {
        self.replicas.unwrap_or(2)
    }

    /// How long a connection is one client's.
    pub fn mode(&self) -> PoolMode {
        self.mode.unwrap_or(PoolMode::Transaction)
    }

    /// How many connections a pod opens for a database and a login.
    pub fn pool_size(&self) -> i32 {
        self.pool_size.unwrap_or(20)
    }

    /// How many connections a pod takes.
    pub fn max_clients(&self) -> i32 {
        self.max_clients.unwrap_or(1_000)
    }

    /// How many connections all pods may open for a database at the most. Two logins are
    /// valid during a rotation: of those at rest one makes room for the other, but not those
    /// of a session.
    pub fn connections(&self) -> i64 {
        let logins = match self.mode() {
            PoolMode::Transaction => 1,
            PoolMode::Session => 2,
        };
        i64::from(self.pods()) * i64::from(self.pool_size()) * logins
    }
}
