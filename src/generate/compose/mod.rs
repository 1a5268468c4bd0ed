//! A Compose file: the same application for a machine without Kubernetes.
//!
//! ```text
//! Plan ──secrets──▶ values, of which the made ones are variables of `.env`
//!   ├──pods─────▶ services, configs, secrets, volumes
//!   ├──needs────▶ depends_on
//!   └──routes───▶ Traefik with a file of the same routers and middlewares
//! ```
//! It is made of the objects that the cluster would get, so variables, migrations, graph and
//! routes are the same. Each service answers by the names that it has in the cluster.

mod cluster;
mod dev;
mod gateway;
mod health;
mod mounts;
mod pod;
mod source;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

pub use dev::{Source, reloading, workdir};
use serde_json::{Map, Value, json};

use super::{Files, MARK, Make};
use crate::api::objects::Kind;
use crate::manifest::yaml;
use crate::plan::{Body, Node, NodeId, NodeKind, Plan, PlannedObject, SOURCE_CONTAINER};
use cluster::Cluster;
use values::Values;

/// The Compose file.
pub const COMPOSE_FILE: &str = "compose.yaml";
/// The file of the passwords, as Compose reads it.
pub const ENV_FILE: &str = ".env";
/// How a service is restarted that is not to end.
const KEEPS_RUNNING: &str = "unless-stopped";
/// The one network.
const NETWORK: &str = "gravity";

/// What a person should know of the files.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Variables of `.env` that only a person can fill.
    pub to_fill: Vec<String>,
    /// What Compose does otherwise than a cluster.
    pub notes: Vec<String>,
}

/// The files. `env` is the `.env` of an earlier time, whose lines stay. `sources` are the
/// folders of services by their names, where they are to be developed.
///
/// # Errors
/// Those of `make`.
pub fn files<E: Display>(
    plan: &Plan,
    env: &str,
    sources: &BTreeMap<String, Source>,
    make: Make<'_, E>,
) -> Result<(Files, Told), E> {
    let mut values = Values::of(plan, env);
    let cluster = Cluster::of(plan);
    let mut compose = Compose {
        reserved: plan.services.keys().cloned().collect(),
        ..Compose::default()
    };
    for node in plan.order() {
        for object in &node.objects {
            if let (Some(body), Some(template)) = (body(object), template(object)) {
                let needs = needs(node, plan);
                let pods = pod::Pods {
                    name: &compose.name(node, &object.key.name),
                    kind: object.key.kind,
                    body,
                    template,
                    node,
                };
                compose.add(&pods, needs, &cluster, &mut values);
            }
        }
    }
    compose.depend(plan);
    for (name, source) in sources {
        if let Some(service) = compose.services.get_mut(name) {
            source.develop(service);
        }
    }
    gateway::add(&mut compose, plan, &cluster, &mut values);
    let told = Told {
        to_fill: values.to_fill(),
        notes: std::mem::take(&mut compose.notes),
    };
    let mut files = Files::new();
    files.insert(COMPOSE_FILE.to_owned(), compose.text(plan));
    files.insert(ENV_FILE.to_owned(), values.env(make)?);
    files.insert(
        ".gitignore".to_owned(),
        format!("# Passwords.\n{ENV_FILE}\n"),
    );
    Ok((files, told))
}

/// The Compose file in the making.
#[derive(Default)]
struct Compose {
    services: BTreeMap<String, Map<String, Value>>,
    /// The names of the application's services: nothing else has one of them.
    reserved: BTreeSet<String>,
    configs: BTreeMap<String, Value>,
    secrets: BTreeMap<String, Value>,
    volumes: BTreeSet<String>,
    /// Which services of Compose a node is made of.
    of_node: BTreeMap<NodeId, Vec<String>>,
    needs: BTreeMap<String, Vec<NodeId>>,
    /// Which service fetches the source of another.
    sources: BTreeMap<String, String>,
    notes: Vec<String>,
}

impl Compose {
    /// Adds the pods of a workload.
    fn add(
        &mut self,
        pods: &pod::Pods,
        needs: Vec<NodeId>,
        cluster: &Cluster,
        values: &mut Values,
    ) {
        let made = pod::service(pods, cluster, values);
        let name = pods.name.to_owned();
        self.configs.extend(made.configs);
        self.secrets.extend(made.secrets);
        self.volumes.extend(made.volumes);
        self.notes.extend(made.notes);
        if let Some(source) = made.source {
            let first = self.free(format!("{name}-{SOURCE_CONTAINER}"));
            self.services.insert(first.clone(), source);
            self.sources.insert(name.clone(), first);
        }
        self.services.insert(name.clone(), made.service);
        let of_node = self.of_node.entry(pods.node.id.clone()).or_default();
        of_node.push(name.clone());
        self.needs.insert(name, needs);
    }

