//! The load: for each service some who write to it, one request after the other, and what
//! was answered to them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How many write to each service.
const WRITERS: usize = 2;

/// How often each of them writes, unless it waits for an answer for longer.
const PACE: Duration = Duration::from_millis(200);

/// Longer than a service waits for its database.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request that was not answered with 201.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) service: &'static str,
    pub(crate) at: Instant,
    /// The answer, or why there was none.
    pub(crate) why: String,
}

/// What came of the requests that were sent in a phase.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// The identifiers that were acknowledged, by service.
    pub(crate) acknowledged: BTreeMap<&'static str, Vec<String>>,
    pub(crate) refused: Vec<Refusal>,
}

/// The load; it ends when this is dropped.
pub(crate) struct Load {
    outcomes: Outcomes,
    _writers: JoinSet<()>,
}

/// By phase; requests count in the phase in which they were sent.
#[derive(Clone, Default)]
struct Outcomes(Arc<Mutex<Vec<Outcome>>>);

impl Load {
    /// Begins to write to services by their URLs.
    pub(crate) fn start(services: &BTreeMap<&'static str, String>) -> Self {
        let outcomes = Outcomes::default();
        outcomes.list().push(Outcome::default());
        let mut writers = JoinSet::new();
        for (service, url) in services {
            for number in 0..WRITERS {
                let writer = Writer::new(service, url, number, outcomes.clone());
                writers.spawn(writer.work());
            }
        }
        Self {
            outcomes,
            _writers: writers,
        }
    }

    /// Begins another phase.
    pub(crate) fn next_phase(&self) {
        self.outcomes.list().push(Outcome::default());
    }

    /// What came of the phases so far, the present one last.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        self.outcomes.list().clone()
    }
}

impl Outcomes {
    /// A panic of another task leaves the list as good as it was.
    fn list(&self) -> MutexGuard<'_, Vec<Outcome>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Writer {
    service: &'static str,
    url: String,
    number: usize,
    client: Client<HttpConnector, Full<Bytes>>,
    outcomes: Outcomes,
}

impl Writer {
    /// Each request takes a connection of its own, as if each came from somebody else: one
    /// that is kept leads to the same pod for as long as that lives.
    fn new(service: &'static str, url: &str, number: usize, outcomes: Outcomes) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        Self {
            service,
            url: format!("{url}/writes"),
            number,
            client,
            outcomes,
        }
    }

    async fn work(self) {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for count in 0_usize.. {
            pace.tick().await;
            let id = format!("{}-{}-{count}", self.service, self.number);
            let phase = self.outcomes.list().len() - 1;
            let answer = timeout(PATIENCE, self.write(&id)).await;
            let answer = answer.unwrap_or_else(|_| Err("no answer in time".into()));
            let outcome = &mut self.outcomes.list()[phase];
            let service = self.service;
            match answer {
                Ok(()) => outcome.acknowledged.entry(service).or_default().push(id),
                Err(why) => outcome.refused.push(Refusal {
                    service,
                    at: Instant::now(),
                    why,
                }),
            }
        }
    }

    async fn write(&self, id: &str) -> Result<(), String> {
        let body = json!({"id": id}).to_string();
        let request = Request::post(&self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))
            .unwrap();
        let answer = self.client.request(request).await;
        // The cause is in the chain of sources.
        let answer = answer.map_err(|error| format!("{error:?}"))?;
        let status = answer.status();
        let body = answer.into_body().collect().await;
        let body = body.map_err(|error| format!("{error:?}"))?.to_bytes();
        if status == StatusCode::CREATED {
            return Ok(());
        }
        Err(format!("{status}: {}", String::from_utf8_lossy(&body)))
    }
}
