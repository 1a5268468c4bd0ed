//! Traefik's IngressRoute, as far as Gravity writes it (doc.traefik.io, "IngressRoute").

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use super::Target;
use crate::api::objects::Kind;
use crate::plan::graph::PlannedObject;
use crate::plan::meta;
use crate::plan::wanted::Wanted;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IngressRoute {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: Spec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    entry_points: Vec<String>,
    routes: Vec<Route>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls>,
}

#[derive(Serialize)]
struct Route {
    #[serde(rename = "match")]
    rule: String,
    kind: &'static str,
    services: Vec<Backend>,
}

#[derive(Serialize)]
struct Backend {
    name: String,
    port: i32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tls {
    secret_name: String,
}

/// The IngressRoute. `PathPrefix` compares letters, not whole segments: `/api/auth` also
/// takes `/api/authors`, unless a service has that prefix. It has no priority: Traefik's own is the length of the rule, all
/// rules of an app begin alike, and so the longest prefix wins and `/` takes what is left.
pub(super) fn ingress_route(wanted: &Wanted, target: Target) -> PlannedObject {
    let gateway = &wanted.app.gateway;
    let object = IngressRoute {
        api_version: Kind::IngressRoute.api_version(),
        kind: Kind::IngressRoute.to_string(),
        metadata: wanted.meta(wanted.name()),
        spec: Spec {
            entry_points: gateway.entry_points.clone(),
            routes: vec![Route {
                rule: rule(gateway.host.as_deref(), target.prefix),
                kind: "Rule",
                services: vec![Backend {
                    name: wanted.name().to_owned(),
                    port: target.port,
                }],
            }],
            tls: gateway
                .tls_secret
                .clone()
                .map(|secret_name| Tls { secret_name }),
        },
    };
    meta::planned(wanted.app, Kind::IngressRoute, wanted.name(), &object)
}

/// A host of the form `*.example.com` is one label more, as in an Ingress.
fn rule(host: Option<&str>, prefix: &str) -> String {
    let path = format!("PathPrefix(`{prefix}`)");
    match host.map(|host| (host, host.strip_prefix("*."))) {
        None => path,
        Some((_, Some(domain))) => {
            let domain = domain.replace('.', r"\.");
            format!(r"HostRegexp(`^[^.]+\.{domain}$`) && {path}")
        }
        Some((host, None)) => format!("Host(`{host}`) && {path}"),
    }
}
