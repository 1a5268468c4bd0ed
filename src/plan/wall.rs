//! A wall: the NetworkPolicy around pods of one name, and the rules that it is made of.
//!
//! Each wall shuts its own pods off, both ways, and says itself what they may do. No policy
//! shuts anything off for others, so there is no order of writes and deletions in which a pod
//! is shut off and has its rights still to come. To put a wall around further pods is one more
//! [`Wall`], and to let them in somewhere one more rule of the wall there.

use core::net::IpAddr;

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::graph::PlannedObject;
use super::{mesh, meta};
use crate::api::names;
use crate::api::objects::Kind;
use crate::validate::ValidApp;

/// Every address of either family.
const EVERYWHERE: [&str; 2] = ["0.0.0.0/0", "::/0"];
/// Addresses that are private (RFC 1918, RFC 6598, RFC 4193) or of one link only (RFC 3927,
/// RFC 4291): pods, Services, nodes, the machines beside them, and at 169.254.169.254 what a
/// cloud tells a machine of itself, with its credentials. Azure's own is at an address of its
/// public ones (learn.microsoft.com, "What is IP address 168.63.129.16?").
const PRIVATE_V4: [&str; 6] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
];
const PRIVATE_V6: [&str; 2] = ["fc00::/7", "fe80::/10"];
/// Where names are looked up: DNS (RFC 1035), and at the pods of OpenShift's.
const DNS_PORTS: [i32; 2] = [53, 5353];

/// A policy in the making.
pub(super) struct Wall<'a> {
    /// The policy's name.
    pub name: &'a str,
    /// What its pods are to the app.
    pub component: &'a str,
    /// The pods.
    pub pods: LabelSelector,
    /// Who may reach them.
    pub ingress: Vec<NetworkPolicyIngressRule>,
    /// Whom they may reach; `None` leaves that open.
    pub egress: Option<Vec<NetworkPolicyEgressRule>>,
}

impl Wall<'_> {
    /// The policy; none where the app wants no walls.
    pub fn planned(self, app: &ValidApp) -> Option<PlannedObject> {
        app.walls.as_ref()?;
        let Self {
            name,
            component,
            pods,
            ingress,
            egress,
        } = self;
        let types = ["Ingress"]
            .into_iter()
            .chain(egress.as_ref().map(|_| "Egress"));
        let policy = NetworkPolicy {
            metadata: meta::owned(app, name, names::labels(&app.name, name, component)),
            spec: Some(NetworkPolicySpec {
                pod_selector: Some(pods),
                policy_types: Some(types.map(str::to_owned).collect()),
                // An empty list is written, too, or a rule that somebody adds would be none of
                // ours to take out.
                ingress: Some(ingress),
                egress,
            }),
        };
        Some(meta::planned(app, Kind::NetworkPolicy, name, &policy))
    }
}

/// The pods of the app that have one of these names. Of pods that others made beside the app
/// none is meant, so its manager is asked for as well.
pub(super) fn pods(app: &ValidApp, names: impl IntoIterator<Item = String>) -> LabelSelector {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    let mut labels: std::collections::BTreeMap<String, String> = [
        (names::INSTANCE_LABEL, app.name.as_str()),
        (names::MANAGED_BY_LABEL, names::FIELD_MANAGER),
    ]
    .map(|(label, value)| (label.to_owned(), value.to_owned()))
    .into();
    let mut several = None;
    if let [name] = names.as_slice() {
        labels.insert(names::NAME_LABEL.to_owned(), name.clone());
    } else {
        several = Some(vec![LabelSelectorRequirement {
            key: names::NAME_LABEL.to_owned(),
            operator: "In".to_owned(),
            values: Some(names),
        }]);
    }
    LabelSelector {
        match_labels: Some(labels),
        match_expressions: several,
    }
}

/// Pods of the app's namespace.
pub(super) fn here(pods: LabelSelector) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        pod_selector: Some(pods),
        ..NetworkPolicyPeer::default()
    }
}

/// Lets them in at these ports; at all where none is named. Nobody is let in where nobody is
/// named, for an empty list would be everybody.
pub(super) fn from(
    peers: Vec<NetworkPolicyPeer>,
    ports: Vec<NetworkPolicyPort>,
) -> Option<NetworkPolicyIngressRule> {
    (!peers.is_empty()).then(|| NetworkPolicyIngressRule {
        from: Some(peers),
        ports: (!ports.is_empty()).then_some(ports),
    })
}

