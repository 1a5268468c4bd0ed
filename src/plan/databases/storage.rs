//! The claims of a server's data.
//!
//! A StatefulSet makes claims from a template that can never change, so the claims are
//! planned themselves: one that is there is compared and grows, one that is not is made in
//! the size that is wanted now, and the StatefulSet takes it by its name. Its template stays
//! what it was, and nothing has to be deleted and made anew to let a claim grow.

use std::collections::BTreeSet;
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::places::Server;
use super::{credentials_id, pod};
use crate::api::names;
use crate::api::objects::Kind;
use crate::plan::graph::{Node, NodeId, NodeKind, PlannedObject};
use crate::plan::meta;
use crate::validate::ValidApp;

/// The volume of the template, by which Kubernetes names the claims.
const VOLUME: &str = "data";
/// A volume of terabytes grows in minutes, and its file system with it.
const DEADLINE: Duration = Duration::from_secs(1_800);

/// The node of a server's claims; a cache and a managed server have none, and another
/// operator makes its own.
pub(super) fn node(app: &ValidApp, server: &Server<'_>) -> Option<Node> {
    if server.cache || server.external.is_some() || server.operator.is_some() {
        return None;
    }
    Some(Node {
        id: NodeId::new(NodeKind::Storage, &server.name),
        service: server.owner.clone(),
        version: None,
        // A claim without the password that its data is opened by would be told as one
        // whose password is lost.
        needs: BTreeSet::from([credentials_id(&server.name)]),
        objects: (0..server.members())
            .map(|member| claim(app, server, member))
            .collect(),
        deadline: DEADLINE,
    })
}

/// The template of the StatefulSet.
pub(super) fn template(app: &ValidApp, server: &Server<'_>) -> PersistentVolumeClaim {
    let claim = named(app, server, VOLUME);
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            namespace: None,
            ..claim.metadata
        },
        ..claim
    }
}

fn claim(app: &ValidApp, server: &Server<'_>, member: i32) -> PlannedObject {
    let name = format!("{VOLUME}-{}-{member}", server.name);
    let claim = named(app, server, &name);
    PlannedObject {
        data: true,
        ..meta::planned(app, Kind::PersistentVolumeClaim, &name, &claim)
    }
}

fn named(app: &ValidApp, server: &Server<'_>, name: &str) -> PersistentVolumeClaim {
    let size = server.storage_size();
    let labels = names::labels(&app.name, &server.name, "database");
    PersistentVolumeClaim {
        metadata: meta::data(app, name, labels),
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: server.policy.storage_class_name.clone(),
            resources: Some(VolumeResourceRequirements {
                requests: Some(pod::quantities(&[("storage", &size)])),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}
