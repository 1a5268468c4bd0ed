//! The walls between pods: who may reach an app's pods beside the app's own services, and
//! whom a service may reach outside.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;

/// The walls around the pods of an app.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Network {
    /// Default (also when absent) lets pods reach what the graph says and nothing else; None
    /// makes no NetworkPolicy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::network_policy")]
    pub policy: Option<NetworkMode>,
    /// The pods of the gateway; those of the gateways that are used most when absent, nobody
    /// when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::bounded_list::<Peer, 20>")]
    pub gateway: Option<Vec<Peer>>,
    /// Who reads the services' metrics; Prometheus and its like when absent, nobody when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::bounded_list::<Peer, 20>")]
    pub metrics: Option<Vec<Peer>>,
}

/// Whether there are walls.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkMode {
    /// Pods reach what the graph says.
    Default,
    /// No NetworkPolicy is made.
    None,
}

/// Pods, or addresses: one of the two.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(
    validation = ("has(self.cidr) != (has(self.namespace) || has(self.namespaceSelector) || has(self.podSelector))", "write cidr for addresses, or namespace, namespaceSelector and podSelector for pods, and not both"),
    validation = ("!has(self.namespace) || !has(self.namespaceSelector)", "namespace and namespaceSelector both say where the pods are: write one of them"),
    validation = ("!has(self.except) || has(self.cidr)", "except is for addresses: write the cidr that it is taken from, or take it out"),
    validation = ("!has(self.except) || !has(self.cidr) || !isCIDR(self.cidr) || self.except.all(part, isCIDR(part) && self.cidr != part && cidr(self.cidr).containsCIDR(part))", "each range of except is a part of cidr: write ranges within it")
)]
pub struct Peer {
    /// The namespace of the pods; the app's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::namespace_name")]
    pub namespace: Option<String>,
    /// The namespaces of the pods, by their labels; `{}` is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Selector>")]
    pub namespace_selector: Option<Selector>,
    /// The pods, by their labels; all of the namespaces when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Selector>")]
    pub pod_selector: Option<Selector>,
    /// A range of addresses, as 203.0.113.0/24.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::cidr")]
    pub cidr: Option<String>,
    /// Ranges within it that are not meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::cidrs")]
    pub except: Vec<String>,
}

/// Labels that all must fit; none of them fits everything.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selector {
    /// Labels with their values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::labels")]
    pub match_labels: BTreeMap<String, String>,
    /// What else must be true of the labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub match_expressions: Vec<Requirement>,
}

/// What must be true of one label.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(
    validation = ("(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)", "In and NotIn need values, and Exists and DoesNotExist have none")
)]
pub struct Requirement {
    /// The label.
    #[schemars(schema_with = "schema::label_name")]
    pub key: String,
    /// In, NotIn, Exists or DoesNotExist.
    #[schemars(schema_with = "schema::label_operator")]
    pub operator: LabelOperator,
    /// The values that In and NotIn speak of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::label_values")]
    pub values: Vec<String>,
}

/// What is asked of a label.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelOperator {
    /// It has one of the values.
    In,
    /// It has none of them, or is not there.
    NotIn,
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
}

/// What a service reaches beside what it depends on: a word, or a list of targets. No schema
/// has both, so a list is read item by item in `validate`.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(untagged)]
pub enum Egress {
    /// `internet`, `deny` or `allow`.
    Word(String),
    /// Targets, each an [`EgressTarget`].
    Targets(Vec<serde_json::Value>),
    /// Anything else. The schema cannot refuse it, and one object that cannot be read
    /// would stop the watch of all; so it is read, and `validate` refuses it.
    Other(serde_json::Value),
}

/// What a service may reach: a [`Peer`], at some ports or at all of them.
#[derive(Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EgressTarget {
    /// See [`Peer`].
    pub namespace: Option<String>,
    /// See [`Peer`].
    pub namespace_selector: Option<Selector>,
    /// See [`Peer`].
    pub pod_selector: Option<Selector>,
    /// See [`Peer`].
    pub cidr: Option<String>,
    /// See [`Peer`].
    #[serde(default)]
    pub except: Vec<String>,
    /// The pods' ports, which need not be those of their Service, each an [`EgressPort`]; all
    /// when absent.
    #[serde(default)]
    pub ports: Vec<serde_json::Value>,
}

/// A port, of TCP where it is a number only.
#[derive(Deserialize, Clone, Debug, PartialEq)]
#[serde(untagged)]
pub enum EgressPort {
    /// The number of a port of TCP.
    Number(i32),
    /// A port, or ports from one to another.
    Port(PortRange),
}

/// A port, or ports from one to another.
#[derive(Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PortRange {
    /// The first.
    pub port: i32,
    /// The last.
    pub end_port: Option<i32>,
    /// TCP (also when absent), UDP or SCTP.
    pub protocol: Option<String>,
}
