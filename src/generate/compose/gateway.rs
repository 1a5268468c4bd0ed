//! The way in: Traefik, with the routers and middlewares of the cluster in a file.

use serde_json::{Map, Value, json};

use super::cluster::Cluster;
use super::values::{Values, said};
use super::{Compose, KEEPS_RUNNING, NETWORK};
use crate::api::objects::Kind;
use crate::plan::{Body, Plan};

/// Its name among the services.
const NAME: &str = "gateway";
/// Its image.
const IMAGE: &str = "traefik:v3.6";
/// The port of this machine that it is reached by.
const PORT: &str = "${GATEWAY_PORT:-8080}:8000";
/// Where its file is.
const FILE: &str = "/etc/traefik/dynamic.yaml";

/// Adds it, where anything is to be reached.
pub(super) fn add(compose: &mut Compose, plan: &Plan, cluster: &Cluster, values: &mut Values) {
    let http = http(compose, plan, cluster, values);
    if http["routers"].as_object().is_none_or(Map::is_empty) {
        return;
    }
    let text = crate::manifest::yaml::to_string(&json!({"http": http}));
    compose
        .configs
        .insert(NAME.to_owned(), json!({"content": values.text(&text)}));
    let service = json!({
        "image": IMAGE,
        "command": [
            "--entrypoints.web.address=:8000",
            format!("--providers.file.filename={FILE}"),
            "--ping=true",
            "--log.level=WARN",
        ],
        "ports": [PORT],
        "configs": [{"source": NAME, "target": FILE}],
        "healthcheck": {"test": ["CMD", "traefik", "healthcheck", "--ping"], "interval": "5s"},
        "networks": {NETWORK: {}},
        "restart": KEEPS_RUNNING,
    });
    if let Value::Object(service) = service {
        let name = compose.free(NAME.to_owned());
        compose.services.insert(name, service);
    }
}

fn http(compose: &Compose, plan: &Plan, cluster: &Cluster, values: &mut Values) -> Value {
    let mut http =
        json!({"routers": {}, "services": {}, "middlewares": {}, "serversTransports": {}});
    for object in plan.nodes.values().flat_map(|node| &node.objects) {
        let Body::Apply(body) = &object.body else {
            continue;
        };
        let (name, spec) = (&object.key.name, &body["spec"]);
        match object.key.kind {
            Kind::IngressRoute => routers(name, spec, &mut http),
            Kind::Middleware => {
                http["middlewares"][name] = middleware(spec, values);
            }
            Kind::ServersTransport => http["serversTransports"][name] = spec.clone(),
            Kind::TraefikService => http["services"][name] = spec.clone(),
            _ => {}
        }
    }
    let mut servers = Map::new();
    link(&mut http, &mut servers, &|reference| {
        let name = said(&reference["name"]);
        let port = cluster.container_port(name);
        let port = port.or_else(|| reference["port"].as_i64())?;
        let scheme = reference["scheme"].as_str().unwrap_or("http");
        compose
            .services
            .contains_key(name)
            .then(|| format!("{scheme}://{name}:{port}"))
    });
    if let Some(services) = http["services"].as_object_mut() {
        services.extend(servers);
    }
    if let Some(parts) = http.as_object_mut() {
        parts.retain(|_, part| part.as_object().is_some_and(|part| !part.is_empty()));
    }
    http
}

fn routers(name: &str, spec: &Value, http: &mut Value) {
    let routes = spec["routes"].as_array().into_iter().flatten();
    for (index, route) in routes.enumerate() {
        let id = match index {
            0 => name.to_owned(),
            index => format!("{name}-{index}"),
        };
        let middlewares = route["middlewares"].as_array().into_iter().flatten();
        let middlewares: Vec<&Value> = middlewares.map(|it| &it["name"]).collect();
        let mut router = json!({
            "entryPoints": ["web"],
            "rule": route["match"],
            "service": route["services"][0],
        });
        if !middlewares.is_empty() {
            router["middlewares"] = json!(middlewares);
        }
        if !route["priority"].is_null() {
            router["priority"] = route["priority"].clone();
        }
        http["routers"][id] = router;
    }
}

/// A middleware's words in a file are those of its object, but for the references.
fn middleware(spec: &Value, values: &mut Values) -> Value {
    let mut spec = spec.clone();
    if let Some(chain) = spec.pointer_mut("/chain/middlewares") {
        let names = chain
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it["name"].clone());
        *chain = names.collect();
    }
    let redis = spec
        .pointer_mut("/rateLimit/redis")
        .and_then(Value::as_object_mut);
    let secret = redis
        .as_ref()
        .and_then(|redis| redis.get("secret")?.as_str().map(str::to_owned));
    if let (Some(redis), Some(secret)) = (redis, secret) {
        redis.remove("secret");
        for key in values
            .keys(&secret)
            .into_iter()
            .filter(|key| key == "username" || key == "password")
        {
            redis.insert(key.clone(), json!(values.secret(&secret, &key)));
        }
    }
    spec
}

/// Puts the name of a service of Traefik in the place of each reference to one of Kubernetes.
fn link(
    value: &mut Value,
    servers: &mut Map<String, Value>,
    url: &dyn Fn(&Value) -> Option<String>,
) {
    match value {
        Value::Object(fields) => {
            if let Some(service) = fields.get_mut("service").filter(|it| it.is_object()) {
                *service = json!(named(service, servers, url));
            }
            let weighted = fields.get_mut("weighted");
            let members = weighted.and_then(|it| it["services"].as_array_mut());
            for member in members.into_iter().flatten() {
                let name = named(member, servers, url);
                let weight = member["weight"].clone();
                *member = json!({"name": name, "weight": weight});
            }
            if let Some(mirroring) = fields.get_mut("mirroring") {
                let main = named(mirroring, servers, url);
                let mirrors = mirroring["mirrors"].as_array().cloned().unwrap_or_default();
                let mirrors: Vec<Value> = mirrors
                    .iter()
                    .map(|it| json!({"name": named(it, servers, url), "percent": it["percent"]}))
                    .collect();
                *mirroring = json!({"service": main, "mirrors": mirrors});
            }
            fields
                .values_mut()
                .for_each(|inner| link(inner, servers, url));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| link(item, servers, url)),
        _ => {}
    }
}

fn named(
    reference: &Value,
    servers: &mut Map<String, Value>,
    url: &dyn Fn(&Value) -> Option<String>,
) -> String {
    let name = said(&reference["name"]).to_owned();
    if reference["kind"] == "TraefikService" {
        return name;
    }
    // A weighted service has the name of one that it is made of.
    let own = format!("{name}-pods");
    let Some(url) = url(reference) else {
        return own;
    };
    let mut balancer = json!({"servers": [{"url": url}]});
    for field in ["serversTransport", "sticky", "passHostHeader"] {
        if !reference[field].is_null() {
            balancer[field] = reference[field].clone();
        }
    }
    servers.insert(own.clone(), json!({"loadBalancer": balancer}));
    own
}
