//! Backups of an engine's servers.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::{self, IntOrText};

/// When the databases of an engine's servers are backed up, to where, and what is kept.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Backup {
    /// When backups are made, in UTC, by five fields as cron(5) has them.
    #[schemars(schema_with = "schema::text_value::<100>")]
    pub schedule: String,
    /// How many backups of each database are kept; seven when absent. The newest always is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Retention>")]
    pub retention: Option<Retention>,
    /// Where backups go, a claim or a bucket.
    pub to: BackupPlace,
    /// How long all databases of a server may take, as 90m; 6h when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub timeout: Option<String>,
}

/// What is kept of each database. A backup that either of the two lets go is deleted, but
/// never the newest, and only after a newer one is whole.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(
    validation = ("has(self.count) || has(self.days)", "write how many backups of each database are kept, as count: 7, or of how many days, as days: 30; or take it out")
)]
pub struct Retention {
    /// So many; any number when only `days` is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::positive")]
    pub count: Option<i32>,
    /// Those of so many days; of any age when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::positive")]
    pub days: Option<i32>,
}

/// Where backups go: one of the two.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(
    validation = ("has(self.claim) != has(self.s3)", "write claim or s3, and only one of them")
)]
pub struct BackupPlace {
    /// A claim of its own for each server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<BackupClaim>")]
    pub claim: Option<BackupClaim>,
    /// A bucket of any server that speaks S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<BackupBucket>")]
    pub s3: Option<BackupBucket>,
}

/// A claim of its own for each server.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BackupClaim {
    /// Its size, as 20Gi.
    #[schemars(schema_with = "schema::quantity")]
    pub storage: IntOrText,
    /// Its storage class; the cluster's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub storage_class_name: Option<String>,
}

/// A bucket of any server that speaks S3.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BackupBucket {
    /// The server, as https://s3.example.com; Amazon's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::endpoint")]
    pub endpoint: Option<String>,
    /// The region, where the server has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::region")]
    pub region: Option<String>,
    /// The bucket, which must be there.
    #[schemars(schema_with = "schema::bucket")]
    pub bucket: String,
    /// What all keys in the bucket begin with; the namespace and the server follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::key_prefix")]
    pub prefix: Option<String>,
    /// The Secret with the access key as `username` and the secret key as `password`.
    #[schemars(schema_with = "schema::required_object_name")]
    pub secret_name: String,
    /// An image with rclone and a shell, over Gravity's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional_image")]
    pub image: Option<String>,
}
