//! How many pods of a service run, and how large they are.

use std::collections::BTreeMap;

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::schema::{self, IntOrText};

/// How many pods run: a range for the autoscaler.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas", "minReplicas must not be above maxReplicas: lower minReplicas or raise maxReplicas"))]
pub struct Scaling {
    /// The fewest pods; 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::replicas")]
    pub min_replicas: Option<i32>,
    /// The most pods; as many as the fewest when absent, and then there is no autoscaler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::replicas")]
    pub max_replicas: Option<i32>,
    /// What the autoscaler goes by; 80 % CPU when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub metrics: Vec<ScalingMetric>,
}

/// A measure that the autoscaler keeps near a target.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScalingMetric {
    /// `cpu`, `memory`, or the name of a Pods metric, as `http_requests_per_second`.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::metric_name")]
    pub type_: String,
    /// A share of what is requested, as 70%, or an average value for each pod, as 1000 or 500Mi.
    #[schemars(schema_with = "schema::metric_target")]
    pub target: IntOrText,
}

/// CPU and memory of each pod, as Kubernetes writes quantities.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resources {
    /// What the scheduler sets aside.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::quantities")]
    pub requests: BTreeMap<String, IntOrText>,
    /// What a container may use at the most.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::quantities")]
    pub limits: BTreeMap<String, IntOrText>,
}
