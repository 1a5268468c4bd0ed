//! What pods refer to by name, gathered once: ConfigMaps, and the Services in front of pods.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::pod::Pods;
use super::values::said;
use crate::api::objects::Kind;
use crate::plan::{Body, NodeKind, Plan};

/// The objects of the cluster that no service of Compose is made of.
pub(super) struct Cluster<'a> {
    namespace: &'a str,
    /// The texts of the application's ConfigMaps.
    config_maps: BTreeMap<&'a str, BTreeMap<String, String>>,
    services: Vec<Service<'a>>,
    /// Of each service's Service the port, and that of its container.
    ports: BTreeMap<&'a str, (i64, i64)>,
}

/// A Service of Kubernetes.
struct Service<'a> {
    name: &'a str,
    selector: &'a Map<String, Value>,
    is_headless: bool,
}

impl<'a> Cluster<'a> {
    /// That of a plan.
    pub fn of(plan: &'a Plan) -> Self {
        let mut cluster = Self {
            namespace: &plan.app.namespace,
            config_maps: BTreeMap::new(),
            services: Vec::new(),
            ports: BTreeMap::new(),
        };
        for node in plan.nodes.values() {
            for object in &node.objects {
                let Body::Apply(body) = &object.body else {
                    continue;
                };
                let name = object.key.name.as_str();
                match object.key.kind {
                    Kind::ConfigMap => drop(cluster.config_maps.insert(name, data(body))),
                    Kind::Service => cluster.services.extend(service(name, body)),
                    _ => {}
                }
                if (node.id.kind, object.key.kind) == (NodeKind::Wiring, Kind::Service) {
                    let port = body["spec"]["ports"][0]["port"].as_i64();
                    let inner = container_port(&node.id.name, plan);
                    cluster
                        .ports
                        .extend(port.zip(inner).map(|ports| (name, ports)));
                }
            }
        }
        cluster
    }

    /// The texts of a ConfigMap of the application; none of another one.
    pub fn config_map(&self, name: &str) -> BTreeMap<String, String> {
        self.config_maps.get(name).cloned().unwrap_or_default()
    }

    /// The port of a service's container, by the name of its Service.
    pub fn container_port(&self, service: &str) -> Option<i64> {
        self.ports.get(service).map(|(_, inner)| *inner)
    }

    /// A text with the ports of containers in its URLs: there is no Service in front of one in
    /// Compose.
    pub fn at_container_port(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, (port, inner)) in self.ports.iter().filter(|(_, (port, inner))| port != inner) {
            let address = format!("://{name}");
            let moved = format!("://{name}:{inner}");
            let stated = format!("{address}:{port}");
            if text.contains(&stated) {
                text = text.replace(&stated, &moved);
            } else if *port == 80 && text == format!("http{address}") {
                text = format!("http{moved}");
            }
        }
        text
    }

    /// The names by which pods are known in the cluster.
    pub fn aliases(&self, pods: &Pods) -> Vec<String> {
        let labels = &pods.template["metadata"]["labels"];
        let selects = |it: &&Service| it.selector.iter().all(|(key, value)| labels[key] == *value);
        let mut names = BTreeSet::new();
        for service in self.services.iter().filter(selects) {
            names.insert(service.name.to_owned());
            if service.is_headless {
                names.insert(format!("{}-0.{}", pods.name, service.name));
            }
        }
        let namespace = self.namespace;
        let whole = |name: &String| {
            [
                name.clone(),
                format!("{name}.{namespace}"),
                format!("{name}.{namespace}.svc"),
                format!("{name}.{namespace}.svc.cluster.local"),
            ]
        };
        names.iter().flat_map(whole).collect()
    }
}

fn data(config_map: &Value) -> BTreeMap<String, String> {
    let data = config_map["data"].as_object().into_iter().flatten();
    data.map(|(key, text)| (key.clone(), said(text).to_owned()))
        .collect()
}

fn service<'a>(name: &'a str, body: &'a Value) -> Option<Service<'a>> {
    Some(Service {
        name,
        selector: body["spec"]["selector"].as_object()?,
        is_headless: body["spec"]["clusterIP"] == "None",
    })
}

fn container_port(service: &str, plan: &Plan) -> Option<i64> {
    let mut nodes = plan.nodes.values();
    let node = nodes.find(|node| node.id.kind == NodeKind::Service && node.id.name == service)?;
    let Body::Apply(body) = &node.primary()?.body else {
        return None;
    };
    body.pointer("/spec/template/spec/containers/0/ports/0/containerPort")?
        .as_i64()
}
