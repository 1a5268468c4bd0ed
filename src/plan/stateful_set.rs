//! The StatefulSet of a service that keeps files itself, and its claims.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PodTemplateSpec};

use super::claim::{self, Claim};
use super::deployment::REVISIONS;
use super::graph::{Node, PlannedObject};
use super::service::headless_name;
use super::wanted::{SERVICE, Wanted};
use super::{Facts, PlanError, pod, pod_patch, security, volumes};
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
            volume_claim_templates: Some(templates(wanted)),
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

fn templates(wanted: &Wanted) -> Vec<PersistentVolumeClaim> {
    let storage = wanted.storage().into_iter();
    storage
        .map(|storage| claim(wanted, storage).template(&storage.name))
        .collect()
}

/// The node of the claims, where there are any: one for each pod that is wanted at the least,
/// or that an autoscaler has asked for. Those that no pod has could not grow.
pub(super) fn claims(wanted: &Wanted, facts: &Facts) -> Option<Node> {
    if wanted.workload() != Kind::StatefulSet {
        return None;
    }
    let live = facts.pods.get(wanted.name()).copied();
    let least = wanted.settings.replicas.least();
    let pods = least.max(live.unwrap_or_default());
    let storage = wanted.storage().into_iter();
    let claims = storage
        .flat_map(|storage| claim(wanted, storage).of_pods(&storage.name, wanted.name(), pods))
        .collect();
    let service = Some(wanted.name().to_owned());
    Some(claim::node(wanted.name(), service, BTreeSet::new(), claims))
}

/// No version is in its labels, for nothing of a claim's template can ever change.
fn claim<'a>(wanted: &Wanted<'a>, storage: &Storage) -> Claim<'a> {
    Claim {
        app: wanted.app,
        labels: wanted.labels(SERVICE),
        size: storage.size.to_string(),
        class: storage.storage_class_name.clone(),
    }
}
