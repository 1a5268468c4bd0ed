//! The service mesh of an app: which pods join it, who may call whom in it, and how a call is
//! waited for and tried again.
//!
//! ```text
//! graph ──callers──▶ Member ──istio | linkerd──▶ objects
//! ```
//! Services join it with all their pods that serve or run as the service, and so do the
//! companions. Servers, and Jobs that prepare them, stay outside: they speak their engines' own
//! protocols, with logins of their own, and a proxy in a Job of a migration would be one more
//! thing that can keep data from its next version.

mod istio;
mod linkerd;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyPort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::callers::Guests;
use super::foreign::foreign;
use super::graph::{Held, Node, NodeId, NodeKind, PlannedObject};
use super::nodes::AT_ONCE;
use super::wall::{of_namespace, tcp, to};
use super::wanted::{SERVICE, Wanted};
use super::{Facts, Plan, meta, route};
use crate::api::mesh::Mesh;
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::reason::Reason;
use crate::validate::ValidApp;

/// Pods of the mesh that take calls.
pub(super) struct Member<'a> {
    pub app: &'a ValidApp,
    /// Their name, which their account and their Kubernetes Service have, too.
    pub name: &'a str,
    /// What they are to the app.
    pub component: &'a str,
    /// The port that they listen on.
    pub port: i32,
    /// Who may call them.
    pub guests: &'a Guests,
    /// Whether they are members that know one another, and speak at ports of their own.
    pub members: bool,
    /// How they are called, where that is by plain HTTP.
    pub calls: Option<Calls>,
}

/// How a call is waited for and tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Calls {
    /// How long the whole answer may take.
    pub timeout: Option<Duration>,
    /// How often a call is sent again that cannot have reached a pod.
    pub retries: i32,
}

/// What a mesh needs of Gravity, and what Gravity needs of it.
struct Facets {
    /// What people call it.
    name: &'static str,
    /// The kinds that are made for it.
    kinds: &'static [Kind],
    /// Where its control plane runs by its own instructions, and the ports that proxies ask at.
    control: (&'static str, &'static [i32]),
    /// The port at which a proxy may call another instead of the pod's own.
    transport: Option<i32>,
}

const fn facets(mesh: Mesh) -> Option<Facets> {
    match mesh {
        Mesh::Istio => Some(istio::FACETS),
        Mesh::Linkerd => Some(linkerd::FACETS),
        Mesh::None => None,
    }
}

/// The node of a service that takes calls; `None` where there is no mesh.
pub(super) fn of_service(wanted: &Wanted) -> Option<Node> {
    wanted.address()?;
    let member = Member {
        app: wanted.app,
        name: wanted.name(),
        component: SERVICE,
        port: wanted.service.port?,
        guests: wanted.guests,
        members: wanted.workload() == Kind::StatefulSet,
        calls: route::calls(wanted.app, wanted.service),
    };
    node(&member)
}

/// The node of pods that take calls; `None` where there is no mesh.
pub(super) fn node(member: &Member) -> Option<Node> {
    let objects = match member.app.mesh {
        Mesh::Istio => istio::objects(member),
        Mesh::Linkerd => linkerd::objects(member),
        Mesh::None => return None,
    };
    Some(Node {
        id: NodeId::new(NodeKind::Mesh, member.name),
        service: (member.component == SERVICE).then(|| member.name.to_owned()),
        version: None,
        needs: BTreeSet::new(),
        objects,
        deadline: AT_ONCE,
    })
}

/// The nodes by which nothing can be asked of the mesh, for the cluster does not know its kinds.
/// Services do not start without, for nobody would keep out who may not call them.
pub(super) fn held(plan: &Plan, facts: &Facts) -> BTreeMap<NodeId, Held> {
    let Some(held) = missing(&plan.app, facts) else {
        return BTreeMap::new();
    };
    let nodes = plan.nodes.keys().filter(|id| id.kind == NodeKind::Mesh);
    nodes.map(|id| (id.clone(), held.clone())).collect()
}

fn missing(app: &ValidApp, facts: &Facts) -> Option<Held> {
    let Facets { name, kinds, .. } = facets(app.mesh)?;
    let missing = kinds.iter().find(|kind| facts.missing_kinds.contains(kind));
    let kind = missing?;
    Some(Held {
        reason: Some(Reason::OperatorMissing),
        message: format!(
            "the cluster does not know {kind} ({}), so {name} would keep nobody out: install {name} with its CustomResourceDefinitions, or take mesh: {name} out of the app",
            kind.api_version()
        ),
    })
}

