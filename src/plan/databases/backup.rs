//! The backups of a server: a CronJob that dumps each of its databases, and the claim that
//! they are kept on.
//!
//! The CronJob's template is all that a backup, a list and a restore take: `gravity backup`,
//! `backups` and `restore` make Jobs of it that differ in their arguments only.

mod place;

use std::collections::BTreeSet;
use std::time::Duration;

use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, JobSpec, JobTemplateSpec};
use k8s_openapi::api::core::v1::{
    Container, EnvVar, PodSpec, PodTemplateSpec, ResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use self::place::Place;
use super::places::Server;
use super::{credentials_id, pod, provisioning, server, walls};
use crate::api::backup::{Backup, Retention};
use crate::api::names;
use crate::api::objects::Kind;
use crate::engines::{self, Dump};
use crate::plan::graph::{Node, NodeId, NodeKind, PlannedObject};
use crate::plan::{job, meta};
use crate::validate::{ValidApp, duration};

/// What all engines and all places have in common.
const DRIVER: &str = include_str!("backup/driver.sh");
/// Nothing has to start; a claim waits for its first pod.
const DEADLINE: Duration = Duration::from_secs(60);
/// A dump of a hundred gigabytes takes some hours; one that takes more than this hangs, and
/// would keep all that come after it from running.
const TIMEOUT: Duration = Duration::from_secs(6 * 3_600);
/// A week of nightly backups.
const COUNT: i32 = 7;
/// The container that does the work.
const CONTAINER: &str = "backup";

/// The node of a server's backups, where the app asks for them. A cache has nothing to lose,
/// and a managed server is somebody else's care.
pub(super) fn node(app: &ValidApp, server: &Server<'_>) -> Option<Node> {
    let (backup, dump) = wanted(server)?;
    let name = name(server);
    let place = Place::new(app, server, backup, &name);
    let cron_job = cron_job(app, server, backup, dump, &place, &name);
    let cron_job = meta::planned(app, Kind::CronJob, &name, &cron_job);
    let bucket = backup.to.s3.as_ref().map(place::address);
    let wall = walls::around_backups(app, server, &name, bucket);
    Some(Node {
        id: id(server),
        // It is nobody's: no service stops because its backup cannot be made.
        service: None,
        version: None,
        needs: BTreeSet::from([credentials_id(&server.name), server::id(server)]),
        objects: place
            .claim
            .into_iter()
            .chain(wall)
            .chain([cron_job])
            .collect(),
        deadline: DEADLINE,
    })
}

/// The Secret of the bucket that the server's backups are kept in.
pub(super) fn bucket_secret<'a>(server: &'a Server<'_>) -> Option<&'a str> {
    let (backup, _) = wanted(server)?;
    Some(backup.to.s3.as_ref()?.secret_name.as_str())
}

/// The claim that the server's backups are kept on.
pub(super) fn claim_name(server: &Server<'_>) -> Option<String> {
    let (backup, _) = wanted(server)?;
    backup.to.s3.is_none().then(|| name(server))
}

/// What the pods of the server's backups are called, where it has any.
pub(super) fn wanted_name(server: &Server<'_>) -> Option<String> {
    wanted(server)?;
    Some(name(server))
}

/// What the CronJob is called, and the claim.
fn name(server: &Server<'_>) -> String {
    names::derived(&[&server.name, "backup"], names::WORKLOAD_LIMIT)
}

/// That what is asked for is not done.
pub(super) fn warning(server: &Server<'_>) -> Option<String> {
    let ignored = server.cache && server.policy.backup.is_some();
    ignored.then(|| {
        format!(
            "{} is a cache and keeps nothing, so databases.{}.backup does not apply to it",
            server.name, server.engine
        )
    })
}

fn id(server: &Server<'_>) -> NodeId {
    NodeId::new(NodeKind::Backup, &server.name)
}

fn wanted<'a>(server: &'a Server<'_>) -> Option<(&'a Backup, &'static Dump)> {
    let backup = server.policy.backup.as_ref()?;
    match &server.profile().backup {
        engines::Backup::Dump(dump) if keeps_data(server) => Some((backup, dump)),
        _ => None,
    }
}

/// Whether it is Gravity's to keep what is on it.
fn keeps_data(server: &Server<'_>) -> bool {
    !server.cache && server.external.is_none() && server.operator.is_none()
}

