//! The way in: an IngressRoute, an Ingress or an HTTPRoute for every service with a prefix.

mod http_route;
mod ingress;
mod ingress_route;

use std::collections::BTreeMap;

use super::graph::PlannedObject;
use super::wanted::{Wanted, address};
use super::{Facts, PlanError};
use crate::api::app::GatewayClass;
use crate::api::objects::Kind;
use crate::resolve::Resolution;
use crate::validate::{Gateway, ValidApp, ValidService};

/// A prefix and the Service's port behind it.
#[derive(Clone, Copy, Debug)]
struct Target<'a> {
    prefix: &'a str,
    port: i32,
}

/// The service's route; `None` when it has no prefix, or there is no way in.
pub(super) fn route(wanted: &Wanted, facts: &Facts) -> Option<PlannedObject> {
    let target = target(wanted.service)?;
    match present(&wanted.app.gateway, facts)? {
        Kind::Ingress => Some(ingress::ingress(wanted, target)),
        Kind::HTTPRoute => Some(http_route::http_route(wanted, target)),
        _ => Some(ingress_route::ingress_route(wanted, target)),
    }
}

/// Where the gateway answers for the service; `None` when it has no route, or the gateway
/// answers for more hosts than one.
pub(super) fn url(wanted: &Wanted, facts: &Facts) -> Option<String> {
    let gateway = &wanted.app.gateway;
    let target = target(wanted.service)?;
    present(gateway, facts)?;
    let host = gateway
        .host
        .as_ref()
        .filter(|host| !host.starts_with("*."))?;
    let scheme = if gateway.tls_secret.is_some() {
        "https"
    } else {
        "http"
    };
    Some(format!("{scheme}://{host}{}", target.prefix))
}

/// Refuses one prefix of two services: which of them answers would be chance.
pub(super) fn check_prefixes(resolution: &Resolution) -> Result<(), PlanError> {
    let mut taken = BTreeMap::new();
    for (name, resolved) in &resolution.services {
        let Some(target) = target(&resolved.service) else {
            continue;
        };
        if let Some(first) = taken.insert(target.prefix, name) {
            return Err(PlanError::PrefixTwice {
                prefix: target.prefix.to_owned(),
                first: first.clone(),
                second: name.clone(),
            });
        }
    }
    Ok(())
}

/// Told once for the app when the cluster does not know the kind of its routes.
pub(super) fn missing_kind(
    app: &ValidApp,
    resolution: &Resolution,
    facts: &Facts,
) -> Option<String> {
    let kind = kind(&app.gateway)?;
    let routed: Vec<&str> = resolution
        .services
        .values()
        .map(|resolved| resolved.service.as_ref())
        .filter(|service| target(service).is_some())
        .map(|service| service.name.as_str())
        .collect();
    if routed.is_empty() || !facts.missing_kinds.contains(&kind) {
        return None;
    }
    let group = kind.facts().group;
    Some(format!(
        "the cluster does not know {kind} ({group}), so there is no way in to {}: install its CustomResourceDefinitions, or set gateway.class to Ingress or None",
        routed.join(", ")
    ))
}

fn kind(gateway: &Gateway) -> Option<Kind> {
    match gateway.class {
        GatewayClass::Traefik => Some(Kind::IngressRoute),
        GatewayClass::Ingress => Some(Kind::Ingress),
        GatewayClass::GatewayAPI => Some(Kind::HTTPRoute),
        GatewayClass::None => None,
    }
}

fn present(gateway: &Gateway, facts: &Facts) -> Option<Kind> {
    kind(gateway).filter(|kind| !facts.missing_kinds.contains(kind))
}

/// Whether the service would have a route, if there were a way in.
pub(super) fn has_route(service: &ValidService) -> bool {
    target(service).is_some()
}

fn target(service: &ValidService) -> Option<Target<'_>> {
    Some(Target {
        prefix: service.prefix.as_deref()?,
        port: address(service)?,
    })
}
