//! The Jobs that bring a service's databases to its version's shape and, outside
//! production, fill them with data to try things with.

use std::collections::BTreeSet;

use k8s_openapi::api::batch::v1::{Job, JobSpec};

use super::graph::PlannedObject;
use super::job::{RETRIES, job_name, spec, version_word};
use super::pod::{Once, once};
use super::wanted::Wanted;
use super::{Facts, PlanError, pod_patch, source};
use crate::api::objects::Kind;
use crate::validate::ValidService;

const MIGRATION: &str = "migration";
const SEED: &str = "seed";

/// The migration's Job, named by the service, its version and what it is made from.
pub(super) fn migration(wanted: &Wanted) -> Result<PlannedObject, PlanError> {
    let service = wanted.service;
    let version = version_word(wanted);
    let parts = [wanted.name(), MIGRATION, &version];
    let inputs = (
        wanted.version(),
        &service.migration,
        &service.image,
        databases(service),
    );
    let inputs = source::inputs(service, &inputs);
    // A database that was dropped by hand comes back without its tables.
    let name = match &wanted.app.again {
        None => job_name(&parts, &inputs),
        Some(again) => job_name(&parts, &(inputs, again)),
    };
    let what = Once {
        component: MIGRATION,
        command: &service.migration,
        args: &[],
    };
    planned(wanted, &name, &what, service.migration_retries)
}

/// How a word of an environment's name begins where data is nobody's to try things with: as
/// `production`, `prod2` or `prd`.
const PRODUCTION: [&str; 3] = ["live", "prod", "prd"];

/// Whether data to try things with is wanted: only where an environment is named that is
/// not production. Where none is named, nobody has said that this is not production. One that
/// ran is wanted only as long as its Job is there to tell of it.
pub(super) fn is_seeded(wanted: &Wanted, facts: &Facts) -> bool {
    let environment = wanted.app.environment.as_deref();
    let tried = environment.is_some_and(|name| !is_production(name));
    let seed = seed_name(wanted.service).filter(|_| tried);
    let there = |seed: &String| facts.seeds.contains(seed);
    seed.is_some_and(|seed| there(&seed) || seeded_by(wanted.service, facts).is_none())
}

/// Whether it is called so, as `prod`, or is one of several, as `prod-eu`.
fn is_production(environment: &str) -> bool {
    let mut words = environment.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| {
        let word = word.to_ascii_lowercase();
        PRODUCTION
            .iter()
            .any(|beginning| word.starts_with(beginning))
    })
}

/// The name of the seed's Job, where there is a seed. No version is in it: a database is new
/// once, and seeds are seldom written to run twice.
pub(super) fn seed_name(service: &ValidService) -> Option<String> {
    let command = Some(&service.seed).filter(|command| !command.is_empty())?;
    let inputs = (command, databases(service));
    Some(job_name(&[&service.name, SEED], &inputs))
}

/// The seed of a service that has run, by its Job's name: today's, or one of another command
/// or of other databases. The data has been there since, so no other one may run.
pub(super) fn seeded_by<'a>(service: &ValidService, facts: &'a Facts) -> Option<&'a String> {
    let mut ran = facts.seeded.iter().chain(&facts.seeds);
    ran.find(|seed| is_seed_of(&service.name, seed))
}

/// What follows is a hash: a service's own name may end in `-seed`.
fn is_seed_of(service: &str, job: &str) -> bool {
    let rest = job.strip_prefix(service);
    let hash = rest.and_then(|rest| rest.strip_prefix(&format!("-{SEED}-")));
    hash.is_some_and(|hash| !hash.contains('-'))
}

/// The seed's Job.
pub(super) fn seed(wanted: &Wanted) -> Result<PlannedObject, PlanError> {
    let command = &wanted.service.seed;
    let name = seed_name(wanted.service).unwrap_or_default();
    let what = Once {
        component: SEED,
        command,
        args: &[],
    };
    planned(wanted, &name, &what, RETRIES)
}

fn planned(
    wanted: &Wanted,
    name: &str,
    what: &Once,
    retries: i32,
) -> Result<PlannedObject, PlanError> {
    let timeout = wanted.service.migration_timeout.as_secs();
    let object = Job {
        metadata: wanted.versioned_meta(name, what.component),
        spec: Some(JobSpec {
            // A migration that hangs holds its locks for as long as it runs.
            active_deadline_seconds: Some(i64::try_from(timeout).unwrap_or(i64::MAX)),
            ..spec(once(wanted, what), retries)
        }),
        ..Job::default()
    };
    pod_patch::patched_alone(wanted, Kind::Job, name, &object)
}

/// By name: another order in the manifest is no reason to migrate again.
fn databases(service: &ValidService) -> BTreeSet<&str> {
    let databases = service.databases.iter();
    databases.map(|database| database.name.as_str()).collect()
}
