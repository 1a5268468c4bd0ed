//! What the operator answers by HTTP: `/metrics` on one address, `/healthz` and
//! `/readyz` on another, so that a network policy can open one and not the other.

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::metrics::{self, Metrics};

/// How long a stop waits for connections: one that never asks anything must not hold it.
const GRACE: Duration = Duration::from_secs(2);

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Another process listens there.
    #[error(
        "cannot listen on {address}: the address is in use; stop what listens there, or choose another address with {flag}"
    )]
    InUse {
        /// The address.
        address: SocketAddr,
        /// The flag that gave it.
        flag: &'static str,
    },
    /// The address is not this machine's, or not allowed.
    #[error("cannot listen on {address}: {source}; choose another address with {flag}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The flag that gave it.
        flag: &'static str,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// It listened, and stopped by itself.
    #[error("the server on {address} stopped: {source}")]
    Serve {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
}

/// Tells whether the process is ready: `Err` says what it waits for. A standby that waits
/// for leadership is ready, or a rolling update would never end.
pub type Readiness = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// A server that listens, and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens on an address, so that a wrong one is told before anything starts. `flag`
    /// is the command line's word for it. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address is in use, or cannot be listened on.
    pub async fn bind(address: SocketAddr, flag: &'static str) -> Result<Self, ServerError> {
        let cannot = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AddrInUse => ServerError::InUse { address, flag },
            _ => ServerError::Bind {
                address,
                flag,
                source,
            },
        };
        let listener = TcpListener::bind(address).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is cancelled, and then lets requests that are under way end.
    ///
    /// # Errors
    /// The operating system's.
    pub async fn serve(self, routes: Router, stop: CancellationToken) -> Result<(), ServerError> {
        let address = self.address;
        let ending = stop.clone().cancelled_owned();
        let serving = axum::serve(self.listener, routes).with_graceful_shutdown(ending);
        let grace_is_over = async {
            stop.cancelled().await;
            sleep(GRACE).await;
        };
        tokio::select! {
            ended = serving.into_future() => {
                ended.map_err(|source| ServerError::Serve { address, source })
            }
            () = grace_is_over => Ok(()),
        }
    }
}

/// `/metrics`.
pub fn metrics_routes(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(async move || answer_metrics(&metrics)))
}

/// `/healthz`: the process lives; `/readyz`: as `readiness` says.
pub fn health_routes(readiness: Readiness) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async move || answer_ready(&readiness)))
}

fn answer_metrics(metrics: &Metrics) -> Response {
    match metrics.encode() {
        Ok(text) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn answer_ready(readiness: &Readiness) -> Response {
    match readiness() {
        Ok(()) => "ok\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason + "\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;

    struct Running {
        address: SocketAddr,
        stop: CancellationToken,
        task: JoinHandle<Result<(), ServerError>>,
    }

    /// What a server answers, without its date.
    fn get_blocking(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = "host: test\r\nconnection: close";
        write!(stream, "GET {path} HTTP/1.1\r\n{head}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let lines = answer.split("\r\n");
        let lines: Vec<&str> = lines.filter(|line| !line.starts_with("date:")).collect();
        lines.join("\n")
    }

    async fn start(routes: Router) -> Running {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::bind(any, "--metrics-address").await.unwrap();
        let stop = CancellationToken::new();
        Running {
            address: server.address(),
            task: tokio::spawn(server.serve(routes, stop.clone())),
            stop,
        }
    }

    impl Running {
        async fn get(&self, path: &'static str) -> String {
            let address = self.address;
            let request = move || get_blocking(address, path);
            tokio::task::spawn_blocking(request).await.unwrap()
        }

        async fn end(self) {
            self.stop.cancel();
            let ended = timeout(2 * GRACE, self.task).await;
            ended.unwrap().unwrap().unwrap();
            assert!(TcpStream::connect(self.address).is_err());
        }
    }

    #[tokio::test]
    async fn metrics_are_answered_as_open_metrics() {
        let metrics = Arc::new(Metrics::new("1.2.3"));
        let server = start(metrics_routes(metrics.clone())).await;
        let answer = server.get("/metrics").await;
        let (head, body) = answer.split_once("\n\n").unwrap();
        let head: Vec<&str> = head
            .lines()
            .filter(|line| !line.starts_with("content-length"))
            .collect();
        insta::assert_snapshot!(head.join("\n"), @r"
        HTTP/1.1 200 OK
        content-type: application/openmetrics-text; version=1.0.0; charset=utf-8
        connection: close
        ");
        assert_eq!(body, metrics.encode().unwrap());
        server.end().await;
    }

    #[tokio::test]
    async fn the_process_lives_before_it_is_ready() {
        let filled = Arc::new(AtomicBool::new(false));
        let flag = filled.clone();
        let readiness: Readiness = Arc::new(move || match flag.load(Ordering::SeqCst) {
            true => Ok(()),
            false => Err("the caches are not filled yet".to_owned()),
        });
        let server = start(health_routes(readiness)).await;
        insta::assert_snapshot!(server.get("/healthz").await, @r"
        HTTP/1.1 200 OK
        content-type: text/plain; charset=utf-8
        content-length: 3
        connection: close

        ok
        ");
        insta::assert_snapshot!(server.get("/readyz").await, @r"
        HTTP/1.1 503 Service Unavailable
        content-type: text/plain; charset=utf-8
        content-length: 30
        connection: close

        the caches are not filled yet
        ");
        filled.store(true, Ordering::SeqCst);
        insta::assert_snapshot!(server.get("/readyz").await, @r"
        HTTP/1.1 200 OK
        content-type: text/plain; charset=utf-8
        content-length: 3
        connection: close

        ok
        ");
        assert!(server.get("/metrics").await.starts_with("HTTP/1.1 404"));
        server.end().await;
    }

    #[tokio::test]
    async fn a_silent_connection_does_not_hold_the_stop() {
        let server = start(health_routes(Arc::new(|| Ok(())))).await;
        let _silent = TcpStream::connect(server.address).unwrap();
        server.get("/healthz").await;
        server.end().await;
    }

    #[tokio::test]
    async fn an_address_in_use_is_named_with_its_flag() {
        let server = start(health_routes(Arc::new(|| Ok(())))).await;
        let error = Server::bind(server.address, "--health-address")
            .await
            .unwrap_err();
        let message = error
            .to_string()
            .replace(&server.address.port().to_string(), "PORT");
        insta::assert_snapshot!(message, @"cannot listen on 127.0.0.1:PORT: the address is in use; stop what listens there, or choose another address with --health-address");
        server.end().await;
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_told() {
        let elsewhere = SocketAddr::from(([192, 0, 2, 1], 8080));
        let error = Server::bind(elsewhere, "--metrics-address")
            .await
            .unwrap_err();
        let reason = match &error {
            ServerError::Bind { source, .. } => source.to_string(),
            other => panic!("{other}"),
        };
        // Each operating system has its own words.
        let message = error.to_string().replace(&reason, "REASON");
        insta::assert_snapshot!(message, @"cannot listen on 192.0.2.1:8080: REASON; choose another address with --metrics-address");
    }
}
