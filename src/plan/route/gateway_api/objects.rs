//! The kinds of the Gateway API, as its definitions have them, in the fields that are used.

use serde::Serialize;

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RouteSpec {
    pub parent_refs: Vec<Parent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostnames: Option<Vec<String>>,
    pub rules: Vec<RouteRule>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parent {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_name: Option<String>,
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RouteRule {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<Match>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backend_refs: Vec<Backend>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<Timeouts>,
}

#[derive(Clone, Serialize)]
pub(super) struct Match {
    pub path: Path,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

#[derive(Clone, Serialize)]
pub(super) struct Path {
    #[serde(rename = "type")]
    pub type_: &'static str,
    pub value: String,
}

#[derive(Clone, Serialize)]
pub(super) struct Backend {
    pub name: String,
    pub port: i32,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timeouts {
    /// Of one try; that of the whole is left to the gateway.
    pub backend_request: String,
}

/// A filter: its type, and what that type takes.
#[derive(Clone, Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub(super) enum Filter {
    RequestHeaderModifier {
        request_header_modifier: HeaderModifier,
    },
    ResponseHeaderModifier {
        response_header_modifier: HeaderModifier,
    },
    #[serde(rename = "CORS")]
    Cors {
        cors: CorsFilter,
    },
    #[serde(rename = "URLRewrite")]
    UrlRewrite {
        url_rewrite: UrlRewrite,
    },
    RequestRedirect {
        request_redirect: Redirect,
    },
}

#[derive(Clone, Default, Serialize)]
pub(super) struct HeaderModifier {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Header>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

#[derive(Clone, Serialize)]
pub(super) struct Header {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CorsFilter {
    pub allow_origins: Vec<String>,
    pub allow_methods: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_headers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expose_headers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_credentials: Option<bool>,
    pub max_age: u64,
}

#[derive(Clone, Serialize)]
pub(super) struct UrlRewrite {
    pub path: ReplacePath,
}

#[derive(Clone, Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub(super) enum ReplacePath {
    ReplacePrefixMatch { replace_prefix_match: String },
    ReplaceFullPath { replace_full_path: String },
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Redirect {
    pub scheme: &'static str,
    pub status_code: i32,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GatewaySpec {
    pub gateway_class_name: String,
    pub listeners: Vec<Listener>,
}

#[derive(Clone, Serialize)]
pub(super) struct Listener {
    pub name: &'static str,
    pub protocol: &'static str,
    pub port: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<ListenerTls>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListenerTls {
    pub mode: &'static str,
    pub certificate_refs: Vec<Certificate>,
}

#[derive(Clone, Serialize)]
pub(super) struct Certificate {
    pub name: String,
}
