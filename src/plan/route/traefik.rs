//! The way in by Traefik: an IngressRoute for each service, and what is done with its requests
//! as Middlewares (doc.traefik.io, "Kubernetes IngressRoute").
//!
//! What a layer says is an object of that layer: fifty services that say nothing share the
//! app's.

mod chain;
mod matching;
mod middleware;
mod objects;

use std::collections::BTreeMap;

use chain::chain;
use matching::{expression, matching, priority};
use middleware::Middleware;
pub(super) use middleware::{Redis, literal, text as duration};
use objects::{
    Backend, Cookie, ForwardingTimeouts, IngressRoute, Reference, Route, ServersTransport, Sticky,
    Tls, TraefikService, Weighted,
};

use serde::Serialize;

use super::front::{Front, name_of};
use super::rule::{Layer, Rule, Rules};
use crate::api::mesh::Mesh;
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::routing::Protocol;
use crate::plan::foreign::foreign;
use crate::plan::graph::PlannedObject;
use crate::plan::wanted::Wanted;
use crate::validate::Traffic;

/// Connections that are kept to each pod: what Traefik itself takes where no ServersTransport
/// is named. Where one is and does not say it, Go's own two are kept, and every request above
/// that opens a connection of its own.
const IDLE_CONNECTIONS: i32 = 200;
/// How long a connection may take. Within a cluster it takes a millisecond; a second try of a
/// lost packet comes after one second; a pod whose node is gone never answers.
const DIAL_TIMEOUT: &str = "2s";
/// Traefik's entry point without TLS.
const PLAIN: &str = "web";

/// The objects of the service's own; what several services use goes to `front`.
pub(super) fn objects(wanted: &Wanted, rules: &Rules, front: &mut Front) -> Vec<PlannedObject> {
    let mut made = Made::default();
    let backend = backend(wanted, rules, front, &mut made);
    let mut routes = Vec::new();
    for rule in &rules.rules {
        let middlewares = chain(wanted, rules, rule, front, &mut made);
        // A path that is given more time, or another cookie, leads to the pods by itself.
        let same = rule.traffic.timeout == rules.service.timeout
            && rule.traffic.sticky_session == rules.service.sticky_session;
        let backend = match same {
            true => backend.clone(),
            false => pods(wanted, rules, rule, front, &mut made),
        };
        for matching in matching(rule, rule.methods) {
            routes.push(Route {
                services: vec![backend.clone()],
                middlewares: middlewares.clone(),
                ..matching
            });
        }
    }
    let mut objects: Vec<PlannedObject> = made.objects.into_values().collect();
    objects.extend(redirect(wanted, rules, front));
    let gateway = &wanted.app.gateway;
    let spec = IngressRoute {
        entry_points: gateway.entry_points.clone(),
        routes,
        tls: gateway.tls.as_ref().map(|tls| Tls {
            secret_name: tls.secret.clone(),
        }),
    };
    let meta = wanted.meta(wanted.name());
    objects.push(foreign(wanted.app, Kind::IngressRoute, meta, &spec));
    objects
}

/// The objects that a service has for itself.
#[derive(Default)]
struct Made {
    objects: BTreeMap<(Kind, String), PlannedObject>,
}

impl Made {
    /// Keeps the object where its layer has its objects.
    fn add<S: Serialize>(
        &mut self,
        (kind, layer, name): (Kind, Layer, &str),
        spec: &S,
        wanted: &Wanted,
        front: &mut Front,
    ) {
        if layer == Layer::App {
            let object = foreign(wanted.app, kind, front.meta(name), spec);
            front.shared.insert(object.key.clone(), object);
        } else {
            let object = foreign(wanted.app, kind, wanted.meta(name), spec);
            self.objects.insert((kind, name.to_owned()), object);
        }
    }
}

/// Where the requests of a service go. All of its rules lead to one and the same, so that a
/// client that came to a pod by one of them comes to it by the others.
fn backend(wanted: &Wanted, rules: &Rules, front: &mut Front, made: &mut Made) -> Backend {
    let main = &rules.rules[0];
    let backend = pods(wanted, rules, main, front, made);
    if rules.rules.len() == 1 {
        return backend;
    }
    let weighted = Weighted {
        services: vec![backend],
    };
    let key = (Kind::TraefikService, Layer::Service, wanted.name());
    made.add(key, &TraefikService { weighted }, wanted, front);
    Backend {
        name: wanted.name().to_owned(),
        kind: Some("TraefikService"),
        ..Backend::default()
    }
}

