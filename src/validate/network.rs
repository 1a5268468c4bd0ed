//! The walls between pods: an app's `network`, and a service's `egress`.

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Deserialize;
use serde_json::Value;

use super::report::Report;
use super::value::cidr::Cidr;
use super::value::name;
use crate::api::gateway::GatewayClass;
use crate::api::names;
use crate::api::network::{
    Egress as Stated, EgressPort, EgressTarget, LabelOperator, Network, NetworkMode, Peer,
    PortRange, Selector,
};

/// Who may reach an app's pods beside its own services.
#[derive(Clone, Debug, PartialEq)]
pub struct Walls {
    /// The gateway; nobody when empty.
    pub gateway: Vec<NetworkPolicyPeer>,
    /// Who reads metrics; nobody when empty.
    pub metrics: Vec<NetworkPolicyPeer>,
}

/// What a service reaches beside DNS, its dependencies and its databases.
#[derive(Clone, Debug, PartialEq)]
pub enum Egress {
    /// Every public address.
    Internet,
    /// Nothing.
    Deny,
    /// Everything, in the cluster and outside.
    Allow,
    /// This.
    Targets(Vec<NetworkPolicyEgressRule>),
}

/// The label by which a namespace is known; the API server itself sets it.
const NAMESPACE_LABEL: &str = "kubernetes.io/metadata.name";
/// More than this and an API server's object is full before the list is.
const TARGETS: usize = 50;
/// Who reads metrics, by the name that their charts and operators give them.
const SCRAPERS: [&str; 5] = [
    "alloy",
    "opentelemetry-collector",
    "prometheus",
    "prometheus-agent",
    "vmagent",
];
/// The controllers of Ingresses that are used most, by the name that their charts give them.
const INGRESS_CONTROLLERS: [&str; 6] = [
    "contour",
    "haproxy-ingress",
    "ingress-nginx",
    "kubernetes-ingress",
    "nginx-ingress",
    "traefik",
];
/// The same for Gateway API; those that start pods for each Gateway are known by its label.
const GATEWAYS: [&str; 3] = ["envoy", "nginx-gateway-fabric", "traefik"];
/// The Gateway whose pods have the label (gateway-api.sigs.k8s.io, GEP-1762).
const GATEWAY_LABEL: &str = "gateway.networking.k8s.io/gateway-name";

/// Checks the app's `network`; `None` is no walls.
pub(super) fn walls(
    stated: Option<&Network>,
    app: &str,
    class: GatewayClass,
    report: &mut Report,
) -> Option<Walls> {
    let absent = Network::default();
    let Network {
        policy,
        gateway,
        metrics,
    } = stated.unwrap_or(&absent);
    let mut read = |field: &str, peers: &Option<Vec<Peer>>| {
        let at = format!("spec.network.{field}");
        let peers = peers.as_ref()?.iter().enumerate();
        let peer = |(index, peer)| self::peer(peer, &format!("{at}[{index}]"), report);
        Some(peers.map(peer).collect())
    };
    let (gateway, metrics) = (read("gateway", gateway), read("metrics", metrics));
    // Whoever takes over one pod should not have the way to all others with it.
    (*policy != Some(NetworkMode::None)).then(|| Walls {
        gateway: gateway.unwrap_or_else(|| gateways(app, class)),
        metrics: metrics.unwrap_or_else(|| vec![called(&SCRAPERS)]),
    })
}

/// The gateways that are used most, in whichever namespace they are. To let all pods of other
/// namespaces in would work with every gateway, and would also lead past each of them: past
/// its authentication, its rate limits and its log.
fn gateways(app: &str, class: GatewayClass) -> Vec<NetworkPolicyPeer> {
    match class {
        GatewayClass::Traefik => vec![called(&["traefik"])],
        GatewayClass::Ingress => vec![called(&INGRESS_CONTROLLERS)],
        GatewayClass::GatewayAPI => vec![called(&GATEWAYS), anywhere(labelled(GATEWAY_LABEL, app))],
        GatewayClass::None => Vec::new(),
    }
}

/// Pods of these names in every namespace.
fn called(names: &[&str]) -> NetworkPolicyPeer {
    anywhere(match names {
        [name] => labelled(names::NAME_LABEL, name),
        names => LabelSelector {
            match_expressions: Some(vec![LabelSelectorRequirement {
                key: names::NAME_LABEL.to_owned(),
                operator: "In".to_owned(),
                values: Some(names.iter().map(ToString::to_string).collect()),
            }]),
            ..LabelSelector::default()
        },
    })
}

