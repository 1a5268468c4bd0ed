//! What all routes of an app have in common.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::rule::{Layer, Rule, accesses};
use super::traefik::Redis;
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::engines::Tenancy;
use crate::plan::companion;
use crate::plan::databases::{Databases, Login};
use crate::plan::graph::{NoWayIn, NodeId, PlannedObject};
use crate::plan::wanted::address;
use crate::plan::{Facts, PlanError, callers, meta, wall};
use crate::resolve::Resolution;
use crate::validate::{Access, ValidApp, ValidService, nearest};

/// The way in of an app: what its routes are made from beside their own service.
pub(in crate::plan) struct Front<'a> {
    pub app: &'a ValidApp,
    /// The kind of the routes; `None` where there is no way in.
    pub kind: Option<Kind>,
    /// The headers that tell who came in: no client may send them.
    pub identity: BTreeSet<String>,
    /// The Redis in which Traefik's replicas count together.
    pub store: Option<Redis>,
    /// The services of the app.
    services: Vec<&'a ValidService>,
    /// The ports of the app's services, by their names.
    ports: BTreeMap<&'a str, i32>,
    /// The certificate, where an issuer is named.
    pub certificate: Option<PlannedObject>,
    /// What the gateway cannot express, a sentence each.
    pub warnings: Vec<String>,
    /// The services that are left without a way in.
    pub closed: Vec<NoWayIn>,
    /// The places that another app has, with who has them.
    pub taken: &'a BTreeMap<String, String>,
    /// The objects that several services use.
    pub shared: BTreeMap<ObjectKey, PlannedObject>,
}

impl<'a> Front<'a> {
    /// Looks over the whole app.
    ///
    /// # Errors
    /// A service or a database that is named for the way in and is not in the app.
    pub fn new(
        app: &'a ValidApp,
        resolution: &'a Resolution,
        databases: &Databases,
        facts: &'a Facts,
    ) -> Result<Self, PlanError> {
        let services = resolution.services.values().map(|it| it.service.as_ref());
        let ports = services.clone();
        let ports = ports.filter_map(|service| Some((service.name.as_str(), address(service)?)));
        let mut front = Self {
            app,
            kind: super::present(&app.gateway, facts),
            identity: app.gateway.access.identity_headers().into_iter().collect(),
            store: None,
            certificate: None,
            warnings: Vec::new(),
            closed: Vec::new(),
            taken: &facts.taken,
            services: services.clone().collect(),
            ports: ports.collect(),
            shared: BTreeMap::new(),
        };
        front.known(&app.gateway.access, "GravityApp", "gateway.authentication")?;
        for service in services {
            for (field, access) in accesses(service) {
                front.known(access, &service.name, &field)?;
                front.identity.extend(access.identity_headers());
            }
        }
        front.store = front.store_of(databases)?;
        front.open(resolution, facts);
        Ok(front)
    }

    /// What the app has before any of its routes: a certificate, and a Gateway of its own.
    fn open(&mut self, resolution: &Resolution, facts: &Facts) {
        let services = resolution.services.values().map(|it| it.service.as_ref());
        let places = services.flat_map(|service| super::places(self.app, service));
        let places: Vec<_> = places.collect();
        if self.kind.is_none() || places.is_empty() {
            return;
        }
        let hosts = places
            .iter()
            .filter_map(|(host, _)| host.map(str::to_owned));
        let hosts: BTreeSet<String> = hosts.chain(self.app.gateway.host.clone()).collect();
        if !hosts.is_empty() && !facts.missing_kinds.contains(&Kind::Certificate) {
            self.certificate = super::certificate::certificate(self, &hosts);
        }
        if let Some(gateway) = super::gateway_api::gateway(self, &hosts) {
            self.shared.insert(gateway.key.clone(), gateway);
        }
    }

    /// Takes note of what the gateway cannot express, and of what leaves no way in.
    pub fn tell(&mut self, told: Vec<(bool, String)>) {
        for (is_wall, message) in told {
            match is_wall {
                true => self.closed.push(NoWayIn {
                    reason: Reason::RouteUnsupported,
                    message,
                }),
                false => self.warnings.push(message),
            }
        }
    }

    /// Whether the authenticator is asked of requests that anybody may send: ingress-nginx takes
    /// headers from a client by an answer that does not have them, and in no other way.
    pub fn asks_of_everybody(&self) -> bool {
        self.kind == Some(Kind::Ingress) && !self.identity.is_empty()
    }

    /// All names by which a service may read these headers: many a server takes `-` and `_` for
    /// one another, as CGI made it (RFC 3875, section 4.1.18).
    pub fn identity_spellings(&self) -> BTreeSet<String> {
        let spelt = |name: &String| {
            name.split('-').fold(vec![String::new()], |begun, part| {
                let joined = |all: &String, by: &str| match all.is_empty() {
                    true => part.to_owned(),
                    false => format!("{all}{by}{part}"),
                };
                let of = |all: &String| BTreeSet::from([joined(all, "-"), joined(all, "_")]);
                begun.iter().flat_map(of).collect()
            })
        };
        self.identity.iter().flat_map(spelt).collect()
    }

