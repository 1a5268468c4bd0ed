//! The simulated node.

use k8s_openapi::api::core::v1::{
    Node, NodeAddress, NodeCondition, NodeSpec, NodeStatus, NodeSystemInfo,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};

use crate::Error;

/// The node's name, as pods show it.
pub(crate) const NAME: &str = "simulated";

/// Registers the node the way a kubelet does: with its status, ready from the start.
/// In a folder that is taken up again it is already there.
pub(crate) async fn register(client: &Client) -> Result<(), Error> {
    match Api::<Node>::all(client.clone())
        .create(&PostParams::default(), &node())
        .await
    {
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
        result => result
            .map(drop)
            .map_err(Error::api("the simulated node was not registered")),
    }
}

/// Whether pods are scheduled to the node of this name: there, ready, and free of the taint
/// that the API server gives to every new node.
pub(crate) async fn takes_pods(client: &Client, name: &str) -> Result<bool, Error> {
    let nodes = Api::<Node>::all(client.clone());
    let node = nodes
        .get_opt(name)
        .await
        .map_err(Error::api(format!("the node {name} was not read")))?;
    Ok(node.is_some_and(|node| is_ready(&node) && !is_tainted(&node)))
}

fn is_ready(node: &Node) -> bool {
    let conditions = node.status.iter().flat_map(|status| &status.conditions);
    conditions
        .flatten()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn is_tainted(node: &Node) -> bool {
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_ref());
    taints.is_some_and(|taints| !taints.is_empty())
}

fn node() -> Node {
    Node {
        metadata: ObjectMeta {
            name: Some(NAME.into()),
            labels: Some(labels()),
            ..ObjectMeta::default()
        },
        spec: Some(NodeSpec {
            pod_cidr: Some("10.244.0.0/16".into()),
            ..NodeSpec::default()
        }),
        status: Some(NodeStatus {
            addresses: Some(vec![
                address("InternalIP", "127.0.0.1"),
                address("Hostname", NAME),
            ]),
            allocatable: Some(capacity()),
            capacity: Some(capacity()),
            conditions: Some(vec![ready()]),
            node_info: Some(system()),
            // The heartbeat's stage looks for it.
            phase: Some("Running".into()),
            ..NodeStatus::default()
        }),
    }
}

fn labels() -> std::collections::BTreeMap<String, String> {
    let labels = [
        ("kubernetes.io/hostname", NAME),
        ("kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("topology.kubernetes.io/zone", "simulated-a"),
    ];
    labels.map(|(key, value)| (key.into(), value.into())).into()
}

/// Enough that no test runs into it.
fn capacity() -> std::collections::BTreeMap<String, Quantity> {
    let capacity = [
        ("cpu", "1000"),
        ("memory", "1000Gi"),
        ("pods", "1000"),
        ("ephemeral-storage", "1000Gi"),
    ];
    capacity
        .map(|(resource, amount)| (resource.into(), Quantity(amount.into())))
        .into()
}

fn address(type_: &str, address: &str) -> NodeAddress {
    NodeAddress {
        type_: type_.into(),
        address: address.into(),
    }
}

fn ready() -> NodeCondition {
    let now = Some(Time(Timestamp::now()));
    NodeCondition {
        type_: "Ready".into(),
        status: "True".into(),
        reason: Some("KubeletReady".into()),
        message: Some("simulated by KWOK".into()),
        last_heartbeat_time: now.clone(),
        last_transition_time: now,
    }
}

fn system() -> NodeSystemInfo {
    NodeSystemInfo {
        architecture: "amd64".into(),
        operating_system: "linux".into(),
        kubelet_version: "simulated".into(),
        ..NodeSystemInfo::default()
    }
}
