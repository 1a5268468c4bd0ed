//! Which requests are of a rule, in the words of Traefik's router.

use super::objects::Route;
use crate::plan::route::rule::Rule;

/// A rule for each host, and none where every host will do. Their priority is stated: Traefik's
/// own is the length of the rule, by which a long list of methods would beat a longer path.
pub(super) fn matching(rule: &Rule, methods: &[String]) -> Vec<Route> {
    let of = |host: Option<&str>| Route {
        rule: expression(host, &rule.path, methods),
        kind: "Rule",
        priority: priority(host, &rule.path, !methods.is_empty()),
        services: Vec::new(),
        middlewares: Vec::new(),
    };
    if rule.hosts.is_empty() {
        return vec![of(None)];
    }
    rule.hosts.iter().map(|host| of(Some(host))).collect()
}

/// A host of the form `*.example.com` is one label more, as in an Ingress. A path takes whole
/// segments, as in an Ingress: `/api/auth` does not take `/api/authors`.
pub(super) fn expression(host: Option<&str>, path: &str, methods: &[String]) -> String {
    let host = host.map(|host| match host.strip_prefix("*.") {
        Some(domain) => format!(r"HostRegexp(`^[^.]+\.{}$`)", super::literal(domain)),
        None => format!("Host(`{host}`)"),
    });
    let path = match path {
        "/" => "PathPrefix(`/`)".to_owned(),
        path => format!("(Path(`{path}`) || PathPrefix(`{path}/`))"),
    };
    let methods: Vec<String> = methods
        .iter()
        .map(|method| format!("Method(`{method}`)"))
        .collect();
    let methods = match methods.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("({})", many.join(" || "))),
    };
    let parts: Vec<String> = host.into_iter().chain([path]).chain(methods).collect();
    parts.join(" && ")
}

/// A named host before one of many, the longer path before the shorter, and methods before all.
pub(super) fn priority(host: Option<&str>, path: &str, has_methods: bool) -> usize {
    let host = match host {
        None => 0,
        Some(host) if host.starts_with("*.") => 10_000,
        Some(_) => 20_000,
    };
    1 + host + 10 * path.len() + usize::from(has_methods)
}
