//! The companion that tells how the app is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Companion, PORT, id, json};
use crate::companion::health::{Service, Settings};
use crate::plan::Facts;
use crate::plan::graph::{Node, NodeId, NodeKind};
use crate::plan::nodes::AT_ONCE;
use crate::plan::route::Front;
use crate::plan::wanted::address;
use crate::resolve::Resolution;
use crate::validate::{Dependency, ValidService};

/// What it is to the app, and its verb.
pub(in crate::plan) const ROLE: &str = "health";
/// The port of a service of which nothing is known.
const ANY_PORT: i32 = 80;

/// The nodes of the companion and its route; none where no path is asked for.
pub(in crate::plan) fn health(front: &Front, resolution: &Resolution, facts: &Facts) -> Vec<Node> {
    let (Some(path), Some(_)) = (&front.app.gateway.health_path, front.kind) else {
        return Vec::new();
    };
    let companion = Companion {
        app: front.app,
        role: ROLE,
        settings: json(&Settings {
            services: services(front, resolution),
        }),
        replicas: 1,
        image: facts.own_image(),
        variables: Vec::new(),
        volumes: Vec::new(),
        follows: Vec::new(),
        egress: front.ways(|_| true),
        past_mesh: BTreeSet::new(),
    };
    let name = companion.name();
    let route = Node {
        id: NodeId::new(NodeKind::Route, &name),
        service: None,
        version: None,
        needs: BTreeSet::from([id(front.app, ROLE)]),
        objects: front.health(path, &name, PORT),
        deadline: AT_ONCE,
    };
    let mut nodes = companion.nodes(BTreeSet::new());
    nodes.push(route);
    nodes
}

/// The services that take requests, as their readiness probes ask them. One that is named and
/// may be absent is asked too: it is known by its absence.
fn services(front: &Front, resolution: &Resolution) -> BTreeMap<String, Service> {
    let all = || resolution.services.values().map(|it| it.service.as_ref());
    let absent = all().flat_map(|service| service.dependencies.iter());
    let absent =
        absent.filter(|(name, it)| it.optional && !resolution.services.contains_key(*name));
    let absent = absent.map(|(name, _)| {
        let service = Service {
            address: format!("{name}:{ANY_PORT}"),
            path: None,
            optional: true,
        };
        (name.clone(), service)
    });
    let present = all().filter_map(|service| {
        let asked = Service {
            address: format!("{}:{}", service.name, address(service)?),
            path: service
                .readiness
                .as_ref()
                .and_then(|probe| probe.path.clone()),
            optional: is_optional(front, service, all()),
        };
        Some((service.name.clone(), asked))
    });
    absent.chain(present).collect()
}

/// Whether the app does without it: it is no root, and whoever names it may do without.
fn is_optional<'a>(
    front: &Front,
    service: &ValidService,
    all: impl Iterator<Item = &'a ValidService>,
) -> bool {
    let of = |other: &'a ValidService| other.dependencies.get(&service.name);
    let mut named = all.filter_map(of);
    let may_be_absent = |dependency: &Dependency| dependency.optional;
    !front.app.roots.contains_key(&service.name) && named.all(may_be_absent)
}
