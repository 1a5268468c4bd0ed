//! Claims of data.
//!
//! A StatefulSet makes claims from a template that can never change, so the claims are
//! planned themselves: one that is there is compared and grows, one that is not is made in
//! the size that is wanted now, and the StatefulSet takes it by its name. Its template stays
//! what it was, and nothing has to be deleted and made anew to let a claim grow.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::graph::{Node, NodeId, NodeKind, PlannedObject};
use super::meta;
use crate::api::objects::Kind;
use crate::validate::ValidApp;

/// A volume of terabytes grows in minutes, and its file system with it.
const DEADLINE: Duration = Duration::from_secs(1_800);

/// What claims of one kind have in common.
pub(super) struct Claim<'a> {
    pub app: &'a ValidApp,
    pub labels: BTreeMap<String, String>,
    pub size: String,
    pub class: Option<String>,
}

impl Claim<'_> {
    /// The claim of that name, which is data.
    pub fn planned(&self, name: &str) -> PlannedObject {
        PlannedObject {
            data: true,
            ..meta::planned(
                self.app,
                Kind::PersistentVolumeClaim,
                name,
                &self.named(name),
            )
        }
    }

    /// The claims of the first so many pods of a StatefulSet, as Kubernetes names them.
    pub fn of_pods(&self, volume: &str, set: &str, pods: i32) -> Vec<PlannedObject> {
        let claim = |pod| self.planned(&format!("{volume}-{set}-{pod}"));
        (0..pods).map(claim).collect()
    }

    /// The template of a StatefulSet, by which Kubernetes names the claims.
    pub fn template(&self, volume: &str) -> PersistentVolumeClaim {
        let claim = self.named(volume);
        PersistentVolumeClaim {
            metadata: ObjectMeta {
                namespace: None,
                ..claim.metadata
            },
            ..claim
        }
    }

    fn named(&self, name: &str) -> PersistentVolumeClaim {
        let requests = BTreeMap::from([("storage".to_owned(), Quantity(self.size.clone()))]);
        PersistentVolumeClaim {
            metadata: meta::data(self.app, name, self.labels.clone()),
            spec: Some(PersistentVolumeClaimSpec {
                access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
                storage_class_name: self.class.clone(),
                resources: Some(VolumeResourceRequirements {
                    requests: Some(requests),
                    ..VolumeResourceRequirements::default()
                }),
                ..PersistentVolumeClaimSpec::default()
            }),
            ..PersistentVolumeClaim::default()
        }
    }
}

/// The node of the claims of a server or of a service.
pub(super) fn node(
    name: &str,
    service: Option<String>,
    needs: BTreeSet<NodeId>,
    claims: Vec<PlannedObject>,
) -> Node {
    Node {
        id: NodeId::new(NodeKind::Storage, name),
        service,
        version: None,
        needs,
        objects: claims,
        deadline: DEADLINE,
    }
}
