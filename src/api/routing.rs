//! How requests from outside come to a service.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authentication::Authentication;
use super::schema;
use super::traffic::Traffic;

/// The way in from outside.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(
    validation = ("!has(self.rewrite) || !has(self.stripPrefix)", "rewrite puts another path in the place of the prefix, and stripPrefix none: take one of the two out"),
    validation = ("has(self.prefix) || !(has(self.rewrite) || has(self.stripPrefix) || has(self.hosts) || has(self.methods) || has(self.traffic) || has(self.authentication) || has(self.paths))", "there is no way in to the service without a prefix: add prefix, as /api/auth")
)]
pub struct ApiSpec {
    /// The path under which the gateway hands requests to this service, as /api/auth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::path")]
    pub prefix: Option<String>,
    /// Whether the service sees paths without the prefix; false when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub strip_prefix: Option<bool>,
    /// The path that the service sees in the place of the prefix, as /v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::path")]
    pub rewrite: Option<String>,
    /// The hosts that lead to this service; the app's own when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::hosts")]
    pub hosts: Vec<String>,
    /// The methods that are let in, as GET; all when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::methods")]
    pub methods: Vec<String>,
    /// What the service speaks; HTTP when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::protocol")]
    pub protocol: Option<Protocol>,
    /// What the gateway does with the requests to this service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Traffic>")]
    pub traffic: Option<Traffic>,
    /// Who may come in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Authentication>")]
    pub authentication: Option<Authentication>,
    /// Paths below the prefix that are treated otherwise, as /login.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["path".into()]))]
    pub paths: Vec<ApiPath>,
    /// The version of the API that the service offers; a dependency may ask for a range of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional_version")]
    pub contract: Option<String>,
}

/// A path below the prefix that is treated otherwise.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiPath {
    /// The path, which the prefix stands before: /login of /api/auth is /api/auth/login.
    #[schemars(schema_with = "schema::path_below")]
    pub path: String,
    /// The methods that this is for, as POST; those of the service when absent. Others are
    /// treated as the service says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::methods")]
    pub methods: Vec<String>,
    /// What the gateway does with requests to it, over what it does for the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Traffic>")]
    pub traffic: Option<Traffic>,
    /// Who may come in, over what the service says; `type: None` opens the path to all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Authentication>")]
    pub authentication: Option<Authentication>,
}

/// What a service speaks to the gateway.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    HTTP,
    /// HTTP/1.1, and WebSocket: connections that stay open.
    WebSocket,
    /// gRPC, over HTTP/2 without TLS.
    GRPC,
}
