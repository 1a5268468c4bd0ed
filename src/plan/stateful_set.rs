//! The StatefulSet of a service that keeps files itself.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PodTemplateSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::deployment::REVISIONS;
use super::graph::PlannedObject;
use super::service::headless_name;
use super::wanted::{SERVICE, Wanted};
use super::{PlanError, pod, pod_patch, security, volumes};
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::service::Storage;

/// The StatefulSet. Its claims are never deleted with it, nor when it is scaled down:
/// that is Kubernetes' own default, and what `deletionPolicy` asks for is done by name.
///
/// Pods start at once, not one after the other: the members of a cluster wait for one
/// another, and under `OrderedReady` a roll-out that broke stays broken after its mend
/// (kubernetes.io, "StatefulSets", "Forced rollback").
pub(super) fn stateful_set(wanted: &Wanted) -> Result<PlannedObject, PlanError> {
    let object = StatefulSet {
        metadata: wanted.versioned_meta(wanted.name(), SERVICE),
        spec: Some(StatefulSetSpec {
            service_name: Some(headless_name(wanted.name())),
            replicas: wanted.settings.replicas.stated(),
            selector: wanted.selector(),
            template: template(wanted),
            pod_management_policy: Some("Parallel".to_owned()),
            revision_history_limit: Some(REVISIONS),
            volume_claim_templates: Some(claims(wanted)),
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    };
    let planned = pod_patch::patched(wanted, Kind::StatefulSet, wanted.name(), &object)?;
    Ok(PlannedObject {
        initial_replicas: wanted.settings.replicas.initial(),
        ..planned
    })
}

fn template(wanted: &Wanted) -> PodTemplateSpec {
    let mut template = pod::serving(wanted);
    if let Some(spec) = &mut template.spec {
        spec.security_context = Some(security::of_pod_with_claims(wanted.service));
        for container in &mut spec.containers {
            let mounts = container.volume_mounts.get_or_insert_default();
            mounts.extend(volumes::claim_mounts(wanted));
        }
    }
    template
}

fn claims(wanted: &Wanted) -> Vec<PersistentVolumeClaim> {
    let storage = wanted.storage().into_iter();
    storage.map(|storage| claim(wanted, storage)).collect()
}

/// A claim is data: it names its app by an annotation. No version is in its labels, for
/// nothing of a claim's template can ever change.
fn claim(wanted: &Wanted, storage: &Storage) -> PersistentVolumeClaim {
    let annotation = (names::APP_ANNOTATION.to_owned(), wanted.app.name.clone());
    let size = Quantity(storage.size.to_string());
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(storage.name.clone()),
            labels: Some(wanted.labels(SERVICE)),
            annotations: Some(BTreeMap::from([annotation])),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: storage.storage_class_name.clone(),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([("storage".to_owned(), size)])),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}