/// One run at a time, in UTC. A run that was missed by less than an hour is made up for; three
/// good ones and three bad ones stay to be read.
fn cron_job(
    app: &ValidApp,
    server: &Server<'_>,
    backup: &Backup,
    dump: &Dump,
    place: &Place,
    name: &str,
) -> CronJob {
    // With the server's own name as a label, its Service would lead requests to these pods.
    let labels = names::labels(&app.name, name, "backup");
    let timeout = backup.timeout.as_deref();
    let timeout = timeout.and_then(|it| duration(it).ok()).unwrap_or(TIMEOUT);
    let pods = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels.clone()),
            ..ObjectMeta::default()
        }),
        spec: Some(pod_spec(app, server, backup, dump, place)),
    };
    let template = JobTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels.clone()),
            // By this a Job that failed is told, and what it is of.
            annotations: Some([(names::NODE_ANNOTATION.to_owned(), id(server).to_string())].into()),
            ..ObjectMeta::default()
        }),
        // The script tries each database again by itself. A Job that is tried again would
        // dump those that are done, too, and good backups would go for it.
        spec: Some(JobSpec {
            active_deadline_seconds: i64::try_from(timeout.as_secs()).ok(),
            ..job::spec(pods, 0)
        }),
    };
    CronJob {
        metadata: meta::owned(app, name, labels),
        spec: Some(CronJobSpec {
            schedule: backup.schedule.clone(),
            time_zone: Some("Etc/UTC".to_owned()),
            concurrency_policy: Some("Forbid".to_owned()),
            starting_deadline_seconds: Some(3_600),
            successful_jobs_history_limit: Some(3),
            failed_jobs_history_limit: Some(3),
            job_template: template,
            ..CronJobSpec::default()
        }),
        ..CronJob::default()
    }
}

fn pod_spec(
    app: &ValidApp,
    server: &Server<'_>,
    backup: &Backup,
    dump: &Dump,
    place: &Place,
) -> PodSpec {
    let mut volumes = vec![pod::scratch("tmp", "/tmp")];
    volumes.push(place.volume.clone());
    PodSpec {
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        // A failed pod stays, with the script's own words.
        restart_policy: Some("Never".to_owned()),
        security_context: Some(pod::security(server.profile())),
        init_containers: place.tools.clone().map(|tools| vec![tools]),
        containers: vec![container(app, server, backup, dump, place)],
        volumes: Some(volumes),
        ..PodSpec::default()
    }
}

/// In the server's own image, for its tools fit the server. The arguments say what is done.
fn container(
    app: &ValidApp,
    server: &Server<'_>,
    backup: &Backup,
    dump: &Dump,
    place: &Place,
) -> Container {
    let script = [dump.script, place.script, DRIVER].join("\n");
    let command = ["bash", "-euc", &script, "gravity"];
    // A restore may load all that the server has in its memory.
    let limits = pod::resources(server).limits.unwrap_or_default();
    let memory = limits.into_iter().filter(|(name, _)| name == "memory");
    Container {
        name: CONTAINER.to_owned(),
        image: Some(server.image.clone()),
        command: Some(command.map(provisioning::literal).to_vec()),
        args: Some(vec!["backup".to_owned()]),
        env: Some(variables(app, server, backup, dump, place)),
        resources: Some(ResourceRequirements {
            requests: Some(pod::quantities(&[("cpu", "50m"), ("memory", "64Mi")])),
            limits: Some(memory.collect()),
            ..ResourceRequirements::default()
        }),
        security_context: Some(pod::container_security(false)),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![pod::mount("tmp", "/tmp"), place.mount.clone()]),
        ..Container::default()
    }
}

/// What the script works with. The administrator's login: only that reads all that is in a
/// database, and makes one.
fn variables(
    app: &ValidApp,
    server: &Server<'_>,
    backup: &Backup,
    dump: &Dump,
    place: &Place,
) -> Vec<EnvVar> {
    let number = |number: Option<i32>| number.map(|it| it.to_string()).unwrap_or_default();
    let Retention { count, days } = backup.retention.clone().unwrap_or_default();
    let count = count.or(days.is_none().then_some(COUNT));
    let mut variables = vec![
        pod::variable("HOME", "/tmp"),
        pod::variable("SERVER_NAME", &server.name),
        pod::variable("SERVER_HOST", server.host()),
        pod::variable("SERVER_PORT", server.port().to_string()),
        pod::variable("ENGINE", server.engine.name()),
        pod::variable("SERIES", &server.series),
        pod::variable("BACKUP_DATABASES", databases(app, server, dump)),
        pod::variable("BACKUP_EXTENSION", dump.extension),
        pod::variable("RETAIN_COUNT", number(count)),
        pod::variable("RETAIN_DAYS", number(days)),
    ];
    variables.extend(provisioning::admin_variables(app, server));
    variables.extend(place.variables.clone());
    variables
}

/// A line for each database: those that a service has there now.
fn databases(app: &ValidApp, server: &Server<'_>, dump: &Dump) -> String {
    if let Some(whole) = dump.whole {
        return whole.to_owned();
    }
    let places = server.places.iter();
    let names: BTreeSet<String> = places.map(|place| place.name_on_server(app)).collect();
    names.into_iter().collect::<Vec<_>>().join("\n")
}
