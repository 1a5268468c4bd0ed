//! The CronJob of a server's backups, and the Jobs that are made of it. It holds all that
//! they take, so nothing is decided here but what is to be done.

use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use k8s_openapi::jiff::Timestamp;
use kube::api::DynamicObject;

use super::super::cluster::Cluster;
use super::error::BackupError;
use crate::api::names;
use crate::api::objects::Kind;
use crate::plan::NodeKind;

/// A list is there to be read at once: what is left of it after a kill goes by itself.
const LIST_STAYS: i32 = 600;
/// A restore stays to be read for a day.
const RESTORE_STAYS: i32 = 86_400;

/// The CronJob of a server's backups.
#[derive(Clone, Debug)]
pub struct Template {
    /// The server.
    pub server: String,
    cron_job: CronJob,
}

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub enum Task<'a> {
    /// Back all databases of the server up.
    Backup,
    /// List what is there.
    List,
    /// Restore a backup.
    Restore {
        /// Its name.
        backup: &'a str,
        /// The database to restore to.
        to: &'a str,
        /// Whether that may be replaced.
        replace: bool,
    },
}

impl Template {
    /// Those of a namespace, of one app and one server where they are named.
    pub async fn all(
        cluster: &Cluster,
        namespace: &str,
        app: Option<&str>,
        server: Option<&str>,
    ) -> Result<Vec<Self>, super::Error> {
        if let Some(app) = app {
            cluster.app(namespace, app).await?;
        }
        let made = cluster.made(Kind::CronJob, Some(namespace)).await?;
        let all = made.unwrap_or_default().into_iter();
        let all: Vec<Self> = all.filter_map(|object| Self::of(&object, app)).collect();
        let Some(server) = server else {
            return some(all, namespace);
        };
        let known: Vec<String> = all.iter().map(|each| each.server.clone()).collect();
        let found = all.into_iter().filter(|each| each.server == server);
        let found: Vec<Self> = found.collect();
        if found.is_empty() && !known.is_empty() {
            let (server, namespace) = (server.to_owned(), namespace.to_owned());
            let error = BackupError::NoServer {
                server,
                namespace,
                known,
            };
            return Err(error.into());
        }
        some(found, namespace)
    }

    fn of(object: &DynamicObject, app: Option<&str>) -> Option<Self> {
        let metadata = &object.metadata;
        let node = metadata.annotations.as_ref()?.get(names::NODE_ANNOTATION)?;
        let (kind, server) = node.split_once('/')?;
        if kind != NodeKind::Backup.word() {
            return None;
        }
        let server = server.to_owned();
        let of_app = metadata.labels.as_ref()?.get(names::INSTANCE_LABEL)?;
        let wanted = app.is_none_or(|app| app == of_app);
        let cron_job = object.clone().try_parse().ok().filter(|_| wanted)?;
        Some(Self { server, cron_job })
    }

    /// The Job that does it.
    pub fn job(&self, task: Task, now: Timestamp) -> Job {
        let name = self.cron_job.metadata.name.clone().unwrap_or_default();
        let template = self.cron_job.spec.clone().unwrap_or_default().job_template;
        let kept = template.metadata.unwrap_or_default();
        let mut spec = template.spec.unwrap_or_default();
        if matches!(task, Task::Restore { .. }) {
            // The limit is a backup's. A restore writes as well as reads, and one that is ended
            // in its midst leaves half a database.
            spec.active_deadline_seconds = None;
        }
        let containers = spec.template.spec.as_mut().map(|pod| &mut pod.containers);
        for container in containers.into_iter().flatten() {
            container.args = Some(task.arguments());
        }
        spec.ttl_seconds_after_finished = task.stays();
        Job {
            metadata: ObjectMeta {
                name: Some(task.name(&name, now)),
                labels: kept.labels,
                // By it a Job is known as a backup, whose failure the app tells.
                annotations: kept.annotations.filter(|_| task.is_backup()),
                owner_references: Some(vec![self.owner(&name, task)]),
                ..ObjectMeta::default()
            },
            spec: Some(spec),
            ..Job::default()
        }
    }

    /// As of a Job that the CronJob made itself, for backups; the others go with it, and
    /// do not count to its history.
    fn owner(&self, name: &str, task: Task) -> OwnerReference {
        OwnerReference {
            api_version: "batch/v1".to_owned(),
            kind: "CronJob".to_owned(),
            name: name.to_owned(),
            uid: self.cron_job.metadata.uid.clone().unwrap_or_default(),
            controller: Some(task.is_backup()),
            block_owner_deletion: Some(false),
        }
    }
}

fn some(found: Vec<Template>, namespace: &str) -> Result<Vec<Template>, super::Error> {
    if found.is_empty() {
        let namespace = namespace.to_owned();
        return Err(BackupError::None { namespace }.into());
    }
    Ok(found)
}

impl Task<'_> {
    const fn is_backup(self) -> bool {
        matches!(self, Self::Backup)
    }

    const fn stays(self) -> Option<i32> {
        match self {
            Self::Backup => None,
            Self::List => Some(LIST_STAYS),
            Self::Restore { .. } => Some(RESTORE_STAYS),
        }
    }

    /// What the script is told (`src/plan/databases/backup/driver.sh`).
    fn arguments(self) -> Vec<String> {
        let words = match self {
            Self::Backup => vec!["backup"],
            Self::List => vec!["list"],
            Self::Restore {
                backup,
                to,
                replace,
            } => vec![
                "restore",
                backup,
                to,
                if replace { "replace" } else { "new" },
            ],
        };
        words.into_iter().map(str::to_owned).collect()
    }

    /// A CronJob ends the names of its Jobs in the minute of their start. Ours have the
    /// second besides, so that all sort by time. All restores of a server have one name, by
    /// which the API server keeps two of them apart.
    fn name(self, cron_job: &str, now: Timestamp) -> String {
        let seconds = now.as_second();
        let stamp = format!("{}{:02}", seconds / 60, seconds % 60);
        let limit = names::LABEL_LIMIT;
        match self {
            Self::Backup => names::derived(&[cron_job, &stamp], limit),
            Self::List => names::derived(&[cron_job, "list", &stamp], limit),
            Self::Restore { .. } => names::derived(&[cron_job, "restore"], limit),
        }
    }
}
