//! The NetworkPolicy of a service: who may reach its pods, and whom they may reach.
//!
//! It is around all of its pods, those of its migrations and of its seed, too: they run the
//! same program with the same rights.

use std::collections::BTreeSet;

use k8s_openapi::api::networking::v1::{
    NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPort,
};
use serde_json::Value;

use super::graph::PlannedObject;
use super::wall::{self, Wall, from, here, tcp, to};
use super::wanted::{SERVICE, Wanted};
use super::{mesh, vault};
use crate::api::objects::Kind;
use crate::validate::{Egress, Walls};

/// The policy; none where the app wants no walls.
pub(super) fn network_policy(wanted: &Wanted) -> Option<PlannedObject> {
    let walls = wanted.app.walls.as_ref()?;
    let wall = Wall {
        name: wanted.name(),
        component: SERVICE,
        pods: wall::pods(wanted.app, [wanted.name().to_owned()]),
        ingress: ingress(wanted, walls),
        egress: Some(egress(wanted)),
    };
    wall.planned(wanted.app)
}

/// The kubelet's probes are not among it: they come from the pod's own node, which no policy
/// shuts off (kubernetes.io, "Network Policies").
fn ingress(wanted: &Wanted, walls: &Walls) -> Vec<NetworkPolicyIngressRule> {
    let port = port(wanted).unwrap_or_default();
    let further = further_ports(wanted).into_iter().map(tcp);
    let metrics: Vec<_> = port.iter().cloned().chain(further).collect();
    let mut rules = Vec::new();
    if !port.is_empty() {
        rules.extend(wanted.guests.rules(wanted.app, walls, &port));
        if wanted.service.service_type != "ClusterIP" {
            rules.push(wall::from_everywhere(port));
        }
    }
    if !metrics.is_empty() {
        rules.extend(from(walls.metrics.clone(), metrics));
    }
    if keeps_files(wanted) {
        rules.extend(from(vec![itself(wanted)], Vec::new()));
    }
    rules
}

fn egress(wanted: &Wanted) -> Vec<NetworkPolicyEgressRule> {
    let further = match &wanted.service.egress {
        Egress::Allow => return vec![NetworkPolicyEgressRule::default()],
        Egress::Internet => vec![wall::internet()],
        Egress::Deny => Vec::new(),
        Egress::Targets(targets) => targets.clone(),
    };
    let calls = wanted
        .calls
        .iter()
        .map(|(name, port)| wall::to_service(wanted.app, name, *port));
    let mut rules = vec![wall::names_of_hosts()];
    rules.extend(calls);
    rules.extend(wanted.bindings.reaches.iter().cloned());
    rules.extend(mesh::way(wanted.app));
    rules.extend(wanted.service.vault.as_ref().map(|_| vault::way()));
    if keeps_files(wanted) {
        rules.push(to(vec![itself(wanted)], Vec::new()));
    }
    rules.extend(further);
    rules
}

/// The container's port: a policy sees a packet when its Service has sent it on.
fn port(wanted: &Wanted) -> Option<Vec<NetworkPolicyPort>> {
    wanted.address()?;
    Some(mesh::ports(wanted.app, wanted.service.port?))
}

/// Whether its pods are members that know one another by name. What ports they speak at, no
/// manifest says.
fn keeps_files(wanted: &Wanted) -> bool {
    wanted.workload() == Kind::StatefulSet
}

fn itself(wanted: &Wanted) -> k8s_openapi::api::networking::v1::NetworkPolicyPeer {
    here(wall::pods(wanted.app, [wanted.name().to_owned()]))
}

/// The ports of TCP that a `podTemplate` adds, as that of a sidecar with metrics.
fn further_ports(wanted: &Wanted) -> BTreeSet<i32> {
    let template = wanted.service.pod_template.as_ref();
    let containers = template.and_then(|patch| patch.pointer("/spec/containers"));
    let containers = containers.and_then(Value::as_array).into_iter().flatten();
    let ports = containers.filter_map(|container| container["ports"].as_array());
    let tcp = |port: &&Value| port["protocol"].as_str().is_none_or(|it| it == "TCP");
    let number = |port: &Value| port["containerPort"].as_i64()?.try_into().ok();
    ports.flatten().filter(tcp).filter_map(number).collect()
}