    /// Where a service of the app answers, for who is in another namespace.
    pub fn url(&self, service: &str, path: &str) -> String {
        let port = self.ports.get(service).copied().unwrap_or_default();
        format!("http://{service}.{}.svc:{port}{path}", self.app.namespace)
    }

    /// The ways to these services of the app.
    pub fn ways(&self, asked: impl Fn(&ValidService) -> bool) -> Vec<NetworkPolicyEgressRule> {
        let asked = self.services.iter().filter(|service| asked(service));
        let way = |service: &&ValidService| {
            address(service)?;
            Some(wall::to_service(self.app, &service.name, service.port?))
        };
        asked.filter_map(way).collect()
    }

    /// The ports at which services of the app are called.
    pub fn dialled(&self) -> BTreeSet<i32> {
        self.ports.values().copied().collect()
    }

    /// The service of the app that a host means.
    pub fn service_of(&self, host: &str) -> Option<&'a ValidService> {
        callers::service_of(host, self.app, self.services.iter().copied())
    }

    /// Who is checked by the authenticator, by the names of the policies.
    pub fn checked(&self) -> Vec<(String, &'a Access)> {
        let own = [("app".to_owned(), &self.app.gateway.access)];
        let own = own.into_iter().filter(|_| self.kind.is_some());
        let services = self.services.iter().filter(|_| self.kind.is_some());
        let theirs = services.flat_map(|service| super::policies(service));
        own.chain(theirs)
            .filter(|(_, access)| companion::is_asked(access))
            .collect()
    }

    /// The objects of the way to the app's own answer of how its services are.
    pub fn health(&self, path: &str, backend: &str, port: i32) -> Vec<PlannedObject> {
        match self.kind {
            Some(Kind::Ingress) => vec![super::ingress::health(self, path, backend, port)],
            Some(Kind::HTTPRoute) => vec![super::gateway_api::health(self, path, backend, port)],
            _ => super::traefik::health(self, path, backend, port),
        }
    }

    /// The node of what several services use.
    pub fn id(&self) -> NodeId {
        NodeId::new(crate::plan::NodeKind::Gateway, &self.app.name)
    }

    /// The metadata of an object that is the app's.
    pub fn meta(&self, name: &str) -> ObjectMeta {
        let labels = names::labels(&self.app.name, &self.app.name, "gateway");
        meta::owned(self.app, name, labels)
    }

    fn known(&self, access: &Access, who: &str, field: &str) -> Result<(), PlanError> {
        for (part, service) in access.services() {
            if !self.ports.contains_key(service) {
                return Err(PlanError::UnknownToGateway {
                    who: who.to_owned(),
                    field: format!("{field}.{part}"),
                    service: service.to_owned(),
                    instead: instead(nearest(service, self.ports.keys().copied())),
                });
            }
        }
        Ok(())
    }

    fn store_of(&self, databases: &Databases) -> Result<Option<Redis>, PlanError> {
        let Some(store) = &self.app.gateway.rate_limit_store else {
            return Ok(None);
        };
        let field = "gateway.rateLimitStore";
        let login = keys_of(
            databases,
            &store.service,
            &store.database,
            "GravityApp",
            field,
        )?;
        Ok(Some(Redis {
            endpoints: vec![format!(
                "{}:{}",
                within(&login.host, &self.app.namespace),
                login.port
            )],
            secret: login.secret.clone(),
        }))
    }
}

/// The login to a Redis that is named for the way in.
pub(in crate::plan) fn keys_of<'d>(
    databases: &'d Databases,
    service: &str,
    database: &str,
    who: &str,
    field: &str,
) -> Result<&'d Login, PlanError> {
    let login = databases
        .logins
        .get(&(service.to_owned(), database.to_owned()));
    match login {
        Some(login) if login.tenancy == Tenancy::Keys => Ok(login),
        found => Err(PlanError::NoStoreForGateway {
            who: who.to_owned(),
            field: field.to_owned(),
            service: service.to_owned(),
            database: database.to_owned(),
            is: if found.is_some() {
                "no Redis"
            } else {
                "none of its databases"
            },
        }),
    }
}

/// The name of a host for who is in another namespace.
fn within(host: &str, namespace: &str) -> String {
    if host.contains(['.', ':']) {
        return host.to_owned();
    }
    format!("{host}.{namespace}.svc")
}

fn instead(nearest: Option<&str>) -> String {
    match nearest {
        Some(near) => {
            format!("did you mean {near}? Write a service of the app that takes requests")
        }
        None => "write a service of the app that takes requests".to_owned(),
    }
}

/// The name of what a layer says: of the app, the service or the path.
pub(super) fn name_of(app: &str, service: &str, rule: &Rule, layer: Layer, word: &str) -> String {
    let parts = match layer {
        Layer::App => [app, "gateway", word],
        Layer::Service => [service, word, ""],
        Layer::Path => [service, rule.name.as_str(), word],
    };
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    names::derived(&parts, names::LABEL_LIMIT)
}
