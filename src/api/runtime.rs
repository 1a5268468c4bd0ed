//! Running from source: what stands in the place of a service's image while it is developed.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::schema;

/// Runs a service from its source. It is for development: in production, build an image.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Runtime {
    /// The image that runs the source, as `python:3.11`.
    #[schemars(schema_with = "schema::image")]
    pub image: String,
    /// The command and its arguments, as `[python, main.py]`.
    #[schemars(schema_with = "schema::command")]
    pub command: Vec<String>,
    /// The folder in the repository that the command runs in; the repository's root when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::source_folder")]
    pub folder: Option<String>,
    /// The repository; the one that the manifest came from by `gravity add` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<RuntimeSource>")]
    pub source: Option<RuntimeSource>,
}

/// One revision of a Git repository that needs no password.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuntimeSource {
    /// The repository's URL, by https, http or file.
    #[schemars(schema_with = "schema::source_url")]
    pub url: String,
    /// The revision, by its whole hash.
    #[schemars(schema_with = "schema::revision")]
    pub revision: String,
}
