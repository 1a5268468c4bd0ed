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
    job: Job,
}

impl<'a> Run<'a> {
    /// Starts a Job. One of its name that has ended makes room for it; one that runs keeps
    /// it from starting.
    pub async fn start(
        cluster: &'a Cluster,
        namespace: &'a str,
        job: &Job,
    ) -> Result<Self, BackupError> {
        let name = job.name_any();
        for _ in 0..PATIENCE {
            match run::start(&cluster.client, namespace, job).await {
                Ok(job) => {
                    return Ok(Self {
                        cluster,
                        namespace,
                        name,
                        job,
                    });
                }
                Err(error) if is_taken(&error) => make_room(cluster, namespace, &name).await?,
                Err(error) => return Err(refused(&name, "started", &error)),
            }
        }
        Err(runs(&name, namespace))
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
        if job.as_ref().is_some_and(|job| is(job, "Complete")) {
            return log.map_err(|error| refused(&self.name, "read", &error));
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
                Ok(Some(job)) if job.uid() == self.job.uid() && !has_ended(&job) => failures = 0,
                // One that was deleted has ended, too.
                Ok(job) => return Ok(job.filter(|job| job.uid() == self.job.uid())),
                Err(error) if failures == PATIENCE || is_refusal(&error) => {
                    return Err(refused(&self.name, "looked at", &error));
                }
                Err(_) => failures += 1,
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }

    /// Takes the Job away. What is left goes by itself, so nobody has to know.
    pub async fn take_away(&self) {
        let _ = run::take_away(&self.cluster.client, self.namespace, &self.job).await;
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
            container: self.container(),
            ..LogParams::default()
        };
        pods.logs(&pod.name_any(), &of_container).await
    }

    /// The name of the container that does the work: one that brings a client of S3 is an
    /// init container.
    fn container(&self) -> Option<String> {
        let pod = self.job.spec.as_ref()?.template.spec.as_ref()?;
        Some(pod.containers.first()?.name.clone())
    }

    /// What keeps its pod from its work.
    async fn trouble(&self) -> Option<String> {
        let pods = observe::api(&self.cluster.client, Kind::Pod, Some(self.namespace));
        let list = pods.list(&self.of_job()).await.ok()?;
        let trouble = |pod: &DynamicObject| PodFacts::new(pod)?.trouble;
        list.iter().find_map(trouble)
    }

    fn of_job(&self) -> ListParams {
        let uid = self.job.uid().unwrap_or_default();
        ListParams::default().labels(&format!("batch.kubernetes.io/controller-uid={uid}"))
    }
}

/// Takes a Job away that has ended, and its name with it.
async fn make_room(cluster: &Cluster, namespace: &str, name: &str) -> Result<(), BackupError> {
    let jobs: Api<Job> = Api::namespaced(cluster.client.clone(), namespace);
    let there = jobs.get_opt(name).await;
    let Some(job) = there.map_err(|error| refused(name, "looked at", &error))? else {
        return Ok(());
    };
    if !has_ended(&job) {
        return Err(runs(name, namespace));
    }
    match run::take_away(&cluster.client, namespace, &job).await {
        // Somebody else has taken it away, and perhaps started another.
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => {}
        taken => taken.map_err(|error| refused(name, "taken away", &error))?,
    }
    tokio::time::sleep(BETWEEN).await;
    Ok(())
}

fn runs(name: &str, namespace: &str) -> BackupError {
    BackupError::Runs {
        job: name.to_owned(),
        namespace: namespace.to_owned(),
    }
}

fn refused(job: &str, done: &'static str, error: &kube::Error) -> BackupError {
    let message = match error {
        kube::Error::Api(status) => status.message.clone(),
        error => error.to_string(),
    };
    let rights = if is_refusal(error) {
        "; it takes the rights that docs/guides/backup.md names"
    } else {
        ""
    };
    BackupError::Refused {
        job: job.to_owned(),
        done,
        message,
        rights,
    }
}

/// Another has the name.
fn is_taken(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.reason == "AlreadyExists")
}

/// The API server says no, and will say so again.
fn is_refusal(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 401 | 403))
}

fn has_ended(job: &Job) -> bool {
    is(job, "Complete") || is(job, "Failed")
}

fn is(job: &Job, condition: &str) -> bool {
    let status = job.status.iter();
    let mut conditions = status.flat_map(|status| status.conditions.iter().flatten());
    conditions.any(|each| each.type_ == condition && each.status == "True")
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
