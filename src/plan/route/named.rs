//! What a way in names and others make: a gateway leaves a route out that it cannot make whole,
//! and says so in its own log only.

use std::collections::{BTreeMap, BTreeSet};

use super::way_in;
use crate::api::gateway::GatewayClass;
use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::plan::graph::NoWayIn;
use crate::plan::{Contents, Facts, Named, meta};
use crate::validate::{Access, ValidApp, ValidService};

/// What is needed of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// A certificate with its key, for the app's hosts.
    Certificate,
    /// To be there.
    Middleware,
    /// Names and passwords under that key; where it is Traefik, under any that is the only one,
    /// or a name and a password as `kubernetes.io/basic-auth` has them.
    Passwords(&'static str, GatewayClass),
}

/// The objects that the way in of the app names, each with what is needed of it and the services
/// that need it.
pub(in crate::plan) struct NamedByRoutes<'a> {
    app: &'a ValidApp,
    objects: BTreeMap<(ObjectKey, Need), BTreeSet<&'a str>>,
}

/// Looks over the services with a route.
pub(in crate::plan) fn named<'a>(
    app: &'a ValidApp,
    services: impl Iterator<Item = &'a ValidService>,
) -> NamedByRoutes<'a> {
    let mut named = NamedByRoutes {
        app,
        objects: BTreeMap::new(),
    };
    for service in services {
        if app.gateway.class != GatewayClass::None && way_in(service).is_some() {
            named.look_over(service);
        }
    }
    named
}

impl<'a> NamedByRoutes<'a> {
    /// The objects, to be read.
    pub fn objects(&self) -> impl Iterator<Item = ObjectKey> {
        self.objects.keys().map(|(object, _)| object.clone())
    }

    /// What is not there, or is not what it should be; nothing of what was not read yet.
    pub fn told(&self, facts: &Facts) -> Vec<NoWayIn> {
        let told = self
            .objects
            .iter()
            .filter_map(|((object, need), services)| {
                let message = need.lacks(object, facts.named.get(object)?)?;
                let services: Vec<&str> = services.iter().copied().collect();
                Some(NoWayIn {
                    reason: Reason::RouteIncomplete,
                    message: format!(
                        "{message}; until then the gateway may leave out the routes of {}",
                        services.join(", ")
                    ),
                })
            });
        told.collect()
    }

    fn look_over(&mut self, service: &'a ValidService) {
        let gateway = &self.app.gateway;
        let Some(routing) = way_in(service) else {
            return;
        };
        // Of a Gateway that others make, the listeners with their certificates are theirs.
        let listens =
            gateway.class != GatewayClass::GatewayAPI || gateway.gateway_class_name.is_some();
        if let Some(tls) = gateway
            .tls
            .as_ref()
            .filter(|tls| listens && tls.issuer.is_none())
        {
            self.add(Kind::Secret, &tls.secret, Need::Certificate, service);
        }
        let whole = routing.traffic.over(&gateway.traffic);
        let paths = routing.paths.iter().map(|path| path.traffic.over(&whole));
        if gateway.class == GatewayClass::Traefik {
            let all = std::iter::once(whole.clone()).chain(paths);
            for middleware in all.filter_map(|traffic| traffic.middlewares).flatten() {
                self.add(Kind::Middleware, &middleware, Need::Middleware, service);
            }
        }
        // Gateway API has no passwords, and is told of elsewhere.
        let key = match gateway.class {
            GatewayClass::Traefik => "users",
            GatewayClass::Ingress => "auth",
            GatewayClass::GatewayAPI | GatewayClass::None => return,
        };
        let own = routing.access.as_ref().unwrap_or(&gateway.access);
        let paths = routing.paths.iter().filter_map(|path| path.access.as_ref());
        for access in std::iter::once(own).chain(paths) {
            if let Access::Basic(secret) = access {
                let need = Need::Passwords(key, gateway.class);
                self.add(Kind::Secret, secret, need, service);
            }
        }
    }

    fn add(&mut self, kind: Kind, name: &str, need: Need, service: &'a ValidService) {
        let object = meta::key(self.app, kind, name);
        let services = self.objects.entry((object, need)).or_default();
        services.insert(&service.name);
    }
}

impl Need {
    /// What is wrong with the object, and the way out.
    fn lacks(self, object: &ObjectKey, named: &Named) -> Option<String> {
        let name = &object.name;
        match (self, named) {
            (Self::Certificate, Named::Missing) => Some(format!(
                "gateway.tls.secretName names {object}, which is not there: make it with kubectl create secret tls {name} --cert=… --key=…, or name who issues it by gateway.tls.issuer"
            )),
            (
                Self::Certificate,
                Named::There(Contents {
                    certificate: Err(why),
                    ..
                }),
            ) => Some(format!(
                "gateway.tls.secretName names {object}, which has no certificate that can be used ({why}): make it anew with kubectl create secret tls {name} --cert=… --key=…"
            )),
            (Self::Middleware, Named::Missing) => Some(format!(
                "traffic.middlewares names {object}, which is not there: make it, or take it out"
            )),
            (Self::Passwords(key, _), Named::Missing) => Some(format!(
                "authentication.basic.secretName names {object}, which is not there: make it, with what htpasswd writes under {key}"
            )),
            (Self::Passwords(_, GatewayClass::Traefik), Named::There(contents)) => {
                let has = |key: &str| contents.keys.contains_key(key);
                let is_one = contents.keys.len() == 1 || has("username") && has("password");
                (!is_one).then(|| {
                    format!(
                        "authentication.basic.secretName names {object}, which has not one key alone, as Traefik wants it: put there what htpasswd writes, under users, and nothing else"
                    )
                })
            }
            (Self::Passwords(key, _), Named::There(contents))
                if !contents.keys.contains_key(key) =>
            {
                Some(format!(
                    "authentication.basic.secretName names {object}, which has no key {key}: put there what htpasswd writes"
                ))
            }
            (_, Named::There(_)) => None,
        }
    }
}
