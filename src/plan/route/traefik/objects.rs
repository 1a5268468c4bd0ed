//! Traefik's kinds, as its definitions have them (traefik.io/v1alpha1), in the fields that are used.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IngressRoute {
    pub entry_points: Vec<String>,
    pub routes: Vec<Route>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

#[derive(Serialize)]
pub(super) struct Route {
    #[serde(rename = "match")]
    pub rule: String,
    pub kind: &'static str,
    pub priority: usize,
    pub services: Vec<Backend>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub middlewares: Vec<Reference>,
}

#[derive(Clone, Serialize)]
pub(super) struct Reference {
    pub name: String,
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Backend {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers_transport: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sticky: Option<Sticky>,
    /// Whether requests go to the Service's own address instead of a pod's.
    #[serde(rename = "nativeLB", skip_serializing_if = "Option::is_none")]
    pub native: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass_host_header: Option<bool>,
}

#[derive(Clone, Serialize)]
pub(super) struct Sticky {
    pub cookie: Cookie,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cookie {
    pub name: String,
    pub http_only: bool,
    pub secure: bool,
    pub same_site: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tls {
    pub secret_name: String,
}

#[derive(Serialize)]
pub(super) struct TraefikService {
    pub weighted: Weighted,
}

#[derive(Serialize)]
pub(super) struct Weighted {
    pub services: Vec<Backend>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServersTransport {
    pub max_idle_conns_per_host: i32,
    pub forwarding_timeouts: ForwardingTimeouts,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ForwardingTimeouts {
    pub dial_timeout: String,
    pub response_header_timeout: String,
}
