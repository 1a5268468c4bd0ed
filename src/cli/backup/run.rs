//! A Job that was started, until it ends.

use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DynamicObject, ListParams, LogParams};
use kube::{Api, ResourceExt};

use super::super::cluster::Cluster;
use super::error::BackupError;
use crate::api::objects::Kind;
use crate::apply::run;
use crate::observe::{self, PodFacts};

/// The container whose log is read.
const CONTAINER: &str = "backup";
/// So many lines of the log of a Job that failed are told.
const LAST_WORDS: usize = 20;

/// A look at a Job costs little, and a person waits.
const BETWEEN: Duration = Duration::from_secs(1);
/// So many looks may fail one after another: a control plane that restarts is back by then.
const PATIENCE: u32 = 60;

/// A Job that was started.
pub struct Run<'a> {
    cluster: &'a Cluster,
    namespace: &'a str,
    /// Its name.
    pub name: String,
}

impl<'a> Run<'a> {
    /// Starts a Job.
    pub async fn start(
        cluster: &'a Cluster,
        namespace: &'a str,
        job: &Job,
    ) -> Result<Self, BackupError> {
        let run = Self {
            cluster,
            namespace,
            name: job.name_any(),
        };
        let started = run::start(&cluster.client, namespace, job).await;
        started.map_err(|error| run.refused("started", &error))?;
        Ok(run)
    }

    /// What it has said when it was done.
    pub async fn done(&self, limit: Option<Duration>) -> Result<String, BackupError> {
        let end = self.end();
        let job = match limit {
            None => end.await?,
            Some(limit) => match tokio::time::timeout(limit, end).await {
                Ok(ended) => ended?,
                Err(_) => return Err(self.late(limit).await),
            },
        };
        let log = self.log().await;
        if is(job.as_ref(), "Complete") {
            return log.map_err(|error| self.refused("read", &error));
        }
        Err(self.failed(log.unwrap_or_default(), job.as_ref()).await)
    }

    /// Asks until the Job has ended, as it may in hours: a connection that breaks meanwhile
    /// is no failure of the backup.
    async fn end(&self) -> Result<Option<Job>, BackupError> {
        let jobs: Api<Job> = Api::namespaced(self.cluster.client.clone(), self.namespace);
        let mut failures = 0;
        loop {
            match jobs.get_opt(&self.name).await {
                Ok(job) if has_ended(job.as_ref()) => return Ok(job),
                Ok(_) => failures = 0,
                Err(error) if failures == PATIENCE || is_refusal(&error) => {
                    return Err(self.refused("looked at", &error));
                }
                Err(_) => failures += 1,
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }

    /// Takes the Job away. What is left goes by itself, so nobody has to know.
    pub async fn take_away(&self) {
        let _ = run::take_away(&self.cluster.client, self.namespace, &self.name).await;
    }

    async fn failed(&self, log: String, job: Option<&Job>) -> BackupError {
        let lines: Vec<&str> = log.lines().collect();
        let log = lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n");
        let says = match (log.as_str(), self.trouble().await) {
            ("", Some(trouble)) => trouble,
            ("", None) => message(job),
            (log, _) => log.to_owned(),
        };
        BackupError::Failed {
            job: self.name.clone(),
            says,
        }
    }

    async fn late(&self, limit: Duration) -> BackupError {
        let says = self.trouble().await;
        BackupError::Late {
            job: self.name.clone(),
            namespace: self.namespace.to_owned(),
            seconds: limit.as_secs(),
            says: says
                .map(|says| format!("; its pod says {says}"))
                .unwrap_or_default(),
        }
    }

    async fn log(&self) -> Result<String, kube::Error> {
        let pods: Api<Pod> = Api::namespaced(self.cluster.client.clone(), self.namespace);
        let list = pods.list(&self.of_job()).await?;
        let newest = list
            .into_iter()
            .max_by_key(|pod| pod.metadata.creation_timestamp.clone());
        let Some(pod) = newest else {
            return Ok(String::new());
        };
        let of_container = LogParams {
            container: Some(CONTAINER.to_owned()),
            ..LogParams::default()
        };
        pods.logs(&pod.name_any(), &of_container).await
    }

    /// What keeps its pod from its work.
    async fn trouble(&self) -> Option<String> {
        let pods = observe::api(&self.cluster.client, Kind::Pod, Some(self.namespace));
        let list = pods.list(&self.of_job()).await.ok()?;
        let trouble = |pod: &DynamicObject| PodFacts::new(pod)?.trouble;
        list.iter().find_map(trouble)
    }

    fn of_job(&self) -> ListParams {
        ListParams::default().labels(&format!("batch.kubernetes.io/job-name={}", self.name))
    }

    fn refused(&self, done: &'static str, error: &kube::Error) -> BackupError {
        let message = match error {
            kube::Error::Api(status) => status.message.clone(),
            error => error.to_string(),
        };
        BackupError::Refused {
            job: self.name.clone(),
            done,
            message,
        }
    }
}

/// The API server says no, and will say so again.
fn is_refusal(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 401 | 403))
}

/// One that was deleted has ended, too.
fn has_ended(job: Option<&Job>) -> bool {
    job.is_none() || is(job, "Complete") || is(job, "Failed")
}

fn is(job: Option<&Job>, condition: &str) -> bool {
    let status = job.and_then(|job| job.status.as_ref());
    let conditions = status.and_then(|status| status.conditions.as_ref());
    conditions.is_some_and(|all| {
        let mut all = all.iter();
        all.any(|each| each.type_ == condition && each.status == "True")
    })
}

/// The cluster's words about a Job that failed.
fn message(job: Option<&Job>) -> String {
    let status = job.and_then(|job| job.status.as_ref());
    let mut all = status
        .and_then(|status| status.conditions.iter().flatten().next_back())
        .into_iter();
    let said = all.find_map(|condition| condition.message.clone());
    said.unwrap_or_else(|| "it was deleted before its end".to_owned())
}
