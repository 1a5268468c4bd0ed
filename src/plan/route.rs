//! The way in: for every service with a prefix, the objects of the gateway that the app asks
//! for, from one intent.
//!
//! ```text
//! manifest, app ──rule──▶ Rules ──traefik | ingress | gateway_api──▶ objects
//!                           └────limits──▶ what that gateway has not, as warnings
//! ```

mod certificate;
mod front;
mod gateway_api;
mod ingress;
mod limits;
mod named;
mod rule;
mod traefik;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(super) use front::{Front, keys_of};
pub(super) use named::named;
use rule::Layer;
pub(super) use rule::accesses;

use super::assemble::annotate;
use super::graph::{NoWayIn, Node, NodeId, NodeKind, PlannedObject};
use super::nodes::AT_ONCE;
use super::wanted::{Wanted, address};
use super::{Facts, PlanError, companion, mesh};
use crate::api::gateway::GatewayClass;
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::reason::Reason;
use crate::api::routing::Protocol;
use crate::resolve::Resolution;
use crate::validate::{Access, Gateway, Routing, ValidApp, ValidService};

/// How long a certificate may take: who issues it asks the host or its DNS, which may need
/// minutes to say so everywhere.
const ISSUING: Duration = Duration::from_mins(10);

/// The node of the service's route; `None` when it has no prefix, or there is no way in. What
/// the gateway cannot express is told to `front`.
pub(super) fn node(wanted: &Wanted, front: &mut Front) -> Option<Node> {
    let kind = front.kind?;
    let rules = rule::rules(wanted)?;
    let class = wanted.app.gateway.class;
    let places = places(wanted.app, wanted.service);
    if let Some(conflict) = conflict(wanted.name(), &places, front) {
        front.closed.push(conflict);
        return None;
    }
    let lost = limits::lost(class, &rules);
    front.tell(limits::told(class, wanted.name(), &lost));
    if limits::is_shut(&lost) {
        return None;
    }
    let mut objects = match kind {
        Kind::Ingress => ingress::objects(wanted, &rules, front),
        Kind::HTTPRoute => gateway_api::objects(wanted, &rules, front),
        _ => traefik::objects(wanted, &rules, front),
    };
    let places: Vec<String> = places.iter().map(told).collect();
    let own = objects
        .iter_mut()
        .find(|object| object.key.name == wanted.name() && is_route(object));
    if let Some(route) = own {
        annotate(route, &[(names::PLACES_ANNOTATION, places.join(" "))]);
    }
    // A route before its service would answer with errors, so it waits for it.
    let mut needs = BTreeSet::from([NodeId::new(NodeKind::Service, wanted.name())]);
    if !front.shared.is_empty() {
        needs.insert(front.id());
    }
    let mut accesses = rules.rules.iter().map(|rule| rule.access.0);
    if front.asks_of_everybody() || accesses.any(companion::is_asked) {
        needs.insert(companion::id(wanted.app, "authenticator"));
    }
    Some(Node {
        id: NodeId::new(NodeKind::Route, wanted.name()),
        service: Some(wanted.name().to_owned()),
        version: None,
        needs,
        objects,
        deadline: AT_ONCE,
    })
}

/// Whether requests come in by the object itself.
fn is_route(object: &PlannedObject) -> bool {
    use Kind::{GRPCRoute, HTTPRoute, Ingress, IngressRoute};
    matches!(
        object.key.kind,
        IngressRoute | Ingress | HTTPRoute | GRPCRoute
    )
}

/// One place of a service that another app has.
fn conflict(service: &str, places: &[Place], front: &Front) -> Option<NoWayIn> {
    let taken = |place: &Place| Some((told(place), front.taken.get(&told(place))?));
    let (place, by) = places.iter().find_map(taken)?;
    Some(NoWayIn {
        reason: Reason::RouteConflict,
        message: format!(
            "{place} leads to {by} already, so there is no way in to {service}: give one of the two another host or another api.prefix"
        ),
    })
}

/// The hosts and paths that lead to services of the app.
pub fn places_of(app: &ValidApp, resolution: &Resolution) -> BTreeSet<String> {
    if app.gateway.class == GatewayClass::None {
        return BTreeSet::new();
    }
    let services = resolution.services.values();
    let places = services.flat_map(|resolved| places(app, &resolved.service));
    places.map(|place| told(&place)).collect()
}

