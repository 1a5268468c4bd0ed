//! A load on a gateway: many who ask the same, and what came back to each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::Response;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::gateway::as_value;
use crate::{Reply, Request, Traefik};

/// Longer than a gateway waits for a service.
const PATIENCE: Duration = Duration::from_secs(15);

/// A request of a load.
#[derive(Clone, Debug)]
pub struct Sent {
    /// When it was sent.
    pub at: Instant,
    /// How long its answer took.
    pub took: Duration,
    /// The answer, or why there was none.
    pub answer: Result<Reply, String>,
}

/// A steady load, until [`Load::end`].
#[derive(Debug)]
pub struct Load {
    is_over: Arc<AtomicBool>,
    clients: JoinSet<Vec<Sent>>,
}

impl Load {
    /// So many clients, each of which asks once in a `pace`, and not before its last answer.
    pub fn start(gateway: &Traefik, request: &Request, clients: usize, pace: Duration) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let asker = Asker::new(gateway, request);
        let steady = |_| asker.clone().ask_steadily(pace, is_over.clone());
        Self {
            clients: (0..clients).map(steady).collect(),
            is_over,
        }
    }

    /// Ends it when all have their last answers; what was sent, in the order of time.
    pub async fn end(self) -> Vec<Sent> {
        self.is_over.store(true, Ordering::Relaxed);
        in_order(self.clients).await
    }

    /// Keeps it up while something is done that takes its time, and returns what was sent.
    pub async fn during(self, work: impl FnOnce()) -> Vec<Sent> {
        block_in_place(work);
        self.end().await
    }
}

/// So many requests at once.
pub async fn burst(gateway: &Traefik, request: &Request, count: usize) -> Vec<Sent> {
    let asker = Asker::new(gateway, request);
    let once = |_| {
        let asker = asker.clone();
        async move { vec![asker.ask().await] }
    };
    in_order((0..count).map(once).collect()).await
}

impl Sent {
    /// The status, where there is an answer.
    pub fn status(&self) -> Option<u16> {
        let answer = self.answer.as_ref().ok();
        answer.map(|reply| reply.status)
    }
}

/// Those that were not answered with 200: when, and why.
pub fn lost(sent: &[Sent]) -> Vec<String> {
    let Some(first) = sent.first() else {
        return Vec::new();
    };
    let lost = sent.iter().filter(|one| one.status() != Some(200));
    let told = lost.map(|one| {
        let after = one.at.duration_since(first.at).as_secs_f64();
        let took = one.took.as_secs_f64();
        format!("after {after:.2} s, {took:.3} s long: {:?}", one.answer)
    });
    told.collect()
}

async fn in_order(clients: JoinSet<Vec<Sent>>) -> Vec<Sent> {
    let mut sent = clients.join_all().await.concat();
    sent.sort_by_key(|one| one.at);
    sent
}

/// Who sends the request, each time by a connection of its own, as if each time it were
/// somebody else: one that is kept leads to the same replica for as long as that lives.
#[derive(Clone)]
struct Asker {
    client: Client<HttpConnector, Full<Bytes>>,
    request: Request,
    address: String,
}

impl Asker {
    fn new(gateway: &Traefik, request: &Request) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .retry_canceled_requests(false)
            .build_http();
        Self {
            client,
            request: request.clone(),
            address: gateway.address(false),
        }
    }

    async fn ask_steadily(self, pace: Duration, is_over: Arc<AtomicBool>) -> Vec<Sent> {
        let mut pace = interval(pace);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sent = Vec::new();
        while !is_over.load(Ordering::Relaxed) {
            pace.tick().await;
            sent.push(self.ask().await);
        }
        sent
    }

    async fn ask(&self) -> Sent {
        let at = Instant::now();
        let answer = timeout(PATIENCE, self.answer()).await;
        Sent {
            at,
            took: at.elapsed(),
            answer: answer.unwrap_or_else(|_| Err("no answer in time".to_owned())),
        }
    }

    async fn answer(&self) -> Result<Reply, String> {
        let asked = self.client.request(self.request.to(&self.address));
        // The cause is in the chain of sources.
        let answer = asked.await.map_err(|error| format!("{error:?}"))?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await;
        let body = body.map_err(|error| format!("{error:?}"))?.to_bytes();
        Ok(reply(&Response::from_parts(head, ()), &body))
    }
}

fn reply(head: &Response<()>, body: &[u8]) -> Reply {
    let headers = head.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    Reply {
        status: head.status().as_u16(),
        headers: headers.collect(),
        body: as_value(&String::from_utf8_lossy(body)),
    }
}
