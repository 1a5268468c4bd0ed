//! Leader election by a Lease, as client-go does it: of several operators one writes.
//!
//! The holder renews every 2 s and gives up when it could not for 10 s; others take over
//! when they have seen no renewal for 15 s. So the old holder has stopped before a new
//! one begins, however far apart their wall clocks are: each measures by its own
//! monotonic clock, and the times in the Lease are for people only.
//!
//! What this cannot rule out: a request that was begun in time and reaches the API server
//! after the Lease has passed on (the 5 s between deadline and expiry are for it), a
//! Lease that somebody deletes, and a machine that sleeps, for its clock stands still.
//!
//! ```text
//!  acquire: get ─▶ record::next ─▶ create or replace ─▶ Leadership ─▶ replace every 2 s
//!             ▲        │ wait                               │
//!             └────────┘                                    └─▶ lost, or release
//! ```

mod candidate;
mod record;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kube::Client;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::apply::Permission;
use candidate::{Attempt, Candidate};

/// Which Lease, who asks for it, and how long things last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseSettings {
    /// The namespace of the Lease.
    pub namespace: String,
    /// The name of the Lease.
    pub name: String,
    /// Who asks: no two processes may share it, nor one and its next start.
    pub identity: String,
    /// How long others wait after the last renewal that they saw.
    pub lease_duration: Duration,
    /// How long the holder goes on without a renewal; shorter than `lease_duration`.
    pub renew_deadline: Duration,
    /// How often the holder renews, and the others look; shorter than `renew_deadline`.
    pub retry_period: Duration,
}

/// Why the Lease was not acquired.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// With these durations two could hold the Lease, or nobody for long.
    #[error(
        "the durations of the Lease {lease} do not fit: its duration ({lease_duration:?}) must be longer than the renew deadline ({renew_deadline:?}), and that longer than the retry period ({retry_period:?}), which must not be zero"
    )]
    Durations {
        /// The Lease, as `namespace/name`.
        lease: String,
        /// As in the settings.
        lease_duration: Duration,
        /// As in the settings.
        renew_deadline: Duration,
        /// As in the settings.
        retry_period: Duration,
    },
    /// The process is to stop, and does not hold the Lease.
    #[error("stopped while waiting for the Lease {lease}")]
    Stopped {
        /// The Lease, as `namespace/name`.
        lease: String,
    },
    /// No identity could be made.
    #[error("the operating system gives no random bytes for an identity")]
    Random(#[from] getrandom::Error),
}

impl LeaseSettings {
    /// The Lease with client-go's durations and a new identity: the host's name, which in
    /// a pod is the pod's, and something random.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn new(namespace: &str, name: &str) -> Result<Self, LeaseError> {
        Ok(Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            identity: identity()?,
            lease_duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry_period: Duration::from_secs(2),
        })
    }

    fn lease(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    fn check(&self) -> Result<(), LeaseError> {
        let fits = self.lease_duration > self.renew_deadline
            && self.renew_deadline > self.retry_period
            && !self.retry_period.is_zero();
        if fits {
            return Ok(());
        }
        Err(LeaseError::Durations {
            lease: self.lease(),
            lease_duration: self.lease_duration,
            renew_deadline: self.renew_deadline,
            retry_period: self.retry_period,
        })
    }

    /// Half the deadline, so that one request that hangs does not use up all of it.
    fn request_limit(&self) -> Duration {
        self.renew_deadline / 2
    }
}

fn identity() -> Result<String, getrandom::Error> {
    let host = hostname::get().unwrap_or_default();
    let host = match host.to_string_lossy() {
        name if name.is_empty() => "gravity".into(),
        name => name,
    };
    Ok(format!("{host}_{:016x}", getrandom::u64()?))
}

/// The right to write, from the moment the Lease was acquired until it is lost or
/// released. What is lost stays lost: another [`Leadership::acquire`] gives a new one.
#[derive(Debug)]
pub struct Leadership {
    /// Nothing where leader election is off.
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    tenure: Arc<Tenure>,
    stop: CancellationToken,
    renewals: Mutex<Option<JoinHandle<Candidate>>>,
    /// A Leadership that is dropped is renewed no longer.
    _stop_when_dropped: DropGuard,
}

impl Leadership {
    /// Leadership without a Lease, for where leader election is off: always held.
    pub fn always() -> Arc<Self> {
        Arc::new(Self { held: None })
    }

