//! The claims of a server's data.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::PersistentVolumeClaim;

use super::credentials_id;
use super::places::Server;
use crate::api::names;
use crate::plan::claim::{self, Claim};
use crate::plan::graph::Node;
use crate::validate::ValidApp;

/// The volume of the template.
const VOLUME: &str = "data";

/// What the claims are called, without the pods' numbers; a cache and a managed server have
/// none, and another operator makes its own.
pub(super) fn claim_name(server: &Server<'_>) -> Option<String> {
    let has = !server.cache && server.external.is_none() && server.operator.is_none();
    has.then(|| format!("{VOLUME}-{}", server.name))
}

/// The node of a server's claims, where it has any.
pub(super) fn node(app: &ValidApp, server: &Server<'_>) -> Option<Node> {
    claim_name(server)?;
    let claims = claim(app, server).of_pods(VOLUME, &server.name, server.members());
    // A claim without the password that its data is opened by would be told as one whose
    // password is lost.
    let needs = BTreeSet::from([credentials_id(&server.name)]);
    Some(claim::node(
        &server.name,
        server.owner.clone(),
        needs,
        claims,
    ))
}

/// The template of the StatefulSet.
pub(super) fn template(app: &ValidApp, server: &Server<'_>) -> PersistentVolumeClaim {
    claim(app, server).template(VOLUME)
}

fn claim<'a>(app: &'a ValidApp, server: &Server<'_>) -> Claim<'a> {
    Claim {
        app,
        labels: names::labels(&app.name, &server.name, "database"),
        size: server.storage_size(),
        class: server.policy.storage_class_name.clone(),
    }
}
