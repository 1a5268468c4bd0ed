//! The way in by Gateway API: an HTTPRoute or a GRPCRoute for each service, and a Gateway where
//! one is asked for (gateway-api.sigs.k8s.io, the standard channel).

mod objects;

use std::collections::BTreeSet;

use objects::{
    Backend, Certificate, CorsFilter, Filter, GatewaySpec, Header, HeaderModifier, Listener,
    ListenerTls, Match, Parent, Path, Redirect, ReplacePath, RouteRule, RouteSpec, Timeouts,
    UrlRewrite,
};

use super::front::Front;
use super::rule::{Rule, Rules};
use super::traefik::duration;
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::routing::Protocol;
use crate::plan::foreign::foreign;
use crate::plan::graph::PlannedObject;
use crate::plan::wanted::Wanted;
use crate::validate::{Cors, Gateway, ValidApp};

/// The listeners of a Gateway that Gravity makes.
const PLAIN: &str = "http";
const SECURE: &str = "https";

/// The route of the service, and the one that sends to https.
pub(super) fn objects(wanted: &Wanted, rules: &Rules, front: &Front) -> Vec<PlannedObject> {
    let gateway = &wanted.app.gateway;
    let main = &rules.rules[0];
    let grpc = main.protocol == Protocol::GRPC;
    let spec = RouteSpec {
        parent_refs: vec![parent(wanted.app, makes_https(gateway).then_some(SECURE))],
        hostnames: hostnames(&main.hosts),
        rules: match grpc {
            true => vec![grpc_rule(wanted, main, rules.port, front)],
            false => rules
                .rules
                .iter()
                .flat_map(|rule| of(wanted, rule, rules.port, front))
                .collect(),
        },
    };
    let kind = if grpc {
        Kind::GRPCRoute
    } else {
        Kind::HTTPRoute
    };
    let route = foreign(wanted.app, kind, wanted.meta(wanted.name()), &spec);
    redirect(wanted, main).into_iter().chain([route]).collect()
}

/// Where the path is rewritten, each method has a rule of its own: such a rule takes one match
/// (gateway-api.sigs.k8s.io, HTTPPathModifier).
fn of(wanted: &Wanted, rule: &Rule, port: i32, front: &Front) -> Vec<RouteRule> {
    let traffic = &rule.traffic;
    let timeout = traffic
        .timeout
        .filter(|_| rule.protocol != Protocol::WebSocket);
    let mut filters = headers(rule, front);
    filters.extend(traffic.cors.as_ref().map(|cors| Filter::Cors {
        cors: self::cors(cors),
    }));
    filters.extend(rewrite(rule));
    let all = matches(&rule.path, rule.methods);
    let together: Vec<Vec<Match>> = match rule.rewrite {
        Some(_) => all.into_iter().map(|one| vec![one]).collect(),
        None => vec![all],
    };
    let of = |matches| RouteRule {
        matches,
        filters: filters.clone(),
        backend_refs: vec![backend(wanted.name(), port)],
        timeouts: timeout.map(|timeout| Timeouts {
            backend_request: duration(timeout),
        }),
    };
    together.into_iter().map(of).collect()
}

/// A GRPCRoute knows no paths but those of services and methods of gRPC.
fn grpc_rule(wanted: &Wanted, rule: &Rule, port: i32, front: &Front) -> RouteRule {
    RouteRule {
        filters: headers(rule, front),
        backend_refs: vec![backend(wanted.name(), port)],
        ..RouteRule::default()
    }
}

fn backend(name: &str, port: i32) -> Backend {
    Backend {
        name: name.to_owned(),
        port,
    }
}

fn hostnames(hosts: &[&str]) -> Option<Vec<String>> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    (!hosts.is_empty()).then_some(hosts)
}

fn matches(path: &str, methods: &[String]) -> Vec<Match> {
    let of = |method: Option<&String>| Match {
        path: Path {
            type_: "PathPrefix",
            value: path.to_owned(),
        },
        method: method.cloned(),
    };
    match methods {
        [] => vec![of(None)],
        methods => methods.iter().map(|method| of(Some(method))).collect(),
    }
}

/// What a client may not say of itself is taken away; an empty text takes a header away.
fn headers(rule: &Rule, front: &Front) -> Vec<Filter> {
    let stated = rule.traffic.headers.clone().unwrap_or_default();
    let mut request = modifier(&stated.request);
    request.remove.extend(front.identity.iter().cloned());
    // A list has sixteen at the most (gateway-api.sigs.k8s.io, HTTPHeaderFilter).
    let spellings = front.identity_spellings().into_iter();
    let room = 16_usize.saturating_sub(request.remove.len());
    request.remove.extend(
        spellings
            .filter(|it| !front.identity.contains(it))
            .take(room),
    );
    request.remove.sort();
    request.remove.dedup();
    let response = modifier(&stated.response);
    let is_empty =
        |modifier: &HeaderModifier| modifier.set.is_empty() && modifier.remove.is_empty();
    let mut filters = Vec::new();
    if !is_empty(&request) {
        filters.push(Filter::RequestHeaderModifier {
            request_header_modifier: request,
        });
    }
    if !is_empty(&response) {
        filters.push(Filter::ResponseHeaderModifier {
            response_header_modifier: response,
        });
    }
    filters
}

