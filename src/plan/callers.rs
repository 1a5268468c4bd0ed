//! Who comes to whom: the edges of the graph the other way round, and those of the way in.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::networking::v1::{NetworkPolicyIngressRule, NetworkPolicyPort};

use super::wall::{self, from, here};
use super::wanted::address;
use super::{companion, route};
use crate::api::gateway::GatewayClass;
use crate::validate::{Access, ValidApp, ValidService, Walls};

/// Who comes to the pods of a service, or to a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Guests {
    /// The names of the app's pods that do: of services, and of companions.
    pub pods: BTreeSet<String>,
    /// Whether the gateway does.
    pub gateway: bool,
}

impl Guests {
    /// The rules that let them in at these ports.
    pub fn rules(
        &self,
        app: &ValidApp,
        walls: &Walls,
        ports: &[NetworkPolicyPort],
    ) -> Vec<NetworkPolicyIngressRule> {
        let pods = (!self.pods.is_empty()).then(|| here(wall::pods(app, self.pods.clone())));
        let gateway = walls.gateway.iter().filter(|_| self.gateway).cloned();
        let peers = [pods.into_iter().collect(), gateway.collect()];
        let rules = peers.into_iter().map(|peers| from(peers, ports.to_vec()));
        rules.flatten().collect()
    }

    /// Those of both.
    pub fn join(&mut self, others: &Self) {
        self.pods.extend(others.pods.iter().cloned());
        self.gateway |= others.gateway;
    }
}

/// Who comes to each service.
#[derive(Debug, Default)]
pub(super) struct Callers<'a> {
    of: BTreeMap<&'a str, Guests>,
    nobody: Guests,
}

impl<'a> Callers<'a> {
    /// Who comes to the service of that name.
    pub fn of(&self, service: &str) -> &Guests {
        self.of.get(service).unwrap_or(&self.nobody)
    }

    fn add(&mut self, callee: &'a str, caller: impl Into<String>) {
        let guests = self.of.entry(callee).or_default();
        guests.pods.insert(caller.into());
    }
}

/// Who comes to each service of the app. The gateway comes to those with a route, and to those
/// that it asks whom it may let in.
pub(super) fn callers<'a>(
    app: &'a ValidApp,
    services: impl Iterator<Item = &'a ValidService> + Clone,
) -> Callers<'a> {
    let mut callers = Callers::default();
    for service in services.clone() {
        for callee in service.dependencies.keys() {
            callers.add(callee, &service.name);
        }
    }
    if app.gateway.class == GatewayClass::None {
        return callers;
    }
    let authenticator = || companion::name(app, companion::AUTHENTICATOR);
    for access in accesses(app, services.clone()) {
        match access {
            Access::Everybody | Access::Basic(_) | Access::ApiKey(_) => {}
            Access::Forward(forward) => {
                callers.of.entry(&forward.service).or_default().gateway = true;
            }
            Access::TokenCheck(check) => callers.add(&check.service, authenticator()),
            Access::Jwt(jwt) => {
                let asked = companion::keys_host(jwt);
                let asked = asked.and_then(|(host, _)| service_of(&host, app, services.clone()));
                if let Some(service) = asked {
                    callers.add(&service.name, authenticator());
                }
            }
        }
    }
    for service in services.filter(|service| address(service).is_some()) {
        if route::has_route(service) {
            callers.of.entry(&service.name).or_default().gateway = true;
        }
        if app.gateway.health_path.is_some() {
            callers.add(&service.name, companion::name(app, companion::HEALTH));
        }
    }
    callers
}

/// Who comes to databases beside their owners, by service and database: an authenticator that
/// looks for revoked tokens, and the gateway that counts requests.
pub(super) fn readers<'a>(
    app: &'a ValidApp,
    services: impl Iterator<Item = &'a ValidService>,
) -> BTreeMap<(&'a str, &'a str), Guests> {
    let mut readers: BTreeMap<_, Guests> = BTreeMap::new();
    if app.gateway.class == GatewayClass::None {
        return readers;
    }
    for access in accesses(app, services) {
        let Access::Jwt(jwt) = access else { continue };
        if let Some(blacklist) = &jwt.blacklist {
            let store = (blacklist.service.as_str(), blacklist.database.as_str());
            let authenticator = companion::name(app, companion::AUTHENTICATOR);
            readers.entry(store).or_default().pods.insert(authenticator);
        }
    }
    if let Some(store) = &app.gateway.rate_limit_store {
        let store = (store.service.as_str(), store.database.as_str());
        readers.entry(store).or_default().gateway = true;
    }
    readers
}

/// The service of the app that a host of a URL means, as one of its pods looks it up
/// (Kubernetes' documentation, "DNS for Services and Pods").
pub(super) fn service_of<'a>(
    host: &str,
    app: &ValidApp,
    mut services: impl Iterator<Item = &'a ValidService>,
) -> Option<&'a ValidService> {
    let mut labels = host.splitn(3, '.');
    let (name, namespace, rest) = (labels.next()?, labels.next(), labels.next());
    let is_here = namespace.is_none_or(|it| it == app.namespace);
    let is_cluster = rest.is_none_or(|it| it == "svc" || it.starts_with("svc."));
    services.find(|service| is_here && is_cluster && service.name == name)
}

/// All who may come in, at every layer.
fn accesses<'a>(
    app: &'a ValidApp,
    services: impl Iterator<Item = &'a ValidService>,
) -> impl Iterator<Item = &'a Access> {
    let theirs = services.flat_map(|service| route::accesses(service).map(|(_, access)| access));
    std::iter::once(&app.gateway.access).chain(theirs)
}
