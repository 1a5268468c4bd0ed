//! Traefik in the cluster, and requests through it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::feed::feed;
use crate::http::{INTERVAL, PATIENCE};
use crate::{Bed, Kubectl};

/// Its namespace, and what it is called there.
const NAME: &str = "traefik";

const PODS: &str = "--selector=app.kubernetes.io/name=traefik";

/// How long its pods may take to come or to go.
const LIMIT: Duration = Duration::from_secs(90);

/// Traefik, which routes of all namespaces lead through. It ends with the cluster.
///
/// On a cluster of our own the requests go to its Service and so to all of its replicas; on
/// another's they are forwarded to one of them.
#[derive(Debug)]
pub struct Traefik {
    kubectl: Kubectl,
    forwards: Option<[Forward; 2]>,
}

/// What is asked of a gateway.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    host: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    is_secure: bool,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Of HTTP.
    pub status: u16,
    /// Names in lower case, each as often as it came.
    pub headers: Vec<(String, String)>,
    /// As JSON; what is none is a text.
    pub body: Value,
}

impl Traefik {
    /// Installs it, and waits until so many of it are ready. The bed must have the Gateway
    /// API's definitions: [`Bed::with_gateways`].
    pub fn start(bed: &Bed, replicas: u32) -> Self {
        Self::install(bed, replicas, &Bed::app("traefik.yaml"))
    }

    /// The same without an access log, which costs as much as the requests that it tells of.
    pub fn silent(bed: &Bed, replicas: u32) -> Self {
        let objects = Bed::app("traefik.yaml");
        let lines = objects.lines().filter(|line| !line.contains("--accesslog"));
        let objects: Vec<&str> = lines.collect();
        Self::install(bed, replicas, &objects.join("\n"))
    }

    fn install(bed: &Bed, replicas: u32, objects: &str) -> Self {
        let kubectl = bed.namespace(NAME);
        kubectl.answer(&["apply", "--filename=-"], objects);
        let mut started = Self {
            kubectl,
            forwards: None,
        };
        started.scale(replicas);
        if bed.own_cluster().is_none() {
            let forward = |port| Forward::start(&started.kubectl, port);
            started.forwards = Some(["web", "websecure"].map(forward));
        }
        started
    }

    /// Lets so many of it run, and waits until they are ready and no other is left.
    pub fn scale(&self, replicas: u32) {
        let replicas = replicas.to_string();
        let scale = ["scale", "deployment", NAME, "--replicas", &replicas];
        self.kubectl.answer(&scale, "");
        let limit = format!("--timeout={}s", LIMIT.as_secs());
        let rollout = ["rollout", "status", "deployment", NAME, &limit];
        self.kubectl.answer(&rollout, "");
        let pods = ["get", "pods", PODS, "--output=name"];
        let started = Instant::now();
        while self.kubectl.answer(&pods, "").lines().count().to_string() != replicas {
            assert!(started.elapsed() < LIMIT, "{}", self.kubectl.story());
            std::thread::sleep(INTERVAL);
        }
    }

    /// Where it answers: a host and a port, of requests that are in the clear or by TLS.
    pub fn address(&self, is_secure: bool) -> String {
        if let Some([plain, secure]) = &self.forwards {
            return if is_secure { secure } else { plain }.address.clone();
        }
        let spec = &self.kubectl.get("service", NAME)["spec"];
        let address = spec["clusterIP"].as_str().unwrap();
        format!("{address}:{}", if is_secure { 443 } else { 80 })
    }

    /// The answer to a GET. Err is what `curl` says when there is none.
    pub fn get(&self, host: &str, path: &str) -> Result<Reply, String> {
        self.send(&Request::get(host, path))
    }

