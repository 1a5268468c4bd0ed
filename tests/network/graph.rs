//! What the manifests and the plan say of who needs whom, without a look at any policy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gravity::api::objects::Kind;
use gravity::api::service::{Egress, GravityServiceSpec, ServiceType};
use gravity::manifest::{self, Source};
use gravity::plan::{Body, Facts, NodeKind, Plan, plan};
use gravity::resolve::{Lock, resolve};
use gravity::validate::{catalogue, validate_app};
use serde_json::Value;

use crate::peers::Peer;

/// The servers of which a member speaks to the others of its set, or has ports for that.
const SETS: [&str; 3] = ["consul", "mongodb", "rabbitmq"];

/// An example with its pods and its policies.
pub struct Graph {
    /// The app's name.
    pub app: String,
    services: BTreeMap<String, GravityServiceSpec>,
    /// By the pods' name, the servers that they have a way to.
    servers: BTreeMap<String, BTreeSet<String>>,
    /// By the name of pods, who else has business with them.
    more: BTreeMap<&'static str, Vec<&'static str>>,
    /// Who has business with every service that takes requests.
    asks_all: Option<&'static str>,
    /// The pods of the plan, one of each template.
    pub pods: Vec<Peer>,
    /// The policies of the plan.
    pub policies: Vec<Value>,
}

impl Graph {
    /// Plans the example of that name, as `gravity render` does.
    pub fn of(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(name);
        let mut documents = manifest::read(&[Source::Path(folder)]).unwrap();
        let mut app = documents.apps.remove(0);
        app.metadata.namespace = Some("shop".to_owned());
        let app = Arc::new(validate_app(&app).unwrap());
        let catalogue = catalogue(&documents.services, &app.namespace);
        let resolution =
            resolve(&app, &catalogue, &Lock::new()).unwrap_or_else(|all| panic!("{all}"));
        let plan = plan(&app, &resolution, &Facts::default()).unwrap();
        let services = documents.services.into_iter().map(|each| each.spec);
        let bodies = || bodies(&plan);
        Self {
            app: app.name.clone(),
            services: services.map(|spec| (spec.name.clone(), spec)).collect(),
            servers: servers(&plan),
            more: BTreeMap::new(),
            asks_all: None,
            pods: pods(bodies()),
            policies: bodies()
                .filter(|body| body["kind"] == "NetworkPolicy")
                .cloned()
                .collect(),
        }
    }

    /// With edges that the manifests do not name, and one who asks every service.
    pub fn with(
        self,
        more: BTreeMap<&'static str, Vec<&'static str>>,
        asks_all: &'static str,
    ) -> Self {
        Self {
            more,
            asks_all: Some(asks_all),
            ..self
        }
    }

    /// Whether somebody has business with a pod of the app at a port.
    pub fn allows(&self, from: &Peer, to: &Peer, port: u16) -> bool {
        let (name, asked) = (to.label_name(), to.port == Some(port));
        let more = self.more.get(name).into_iter().flatten();
        if asked && more.into_iter().any(|who| self.is(from, who)) {
            return true;
        }
        let is_member = self.is_inside(from) && from.label_name() == name;
        if let Some(service) = self.services.get(name) {
            let keeps_files = !service.storage.is_empty();
            let asks_all = self.asks_all.is_some_and(|who| self.is(from, who));
            let calls = asks_all || self.calls(from, service);
            let calls = asked && takes_requests(service) && calls;
            return calls || is_member && keeps_files;
        }
        let is_server = to.name.starts_with("StatefulSet");
        let is_set = is_server && SETS.iter().any(|engine| name.contains(engine));
        let ways = self.servers.get(from.label_name());
        let owns = self.is_inside(from) && ways.is_some_and(|ways| ways.contains(name));
        is_member && is_set || owns && asked
    }

    fn calls(&self, from: &Peer, service: &GravityServiceSpec) -> bool {
        let routed = service.api.as_ref().is_some_and(|api| api.prefix.is_some());
        match from.name.as_str() {
            "gateway" => return routed,
            "scraper" => return true,
            _ => {}
        }
        let caller = self
            .services
            .get(from.label_name())
            .filter(|_| self.is_inside(from));
        caller.is_some_and(|caller| {
            caller
                .dependencies
                .iter()
                .any(|each| each.name == service.name)
        })
    }

    /// Whether a pod of the app has business with somebody who is not of it.
    pub fn lets_out(&self, from: &Peer, to: &Peer) -> bool {
        let internet = [
            "the internet",
            "the internet by IPv6",
            "a server of names in the internet",
        ];
        let service = self.services.get(from.label_name());
        let deny = Some(Egress::Word("deny".to_owned()));
        let calls_out = service.is_some_and(|service| service.egress != deny);
        to.is_dns() || internet.contains(&to.name.as_str()) && calls_out
    }

    /// Whether it is the pod of the app, or else the outsider, of that name.
    fn is(&self, peer: &Peer, name: &str) -> bool {
        peer.name == name || self.is_inside(peer) && peer.label_name() == name
    }

    fn is_inside(&self, peer: &Peer) -> bool {
        self.pods.iter().any(|pod| pod.name == peer.name)
    }
}

fn takes_requests(service: &GravityServiceSpec) -> bool {
    !matches!(service.type_, Some(ServiceType::Cron | ServiceType::Job))
}

/// Services have the servers that their logins lead to, and Jobs those that they wait for.
fn servers(plan: &Plan) -> BTreeMap<String, BTreeSet<String>> {
    let mut servers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |name: &str, server: &str| {
        servers
            .entry(name.to_owned())
            .or_default()
            .insert(server.to_owned());
    };
    for node in plan.nodes.values() {
        for object in &node.objects {
            if let (Body::Create { stated, .. }, Some(service)) = (&object.body, &node.service)
                && let Some(host) = stated["stringData"]["host"].as_str()
            {
                add(service, host);
            }
        }
        if node.id.kind == NodeKind::Provisioning {
            let needs = node
                .needs
                .iter()
                .filter(|need| need.kind == NodeKind::Server);
            needs.for_each(|need| add(&node.id.name, &need.name));
        }
    }
    servers
}

fn bodies(plan: &Plan) -> impl Iterator<Item = &Value> {
    let objects = plan.nodes.values().flat_map(|node| &node.objects);
    objects.filter_map(|object| match &object.body {
        Body::Apply(body) => Some(body),
        Body::Create { .. } => None,
    })
}

/// A pod of each template.
fn pods<'a>(bodies: impl Iterator<Item = &'a Value>) -> Vec<Peer> {
    let workloads = bodies.filter(|body| {
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| body["kind"] == kind.to_string());
        kind.is_some_and(Kind::is_workload)
    });
    let pod = |(index, body): (usize, &Value)| {
        let paths = ["/spec/template", "/spec/jobTemplate/spec/template"];
        let template = paths.iter().find_map(|path| body.pointer(path)).unwrap();
        let port = &template["spec"]["containers"][0]["ports"][0]["containerPort"];
        Peer {
            name: format!(
                "{} {}",
                body["kind"].as_str().unwrap(),
                body["metadata"]["name"].as_str().unwrap()
            ),
            namespace: Some("shop"),
            labels: serde_json::from_value(template["metadata"]["labels"].clone()).unwrap(),
            port: port.as_u64().and_then(|port| port.try_into().ok()),
            address: format!("10.200.{}.{}", index / 250, index % 250 + 1),
        }
    };
    workloads.enumerate().map(pod).collect()
}
