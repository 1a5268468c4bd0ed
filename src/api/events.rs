//! Events that a service publishes and subscribes to.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::schema;

/// Events that a service publishes and subscribes to.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Events {
    /// What it publishes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub publishes: Vec<Publication>,
    /// What it subscribes to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub subscribes: Vec<Subscription>,
}

/// Events that a service sends to an exchange or topic.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Publication {
    /// The exchange (RabbitMQ) or topic (Kafka).
    #[schemars(schema_with = "schema::text_value::<120>")]
    pub exchange: String,
    /// The routing keys that are sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::routing_keys")]
    pub keys: Vec<String>,
}

/// Events that a service takes from an exchange or topic through a queue.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subscription {
    /// The exchange (RabbitMQ) or topic (Kafka).
    #[schemars(schema_with = "schema::text_value::<120>")]
    pub exchange: String,
    /// The queue or consumer group; the service's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<120>")]
    pub queue: Option<String>,
    /// The routing keys that are wanted; all of them when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::routing_keys")]
    pub keys: Vec<String>,
}