    /// Sends a request by `curl`. A certificate is taken for what it is, whoever signed it.
    pub fn send(&self, request: &Request) -> Result<Reply, String> {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--include", "--insecure"]);
        command.args(["--max-time", PATIENCE, "--request", &request.method]);
        let address = self.address(request.is_secure);
        command.args(["--connect-to", &format!("::{address}")]);
        // No interim answer: the first head is the answer's.
        command.args(["--header", "Expect:"]);
        for (name, value) in &request.headers {
            command.args(["--header", &format!("{name}: {value}")]);
        }
        if !request.body.is_empty() {
            command.args(["--data-binary", "@-"]);
        }
        let body = String::from_utf8_lossy(&request.body);
        let output = feed(command.arg(request.url()), &body);
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(Reply::read(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Asks again until the reply is as wanted; tells of the gateway when it is not.
    pub fn wait(
        &self,
        limit: Duration,
        request: &Request,
        wanted: impl Fn(&Reply) -> bool,
    ) -> Reply {
        let started = Instant::now();
        loop {
            match self.send(request) {
                Ok(reply) if wanted(&reply) => return reply,
                other => assert!(
                    started.elapsed() < limit,
                    "{} was not as wanted in {limit:?}: {other:?}\n{}",
                    request.url(),
                    self.log(20)
                ),
            }
            std::thread::sleep(INTERVAL);
        }
    }

    /// The lines of the access log that name this host, of the replicas that are there.
    pub fn access_log(&self, host: &str) -> Vec<Value> {
        let lines = self.log(-1);
        let lines = lines
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        lines
            .filter(|line: &Value| line["RequestHost"] == host)
            .collect()
    }

    /// What it says of itself: the text of its metrics.
    pub fn metrics(&self) -> String {
        let path = format!("/api/v1/namespaces/{NAME}/services/{NAME}:traefik/proxy/metrics");
        self.kubectl.answer(&["get", "--raw", &path], "")
    }

    /// The last lines of each replica's log, or all for -1.
    pub fn log(&self, lines: i32) -> String {
        let tail = format!("--tail={lines}");
        self.kubectl.answer(&["logs", PODS, &tail], "")
    }

    /// `kubectl` in its namespace.
    pub fn kubectl(&self) -> &Kubectl {
        &self.kubectl
    }

    /// Ends it, and waits until nothing of it is left.
    pub fn stop(self) {
        let limit = format!("--timeout={}s", LIMIT.as_secs());
        self.kubectl.answer(
            &["delete", "--filename=-", &limit],
            &Bed::app("traefik.yaml"),
        );
        self.kubectl
            .answer(&["delete", "namespace", NAME, &limit], "");
    }
}

impl Request {
    /// A GET.
    pub fn get(host: &str, path: &str) -> Self {
        Self::new("GET", host, path)
    }

    /// Any method; the path may have a query.
    pub fn new(method: &str, host: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            host: host.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            is_secure: false,
        }
    }

    /// One header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a body of JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        let request = self.header("Content-Type", "application/json");
        Self {
            body: body.to_string().into_bytes(),
            ..request
        }
    }

    /// By TLS.
    #[must_use]
    pub fn secure(mut self) -> Self {
        self.is_secure = true;
        self
    }

    /// As a browser shows it.
    pub fn url(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}{}", self.host, self.path)
    }

    /// The same for a client that is told where to send it; by TLS no name would be told.
    pub(crate) fn to(
        &self,
        address: &str,
    ) -> hyper::Request<http_body_util::Full<hyper::body::Bytes>> {
        assert!(!self.is_secure, "a load is sent in the clear");
        let mut request = hyper::Request::builder()
            .method(self.method.as_str())
            .uri(format!("http://{address}{}", self.path))
            .header("Host", &self.host);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(self.body.clone().into()).unwrap()
    }
}

impl Reply {
    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(one, _)| one == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Whether the gateway itself says that no route leads there.
    pub fn has_no_route(&self) -> bool {
        self.status == 404 && self.body == "404 page not found\n"
    }

    /// What `curl --include` prints.
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        Self {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: as_value(body),
        }
    }
}

/// As JSON; what is none is a text.
pub(crate) fn as_value(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| Value::from(body))
}

/// `kubectl port-forward`; it ends when this is dropped.
#[derive(Debug)]
struct Forward {
    child: Child,
    address: String,
}

impl Forward {
    fn start(kubectl: &Kubectl, port: &str) -> Self {
        let service = format!("service/{NAME}");
        let mut child = kubectl
            .command(&["port-forward", &service, &format!(":{port}")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        // Forwarding from 127.0.0.1:40111 -> 8000
        let address = line.split(' ').nth(2).unwrap().to_owned();
        Self { child, address }
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        // It has ended already, or it ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
