//! What a kind of gateway cannot express of what is asked for: it is told, and never silently
//! dropped. What keeps somebody out is a wall: without it there is no way in at all.

use std::time::Duration;

use super::rule::{Layer, Rule, Rules};
use crate::api::gateway::GatewayClass;
use crate::api::routing::Protocol;
use crate::validate::{Access, RateLimit};

/// Something that is asked for and cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    /// The field that asks for it, as `api.traffic.rateLimit`.
    field: String,
    /// Which gateways have it.
    instead: &'static str,
    /// Whether it keeps somebody out.
    wall: bool,
}

/// How messages name a class.
fn named(class: GatewayClass) -> &'static str {
    match class {
        GatewayClass::Traefik => "Traefik",
        GatewayClass::Ingress => "an Ingress",
        GatewayClass::GatewayAPI => "Gateway API",
        GatewayClass::None => "no gateway",
    }
}

const TRAEFIK: &str = "Traefik has it";
const TRAEFIK_OR_INGRESS: &str = "Traefik and ingress-nginx (class: Ingress) have it";
const TRAEFIK_OR_GATEWAY_API: &str = "Traefik and Gateway API have it";

/// All that the class cannot express of the service's rules.
pub(super) fn lost(class: GatewayClass, rules: &Rules) -> Vec<Lost> {
    let of = |rule| match class {
        GatewayClass::Traefik | GatewayClass::None => Vec::new(),
        GatewayClass::Ingress => by_ingress(rule),
        GatewayClass::GatewayAPI => by_gateway_api(rule),
    };
    rules.rules.iter().flat_map(of).collect()
}

/// Whether the service is left without a way in.
pub(super) fn is_shut(lost: &[Lost]) -> bool {
    lost.iter().any(|lost| lost.wall)
}

/// What a person should know, a sentence each, and whether it leaves no way in.
pub(super) fn told(class: GatewayClass, service: &str, lost: &[Lost]) -> Vec<(bool, String)> {
    let class = named(class);
    let sentence = |Lost {
                        field,
                        instead,
                        wall,
                    }: &Lost| match wall {
        true => format!(
            "{service}: {field} cannot be expressed by {class}, so there is no way in to \
             {service}, for it would be open to those whom this keeps out; {instead}"
        ),
        false => format!(
            "{service}: {field} cannot be expressed by {class} and is not in force; {instead}"
        ),
    };
    lost.iter()
        .map(|lost| (lost.wall, sentence(lost)))
        .collect()
}

fn by_ingress(rule: &Rule) -> Vec<Lost> {
    let stated = &rule.stated;
    let traffic = |field: &str| format!("{}.traffic.{field}", rule.field);
    let limit = stated.rate_limit.as_ref();
    let mut all = vec![
        (
            !rule.methods.is_empty(),
            format!("{}.methods", rule.field),
            TRAEFIK_OR_GATEWAY_API,
            true,
        ),
        (
            stated.headers.is_some(),
            traffic("headers"),
            TRAEFIK_OR_GATEWAY_API,
            false,
        ),
        (
            stated.compression == Some(true),
            traffic("compression"),
            TRAEFIK,
            false,
        ),
        (
            stated.max_in_flight.is_some(),
            traffic("maxInFlight"),
            TRAEFIK,
            false,
        ),
        (
            stated.circuit_breaker.is_some(),
            traffic("circuitBreaker"),
            TRAEFIK,
            false,
        ),
        (
            stated.middlewares.is_some(),
            traffic("middlewares"),
            TRAEFIK,
            false,
        ),
    ];
    let odd = limit.is_some_and(|limit| nginx_rate(limit).is_none());
    all.push((odd, traffic("rateLimit"), "ingress-nginx counts requests of an address in a second or a minute, with a burst that is a multiple of them; Traefik has all of it", false));
    kept(all)
}

fn by_gateway_api(rule: &Rule) -> Vec<Lost> {
    let stated = &rule.stated;
    let traffic = |field: &str| format!("{}.traffic.{field}", rule.field);
    let grpc = rule.protocol == Protocol::GRPC;
    let own = rule.name.is_empty() || rule.access.1 == Layer::Path;
    let checked = own && *rule.access.0 != Access::Everybody;
    kept(vec![
        (
            checked,
            format!("{}.authentication", rule.field),
            TRAEFIK_OR_INGRESS,
            true,
        ),
        (
            stated.allowed_networks.is_some(),
            traffic("allowedNetworks"),
            TRAEFIK_OR_INGRESS,
            true,
        ),
        (
            stated.retries.is_some(),
            traffic("retries"),
            TRAEFIK_OR_INGRESS,
            false,
        ),
        (
            stated.compression == Some(true),
            traffic("compression"),
            TRAEFIK,
            false,
        ),
        (
            stated.max_body_size.is_some(),
            traffic("maxBodySize"),
            TRAEFIK_OR_INGRESS,
            false,
        ),
        (
            stated.max_in_flight.is_some(),
            traffic("maxInFlight"),
            TRAEFIK,
            false,
        ),
        (
            stated.rate_limit.is_some(),
            traffic("rateLimit"),
            TRAEFIK_OR_INGRESS,
            false,
        ),
        (
            stated.circuit_breaker.is_some(),
            traffic("circuitBreaker"),
            TRAEFIK,
            false,
        ),
        (
            stated.sticky_session.is_some(),
            traffic("stickySession"),
            TRAEFIK_OR_INGRESS,
            false,
        ),
        (
            stated.middlewares.is_some(),
            traffic("middlewares"),
            TRAEFIK,
            false,
        ),
        (
            grpc && stated.timeout.is_some(),
            traffic("timeout"),
            TRAEFIK_OR_INGRESS,
            false,
        ),
        (
            grpc && stated.cors.is_some(),
            traffic("cors"),
            TRAEFIK_OR_INGRESS,
            false,
        ),
        (
            grpc && rule.name.is_empty() && rule.path != "/",
            format!("{}.prefix", rule.field),
            TRAEFIK_OR_INGRESS,
            false,
        ),
        (
            grpc && !rule.methods.is_empty(),
            format!("{}.methods", rule.field),
            TRAEFIK,
            true,
        ),
        (
            grpc && rule.rewrite.is_some(),
            format!("{}.stripPrefix", rule.field),
            TRAEFIK_OR_INGRESS,
            false,
        ),
    ])
}

fn kept(all: Vec<(bool, String, &'static str, bool)>) -> Vec<Lost> {
    let asked = all.into_iter().filter(|(is_asked, ..)| *is_asked);
    asked
        .map(|(_, field, instead, wall)| Lost {
            field,
            instead,
            wall,
        })
        .collect()
}

/// The annotation of ingress-nginx that counts like this, its number, and how many times that
/// may come at once.
pub(super) fn nginx_rate(limit: &RateLimit) -> Option<(&'static str, i32, i32)> {
    let annotation = match limit.period {
        period if period == Duration::from_secs(1) => "limit-rps",
        period if period == Duration::from_secs(60) => "limit-rpm",
        _ => return None,
    };
    let plain = limit.header.is_none() && limit.burst % limit.average == 0;
    plain.then(|| (annotation, limit.average, limit.burst / limit.average))
}
