//! The way in by the Ingress of `networking.k8s.io/v1`, and what ingress-nginx has beyond it, as
//! its annotations (kubernetes.github.io/ingress-nginx, "Annotations").
//!
//! Annotations are an Ingress's as a whole, so each rule is one.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule,
    IngressServiceBackend, IngressSpec, IngressTLS, ServiceBackendPort,
};

use super::front::Front;
use super::limits::nginx_rate;
use super::rule::{Rule, Rules};
use super::traefik::literal;
use crate::api::mesh::Mesh;
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::routing::Protocol;
use crate::plan::companion;
use crate::plan::graph::PlannedObject;
use crate::plan::meta;
use crate::plan::wanted::Wanted;
use crate::validate::{Access, ValidApp};

/// What the annotations of ingress-nginx begin with.
const NGINX: &str = "nginx.ingress.kubernetes.io";
/// How long a WebSocket may say nothing, in seconds: nginx counts the time between two
/// messages as the time of an answer.
const SILENCE: u64 = 3_600;

/// The Ingresses of the service: of itself, and of each path that is treated otherwise.
pub(super) fn objects(wanted: &Wanted, rules: &Rules, front: &Front) -> Vec<PlannedObject> {
    let of = |rule: &Rule| {
        let parts = [wanted.name(), rule.name.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let name = names::derived(&parts, names::LABEL_LIMIT);
        let annotations = annotations(wanted, rule, front);
        let mut metadata = wanted.meta(&name);
        metadata.annotations = (!annotations.is_empty()).then_some(annotations);
        let path = path(wanted.name(), rules.port, rule);
        let object = Ingress {
            metadata,
            spec: Some(spec(wanted.app, &rule.hosts, path)),
            ..Ingress::default()
        };
        meta::planned(wanted.app, Kind::Ingress, &name, &object)
    };
    rules.rules.iter().map(of).collect()
}

fn spec(app: &ValidApp, hosts: &[&str], path: HTTPIngressPath) -> IngressSpec {
    let rule = |host: Option<String>| IngressRule {
        host,
        http: Some(HTTPIngressRuleValue {
            paths: vec![path.clone()],
        }),
    };
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    IngressSpec {
        ingress_class_name: app.gateway.ingress_class_name.clone(),
        rules: Some(match hosts.as_slice() {
            [] => vec![rule(None)],
            hosts => hosts.iter().cloned().map(Some).map(rule).collect(),
        }),
        tls: app.gateway.tls.as_ref().map(|tls| {
            vec![IngressTLS {
                hosts: (!hosts.is_empty()).then_some(hosts),
                secret_name: Some(tls.secret.clone()),
            }]
        }),
        ..IngressSpec::default()
    }
}

/// Of type Prefix the longest wins by definition. Where the service sees another path, nginx
/// takes it from groups of a regular expression.
fn path(service: &str, port: i32, rule: &Rule) -> HTTPIngressPath {
    let (path, path_type) = match rule.rewrite {
        Some(_) => {
            let below = if seen(rule).is_empty() {
                "(/|$)(.*)"
            } else {
                "(/.*)?$"
            };
            let path = literal(rule.path.trim_end_matches('/'));
            (format!("{path}{below}"), "ImplementationSpecific")
        }
        None => (rule.path.clone(), "Prefix"),
    };
    HTTPIngressPath {
        path: Some(path),
        path_type: path_type.to_owned(),
        backend: IngressBackend {
            service: Some(IngressServiceBackend {
                name: service.to_owned(),
                port: Some(ServiceBackendPort {
                    number: Some(port),
                    ..ServiceBackendPort::default()
                }),
            }),
            ..IngressBackend::default()
        },
    }
}

/// What the service sees in the place of the rule's path; empty where that is the root.
fn seen(rule: &Rule) -> String {
    let Some((prefix, rewrite)) = rule.rewrite else {
        return rule.path.clone();
    };
    let rest = rule.path.strip_prefix(prefix.trim_end_matches('/'));
    format!(
        "{rewrite}{}",
        rest.unwrap_or_default().trim_end_matches('/')
    )
}

fn annotations(wanted: &Wanted, rule: &Rule, front: &Front) -> BTreeMap<String, String> {
    let mut all = treatment(rule);
    all.extend(authentication(wanted, rule, front));
    if rule.rewrite.is_some() {
        let seen = seen(rule);
        let target = if seen.is_empty() {
            "/$2".to_owned()
        } else {
            format!("{seen}$1")
        };
        all.push(("use-regex", "true".to_owned()));
        all.push(("rewrite-target", target));
    }
    if rule.protocol == Protocol::GRPC {
        all.push(("backend-protocol", "GRPC".to_owned()));
    }
    // The gateway's sidecar knows a service by its own name and address only.
    if wanted.app.mesh == Mesh::Istio {
        let host = format!(
            "{}.{}.svc.cluster.local",
            wanted.name(),
            wanted.app.namespace
        );
        all.push(("service-upstream", "true".to_owned()));
        all.push(("upstream-vhost", host));
    }
    if let Some(tls) = &wanted.app.gateway.tls {
        all.push(("ssl-redirect", tls.redirect.to_string()));
    }
    if rule.traffic.sticky_session.is_some() {
        let own = || format!("{}-session", wanted.name());
        let session = rule.traffic.sticky_session.clone().unwrap_or_default();
        all.push(("affinity", "cookie".to_owned()));
        all.push(("session-cookie-name", session.cookie.unwrap_or_else(own)));
    }
    all.into_iter()
        .map(|(name, value)| (format!("{NGINX}/{name}"), value))
        .collect()
}

fn treatment(rule: &Rule) -> Vec<(&'static str, String)> {
    let traffic = &rule.traffic;
    let mut all = Vec::new();
    if let Some(timeout) = traffic.timeout {
        let silence = match rule.protocol {
            Protocol::WebSocket => SILENCE,
            _ => timeout.as_secs(),
        };
        all.push((
            "proxy-connect-timeout",
            timeout.as_secs().min(2).to_string(),
        ));
        all.push(("proxy-read-timeout", silence.to_string()));
        all.push(("proxy-send-timeout", silence.to_string()));
    }
    // nginx sends no request twice that changes something and has left it.
    match traffic.retries {
        Some(0) => all.push(("proxy-next-upstream", "off".to_owned())),
        Some(retries) => {
            all.push(("proxy-next-upstream", "error timeout".to_owned()));
            all.push(("proxy-next-upstream-tries", (retries + 1).to_string()));
        }
        None => {}
    }
    if let Some(bytes) = traffic.max_body_size {
        all.push(("proxy-body-size", bytes.to_string()));
    }
    if let Some(networks) = &traffic.allowed_networks {
        all.push(("whitelist-source-range", networks.join(",")));
    }
    if let Some((annotation, average, times)) = traffic.rate_limit.as_ref().and_then(nginx_rate) {
        all.push((annotation, average.to_string()));
        all.push(("limit-burst-multiplier", times.to_string()));
    }
    if let Some(cors) = &traffic.cors {
        all.push(("enable-cors", "true".to_owned()));
        all.push(("cors-allow-origin", cors.origins.join(",")));
        all.push(("cors-allow-methods", cors.methods.join(",")));
        all.push(("cors-allow-credentials", cors.credentials.to_string()));
        all.push(("cors-max-age", cors.max_age.as_secs().to_string()));
        if !cors.headers.is_empty() {
            all.push(("cors-allow-headers", cors.headers.join(",")));
        }
        if !cors.expose.is_empty() {
            all.push(("cors-expose-headers", cors.expose.join(",")));
        }
    }
    all
}

fn authentication(wanted: &Wanted, rule: &Rule, front: &Front) -> Vec<(&'static str, String)> {
    let (access, layer) = rule.access;
    let mut all = Vec::new();
    if let Access::Basic(secret) = access {
        all.push(("auth-type", "basic".to_owned()));
        all.push(("auth-secret", secret.clone()));
    }
    let url = match access {
        Access::Everybody | Access::Basic(_) if !front.asks_of_everybody() => return all,
        Access::Everybody | Access::Basic(_) => {
            whole(&companion::check_url(wanted.app, companion::OPEN))
        }
        Access::Forward(forward) => whole(&front.url(&forward.service, &forward.path)),
        Access::Jwt(_) | Access::TokenCheck(_) | Access::ApiKey(_) => {
            let policy = super::policy_name(wanted.name(), &rule.name, layer);
            whole(&companion::check_url(wanted.app, &policy))
        }
    };
    // A header that the answer does not have is taken from the request.
    let headers: Vec<String> = front.identity.iter().cloned().collect();
    all.push(("auth-url", url));
    if !headers.is_empty() {
        all.push(("auth-response-headers", headers.join(",")));
    }
    all
}

/// nginx looks a name of a variable up as it stands, by no list of domains.
fn whole(url: &str) -> String {
    url.replacen(".svc:", ".svc.cluster.local:", 1)
}

/// The way to the app's own answer of how its services are.
pub(super) fn health(front: &Front, path: &str, backend: &str, port: i32) -> PlannedObject {
    let name = names::derived(&[&front.app.name, "gateway", "health"], names::LABEL_LIMIT);
    let mut metadata = front.meta(&name);
    let rewrite = (format!("{NGINX}/rewrite-target"), "/".to_owned());
    metadata.annotations = Some(BTreeMap::from([rewrite]));
    let hosts: Vec<&str> = front.app.gateway.host.iter().map(String::as_str).collect();
    let path = HTTPIngressPath {
        path: Some(path.to_owned()),
        path_type: "Exact".to_owned(),
        backend: IngressBackend {
            service: Some(IngressServiceBackend {
                name: backend.to_owned(),
                port: Some(ServiceBackendPort {
                    number: Some(port),
                    ..ServiceBackendPort::default()
                }),
            }),
            ..IngressBackend::default()
        },
    };
    let object = Ingress {
        metadata,
        spec: Some(spec(front.app, &hosts, path)),
        ..Ingress::default()
    };
    meta::planned(front.app, Kind::Ingress, &name, &object)
}
