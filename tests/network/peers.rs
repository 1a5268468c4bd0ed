//! Whoever sends a packet or gets one: pods of the app, pods of others, addresses outside.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Somebody with an address.
#[derive(Clone, Debug)]
pub struct Peer {
    /// How a message names it.
    pub name: String,
    /// Its namespace; `None` for an address outside the cluster.
    pub namespace: Option<&'static str>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The port that it answers at.
    pub port: Option<u16>,
    /// Its address.
    pub address: String,
}

impl Peer {
    /// The value of its name label.
    pub fn label_name(&self) -> &str {
        self.labels
            .get("app.kubernetes.io/name")
            .map_or("", String::as_str)
    }

    /// Whether it answers for names.
    pub fn is_dns(&self) -> bool {
        self.name == "dns"
    }

    /// As cyclonus has it.
    pub fn told(&self) -> Value {
        let internal = self.namespace.map(|namespace| {
            json!({
                "Namespace": namespace,
                "NamespaceLabels": {"kubernetes.io/metadata.name": namespace},
                "PodLabels": self.labels,
            })
        });
        json!({"Internal": internal, "IP": self.address})
    }
}

/// A pod's name, namespace, labels after `app.kubernetes.io/`, and port.
type Pod<'a> = (&'a str, &'static str, &'a [(&'a str, &'a str)], u16);

/// Those who are not of the app, whatever they look like.
pub fn outsiders(app: &str) -> Vec<Peer> {
    let of_user = [
        ("name", "user-service"),
        ("instance", app),
        ("managed-by", "gravity"),
    ];
    let by_helm = [
        ("name", "user-service"),
        ("instance", app),
        ("managed-by", "Helm"),
    ];
    let pods: [Pod; 8] = [
        ("a stranger beside the app", "shop", &[], 8080),
        (
            "a stranger that Helm calls as a service",
            "shop",
            &by_helm,
            8080,
        ),
        (
            "the same app in another namespace",
            "staging",
            &of_user,
            8080,
        ),
        ("a stranger elsewhere", "other", &[], 8080),
        ("gateway", "traefik", &[("name", "traefik")], 8080),
        (
            "another gateway",
            "nginx",
            &[("name", "ingress-nginx")],
            8080,
        ),
        ("scraper", "monitoring", &[("name", "prometheus")], 9090),
        ("dns", "kube-system", &[("name", "coredns")], 53),
    ];
    let addresses = [
        ("the internet", "1.1.1.1", 443),
        ("the internet by IPv6", "2606:4700::1111", 443),
        ("a server of names in the internet", "8.8.8.8", 53),
        ("the API server", "10.96.0.1", 443),
        ("a node", "192.168.1.10", 10250),
        ("the cloud's metadata", "169.254.169.254", 80),
        ("a private address by IPv6", "fd00::1", 443),
    ];
    let pods = pods.into_iter().enumerate();
    let pods = pods.map(|(index, (name, namespace, labels, port))| Peer {
        name: name.to_owned(),
        namespace: Some(namespace),
        labels: labels
            .iter()
            .map(|(label, value)| (format!("app.kubernetes.io/{label}"), (*value).to_owned()))
            .collect(),
        port: Some(port),
        address: format!("10.250.0.{}", index + 1),
    });
    let addresses = addresses.map(|(name, address, port)| Peer {
        name: name.to_owned(),
        namespace: None,
        labels: BTreeMap::new(),
        port: Some(port),
        address: address.to_owned(),
    });
    pods.chain(addresses).collect()
}
