//! The requests for a Lease.

use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use tokio::time::{sleep, timeout};

use super::LeaseSettings;
use super::record::{self, Next, Sight};
use crate::api::names;

/// One who asks for the Lease, or holds it.
pub struct Candidate {
    leases: Api<Lease>,
    settings: LeaseSettings,
    seen: Option<Sight>,
    /// Whether what was seen is what our last write left, so that it need not be read
    /// again. Not after an error: the write may have been taken all the same.
    sure: bool,
}

/// How an attempt ended.
#[derive(Debug)]
pub enum Attempt {
    /// The Lease is ours.
    Held {
        /// When the request for it began.
        since: Instant,
    },
    /// It is not.
    Other {
        /// Whose it is; empty if it is nobody's.
        holder: String,
        /// How long, if it is not renewed.
        left: Duration,
    },
}

/// What a candidate that waits last told of, so that it tells each thing once.
type Told = Option<String>;

impl std::fmt::Debug for Candidate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Candidate")
            .field(&self.settings)
            .finish()
    }
}

impl Candidate {
    pub fn new(client: Client, settings: LeaseSettings) -> Self {
        Self {
            leases: Api::namespaced(client, &settings.namespace),
            settings,
            seen: None,
            sure: false,
        }
    }

    pub fn settings(&self) -> &LeaseSettings {
        &self.settings
    }

    /// Returns once the Lease is ours, with the moment in which the request for it began.
    pub async fn win(&mut self) -> Instant {
        let mut told = None;
        loop {
            let attempt = timeout(self.settings.request_limit(), self.attempt()).await;
            let retry = with_jitter(self.settings.retry_period);
            let pause = match attempt {
                Ok(Ok(Attempt::Held { since })) => {
                    let lease = self.settings.lease();
                    tracing::info!(
                        lease,
                        identity = self.settings.identity,
                        "leadership is ours"
                    );
                    return since;
                }
                Ok(Ok(Attempt::Other { holder, left })) => {
                    self.tell_holder(&mut told, holder);
                    left.min(retry)
                }
                Ok(Err(error)) => self.tell_failure(&mut told, &error.to_string(), retry),
                Err(_) => self.tell_failure(&mut told, "no answer", retry),
            };
            sleep(pause).await;
        }
    }

    /// Renews the Lease by one request, unless something came between.
    ///
    /// # Errors
    /// The API server's; whether the Lease is still ours is then seen by the next call.
    pub async fn renew(&mut self) -> Result<Attempt, kube::Error> {
        match self.renew_once().await {
            // Somebody else has written: whether it is lost is worth knowing at once.
            Err(error) if is_conflict(&error) => self.renew_once().await,
            result => result,
        }
    }

    /// Gives the Lease back if it is ours. A failure is only told, for it expires then.
    pub async fn give_back(&mut self) {
        let lease = self.settings.lease();
        match timeout(self.settings.request_limit(), self.release()).await {
            Ok(Ok(true)) => tracing::info!(lease, "the Lease is released"),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::warn!(lease, %error, "the Lease was not released"),
            Err(_) => tracing::warn!(lease, "no answer to the release of the Lease"),
        }
    }

    async fn attempt(&mut self) -> Result<Attempt, kube::Error> {
        self.look().await?;
        let seen = self.seen.as_ref();
        let spec = seen.and_then(|seen| seen.lease.spec.as_ref());
        let spec = match (record::next(seen, &self.settings, Instant::now()), spec) {
            (Next::Wait { holder, left }, _) => return Ok(Attempt::Other { holder, left }),
            (Next::Resume, Some(spec)) => record::renewed(spec, &self.settings, now()),
            (Next::Create | Next::Take | Next::Resume, spec) => {
                record::taken(spec, &self.settings, now())
            }
        };
        self.write(spec).await
    }

    async fn renew_once(&mut self) -> Result<Attempt, kube::Error> {
        if !self.sure {
            self.look().await?;
        }
        match self.ours() {
            Some(spec) => {
                let spec = record::renewed(spec, &self.settings, now());
                self.write(spec).await
            }
            None => Ok(self.not_ours()),
        }
    }

    async fn release(&mut self) -> Result<bool, kube::Error> {
        if !self.sure {
            self.look().await?;
        }
        let Some(spec) = self.ours() else {
            return Ok(false);
        };
        let spec = record::released(spec, now());
        self.write(spec).await.map(|_| true)
    }

    fn ours(&self) -> Option<&LeaseSpec> {
        let lease = &self.seen.as_ref()?.lease;
        let ours = record::holder(lease) == Some(&self.settings.identity);
        lease.spec.as_ref().filter(|_| ours)
    }

    fn not_ours(&self) -> Attempt {
        let seen = self.seen.as_ref();
        let holder = seen.and_then(|seen| record::holder(&seen.lease));
        Attempt::Other {
            holder: holder.unwrap_or_default().to_owned(),
            left: Duration::ZERO,
        }
    }

    async fn look(&mut self) -> Result<(), kube::Error> {
        let lease = self.leases.get_opt(&self.settings.name).await?;
        self.seen = lease.map(|lease| record::look(self.seen.as_ref(), lease, Instant::now()));
        Ok(())
    }

    /// Creates or replaces. A replacement carries the resource version that was seen, so
    /// of two that try one gets a conflict.
    async fn write(&mut self, spec: LeaseSpec) -> Result<Attempt, kube::Error> {
        self.sure = false;
        let params = PostParams {
            field_manager: Some(names::FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        let since = Instant::now();
        let written = match &self.seen {
            Some(seen) => {
                let lease = with_spec(seen.lease.metadata.clone(), spec);
                self.leases
                    .replace(&self.settings.name, &params, &lease)
                    .await?
            }
            None => {
                let metadata = ObjectMeta {
                    name: Some(self.settings.name.clone()),
                    ..ObjectMeta::default()
                };
                self.leases
                    .create(&params, &with_spec(metadata, spec))
                    .await?
            }
        };
        self.seen = Some(record::look(None, written, Instant::now()));
        self.sure = true;
        Ok(Attempt::Held { since })
    }

    fn tell_holder(&self, told: &mut Told, holder: String) {
        if told.as_ref() != Some(&holder) {
            let lease = self.settings.lease();
            tracing::info!(lease, holder, "waiting: another holds the Lease");
            *told = Some(holder);
        }
    }

    fn tell_failure(&self, told: &mut Told, error: &str, retry: Duration) -> Duration {
        if told.as_deref() != Some(error) {
            let lease = self.settings.lease();
            tracing::warn!(lease, error, "the Lease cannot be acquired; trying again");
            *told = Some(error.to_owned());
        }
        retry
    }
}

fn with_spec(metadata: ObjectMeta, spec: LeaseSpec) -> Lease {
    // The server keeps them by itself; sent back they only make the request larger.
    let metadata = ObjectMeta {
        managed_fields: None,
        ..metadata
    };
    Lease {
        metadata,
        spec: Some(spec),
    }
}

fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409)
}

fn now() -> MicroTime {
    MicroTime(Timestamp::now())
}

/// Up to a fifth longer, so that candidates that started together part.
fn with_jitter(period: Duration) -> Duration {
    let share = getrandom::u32().unwrap_or_default() % 21;
    period + period * share / 100
}