    /// What it is called. The Jobs of a cluster have names that change with what they do.
    fn name(&self, node: &Node, object: &str) -> String {
        match node.id.kind {
            NodeKind::Service => node.id.name.clone(),
            NodeKind::Provisioning => self.free(node.id.name.clone()),
            NodeKind::Migration | NodeKind::Seed => {
                self.free(format!("{}-{}", node.id.name, node.id.kind.word()))
            }
            _ => self.free(object.to_owned()),
        }
    }

    /// A name that neither a service of the application has, nor anything else here.
    fn free(&self, wanted: String) -> String {
        let mut name = wanted;
        while self.reserved.contains(&name) || self.services.contains_key(&name) {
            name += "-of-gravity";
        }
        name
    }

    /// Says of each service which others come before it, and how far these must be.
    fn depend(&mut self, plan: &Plan) {
        let states: BTreeMap<String, &str> = self
            .services
            .iter()
            .map(|(name, service)| (name.clone(), condition(service)))
            .collect();
        for (name, needs) in std::mem::take(&mut self.needs) {
            let mut all = Map::new();
            for need in needs
                .iter()
                .flat_map(|need| self.of_node.get(need))
                .flatten()
            {
                if let Some(condition) = states.get(need).filter(|_| *need != name) {
                    all.insert(need.clone(), json!({"condition": condition}));
                }
            }
            if let Some(source) = self.sources.get(&name) {
                let done = states.get(source).copied().unwrap_or_default();
                all.insert(source.clone(), json!({"condition": done}));
            }
            if let (false, Some(service)) = (all.is_empty(), self.services.get_mut(&name)) {
                service.insert("depends_on".to_owned(), Value::Object(all));
            }
        }
        if plan.nodes.keys().any(|id| id.kind == NodeKind::Backup) {
            self.notes
                .push("backups are not made by Compose".to_owned());
        }
    }

    fn text(&self, plan: &Plan) -> String {
        let volumes: Map<String, Value> = self
            .volumes
            .iter()
            .map(|name| (name.clone(), json!({})))
            .collect();
        let mut file = json!({
            "name": plan.app.name,
            "services": self.services,
            "networks": {NETWORK: {}},
        });
        let parts = [
            ("configs", json!(self.configs)),
            ("secrets", json!(self.secrets)),
            ("volumes", Value::Object(volumes)),
        ];
        for (name, part) in parts {
            if part.as_object().is_some_and(|part| !part.is_empty()) {
                file[name] = part;
            }
        }
        format!(
            "# {MARK}: change what it was made from.\n# Passwords are in {ENV_FILE}, and stay when it is made anew.\n{}",
            yaml::to_string(&file)
        )
    }
}

/// How far a service must be for those that need it.
fn condition(service: &Map<String, Value>) -> &'static str {
    if service.get("restart").is_some_and(|it| it != KEEPS_RUNNING) {
        "service_completed_successfully"
    } else if service.contains_key("healthcheck") {
        "service_healthy"
    } else {
        "service_started"
    }
}

fn body(object: &PlannedObject) -> Option<&Value> {
    match &object.body {
        Body::Apply(body) => Some(body),
        Body::Create { .. } => None,
    }
}

/// The pods of a workload; those of backups belong to the cluster's schedule.
fn template(object: &PlannedObject) -> Option<&Value> {
    let body = body(object)?;
    match object.key.kind {
        Kind::Deployment | Kind::StatefulSet | Kind::Job => Some(&body["spec"]["template"]),
        Kind::CronJob => Some(&body["spec"]["jobTemplate"]["spec"]["template"]),
        _ => None,
    }
}

/// The nodes that come before one, with those behind nodes that have no pods.
fn needs(node: &Node, plan: &Plan) -> Vec<NodeId> {
    let has_pods = |id: &NodeId| {
        let node = plan.nodes.get(id);
        node.is_some_and(|node| node.objects.iter().any(|it| template(it).is_some()))
    };
    let mut found = BTreeSet::new();
    let mut open: Vec<&NodeId> = node.needs.iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        if has_pods(id) {
            found.insert(id.clone());
        } else if let Some(inner) = plan.nodes.get(id) {
            open.extend(&inner.needs);
        }
    }
    found.into_iter().collect()
}