    /// Waits until the Lease is held, and then renews it in a task. Errors of the API
    /// server are logged and tried again, for they may pass.
    ///
    /// # Errors
    /// The durations do not fit, or `stop` was cancelled first.
    pub async fn acquire(
        client: Client,
        settings: LeaseSettings,
        stop: &CancellationToken,
    ) -> Result<Arc<Self>, LeaseError> {
        settings.check()?;
        let lease = settings.lease();
        let mut candidate = Candidate::new(client, settings);
        let won = stop.run_until_cancelled(candidate.win()).await;
        match won {
            Some(since) => Ok(Arc::new(Self::begin(candidate, since))),
            None => {
                // The answer to a request that was under way may have been a yes.
                candidate.give_back().await;
                Err(LeaseError::Stopped { lease })
            }
        }
    }

    fn begin(candidate: Candidate, since: Instant) -> Self {
        let tenure = Arc::new(Tenure::new(since, candidate.settings().renew_deadline));
        let stop = CancellationToken::new();
        let renewals = tokio::spawn(keep(candidate, tenure.clone(), stop.clone()));
        let held = Held {
            tenure,
            renewals: Mutex::new(Some(renewals)),
            _stop_when_dropped: stop.clone().drop_guard(),
            stop,
        };
        Self { held: Some(held) }
    }

    /// Resolves when the right to write has ended: the Lease went to another, could not
    /// be renewed in time, or was released. The process should then stop, and start anew.
    pub async fn lost(&self) {
        match &self.held {
            Some(held) => held.tenure.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Gives the Lease back, so that another takes it at its next look and need not wait
    /// for it to expire. From the call on nothing may be written, so stop the writers
    /// first. Takes no longer than two requests may; on a failure the Lease expires.
    pub async fn release(&self) {
        let Some(held) = &self.held else { return };
        held.tenure.end();
        held.stop.cancel();
        let renewals = lock(&held.renewals).take();
        if let Some(renewals) = renewals
            && let Ok(mut candidate) = renewals.await
        {
            candidate.give_back().await;
        }
    }
}

impl Permission for Leadership {
    /// Held, and the last renewal that was taken *began* less than the renew deadline
    /// ago. This is asked of the clock each time, not of the task that renews: a process
    /// that SIGSTOP held past its Lease wakes without having noticed. `Instant` is
    /// CLOCK_MONOTONIC on Linux, which goes on meanwhile.
    fn may_write(&self) -> bool {
        self.held.as_ref().is_none_or(|held| held.tenure.lasts())
    }
}

/// From acquiring to losing. It ends once, and by itself if nobody prolongs it.
#[derive(Debug)]
struct Tenure {
    renew_deadline: Duration,
    until: Mutex<Instant>,
    over: CancellationToken,
}

impl Tenure {
    fn new(since: Instant, renew_deadline: Duration) -> Self {
        Self {
            renew_deadline,
            until: Mutex::new(since + renew_deadline),
            over: CancellationToken::new(),
        }
    }

    fn lasts(&self) -> bool {
        !self.over.is_cancelled() && !self.left().is_zero()
    }

    fn left(&self) -> Duration {
        lock(&self.until).saturating_duration_since(Instant::now())
    }

    /// A renewal that began at `start` was taken. Too late, it changes nothing: whoever
    /// asked meanwhile was told that the tenure is over.
    fn prolong(&self, start: Instant) {
        let mut until = lock(&self.until);
        if Instant::now() < *until {
            *until = start + self.renew_deadline;
        }
    }

    fn end(&self) {
        self.over.cancel();
    }

    /// Does not rely on the task that renews, which may be gone.
    async fn ended(&self) {
        while self.lasts() {
            let _ = timeout(self.left(), self.over.cancelled()).await;
        }
        self.end();
    }
}

/// Renews until told to stop, or until the Lease is lost.
async fn keep(mut candidate: Candidate, tenure: Arc<Tenure>, stop: CancellationToken) -> Candidate {
    while tenure.lasts() {
        let pause = candidate.settings().retry_period.min(tenure.left());
        if stop.run_until_cancelled(sleep(pause)).await.is_none() {
            return candidate;
        }
        let limit = candidate.settings().request_limit().min(tenure.left());
        renew(&mut candidate, &tenure, limit).await;
    }
    tracing::error!(lease = candidate.settings().lease(), "leadership is lost");
    tenure.end();
    candidate
}

async fn renew(candidate: &mut Candidate, tenure: &Tenure, limit: Duration) {
    let lease = candidate.settings().lease();
    match timeout(limit, candidate.renew()).await {
        Ok(Ok(Attempt::Held { since })) => tenure.prolong(since),
        Ok(Ok(Attempt::Other { holder, .. })) => {
            tracing::warn!(lease, holder, "the Lease went to another");
            tenure.end();
        }
        Ok(Err(error)) => tracing::warn!(lease, %error, "the Lease was not renewed"),
        Err(_) => tracing::warn!(lease, ?limit, "no answer to the renewal of the Lease"),
    }
}

/// What is behind the locks is replaced whole, so it is good after a panic too.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
