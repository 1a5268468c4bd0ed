//! Linkerd (linkerd.io, "Authorization Policy", "Proxy Configuration", "Timeouts").

use std::collections::BTreeMap;

use serde_json::json;

use super::{Calls, Facets, Marks, Member};
use crate::api::objects::Kind;
use crate::plan::graph::PlannedObject;

pub(super) const FACETS: Facets = Facets {
    name: "Linkerd",
    kinds: &[
        Kind::Server,
        Kind::MeshTLSAuthentication,
        Kind::LinkerdAuthorizationPolicy,
    ],
    // Certificates, where services are, and who may call whom.
    control: ("linkerd", &[8_080, 8_086, 8_090]),
    // Since 2.18 a proxy names the port that it means in a header of its own.
    transport: Some(4_143),
};

/// As a native sidecar the proxy starts before the service and ends after it, and lets a Job end
/// at all. The older name of that annotation is for 2.16 to 2.18.
pub(super) fn marks(past: String) -> Marks {
    let yes = || "true".to_owned();
    Marks {
        labels: Vec::new(),
        annotations: vec![
            ("linkerd.io/inject", "enabled".to_owned()),
            ("config.linkerd.io/proxy-enable-native-sidecar", yes()),
            ("config.alpha.linkerd.io/proxy-enable-native-sidecar", yes()),
            ("config.linkerd.io/skip-outbound-ports", past),
        ],
    }
}

/// A port with a Server is shut to everybody whom no policy names. Of several authentications a
/// policy needs all, of several identities an authentication needs one, so there is one with all
/// callers. The kubelet's probes are let in by Linkerd itself.
pub(super) fn objects(member: &Member) -> Vec<PlannedObject> {
    let group = Kind::Server.facts().group;
    let server = json!({
        "podSelector": {"matchLabels": member.pods()},
        "port": member.port,
        "accessPolicy": "deny",
    });
    let mut objects = vec![member.object(Kind::Server, &server)];
    let accounts = member.accounts().into_iter();
    let accounts: Vec<_> = accounts
        .map(|(namespace, name)| {
            json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
        })
        .collect();
    // A list must have one at least; without a policy nobody comes in.
    if !accounts.is_empty() {
        let known = json!({"identityRefs": accounts});
        let allowed = json!({
            "targetRef": {"group": group, "kind": "Server", "name": member.name},
            "requiredAuthenticationRefs": [
                {"group": group, "kind": "MeshTLSAuthentication", "name": member.name},
            ],
        });
        objects.push(member.object(Kind::MeshTLSAuthentication, &known));
        objects.push(member.object(Kind::LinkerdAuthorizationPolicy, &allowed));
    }
    objects
}

/// Of retries it has those of an answer, which a pod has then given: there is none that suits.
pub(super) fn of_calls(calls: Calls) -> BTreeMap<String, String> {
    let timeout = calls.timeout.map(|timeout| {
        let name = "timeout.linkerd.io/request".to_owned();
        (name, format!("{}ms", timeout.as_millis()))
    });
    timeout.into_iter().collect()
}
