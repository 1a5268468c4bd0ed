//! A proxy in front of the API server, for one operator: it counts the writes, and at the
//! one that is asked for the world stops until the operator is gone. It can lose the events of
//! a watch, or let them come late, too.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{pending, ready};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, Method, StatusCode, header, request};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// More parts of a watch than come within a delay.
const LATE_AT_ONCE: usize = 1000;

/// One write, told from those of the same object by how many of them came before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Write {
    /// As `PATCH deployments/api`, or `POST events`, whose names are random.
    pub what: String,
    /// 0 for the first.
    pub earlier: usize,
}

impl Write {
    /// Whether each run has it: how often a status is told, and an event, is a matter of time.
    pub fn is_certain(&self) -> bool {
        let told = ["/status", " events"];
        !told.iter().any(|part| self.what.contains(part))
    }
}

/// Where the world stops.
#[derive(Clone, Debug)]
pub enum Point {
    /// At this write.
    At(Write),
    /// At the write of this number, counted from 0, of those that each run has.
    Number(usize),
}

/// On which side of a write the world stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The API server never hears of the write.
    Before,
    /// The API server has taken it, and the operator never hears of that.
    After,
}

/// The proxy; it ends when this is dropped. It speaks plain HTTP, on this machine only.
pub struct Proxy {
    pub server: String,
    gate: Arc<Gate>,
    serving: JoinHandle<()>,
}

impl Proxy {
    /// Begins to lead requests to the API server of this configuration. Who asks is told by
    /// the requests' own tokens.
    pub async fn start(target: &Config) -> Self {
        let mut config = Config::new(target.cluster_url.clone());
        config.root_cert = target.root_cert.clone();
        config.default_retry = false;
        let gate = Arc::new(Gate {
            client: Client::try_from(config).unwrap(),
            state: Mutex::default(),
            stopped: watch::Sender::new(false),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let pass = gate.clone();
        let router = Router::new().fallback(async move |request| pass.pass(request).await);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            server,
            gate,
            serving,
        }
    }

    /// Writes a kubeconfig as this one (in JSON), which leads through the proxy.
    pub fn lead(&self, from: &Path, to: &Path) {
        let text = std::fs::read_to_string(from).unwrap();
        let mut config: Value = serde_json::from_str(&text).unwrap();
        config["clusters"][0]["cluster"]["server"] = json!(self.server);
        std::fs::write(to, config.to_string()).unwrap();
    }

    /// Begins to count anew, and stops the world at this point, if one is given.
    pub fn stop_at(&self, trap: Option<(Point, Moment)>) {
        self.gate.change(|state| {
            *state = State {
                trap,
                ..State::default()
            };
        });
        self.gate.stopped.send_replace(false);
    }

    /// Resolves when the world has stopped.
    pub async fn stopped(&self) {
        let mut stopped = self.gate.stopped.subscribe();
        stopped.wait_for(|stopped| *stopped).await.unwrap();
    }

    /// Lets the next event of that type (`ADDED`, `MODIFIED`, `DELETED`) get lost on its way to
    /// a watch of this resource.
    pub fn lose(&self, resource: &'static str, event: &'static str) {
        self.gate
            .change(|state| state.loss = Some((resource, event)));
    }

    /// Lets the events of this resource come so much later to each watch.
    pub fn delay(&self, resource: &'static str, by: Duration) {
        self.gate.change(|state| state.delay = Some((resource, by)));
    }

    /// Whether that event has been lost.
    pub fn has_lost(&self) -> bool {
        self.gate.change(|state| state.loss.is_none())
    }

    /// The writes since it was last asked to count, in the order in which they came.
    pub fn writes(&self) -> Vec<Write> {
        self.gate.change(|state| state.writes.clone())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Default)]
struct State {
    writes: Vec<Write>,
    counts: BTreeMap<String, usize>,
    trap: Option<(Point, Moment)>,
    loss: Option<(&'static str, &'static str)>,
    delay: Option<(&'static str, Duration)>,
}

struct Gate {
    client: Client,
    state: Mutex<State>,
    stopped: watch::Sender<bool>,
}

impl Gate {
    async fn pass(self: &Arc<Self>, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        if [Method::GET, Method::HEAD].contains(&head.method) {
            return self.forward(head, body).await;
        }
        // A write that is stopped is dropped with its connection, when the operator is killed.
        match self.moment(named(&head, &body)) {
            Some(Moment::Before) => {
                self.stopped.send_replace(true);
                pending().await
            }
            Some(Moment::After) => {
                let answer = self.forward(head, body).await;
                to_bytes(answer.into_body(), usize::MAX).await.unwrap();
                self.stopped.send_replace(true);
                pending().await
            }
            None => self.forward(head, body).await,
        }
    }

