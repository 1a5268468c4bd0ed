//! The companions of an app's way in: processes of Gravity's own image that stand beside its
//! services. An authenticator where a token or a key is checked, and one that tells how the app
//! is where a path for that is asked for.

mod authenticator;
mod deployment;
mod health;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(super) use authenticator::{ROLE as AUTHENTICATOR, authenticator, is_asked, keys_host};
pub(super) use health::{ROLE as HEALTH, health};
use k8s_openapi::api::core::v1::{
    ConfigMap, EnvVar, Service, ServiceAccount, ServicePort, ServiceSpec, Volume, VolumeMount,
};
use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;

use super::callers::Guests;
use super::graph::{Node, NodeId, NodeKind, PlannedObject};
use super::mesh::{self, Member};
use super::meta;
use super::wall::{self, Wall};
use crate::api::names;
use crate::api::objects::Kind;
use crate::validate::{Access, ValidApp};

/// How long one may take to be ready: an image is fetched.
const PATIENCE: Duration = Duration::from_mins(5);
/// The port of a companion.
pub(super) const PORT: i32 = 8_080;
/// The name of that port.
const PORT_NAME: &str = "http";
/// Where its settings are.
const FOLDER: &str = "/etc/gravity";
/// The file of its settings.
const FILE: &str = "settings.json";

/// One companion.
struct Companion<'a> {
    app: &'a ValidApp,
    /// What it is to the app, which is also its verb: authenticator or health.
    role: &'static str,
    /// Its settings, as JSON.
    settings: String,
    replicas: i32,
    image: &'a str,
    variables: Vec<EnvVar>,
    volumes: Vec<(Volume, VolumeMount)>,
    /// What else its pods are to be started anew for.
    follows: Vec<String>,
    /// Whom it asks.
    egress: Vec<NetworkPolicyEgressRule>,
    /// The ports of servers that it asks, which are not of a mesh.
    past_mesh: BTreeSet<i32>,
}

/// The name of an app's companion.
pub(super) fn name(app: &ValidApp, role: &str) -> String {
    names::derived(&[&app.name, role], names::LABEL_LIMIT)
}

/// The node of an app's companion.
pub(super) fn id(app: &ValidApp, role: &str) -> NodeId {
    NodeId::new(NodeKind::Companion, name(app, role))
}

/// The policy by which everybody may come in. No service can be called so: those of services have
/// a dot.
pub(super) const OPEN: &str = "open";

/// Where a gateway asks whether a request may come in by that policy.
pub(super) fn check_url(app: &ValidApp, policy: &str) -> String {
    let name = name(app, authenticator::ROLE);
    format!("http://{name}.{}.svc:{PORT}/check/{policy}", app.namespace)
}

/// The headers of a request that whoever checks is sent: those that it looks at, and no
/// password that is for somebody else. All of them when empty.
pub(super) fn asked_headers(access: &Access) -> Vec<String> {
    let token = |cookie: Option<&String>| match cookie {
        Some(_) => vec!["Cookie".to_owned()],
        None => vec!["Authorization".to_owned()],
    };
    match access {
        Access::Everybody | Access::Basic(_) | Access::Forward(_) => Vec::new(),
        Access::Jwt(jwt) => token(jwt.cookie.as_ref()),
        Access::TokenCheck(_) => token(None),
        Access::ApiKey(keys) => vec![keys.header.clone()],
    }
}

/// Settings as the file has them.
fn json(settings: &impl Serialize) -> String {
    let value = meta::value(settings);
    // A person reads it in the ConfigMap.
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

impl Companion<'_> {
    /// Its nodes: what a mesh is told of it comes before its pods.
    fn nodes(&self, mut needs: BTreeSet<NodeId>) -> Vec<Node> {
        let name = self.name();
        let guests = Guests {
            pods: BTreeSet::new(),
            gateway: true,
        };
        let mesh = mesh::node(&Member {
            app: self.app,
            name: &name,
            component: self.role,
            port: PORT,
            guests: &guests,
            members: false,
            calls: None,
        });
        needs.extend(mesh.iter().map(|node| node.id.clone()));
        let own = Node {
            id: id(self.app, self.role),
            service: None,
            version: None,
            needs,
            objects: self.objects(),
            deadline: PATIENCE,
        };
        mesh.into_iter().chain([own]).collect()
    }

    fn name(&self) -> String {
        name(self.app, self.role)
    }

    fn labels(&self) -> BTreeMap<String, String> {
        names::labels(&self.app.name, &self.name(), self.role)
    }

    /// Its objects: what its pods need comes before them.
    fn objects(&self) -> Vec<PlannedObject> {
        let mut objects = vec![self.account(), self.config_map(), self.service()];
        objects.extend(self.wall());
        objects.extend(deployment::disruption_budget(self));
        objects.push(deployment::deployment(self));
        objects
    }

    /// It has no right, and by it a mesh knows who calls.
    fn account(&self) -> PlannedObject {
        let name = self.name();
        let object = ServiceAccount {
            metadata: meta::owned(self.app, &name, self.labels()),
            automount_service_account_token: Some(false),
            ..ServiceAccount::default()
        };
        meta::planned(self.app, Kind::ServiceAccount, &name, &object)
    }

    fn config_map(&self) -> PlannedObject {
        let name = self.name();
        let object = ConfigMap {
            metadata: meta::owned(self.app, &name, self.labels()),
            data: Some(BTreeMap::from([(FILE.to_owned(), self.settings.clone())])),
            ..ConfigMap::default()
        };
        meta::planned(self.app, Kind::ConfigMap, &name, &object)
    }

    /// The gateway comes to it, and who reads metrics.
    fn wall(&self) -> Option<PlannedObject> {
        let walls = self.app.walls.as_ref()?;
        let name = self.name();
        let names = std::iter::once(wall::names_of_hosts());
        let wall = Wall {
            name: &name,
            component: self.role,
            pods: wall::pods(self.app, [name.clone()]),
            ingress: [walls.gateway.clone(), walls.metrics.clone()]
                .into_iter()
                .filter_map(|peers| wall::from(peers, mesh::ports(self.app, PORT)))
                .collect(),
            egress: Some(
                names
                    .chain(self.egress.iter().cloned())
                    .chain(mesh::way(self.app))
                    .collect(),
            ),
        };
        wall.planned(self.app)
    }

    fn service(&self) -> PlannedObject {
        let name = self.name();
        let object = Service {
            metadata: meta::owned(self.app, &name, self.labels()),
            spec: Some(ServiceSpec {
                type_: Some("ClusterIP".to_owned()),
                selector: Some(names::selector(&self.app.name, &name)),
                ports: Some(vec![ServicePort {
                    name: Some(PORT_NAME.to_owned()),
                    port: PORT,
                    target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
                    protocol: Some("TCP".to_owned()),
                    app_protocol: Some("http".to_owned()),
                    ..ServicePort::default()
                }]),
                ..ServiceSpec::default()
            }),
            ..Service::default()
        };
        meta::planned(self.app, Kind::Service, &name, &object)
    }
}
