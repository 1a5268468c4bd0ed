//! Gateway API's HTTPRoute, as far as Gravity writes it (gateway-api.sigs.k8s.io).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use super::Target;
use crate::api::objects::Kind;
use crate::plan::graph::PlannedObject;
use crate::plan::meta;
use crate::plan::wanted::Wanted;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpRoute {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: Spec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    parent_refs: Vec<Parent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hostnames: Option<Vec<String>>,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Parent {
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    matches: Vec<Match>,
    backend_refs: Vec<Backend>,
}

#[derive(Serialize)]
struct Match {
    path: Path,
}

#[derive(Serialize)]
struct Path {
    #[serde(rename = "type")]
    type_: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Backend {
    name: String,
    port: i32,
}

/// The HTTPRoute. Its parent is the Gateway of the app's name, which belongs to whoever
/// runs the cluster's way in: that one has the listeners and the certificate.
pub(super) fn http_route(wanted: &Wanted, target: Target) -> PlannedObject {
    let path = Path {
        type_: "PathPrefix",
        value: target.prefix.to_owned(),
    };
    let object = HttpRoute {
        api_version: Kind::HTTPRoute.api_version(),
        kind: Kind::HTTPRoute.to_string(),
        metadata: wanted.meta(wanted.name()),
        spec: Spec {
            parent_refs: vec![Parent {
                name: wanted.app.name.clone(),
            }],
            hostnames: wanted.app.gateway.host.clone().map(|host| vec![host]),
            rules: vec![Rule {
                matches: vec![Match { path }],
                backend_refs: vec![Backend {
                    name: wanted.name().to_owned(),
                    port: target.port,
                }],
            }],
        },
    };
    meta::planned(wanted.app, Kind::HTTPRoute, wanted.name(), &object)
}