/// The pods of a service, with the patience that the rule has with them.
fn pods(
    wanted: &Wanted,
    rules: &Rules,
    rule: &Rule,
    front: &mut Front,
    made: &mut Made,
) -> Backend {
    let timeout = rule.traffic.timeout;
    let weaker = [(Layer::App, &rules.app), (Layer::Service, &rules.service)];
    let same = weaker.iter().find(|(_, weaker)| weaker.timeout == timeout);
    let layer = same.map_or(Layer::Path, |(layer, _)| *layer);
    let transport = timeout.map(|timeout| {
        let name = name_of(&wanted.app.name, wanted.name(), rule, layer, "transport");
        let spec = ServersTransport {
            max_idle_conns_per_host: IDLE_CONNECTIONS,
            forwarding_timeouts: ForwardingTimeouts {
                dial_timeout: DIAL_TIMEOUT.to_owned(),
                response_header_timeout: middleware::text(timeout),
            },
        };
        made.add((Kind::ServersTransport, layer, &name), &spec, wanted, front);
        name
    });
    // Istio's sidecar of the gateway knows a service by its own name and address only.
    let istio = wanted.app.mesh == Mesh::Istio;
    Backend {
        native: istio.then_some(true),
        pass_host_header: istio.then_some(false),
        name: wanted.name().to_owned(),
        port: Some(rules.port),
        scheme: (rule.protocol == Protocol::GRPC).then_some("h2c"),
        servers_transport: transport,
        sticky: sticky(wanted, &rule.traffic),
        ..Backend::default()
    }
}

fn sticky(wanted: &Wanted, traffic: &Traffic) -> Option<Sticky> {
    let session = traffic.sticky_session.as_ref()?;
    let own = || format!("{}-session", wanted.name());
    Some(Sticky {
        cookie: Cookie {
            name: session.cookie.clone().unwrap_or_else(own),
            // It says nothing to a page, and should go with no password in the clear.
            http_only: true,
            secure: wanted.app.gateway.tls.is_some(),
            same_site: "lax",
        },
    })
}

/// Sends who comes without TLS to https.
fn redirect(wanted: &Wanted, rules: &Rules, front: &mut Front) -> Option<PlannedObject> {
    let tls = wanted.app.gateway.tls.as_ref()?;
    if !tls.redirect
        || wanted
            .app
            .gateway
            .entry_points
            .iter()
            .any(|point| point == PLAIN)
    {
        return None;
    }
    let main = &rules.rules[0];
    let name = name_of(&wanted.app.name, wanted.name(), main, Layer::App, "https");
    let to_https = Middleware::RedirectScheme {
        scheme: "https",
        permanent: true,
    };
    let object = foreign(wanted.app, Kind::Middleware, front.meta(&name), &to_https);
    front.shared.insert(object.key.clone(), object);
    let nowhere = Backend {
        name: "noop@internal".to_owned(),
        kind: Some("TraefikService"),
        ..Backend::default()
    };
    let routes = matching(main, &[]).into_iter().map(|route| Route {
        services: vec![nowhere.clone()],
        middlewares: vec![Reference { name: name.clone() }],
        ..route
    });
    let spec = IngressRoute {
        entry_points: vec![PLAIN.to_owned()],
        routes: routes.collect(),
        tls: None,
    };
    let name = names::derived(&[wanted.name(), "redirect"], names::LABEL_LIMIT);
    Some(foreign(
        wanted.app,
        Kind::IngressRoute,
        wanted.meta(&name),
        &spec,
    ))
}

/// The way to the app's own answer of how its services are.
pub(super) fn health(front: &Front, path: &str, backend: &str, port: i32) -> Vec<PlannedObject> {
    let name = names::derived(&[&front.app.name, "gateway", "health"], names::LABEL_LIMIT);
    let spec = Middleware::ReplacePath {
        path: "/".to_owned(),
    };
    let rewrite = foreign(front.app, Kind::Middleware, front.meta(&name), &spec);
    let gateway = &front.app.gateway;
    let host = gateway.host.as_deref();
    let expression = match host {
        Some(host) => {
            expression(Some(host), "/", &[]).replace("PathPrefix(`/`)", &format!("Path(`{path}`)"))
        }
        None => format!("Path(`{path}`)"),
    };
    let route = Route {
        rule: expression,
        kind: "Rule",
        priority: priority(host, path, true),
        services: vec![Backend {
            name: backend.to_owned(),
            port: Some(port),
            ..Backend::default()
        }],
        middlewares: vec![Reference { name: name.clone() }],
    };
    let spec = IngressRoute {
        entry_points: gateway.entry_points.clone(),
        routes: vec![route],
        tls: gateway.tls.as_ref().map(|tls| Tls {
            secret_name: tls.secret.clone(),
        }),
    };
    let route = foreign(front.app, Kind::IngressRoute, front.meta(&name), &spec);
    vec![rewrite, route]
}
