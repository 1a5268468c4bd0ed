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

/// The node of a server's claims; a cache and a managed server have none, and another
/// operator makes its own.
pub(super) fn node(app: &ValidApp, server: &Server<'_>) -> Option<Node> {
    if server.cache || server.external.is_some() || server.operator.is_some() {
        return None;
    }
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
