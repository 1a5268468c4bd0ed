//! Linkerd's definitions are in no registry of modules, so these stand in for them. They take
//! everything: what is tried by them is that Gravity notices, writes and deletes.

use serde_json::json;

use super::Space;

/// Plural, kind and version.
const KINDS: [(&str, &str, &str); 3] = [
    ("servers", "Server", "v1beta3"),
    (
        "meshtlsauthentications",
        "MeshTLSAuthentication",
        "v1alpha1",
    ),
    ("authorizationpolicies", "AuthorizationPolicy", "v1alpha1"),
];

/// Lets the cluster know the kinds that Gravity makes for Linkerd.
pub async fn install_linkerd(space: &Space) {
    let open = json!({
        "type": "object",
        "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
    });
    for (plural, kind, version) in KINDS {
        let name = format!("{plural}.policy.linkerd.io");
        let definition = json!({"spec": {
            "group": "policy.linkerd.io",
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural},
            "versions": [{
                "name": version, "served": true, "storage": true,
                "schema": {"openAPIV3Schema": open},
            }],
        }});
        let made = space.apply("CustomResourceDefinition", &name, definition);
        made.await.unwrap();
    }
}