/// Lets everybody in at these ports.
pub(super) fn from_everywhere(ports: Vec<NetworkPolicyPort>) -> NetworkPolicyIngressRule {
    NetworkPolicyIngressRule {
        from: None,
        ports: Some(ports),
    }
}

/// Lets the pods reach them at these ports; at all where none is named.
pub(super) fn to(
    peers: Vec<NetworkPolicyPeer>,
    ports: Vec<NetworkPolicyPort>,
) -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule {
        to: Some(peers),
        ports: (!ports.is_empty()).then_some(ports),
    }
}

/// Lets the pods reach those of a service of the app, at the port that they listen on.
pub(super) fn to_service(app: &ValidApp, name: &str, port: i32) -> NetworkPolicyEgressRule {
    to(
        vec![here(pods(app, [name.to_owned()]))],
        mesh::ports(app, port),
    )
}

/// A port of TCP, by its number: not every network plugin knows the names of ports.
pub(super) fn tcp(port: i32) -> NetworkPolicyPort {
    port_of("TCP", port)
}

fn port_of(protocol: &str, port: i32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(port)),
        protocol: Some(protocol.to_owned()),
        end_port: None,
    }
}

/// Whoever answers for names: any pod, for clusters call and place theirs as they like, and
/// the private addresses, for a node may have a cache of its own (NodeLocal DNSCache). Not the
/// internet, where a server of names would be a way out.
pub(super) fn names_of_hosts() -> NetworkPolicyEgressRule {
    let pods = NetworkPolicyPeer {
        namespace_selector: Some(LabelSelector::default()),
        ..NetworkPolicyPeer::default()
    };
    let private = PRIVATE_V4.iter().chain(&PRIVATE_V6);
    let private = private.map(|range| block(range, &[]));
    let ports = DNS_PORTS.map(|port| ["UDP", "TCP"].map(|protocol| port_of(protocol, port)));
    to(
        std::iter::once(pods).chain(private).collect(),
        ports.into_iter().flatten().collect(),
    )
}

/// Every public address.
pub(super) fn internet() -> NetworkPolicyEgressRule {
    let [v4, v6] = EVERYWHERE;
    to(
        vec![block(v4, &PRIVATE_V4), block(v6, &PRIVATE_V6)],
        Vec::new(),
    )
}

/// A host outside, of which a policy can know the address only. A name is left open by its
/// port alone, wherever it leads; the name of a Service in another namespace by that
/// namespace, for the port of a Service need not be that of its pods.
pub(super) fn outside(host: &str, port: i32) -> NetworkPolicyEgressRule {
    if let Ok(address) = host.parse::<IpAddr>() {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        return to(
            vec![block(&format!("{address}/{bits}"), &[])],
            vec![tcp(port)],
        );
    }
    if let Some(namespace) = namespace_of(host) {
        return to_namespace(namespace);
    }
    NetworkPolicyEgressRule {
        to: None,
        ports: Some(vec![tcp(port)]),
    }
}

/// Lets the pods reach those of a namespace, at every port.
pub(super) fn to_namespace(namespace: &str) -> NetworkPolicyEgressRule {
    to(vec![of_namespace(namespace)], Vec::new())
}

/// All pods of a namespace.
pub(super) fn of_namespace(namespace: &str) -> NetworkPolicyPeer {
    let name = "kubernetes.io/metadata.name".to_owned();
    let selector = LabelSelector {
        match_labels: Some([(name, namespace.to_owned())].into()),
        ..LabelSelector::default()
    };
    NetworkPolicyPeer {
        namespace_selector: Some(selector),
        ..NetworkPolicyPeer::default()
    }
}

/// The namespace in the name of a Service, as in `minio.storage.svc`.
fn namespace_of(host: &str) -> Option<&str> {
    let mut labels = host.split('.').skip(1);
    let namespace = labels.next()?;
    (labels.next() == Some("svc")).then_some(namespace)
}

fn block(cidr: &str, except: &[&str]) -> NetworkPolicyPeer {
    let except = except.iter().map(ToString::to_string).collect();
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.to_owned(),
            except: Some(except).filter(|except: &Vec<String>| !except.is_empty()),
        }),
        ..NetworkPolicyPeer::default()
    }
}