fn anywhere(pods: LabelSelector) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        namespace_selector: Some(LabelSelector::default()),
        pod_selector: Some(pods),
        ..NetworkPolicyPeer::default()
    }
}

fn labelled(label: &str, value: &str) -> LabelSelector {
    LabelSelector {
        match_labels: Some([(label.to_owned(), value.to_owned())].into()),
        ..LabelSelector::default()
    }
}

/// Checks a service's `egress`.
pub(super) fn egress(stated: Option<&Stated>, report: &mut Report) -> Egress {
    const WORDS: &str =
        "write internet, deny or allow, or a list as [{cidr: 203.0.113.0/24, ports: [443]}]";
    let targets = match stated {
        // Most services call somebody outside sooner or later, and none of them needs the
        // private addresses, at which are the cluster's own pods, its nodes, and what a cloud
        // tells a machine of itself.
        None => return Egress::Internet,
        Some(Stated::Targets(targets)) => targets,
        Some(Stated::Word(word)) => {
            return match word.as_str() {
                "internet" => Egress::Internet,
                "deny" => Egress::Deny,
                "allow" => Egress::Allow,
                other => {
                    let message = format!("{other:?} is none of the words: {WORDS}");
                    report.add("spec.egress", message);
                    Egress::Deny
                }
            };
        }
        Some(Stated::Other(value)) => {
            let message = format!("{value} is neither a word nor a list: {WORDS}");
            report.add("spec.egress", message);
            return Egress::Deny;
        }
    };
    if targets.len() > TARGETS {
        let message = format!(
            "has {} entries, and {TARGETS} are the most: join ranges of addresses, or select pods by fewer labels",
            targets.len()
        );
        report.add("spec.egress", message);
    }
    let targets = targets.iter().enumerate();
    let rule = |(index, value)| target(value, &format!("spec.egress[{index}]"), report);
    Egress::Targets(targets.filter_map(rule).collect())
}

fn target(value: &Value, at: &str, report: &mut Report) -> Option<NetworkPolicyEgressRule> {
    if let Some(host) = value.get("host").or_else(|| value.get("hostname")) {
        report.add(at, format!("{host} is a name, and a NetworkPolicy knows addresses and pods only: write the range of its addresses, as cidr: 203.0.113.0/24, or egress: internet, and let a proxy or the policies of your network plugin (Cilium, Calico) look at names"));
        return None;
    }
    let EgressTarget {
        namespace,
        namespace_selector,
        pod_selector,
        cidr,
        except,
        ports,
    } = match serde_json::from_value(value.clone()) {
        Ok(target) => target,
        Err(error) => {
            report.add(at, format!("{value} is no target ({error}): write {{cidr, except, ports}} for addresses, or {{namespace, namespaceSelector, podSelector, ports}} for pods"));
            return None;
        }
    };
    let stated = Peer {
        namespace,
        namespace_selector,
        pod_selector,
        cidr,
        except,
    };
    let peer = peer(&stated, at, report);
    let ports = ports.iter().enumerate();
    let port = |(index, stated)| port(stated, &format!("{at}.ports[{index}]"), report);
    let ports: Vec<_> = ports.filter_map(port).collect();
    Some(NetworkPolicyEgressRule {
        to: Some(vec![peer]),
        ports: (!ports.is_empty()).then_some(ports),
    })
}

fn peer(stated: &Peer, at: &str, report: &mut Report) -> NetworkPolicyPeer {
    let Peer {
        namespace,
        namespace_selector,
        pod_selector,
        cidr,
        except,
    } = stated;
    let of_pods = namespace.is_some() || namespace_selector.is_some() || pod_selector.is_some();
    match (of_pods, cidr) {
        (false, None) => report.add(at, "says neither addresses nor pods: write cidr, or namespace, namespaceSelector and podSelector"),
        (true, Some(_)) => report.add(at, "has addresses and pods: write cidr, or namespace, namespaceSelector and podSelector, and the other one as an entry of its own"),
        (true, None) if !except.is_empty() => report.add(format!("{at}.except"), "is for addresses: write the cidr that it is taken from, or take it out"),
        _ => {}
    }
    if namespace.is_some() && namespace_selector.is_some() {
        report.add(
            format!("{at}.namespace"),
            "says where the pods are, and so does namespaceSelector: write one of the two",
        );
    }
    if let Some(name) = namespace {
        report.check(format!("{at}.namespace"), name::namespace(name));
    }
    for (field, stated) in [
        ("namespaceSelector", namespace_selector),
        ("podSelector", pod_selector),
    ] {
        if let Some(stated) = stated {
            requirements(stated, &format!("{at}.{field}"), report);
        }
    }
    let by_name = namespace
        .as_ref()
        .map(|name| labelled(NAMESPACE_LABEL, name));
    NetworkPolicyPeer {
        ip_block: cidr
            .as_ref()
            .map(|cidr| addresses(cidr, except, at, report)),
        namespace_selector: by_name.or_else(|| namespace_selector.as_ref().map(selector)),
        pod_selector: pod_selector.as_ref().map(selector),
    }
}