/// Lets the pods of the template join the mesh. What they say to these ports goes past it: there
/// are the servers, which are not of it.
pub(super) fn join(app: &ValidApp, template: &mut PodTemplateSpec, past: &BTreeSet<i32>) {
    let past: Vec<String> = past.iter().map(ToString::to_string).collect();
    let past = past.join(",");
    let marks = match app.mesh {
        Mesh::Istio => istio::marks(past),
        Mesh::Linkerd => linkerd::marks(past),
        Mesh::None => return,
    };
    let metadata = template.metadata.get_or_insert_default();
    let add = |all: &mut Option<BTreeMap<String, String>>, more: Vec<(&str, String)>| {
        let more = more.into_iter().filter(|(_, value)| !value.is_empty());
        let more: Vec<_> = more.map(|(key, value)| (key.to_owned(), value)).collect();
        if !more.is_empty() {
            all.get_or_insert_default().extend(more);
        }
    };
    add(&mut metadata.labels, marks.labels);
    add(&mut metadata.annotations, marks.annotations);
}

/// What tells an injector of a pod; an empty value says nothing.
struct Marks {
    labels: Vec<(&'static str, String)>,
    annotations: Vec<(&'static str, String)>,
}

/// What a person should know of a service in a mesh.
pub(super) fn warnings(wanted: &Wanted) -> Vec<String> {
    let (Some(facets), Some(_)) = (facets(wanted.app.mesh), wanted.address()) else {
        return Vec::new();
    };
    let (mesh, service, name) = (facets.name, wanted.service, wanted.name());
    let mut warnings = Vec::new();
    if service.service_type != "ClusterIP" {
        warnings.push(format!(
            "{name}: service.type {} opens it to everybody outside, and {mesh} keeps out who is not of it, so nobody outside reaches it: take service.type out, and let the gateway lead to it",
            service.service_type
        ));
    }
    let path = service
        .readiness
        .as_ref()
        .and_then(|probe| probe.path.as_ref());
    if wanted.app.mesh == Mesh::Linkerd && path.is_none() {
        warnings.push(format!(
            "{name}: without a path to ask it is ready when its port opens, and that is opened by Linkerd's proxy before the service listens: write health.readiness"
        ));
    }
    warnings
}

/// What the mesh reads at a Kubernetes Service of how it is called.
pub(super) fn of_calls(app: &ValidApp, calls: Option<Calls>) -> BTreeMap<String, String> {
    match (app.mesh, calls) {
        (Mesh::Linkerd, Some(calls)) => linkerd::of_calls(calls),
        _ => BTreeMap::new(),
    }
}

/// The ports that a wall sees of calls to pods that listen on this one.
pub(super) fn ports(app: &ValidApp, port: i32) -> Vec<NetworkPolicyPort> {
    let transport = facets(app.mesh).and_then(|facets| facets.transport);
    std::iter::once(port).chain(transport).map(tcp).collect()
}

/// The way of a proxy to its control plane, for pods with a wall.
pub(super) fn way(app: &ValidApp) -> Option<NetworkPolicyEgressRule> {
    let (namespace, ports) = facets(app.mesh)?.control;
    let ports = ports.iter().map(|port| tcp(*port));
    Some(to(vec![of_namespace(namespace)], ports.collect()))
}

impl Member<'_> {
    /// The labels of the pods.
    fn pods(&self) -> BTreeMap<String, String> {
        names::selector(&self.app.name, self.name)
    }

    /// The accounts of who may call, each with its namespace: pods have one of their own name.
    fn accounts(&self) -> Vec<(&str, &str)> {
        let here = self.app.namespace.as_str();
        let guests = self.guests.pods.iter().map(|name| (here, name.as_str()));
        let gateway = &self.app.gateway.account;
        let gateway = (gateway.namespace.as_str(), gateway.name.as_str());
        let gateway = self.guests.gateway.then_some(gateway);
        let own = self.members.then_some((here, self.name));
        guests.chain(gateway).chain(own).collect()
    }

    fn object(&self, kind: Kind, spec: &Value) -> PlannedObject {
        foreign(self.app, kind, self.meta(), spec)
    }

    fn meta(&self) -> ObjectMeta {
        let labels = names::labels(&self.app.name, self.name, self.component);
        meta::owned(self.app, self.name, labels)
    }
}
