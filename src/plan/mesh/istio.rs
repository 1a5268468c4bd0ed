//! Istio with sidecars (istio.io, "Security" and "Traffic Management" of its API reference).

use serde_json::{Value, json};

use super::{Calls, Facets, Marks, Member};
use crate::api::objects::Kind;
use crate::plan::graph::PlannedObject;

pub(super) const FACETS: Facets = Facets {
    name: "Istio",
    kinds: &[
        Kind::PeerAuthentication,
        Kind::AuthorizationPolicy,
        Kind::DestinationRule,
        Kind::VirtualService,
    ],
    // What a proxy should do, and its certificate.
    control: ("istio-system", &[15_012]),
    transport: None,
};

/// The failures of which it is sure that no pod has seen the request.
const NOT_SENT: &str = "connect-failure,refused-stream";

/// The label asks for a proxy whatever the namespace says. As a native sidecar it starts before
/// the service and ends after it, and lets a Job end at all.
pub(super) fn marks(past: String) -> Marks {
    Marks {
        labels: vec![("sidecar.istio.io/inject", "true".to_owned())],
        annotations: vec![
            ("sidecar.istio.io/nativeSidecar", "true".to_owned()),
            ("traffic.sidecar.istio.io/excludeOutboundPorts", past),
        ],
    }
}

/// Mutual TLS is required of who calls and used by who calls; who calls is known by an account
/// and is one of the graph; nobody else is let in, and where nobody is named, nobody at all.
pub(super) fn objects(member: &Member) -> Vec<PlannedObject> {
    let selector = json!({"matchLabels": member.pods()});
    let mutual = json!({"selector": selector, "mtls": {"mode": "STRICT"}});
    let allowed = json!({
        "selector": selector,
        "action": "ALLOW",
        "rules": rules(member),
    });
    // A name without a dot is one of the object's own namespace, in whatever domain.
    let called = json!({
        "host": member.name,
        "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}},
    });
    let mut objects = vec![
        member.object(Kind::PeerAuthentication, &mutual),
        member.object(Kind::AuthorizationPolicy, &allowed),
        member.object(Kind::DestinationRule, &called),
    ];
    let route = member.calls.map(|calls| route(member.name, calls));
    objects.extend(route.map(|route| member.object(Kind::VirtualService, &route)));
    objects
}

/// `cluster.local` stands for the mesh's own trust domain, whatever that is called.
fn principal(namespace: &str, name: &str) -> String {
    format!("cluster.local/ns/{namespace}/sa/{name}")
}

fn rules(member: &Member) -> Vec<Value> {
    let accounts = member.accounts().into_iter();
    let principals: Vec<String> = accounts
        .map(|(namespace, name)| principal(namespace, name))
        .collect();
    if principals.is_empty() {
        return Vec::new();
    }
    let mut rules = vec![json!({
        "from": [{"source": {"principals": principals}}],
        "to": [{"operation": {"ports": [member.port.to_string()]}}],
    })];
    // What ports members speak at, no manifest says.
    if member.members {
        let own = principal(&member.app.namespace, member.name);
        rules.push(json!({"from": [{"source": {"principals": [own]}}]}));
    }
    rules
}

fn route(name: &str, calls: Calls) -> Value {
    let mut route = json!({
        "route": [{"destination": {"host": name}}],
        "retries": {"attempts": calls.retries},
    });
    if calls.retries > 0 {
        route["retries"]["retryOn"] = json!(NOT_SENT);
    }
    if let Some(timeout) = calls.timeout {
        route["timeout"] = json!(format!("{}ms", timeout.as_millis()));
    }
    json!({"hosts": [name], "http": [route]})
}