fn addresses(cidr: &str, except: &[String], at: &str, report: &mut Report) -> IPBlock {
    let whole = report.check(format!("{at}.cidr"), Cidr::parse(cidr));
    for (index, part) in except.iter().enumerate() {
        let at = format!("{at}.except[{index}]");
        let part = report.check(&at, Cidr::parse(part));
        if let (Some(whole), Some(part)) = (whole, part)
            && !whole.contains(part)
        {
            report.add(
                &at,
                format!(
                    "{part} is no part of {whole}: take it out, or write a range within that one"
                ),
            );
        }
    }
    IPBlock {
        cidr: cidr.to_owned(),
        except: (!except.is_empty()).then(|| except.to_vec()),
    }
}

fn requirements(stated: &Selector, at: &str, report: &mut Report) {
    for (label, value) in &stated.match_labels {
        report.check(format!("{at}.matchLabels"), name::label_key(label));
        report.check(
            format!("{at}.matchLabels.{label}"),
            name::label_value(value),
        );
    }
    for (index, each) in stated.match_expressions.iter().enumerate() {
        let at = format!("{at}.matchExpressions[{index}]");
        report.check(format!("{at}.key"), name::label_key(&each.key));
        let with_values = matches!(each.operator, LabelOperator::In | LabelOperator::NotIn);
        if with_values == each.values.is_empty() {
            report.add(
                format!("{at}.values"),
                "In and NotIn need values, and Exists and DoesNotExist have none",
            );
        }
        for value in &each.values {
            report.check(format!("{at}.values"), name::label_value(value));
        }
    }
}

fn selector(stated: &Selector) -> LabelSelector {
    let Selector {
        match_labels,
        match_expressions,
    } = stated;
    let requirement = |each: &crate::api::network::Requirement| LabelSelectorRequirement {
        key: each.key.clone(),
        operator: format!("{:?}", each.operator),
        values: (!each.values.is_empty()).then(|| each.values.clone()),
    };
    let expressions: Vec<_> = match_expressions.iter().map(requirement).collect();
    LabelSelector {
        match_labels: (!match_labels.is_empty()).then(|| match_labels.clone()),
        match_expressions: (!expressions.is_empty()).then_some(expressions),
    }
}

fn port(stated: &Value, at: &str, report: &mut Report) -> Option<NetworkPolicyPort> {
    let Ok(port) = EgressPort::deserialize(stated) else {
        report.add(at, format!("{stated} is no port: write a number for one of TCP, as 443, or {{port, endPort, protocol}}"));
        return None;
    };
    let PortRange {
        port,
        end_port,
        protocol,
    } = match port {
        EgressPort::Number(port) => PortRange {
            port,
            ..PortRange::default()
        },
        EgressPort::Port(range) => range,
    };
    for number in [Some(port), end_port].into_iter().flatten() {
        if !(1..=65_535).contains(&number) {
            report.add(at, format!("{number} is no port: write 1 to 65535"));
        }
    }
    if let Some(end) = end_port.filter(|end| *end < port) {
        report.add(
            at,
            format!("{end} comes before {port}: write the last port as endPort"),
        );
    }
    let protocol = protocol.unwrap_or_else(|| "TCP".to_owned());
    if !["TCP", "UDP", "SCTP"].contains(&protocol.as_str()) {
        report.add(
            at,
            format!("{protocol:?} is no protocol: write TCP, UDP or SCTP"),
        );
    }
    Some(NetworkPolicyPort {
        end_port,
        port: Some(IntOrString::Int(port)),
        protocol: Some(protocol),
    })
}
