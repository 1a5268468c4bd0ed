//! The Job of a service of type job, and what all Jobs have in common.

use k8s_openapi::api::batch::v1::{
    Job, JobSpec, PodFailurePolicy, PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule,
};
use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::graph::PlannedObject;
use super::pod::{Once, once};
use super::wanted::{SERVICE, Wanted};
use super::{PlanError, meta, pod_patch, source};
use crate::api::names;
use crate::api::objects::Kind;

/// How often a failed pod is tried again where nobody says. Most failures of a short run
/// are a database or a neighbour that is away for a moment; with the waits of a Job between
/// them (10s, 20s, 40s) three more tries outlast a restart of one, and a run that is broken
/// is told within minutes. Kubernetes' own 6 would take over ten.
pub(super) const RETRIES: i32 = 3;

/// The Job of a service that runs once for each version.
pub(super) fn job(wanted: &Wanted) -> Result<PlannedObject, PlanError> {
    let service = wanted.service;
    let inputs = (
        wanted.version(),
        &service.image,
        &service.command,
        &service.args,
    );
    let name = job_name(
        &[wanted.name(), &version_word(wanted)],
        &source::inputs(service, &inputs),
    );
    let template = once(
        wanted,
        &Once {
            component: SERVICE,
            command: &service.command,
            args: &service.args,
        },
    );
    let object = Job {
        metadata: wanted.versioned_meta(&name, SERVICE),
        spec: Some(spec(template, RETRIES)),
        ..Job::default()
    };
    pod_patch::patched(wanted, Kind::Job, &name, &object)
}

/// What all Jobs have: pods that were evicted or drained count as no failure, and a new
/// pod waits until the last one has ended, so that never two of them run at once. No time
/// to live: the finished Job is the record that it ran, and a Job gone would run again.
pub(super) fn spec(template: PodTemplateSpec, retries: i32) -> JobSpec {
    JobSpec {
        backoff_limit: Some(retries),
        pod_failure_policy: Some(PodFailurePolicy {
            rules: vec![PodFailurePolicyRule {
                action: "Ignore".to_owned(),
                on_pod_conditions: Some(vec![PodFailurePolicyOnPodConditionsPattern {
                    type_: "DisruptionTarget".to_owned(),
                    status: "True".to_owned(),
                }]),
                ..PodFailurePolicyRule::default()
            }],
        }),
        pod_replacement_policy: Some("Failed".to_owned()),
        template,
        ..JobSpec::default()
    }
}

/// The parts and a digest of the named inputs: a Job cannot change, so another input is
/// another Job. Never of the rendered template, or an upgrade of Gravity would run all
/// Jobs again.
pub(super) fn job_name(parts: &[&str], inputs: &impl serde::Serialize) -> String {
    let digest = names::digest8(meta::value(inputs).to_string().as_bytes());
    let parts: Vec<&str> = parts.iter().copied().chain([digest.as_str()]).collect();
    names::derived(&parts, names::LABEL_LIMIT)
}

/// The version as a DNS label has it, for a pod's host name is made from its Job's name.
/// What this makes alike (`1.0.0-a.b`, `1.0.0-a-b`) the digest tells apart.
pub(super) fn version_word(wanted: &Wanted) -> String {
    wanted.version().replace('.', "-")
}
