//! What a service is given from outside its image: variables, files, and claims of its own.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::{self, IntOrText};

/// A Secret or a ConfigMap whose keys become environment variables.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("has(self.secret) != has(self.configMap)", "name either a secret or a configMap, not both"))]
pub struct EnvFrom {
    /// The Secret's name, in the app's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub secret: Option<String>,
    /// The ConfigMap's name, in the app's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub config_map: Option<String>,
    /// Put before each key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::variable_name")]
    pub prefix: Option<String>,
    /// Absent is fine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub optional: Option<bool>,
}

/// Files that are mounted from a ConfigMap that Gravity makes.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigFiles {
    /// The folder in the container.
    #[schemars(schema_with = "schema::mount_path")]
    pub mount_path: String,
    /// File name to content.
    #[schemars(schema_with = "schema::files")]
    pub files: BTreeMap<String, String>,
    /// Restart (the default) rolls the pods when a file changes; Watch only changes the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::reload")]
    pub reload: Option<Reload>,
}

/// What a changed configuration does to running pods.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// The pods are rolled.
    Restart,
    /// The service watches the file itself.
    Watch,
}

/// A volume of a service that keeps files itself.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Storage {
    /// The claim's name.
    #[schemars(schema_with = "schema::volume_name")]
    pub name: String,
    /// The folder in the container.
    #[schemars(schema_with = "schema::mount_path")]
    pub mount_path: String,
    /// The claim's size, as 10Gi.
    #[schemars(schema_with = "schema::quantity")]
    pub size: IntOrText,
    /// The claim's storage class; the cluster's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub storage_class_name: Option<String>,
}
