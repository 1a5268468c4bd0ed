//! A route of any kind, as a person thinks of it.

use kube::ResourceExt;
use kube::api::DynamicObject;
use serde::Serialize;
use serde_json::Value;

use crate::api::names;
use crate::api::objects::Kind;

/// Which requests come to a service, and through what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// The host; every host when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The path, with all that is below it.
    pub path: String,
    /// The methods; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// The service.
    pub service: String,
    /// What requests go through, in that order.
    pub middlewares: Vec<String>,
    /// Whether the client has to speak TLS.
    pub tls: bool,
}

/// The ways in by an object; none where it is no route, or one that only sends to https.
pub fn ways(kind: Kind, object: &DynamicObject) -> Vec<Way> {
    let ways = match kind {
        Kind::IngressRoute => ingress_route(object),
        Kind::Ingress => ingress(object),
        Kind::HTTPRoute | Kind::GRPCRoute => gateway_route(object),
        _ => Vec::new(),
    };
    ways.into_iter()
        .filter(|way| !way.service.is_empty())
        .collect()
}

fn ingress_route(object: &DynamicObject) -> Vec<Way> {
    let spec = &object.data["spec"];
    let routes = list(&spec["routes"])
        .iter()
        .filter(|route| route["services"][0]["name"] != "noop@internal");
    routes
        .map(|route| {
            let rule = text(&route["match"]);
            Way {
                host: between(rule, "Host(`").or_else(|| wildcard(rule)),
                path: between(rule, "Path(`")
                    .or_else(|| between(rule, "PathPrefix(`"))
                    .unwrap_or_default(),
                methods: all_between(rule, "Method(`"),
                service: served(object),
                middlewares: list(&route["middlewares"])
                    .iter()
                    .map(|middleware| text(&middleware["name"]).to_owned())
                    .collect(),
                tls: !spec["tls"].is_null(),
            }
        })
        .collect()
}

/// What stands between `before` and the next back-tick.
fn between(rule: &str, before: &str) -> Option<String> {
    all_between(rule, before).into_iter().next()
}

fn all_between(rule: &str, before: &str) -> Vec<String> {
    let after = rule.split(before).skip(1);
    after
        .filter_map(|rest| Some(rest.split_once('`')?.0.to_owned()))
        .collect()
}

fn wildcard(rule: &str) -> Option<String> {
    let domain = between(rule, r"HostRegexp(`^[^.]+\.")?;
    Some(format!(
        "*.{}",
        domain.trim_end_matches('$').replace('\\', "")
    ))
}

fn ingress(object: &DynamicObject) -> Vec<Way> {
    let spec = &object.data["spec"];
    let through = object.annotations().keys();
    let through = through.filter_map(|key| key.strip_prefix("nginx.ingress.kubernetes.io/"));
    let middlewares: Vec<String> = through.map(str::to_owned).collect();
    let rules = list(&spec["rules"]).iter();
    let ways = rules.flat_map(|rule| {
        list(&rule["http"]["paths"]).iter().map(|path| Way {
            host: rule["host"].as_str().map(str::to_owned),
            path: text(&path["path"])
                .split("(/")
                .next()
                .unwrap_or_default()
                .replace('\\', ""),
            methods: Vec::new(),
            service: served(object),
            middlewares: middlewares.clone(),
            tls: !spec["tls"].is_null(),
        })
    });
    ways.collect()
}

fn gateway_route(object: &DynamicObject) -> Vec<Way> {
    let spec = &object.data["spec"];
    let hosts: Vec<Option<String>> = match list(&spec["hostnames"]) {
        [] => vec![None],
        hosts => hosts
            .iter()
            .map(|host| Some(text(host).to_owned()))
            .collect(),
    };
    let is_way = |rule: &&Value| !list(&rule["backendRefs"]).is_empty();
    let rules: Vec<&Value> = list(&spec["rules"]).iter().filter(is_way).collect();
    let way = |host: &Option<String>, rule: &Value| {
        let matches = list(&rule["matches"]);
        let path = matches
            .first()
            .map(|first| text(&first["path"]["value"]).to_owned());
        let methods = matches.iter().filter_map(|one| one["method"].as_str());
        Way {
            host: host.clone(),
            path: path.unwrap_or_else(|| "/".to_owned()),
            methods: methods.map(str::to_owned).collect(),
            service: served(object),
            middlewares: list(&rule["filters"])
                .iter()
                .map(|filter| text(&filter["type"]).to_owned())
                .collect(),
            tls: text(&spec["parentRefs"][0]["sectionName"]) == "https",
        }
    };
    let rules = &rules;
    hosts
        .iter()
        .flat_map(|host| rules.iter().map(move |rule| way(host, rule)))
        .collect()
}

/// The service that a route was made for.
fn served(object: &DynamicObject) -> String {
    let labels = object.labels();
    let is_services = labels
        .get(names::COMPONENT_LABEL)
        .is_some_and(|component| component == "service");
    let name = labels.get(names::NAME_LABEL).filter(|_| is_services);
    name.cloned().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