/// A place as messages name it: every host is `*`.
fn told((host, prefix): &Place) -> String {
    format!("{}{prefix}", host.unwrap_or("*"))
}

/// The nodes of what is the app's own: what several routes use, and the certificate. Routes do
/// not wait for the certificate, for who issues it may want to reach the host beforehand.
pub(super) fn shared(front: Front) -> Vec<Node> {
    let of = |id: NodeId, objects: Vec<PlannedObject>, deadline| Node {
        id,
        service: None,
        version: None,
        needs: BTreeSet::new(),
        objects,
        deadline,
    };
    let mut nodes = Vec::new();
    if let Some(certificate) = front.certificate.clone() {
        let id = NodeId::new(NodeKind::Certificate, &certificate.key.name);
        nodes.push(of(id, vec![certificate], ISSUING));
    }
    if !front.shared.is_empty() {
        let id = front.id();
        nodes.push(of(id, front.shared.into_values().collect(), AT_ONCE));
    }
    nodes
}

/// Where the gateway answers for the service; `None` when it has no route, or the gateway
/// answers for more hosts than one.
pub(super) fn url(wanted: &Wanted, front: &Front) -> Option<String> {
    front.kind?;
    let routing = way_in(wanted.service)?;
    let gateway = &wanted.app.gateway;
    let [host] = rule::hosts(routing, gateway)[..] else {
        return None;
    };
    if host.starts_with("*.") {
        return None;
    }
    let scheme = if gateway.tls.is_some() {
        "https"
    } else {
        "http"
    };
    Some(format!("{scheme}://{host}{}", routing.prefix))
}

/// Refuses one prefix of two services on one host: which of them answers would be chance.
pub(super) fn check_prefixes(app: &ValidApp, resolution: &Resolution) -> Result<(), PlanError> {
    let mut taken = BTreeMap::new();
    for (name, resolved) in &resolution.services {
        for (host, prefix) in places(app, &resolved.service) {
            let place = (host.map(str::to_owned), prefix.to_owned());
            if let Some(first) = taken.insert(place, name) {
                return Err(PlanError::PrefixTwice {
                    prefix: format!("{}{prefix}", host.unwrap_or_default()),
                    first: first.clone(),
                    second: name.clone(),
                });
            }
        }
    }
    Ok(())
}

/// A host and a prefix; no host is every host.
type Place<'a> = (Option<&'a str>, &'a str);

/// The hosts and prefixes of a service.
pub(super) fn places<'a>(app: &'a ValidApp, service: &'a ValidService) -> Vec<Place<'a>> {
    let Some(routing) = way_in(service) else {
        return Vec::new();
    };
    let prefix = routing.prefix.as_str();
    match rule::hosts(routing, &app.gateway).as_slice() {
        [] => vec![(None, prefix)],
        hosts => hosts.iter().map(|host| (Some(*host), prefix)).collect(),
    }
}

/// Told once for the app when the cluster does not know a kind that its way in needs.
pub(super) fn missing_kinds(
    app: &ValidApp,
    resolution: &Resolution,
    facts: &Facts,
) -> Option<NoWayIn> {
    let missing = |message| NoWayIn {
        reason: Reason::GatewayMissing,
        message,
    };
    let services = resolution.services.values().map(|it| it.service.as_ref());
    let routed: Vec<&ValidService> = services.filter(|it| way_in(it).is_some()).collect();
    if routed.is_empty() {
        return None;
    }
    let is_missing = |kind: &Kind| facts.missing_kinds.contains(kind);
    if let Some(kind) = needed(&app.gateway).into_iter().find(is_missing) {
        let group = kind.facts().group;
        let names: Vec<&str> = routed.iter().map(|service| service.name.as_str()).collect();
        return Some(missing(format!(
            "the cluster does not know {kind} ({group}), so there is no way in to {}: install its CustomResourceDefinitions, or set gateway.class to Ingress or None",
            names.join(", ")
        )));
    }
    let issued = app
        .gateway
        .tls
        .as_ref()
        .is_some_and(|tls| tls.issuer.is_some());
    (issued && is_missing(&Kind::Certificate)).then(|| {
        missing("the cluster does not know Certificate (cert-manager.io), so no certificate is issued: install cert-manager, or take gateway.tls.issuer out and fill the Secret yourself".to_owned())
    })
}

