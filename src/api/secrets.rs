//! Values that stand somewhere else: in Secrets and ConfigMaps, in a secret store, in Vault.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;

/// Where the value of an environment variable stands, as a pod's `valueFrom` says it.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("(has(self.secretKeyRef) ? 1 : 0) + (has(self.configMapKeyRef) ? 1 : 0) + (has(self.remoteRef) ? 1 : 0) == 1", "write one of secretKeyRef, configMapKeyRef and remoteRef"))]
pub struct ValueFrom {
    /// A key of a Secret in the app's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<KeyRef>")]
    pub secret_key_ref: Option<KeyRef>,
    /// A key of a ConfigMap in the app's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<KeyRef>")]
    pub config_map_key_ref: Option<KeyRef>,
    /// A value of the app's `secretStore`, which the External Secrets Operator fetches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<RemoteRef>")]
    pub remote_ref: Option<RemoteRef>,
}

/// A key of a Secret or a ConfigMap.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyRef {
    /// The name of the Secret or the ConfigMap.
    #[schemars(schema_with = "schema::required_object_name")]
    pub name: String,
    /// The key.
    #[schemars(schema_with = "schema::data_key")]
    pub key: String,
    /// Absent is fine: there is no such variable then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub optional: Option<bool>,
}

/// A value of a secret store, as the External Secrets Operator names it.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoteRef {
    /// The store's name of the secret, as prod/sentry.
    #[schemars(schema_with = "schema::text_value::<500>")]
    pub key: String,
    /// The property of the secret, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<500>")]
    pub property: Option<String>,
    /// The secret's version; the newest when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<100>")]
    pub version: Option<String>,
}

/// The store that the External Secrets Operator takes values from.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretStore {
    /// The store's name.
    #[schemars(schema_with = "schema::required_object_name")]
    pub name: String,
    /// SecretStore (the default), which is in the app's namespace, or ClusterSecretStore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::store_kind")]
    pub kind: Option<StoreKind>,
    /// How often the values are fetched anew, as 15m; 1h when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub refresh_interval: Option<String>,
}

/// What kind of store it is.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// One of the app's namespace.
    SecretStore,
    /// One of the whole cluster.
    ClusterSecretStore,
}

/// What Vault's injector writes into the pods, as files.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vault {
    /// The role of Vault's Kubernetes auth method.
    #[schemars(schema_with = "schema::text_value::<200>")]
    pub role: String,
    /// The folder of the files; /vault/secrets when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::mount_path")]
    pub mount_path: Option<String>,
    /// The files, by their names.
    #[schemars(schema_with = "schema::bounded_map::<VaultFile, 30>")]
    pub files: BTreeMap<String, VaultFile>,
}

/// A file that Vault's injector writes.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("!has(self.env) || !has(self.template)", "env writes the template: take one of the two out"))]
pub struct VaultFile {
    /// Vault's path of the secret, as secret/data/payment.
    #[schemars(schema_with = "schema::vault_path")]
    pub path: String,
    /// The file has a line `export VARIABLE='…'` for each: variable to key of the secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::vault_keys")]
    pub env: BTreeMap<String, String>,
    /// What stands in the file, as Vault's agent reads a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<10000>")]
    pub template: Option<String>,
}
