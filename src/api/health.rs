//! How a service tells that it lives and that it is ready.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;

/// How the service tells that it lives and that it is ready. Each is a path, or a
/// [`Probe`] with its timing.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Health {
    /// The process lives; restarted when it does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::probe")]
    pub liveness: Option<PathOrProbe>,
    /// The service takes requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::probe")]
    pub readiness: Option<PathOrProbe>,
    /// The service has started; before that, the other two do not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::probe")]
    pub startup: Option<PathOrProbe>,
}

/// A path, or a path with its timing.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(untagged)]
pub enum PathOrProbe {
    /// The path of an HTTP GET.
    Path(String),
    /// The path and the timing.
    Probe(Probe),
    /// Anything else. The schema cannot refuse it, and one object that cannot be read
    /// would stop the watch of all; so it is read, and `validate` refuses it.
    Other(serde_json::Value),
}

/// An HTTP probe. Times are whole seconds.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probe {
    /// The path of an HTTP GET; a TCP connection is tried when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Seconds from the container's start to the first probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_delay_seconds: Option<i32>,
    /// Seconds between probes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<i32>,
    /// Seconds after which a probe has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<i32>,
    /// Failures in a row that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<i32>,
    /// Successes in a row that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_threshold: Option<i32>,
}