fn modifier(headers: &std::collections::BTreeMap<String, String>) -> HeaderModifier {
    let mut modifier = HeaderModifier::default();
    for (name, value) in headers {
        if value.is_empty() {
            modifier.remove.push(name.clone());
        } else {
            let (name, value) = (name.clone(), value.clone());
            modifier.set.push(Header { name, value });
        }
    }
    modifier
}

fn cors(cors: &Cors) -> CorsFilter {
    CorsFilter {
        allow_origins: cors.origins.clone(),
        allow_methods: cors.methods.clone(),
        allow_headers: cors.headers.clone(),
        expose_headers: cors.expose.clone(),
        allow_credentials: cors.credentials.then_some(true),
        max_age: cors.max_age.as_secs(),
    }
}

fn rewrite(rule: &Rule) -> Option<Filter> {
    let (prefix, rewrite) = rule.rewrite?;
    let rest = rule.path.strip_prefix(prefix.trim_end_matches('/'));
    let path = format!(
        "{rewrite}{}",
        rest.unwrap_or_default().trim_end_matches('/')
    );
    let replace_prefix_match = if path.is_empty() {
        "/".to_owned()
    } else {
        path
    };
    Some(Filter::UrlRewrite {
        url_rewrite: UrlRewrite {
            path: ReplacePath::ReplacePrefixMatch {
                replace_prefix_match,
            },
        },
    })
}

/// The Gateway of a route: one that somebody names, or the one of the app's name.
fn parent(app: &ValidApp, listener: Option<&str>) -> Parent {
    match &app.gateway.parent {
        Some(parent) => Parent {
            name: parent.name.clone(),
            namespace: parent.namespace.clone(),
            section_name: parent.section_name.clone(),
        },
        None => Parent {
            name: app.name.clone(),
            namespace: None,
            section_name: listener.map(str::to_owned),
        },
    }
}

/// Whether Gravity's own Gateway sends to https what comes without TLS.
fn makes_https(gateway: &Gateway) -> bool {
    gateway.gateway_class_name.is_some() && gateway.tls.as_ref().is_some_and(|tls| tls.redirect)
}

/// The listeners of a Gateway that somebody else makes are theirs, and so is what is sent to
/// https there.
fn redirect(wanted: &Wanted, main: &Rule) -> Option<PlannedObject> {
    if !makes_https(&wanted.app.gateway) {
        return None;
    }
    let to_https = Filter::RequestRedirect {
        request_redirect: Redirect {
            scheme: "https",
            status_code: 301,
        },
    };
    let spec = RouteSpec {
        parent_refs: vec![parent(wanted.app, Some(PLAIN))],
        hostnames: hostnames(&main.hosts),
        rules: vec![RouteRule {
            matches: matches(&main.path, &[]),
            filters: vec![to_https],
            ..RouteRule::default()
        }],
    };
    let name = names::derived(&[wanted.name(), "redirect"], names::LABEL_LIMIT);
    Some(foreign(
        wanted.app,
        Kind::HTTPRoute,
        wanted.meta(&name),
        &spec,
    ))
}

/// The Gateway that Gravity makes where a class of them is named. A listener is of one host, or
/// else of all.
pub(super) fn gateway(front: &Front, hosts: &BTreeSet<String>) -> Option<PlannedObject> {
    let gateway = &front.app.gateway;
    let class = gateway.gateway_class_name.clone()?;
    let listener = |name, protocol, port, tls| Listener {
        name,
        protocol,
        port,
        hostname: gateway.host.clone().filter(|_| hosts.len() == 1),
        tls,
    };
    let mut listeners = vec![listener(PLAIN, "HTTP", 80, None)];
    listeners.extend(gateway.tls.as_ref().map(|tls| {
        let certificate = Certificate {
            name: tls.secret.clone(),
        };
        let tls = ListenerTls {
            mode: "Terminate",
            certificate_refs: vec![certificate],
        };
        listener(SECURE, "HTTPS", 443, Some(tls))
    }));
    let spec = GatewaySpec {
        gateway_class_name: class,
        listeners,
    };
    Some(foreign(
        front.app,
        Kind::Gateway,
        front.meta(&front.app.name),
        &spec,
    ))
}

/// The way to the app's own answer of how its services are.
pub(super) fn health(front: &Front, path: &str, name: &str, port: i32) -> PlannedObject {
    let gateway = &front.app.gateway;
    let rewrite = Filter::UrlRewrite {
        url_rewrite: UrlRewrite {
            path: ReplacePath::ReplaceFullPath {
                replace_full_path: "/".to_owned(),
            },
        },
    };
    let exact = Match {
        path: Path {
            type_: "Exact",
            value: path.to_owned(),
        },
        method: None,
    };
    let hosts: Vec<&str> = gateway.host.iter().map(String::as_str).collect();
    let spec = RouteSpec {
        parent_refs: vec![parent(front.app, makes_https(gateway).then_some(SECURE))],
        hostnames: hostnames(&hosts),
        rules: vec![RouteRule {
            matches: vec![exact],
            filters: vec![rewrite],
            backend_refs: vec![backend(name, port)],
            timeouts: None,
        }],
    };
    let name = names::derived(&[&front.app.name, "gateway", "health"], names::LABEL_LIMIT);
    foreign(front.app, Kind::HTTPRoute, front.meta(&name), &spec)
}
