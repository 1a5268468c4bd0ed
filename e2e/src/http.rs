//! Requests to services, as a person sends them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::Kubectl;

/// How long an answer may take.
pub(crate) const PATIENCE: &str = "10";

/// How often a wait looks again.
pub(crate) const INTERVAL: Duration = Duration::from_millis(200);

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Of HTTP.
    pub status: u16,
    /// As JSON; what is none is a text.
    pub body: Value,
}

/// The way to the Services of a namespace.
#[derive(Debug)]
pub struct Way {
    kubectl: Kubectl,
    /// To a cluster that is not on this machine, the API server's proxy leads.
    proxy: Option<Proxy>,
}

impl Way {
    /// Straight to the Services' own addresses, where the node is this machine.
    pub(crate) fn straight(kubectl: &Kubectl) -> Self {
        Self {
            kubectl: kubectl.clone(),
            proxy: None,
        }
    }

    /// Through the API server.
    pub(crate) fn by_proxy(kubectl: &Kubectl) -> Self {
        Self {
            kubectl: kubectl.clone(),
            proxy: Some(Proxy::start(kubectl)),
        }
    }

    /// The URL of a Service's first port, without a slash at its end.
    pub fn url(&self, service: &str) -> String {
        let spec = &self.kubectl.get("service", service)["spec"];
        let port = &spec["ports"][0]["port"];
        match &self.proxy {
            None => format!("http://{}:{port}", spec["clusterIP"].as_str().unwrap()),
            Some(proxy) => format!(
                "{}/api/v1/namespaces/{}/services/{service}:{port}/proxy",
                proxy.url,
                self.kubectl.namespace()
            ),
        }
    }

    /// Sends a request by `curl`. Err is what `curl` says when nothing answers.
    pub fn send(
        &self,
        method: &str,
        service: &str,
        path: &str,
        body: &Value,
    ) -> Result<Answer, String> {
        curl(method, &(self.url(service) + path), body)
    }

    /// The answer to a GET, which must be well.
    pub fn get(&self, service: &str, path: &str) -> Value {
        let answer = self.send("GET", service, path, &Value::Null);
        match answer {
            Ok(Answer { status: 200, body }) => body,
            other => panic!("GET {service}{path}: {other:?}"),
        }
    }

    /// Asks again until the answer is as wanted; tells of the whole namespace when it is not.
    pub fn wait(
        &self,
        limit: Duration,
        service: &str,
        path: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let started = Instant::now();
        loop {
            let answer = self.send("GET", service, path, &Value::Null);
            match answer {
                Ok(Answer { status: 200, body }) if wanted(&body) => return body,
                other => assert!(
                    started.elapsed() < limit,
                    "GET {service}{path} was not as wanted in {limit:?}: {other:?}\n{}",
                    self.kubectl.story()
                ),
            }
            std::thread::sleep(INTERVAL);
        }
    }
}

/// Sends a request; a body that is null is none.
pub fn curl(method: &str, url: &str, body: &Value) -> Result<Answer, String> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", PATIENCE]);
    command.args(["--request", method, "--write-out", "\n%{http_code}"]);
    if !body.is_null() {
        command.args(["--header", "Content-Type: application/json", "--data"]);
        command.arg(body.to_string());
    }
    let output = command.arg(url).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').unwrap();
    Ok(Answer {
        status: status.parse().unwrap(),
        body: serde_json::from_str(body).unwrap_or_else(|_| Value::from(body)),
    })
}

/// The keys of an object.
pub fn keys(value: &Value) -> Vec<&str> {
    let keys = value.as_object().map(Map::keys);
    keys.into_iter().flatten().map(String::as_str).collect()
}

/// `kubectl proxy`; it ends when this is dropped.
#[derive(Debug)]
struct Proxy {
    child: Child,
    url: String,
}

impl Proxy {
    fn start(kubectl: &Kubectl) -> Self {
        let mut child = kubectl
            .command(&["proxy", "--port=0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap();
        Self {
            url: format!("http://{address}"),
            child,
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It has ended already, or it ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