    /// On which side of this write the world stops; where it has stopped, nothing passes.
    fn moment(&self, what: String) -> Option<Moment> {
        if *self.stopped.borrow() {
            return Some(Moment::Before);
        }
        self.change(|state| {
            let count = state.counts.entry(what.clone()).or_default();
            let write = Write {
                what,
                earlier: *count,
            };
            *count += 1;
            let number = state.writes.iter().filter(|it| it.is_certain()).count();
            state.writes.push(write.clone());
            let trap = state.trap.take_if(|(point, _)| match point {
                Point::At(at) => *at == write,
                Point::Number(at) => write.is_certain() && *at == number,
            });
            trap.map(|(_, moment)| moment)
        })
    }

    /// Streams the answer: a watch has no end.
    async fn forward(self: &Arc<Self>, head: request::Parts, body: Bytes) -> Response {
        let mut head = head;
        for name in [
            header::HOST,
            header::CONNECTION,
            HeaderName::from_static("keep-alive"),
        ] {
            head.headers.remove(name);
        }
        let watched = watched(&head);
        let request = axum::http::Request::from_parts(head, kube::client::Body::from(body));
        match self.client.send(request).await {
            Ok(answer) => match watched {
                Some(resource) => answer.map(|body| self.clone().events(resource, Body::new(body))),
                None => answer.map(Body::new),
            },
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }

    /// The events of a watch, an object of JSON a line, without the one that is to be lost.
    fn events(self: Arc<Self>, resource: String, body: Body) -> Body {
        let mut rest = Vec::new();
        let whole = body.into_data_stream().filter_map(move |chunk| {
            rest.extend_from_slice(&chunk.unwrap_or_default());
            let end = rest.iter().rposition(|byte| *byte == b'\n');
            let lines: Vec<u8> = rest.drain(..end.map_or(0, |last| last + 1)).collect();
            let lines = lines.split_inclusive(|byte| *byte == b'\n');
            let kept = lines.filter(|line| !self.loses(&resource, line));
            let kept = kept.flatten().copied().collect::<Vec<u8>>();
            let due = Instant::now() + self.delay_of(&resource);
            ready((!kept.is_empty()).then_some((due, kept)))
        });
        let late = whole.map(async |(due, kept)| {
            sleep_until(due).await;
            Ok::<_, Infallible>(kept)
        });
        Body::from_stream(late.buffered(LATE_AT_ONCE))
    }

    fn loses(&self, resource: &str, line: &[u8]) -> bool {
        self.change(|state| {
            let of_type = |event| line.starts_with(format!("{{\"type\":\"{event}\"").as_bytes());
            let lost = state
                .loss
                .take_if(|(of, event)| *of == resource && of_type(*event));
            lost.is_some()
        })
    }

    fn delay_of(&self, resource: &str) -> Duration {
        let delay = self.change(|state| state.delay);
        delay
            .filter(|(of, _)| *of == resource)
            .map_or(Duration::ZERO, |(_, by)| by)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state)
    }
}

/// The verb, the resource and the name: of what is made by POST, the body has it.
fn named(head: &request::Parts, body: &[u8]) -> String {
    let path = head.uri.path();
    let of_namespace = path.split_once("/namespaces/");
    let resource = of_namespace.and_then(|(_, rest)| rest.split_once('/'));
    let resource = resource.map_or(path, |(_, resource)| resource);
    let object: Value = serde_json::from_slice(body).unwrap_or_default();
    let name = object["metadata"]["name"].as_str();
    match name.filter(|_| head.method == Method::POST && resource != "events") {
        Some(name) => format!("{} {resource}/{name}", head.method),
        None if resource.starts_with("events") => format!("{} events", head.method),
        None => format!("{} {resource}", head.method),
    }
}

/// The resource, where the request is a watch.
fn watched(head: &request::Parts) -> Option<String> {
    let query = head.uri.query()?;
    let is_watch = query.split('&').any(|pair| pair == "watch=true");
    let resource = head.uri.path().rsplit('/').next()?;
    is_watch.then(|| resource.to_owned())
}
