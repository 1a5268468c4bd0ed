//! The certificate that cert-manager issues (cert-manager.io, "Certificate resource").

use std::collections::BTreeSet;

use serde::Serialize;

use super::front::Front;
use crate::api::objects::Kind;
use crate::plan::foreign::foreign;
use crate::plan::graph::PlannedObject;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    secret_name: String,
    dns_names: Vec<String>,
    issuer_ref: IssuerReference,
    private_key: PrivateKey,
}

#[derive(Serialize)]
struct IssuerReference {
    name: String,
    kind: String,
    group: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrivateKey {
    algorithm: &'static str,
    size: i32,
    rotation_policy: &'static str,
}

/// The Certificate of the app's host and of those that its services name, where an issuer is
/// named.
pub(super) fn certificate(front: &Front, hosts: &BTreeSet<String>) -> Option<PlannedObject> {
    let tls = front.app.gateway.tls.as_ref()?;
    let (issuer, kind) = tls.issuer.as_ref()?;
    let spec = Certificate {
        secret_name: tls.secret.clone(),
        dns_names: hosts.iter().cloned().collect(),
        issuer_ref: IssuerReference {
            name: issuer.clone(),
            kind: format!("{kind:?}"),
            group: "cert-manager.io",
        },
        // Half the work of a handshake by RSA, and every client of the last ten years takes it.
        private_key: PrivateKey {
            algorithm: "ECDSA",
            size: 256,
            rotation_policy: "Always",
        },
    };
    let metadata = front.meta(&tls.secret);
    Some(foreign(front.app, Kind::Certificate, metadata, &spec))
}
