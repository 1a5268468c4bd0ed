//! The CronJob of a service that runs on a schedule.

use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, JobTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::graph::PlannedObject;
use super::job;
use super::pod::{Once, once};
use super::wanted::{SERVICE, Wanted};
use super::{PlanError, pod_patch};
use crate::api::objects::Kind;

/// The CronJob. The schedule is in UTC, not in whatever zone the control plane has; a run
/// that is still going is not joined by the next; a run missed by less than ten minutes is
/// made up for. (Without that limit, a CronJob that has missed a hundred runs, as after a
/// long suspension, never runs again.) Three good runs and three bad ones stay to be read.
pub(super) fn cron_job(wanted: &Wanted) -> Result<PlannedObject, PlanError> {
    let object = CronJob {
        metadata: wanted.versioned_meta(wanted.name(), SERVICE),
        spec: Some(CronJobSpec {
            schedule: wanted.service.schedule.clone().unwrap_or_default(),
            time_zone: Some("Etc/UTC".to_owned()),
            concurrency_policy: Some("Forbid".to_owned()),
            starting_deadline_seconds: Some(600),
            successful_jobs_history_limit: Some(3),
            failed_jobs_history_limit: Some(3),
            job_template: template(wanted),
            ..CronJobSpec::default()
        }),
        ..CronJob::default()
    };
    pod_patch::patched(wanted, Kind::CronJob, wanted.name(), &object)
}

fn template(wanted: &Wanted) -> JobTemplateSpec {
    let pods = once(
        wanted,
        &Once {
            component: SERVICE,
            command: &wanted.service.command,
            args: &wanted.service.args,
        },
    );
    JobTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(wanted.labels(SERVICE)),
            ..ObjectMeta::default()
        }),
        spec: Some(job::spec(pods, job::RETRIES)),
    }
}