fn kind(gateway: &Gateway) -> Option<Kind> {
    match gateway.class {
        GatewayClass::Traefik => Some(Kind::IngressRoute),
        GatewayClass::Ingress => Some(Kind::Ingress),
        GatewayClass::GatewayAPI => Some(Kind::HTTPRoute),
        GatewayClass::None => None,
    }
}

/// All kinds that the class's routes may be made of; that of a route comes first. While one is
/// missing there is no way in, for half a route would let in whom the other half keeps out.
fn needed(gateway: &Gateway) -> Vec<Kind> {
    use Kind::{GRPCRoute, HTTPRoute, IngressRoute, Middleware, ServersTransport, TraefikService};
    let made = gateway.gateway_class_name.is_some();
    let mut kinds = match gateway.class {
        GatewayClass::Traefik => vec![IngressRoute, Middleware, ServersTransport, TraefikService],
        GatewayClass::Ingress => vec![Kind::Ingress],
        GatewayClass::GatewayAPI => vec![HTTPRoute, GRPCRoute],
        GatewayClass::None => Vec::new(),
    };
    kinds.extend(made.then_some(Kind::Gateway));
    kinds
}

fn present(gateway: &Gateway, facts: &Facts) -> Option<Kind> {
    let mut needed = needed(gateway).into_iter();
    let all_there = needed.all(|kind| !facts.missing_kinds.contains(&kind));
    kind(gateway).filter(|_| all_there)
}

/// Whether the service would have a route, if there were a way in.
pub(super) fn has_route(service: &ValidService) -> bool {
    way_in(service).is_some()
}

/// How requests come to the service, where they do.
fn way_in(service: &ValidService) -> Option<&Routing> {
    address(service).and(service.routing.as_ref())
}

/// How the service is called within a mesh: it is waited for as long as somebody has said, for
/// a mesh counts to the end of the answer, and our own default ends at its beginning. `None`
/// where it is called by streams.
pub(super) fn calls(app: &ValidApp, service: &ValidService) -> Option<mesh::Calls> {
    let routing = service.routing.as_ref();
    if routing.is_some_and(|routing| routing.protocol != Protocol::HTTP) {
        return None;
    }
    let all = rule::of_app(&app.gateway);
    let stated = routing.map(|routing| &routing.traffic);
    Some(mesh::Calls {
        timeout: stated
            .and_then(|it| it.timeout)
            .or(app.gateway.traffic.timeout),
        retries: stated
            .and_then(|it| it.retries)
            .or(all.retries)
            .unwrap_or_default(),
    })
}

/// What the service speaks to whoever calls it (Kubernetes' documentation, "Application
/// protocol"): gateways and meshes would otherwise guess.
pub(super) fn app_protocol(service: &ValidService) -> &'static str {
    match service.routing.as_ref().map(|routing| routing.protocol) {
        None | Some(Protocol::HTTP) => "http",
        Some(Protocol::WebSocket) => "kubernetes.io/ws",
        Some(Protocol::GRPC) => "kubernetes.io/h2c",
    }
}

/// Whom a service and its paths let in, by the names of the policies.
fn policies(service: &ValidService) -> Vec<(String, &Access)> {
    let Some(routing) = way_in(service) else {
        return Vec::new();
    };
    let own = routing.access.iter();
    let own = own.map(|access| (policy_name(&service.name, "", Layer::Service), access));
    let paths = routing.paths.iter().filter_map(|path| {
        let name = policy_name(&service.name, &rule::word(&path.path), Layer::Path);
        Some((name, path.access.as_ref()?))
    });
    own.chain(paths).collect()
}

/// The name of the policy by which an authenticator checks what a layer says.
fn policy_name(service: &str, rule: &str, layer: Layer) -> String {
    match layer {
        Layer::App => "app".to_owned(),
        Layer::Service => format!("service.{service}"),
        Layer::Path => format!("path.{service}.{rule}"),
    }
}
