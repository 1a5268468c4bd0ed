//! A service behind a gateway, and what happens to it while it is asked.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::INTERVAL;
use crate::{Bed, Kubectl, kill_containers};

/// The app and its namespace, and its one service.
const APP: &str = "desk";
const SERVICE: &str = "counter";

const PODS: &str = "--selector=app.kubernetes.io/name=counter";

const LIMIT: Duration = Duration::from_secs(120);

/// The app of `apps/desk.yaml`: a service without a database, of three replicas.
#[derive(Debug)]
pub struct Desk {
    kubectl: Kubectl,
}

impl Desk {
    /// Where the gateway answers for it.
    pub const HOST: &str = "desk.example.com";

    /// Brings it up.
    pub fn start(bed: &Bed) -> Self {
        let kubectl = bed.namespace(APP);
        kubectl.answer(&["apply", "--filename=-"], &Bed::app("desk.yaml"));
        let desk = Self { kubectl };
        desk.settles(3);
        desk
    }

    /// `kubectl` in its namespace.
    pub fn kubectl(&self) -> &Kubectl {
        &self.kubectl
    }

    /// Asks for another version, and waits until no pod of the old one is left.
    pub fn rolls_out(&self, version: &str) {
        self.becomes(&json!({"version": format!("={version}"), "replicas": 3}));
        self.settles(3);
    }

    /// Asks for so many replicas of that version, and waits until no others are left.
    pub fn scales(&self, version: &str, replicas: usize) {
        self.becomes(&json!({"version": format!("={version}"), "replicas": replicas}));
        self.settles(replicas);
    }

    /// Deletes a pod as a person does, and waits until another stands in its place.
    pub fn loses_a_pod(&self) {
        let pod = self.pods().swap_remove(0);
        self.kubectl.answer(&["delete", "pod", &name(&pod)], "");
        self.settles(3);
    }

    /// Kills what runs in a pod, without a word, and waits until it runs again.
    pub fn is_killed(&self) {
        let pod = self.pods().swap_remove(0);
        kill_containers(pod["metadata"]["uid"].as_str().unwrap());
        let restarted = "--for=jsonpath={.status.containerStatuses[0].restartCount}=1";
        let wait = ["wait", "pod", &name(&pod), restarted, "--timeout=60s"];
        self.kubectl.answer(&wait, "");
        self.settles(3);
    }

    /// Evicts all pods one after another, as the drain of a node does, as fast as the budget
    /// of disruptions lets it, and waits until others stand in their places.
    pub fn is_drained(&self) {
        for pod in self.pods() {
            let name = name(&pod);
            let eviction = json!({
                "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name},
            });
            let path = format!("/api/v1/namespaces/{APP}/pods/{name}/eviction");
            let evict = ["create", "--raw", &path, "--filename=-"];
            let started = Instant::now();
            while let Err(told) = self.kubectl.try_answer(&evict, &eviction.to_string()) {
                assert!(started.elapsed() < LIMIT, "{name}: {told}");
                std::thread::sleep(INTERVAL);
            }
        }
        self.settles(3);
    }

    /// Deletes the app, and waits until no pod of it is left.
    pub fn goes(&self) {
        self.kubectl.answer(&["delete", "gravityapp", APP], "");
        self.wait("nothing is left", || self.pods().is_empty());
    }

    /// Another way in: what stands under `gateway`.
    pub fn is_reached_by(&self, gateway: &Value) {
        self.patch(&json!({"spec": {"gateway": gateway}}));
        self.settles(3);
    }

    fn becomes(&self, service: &Value) {
        let mut service = service.clone();
        service["name"] = json!(SERVICE);
        self.patch(&json!({"spec": {"services": [service]}}));
    }

    fn patch(&self, patch: &Value) {
        let patch = patch.to_string();
        let patch = [
            "patch",
            "gravityapp",
            APP,
            "--type=merge",
            "--patch",
            &patch,
        ];
        self.kubectl.answer(&patch, "");
    }

    /// Waits until the app is ready as it is asked for now, with so many pods and no more.
    fn settles(&self, replicas: usize) {
        self.wait("the app is ready", || {
            let app = self.kubectl.get("gravityapp", APP);
            let current = app["status"]["observedGeneration"] == app["metadata"]["generation"];
            current && is_ready(&app)
        });
        self.wait("no other pod is left", || {
            let pods = self.pods();
            pods.len() == replicas && pods.iter().all(is_ready)
        });
    }

    fn pods(&self) -> Vec<Value> {
        let list = self
            .kubectl
            .answer(&["get", "pods", PODS, "--output=json"], "");
        let mut list: Value = serde_json::from_str(&list).unwrap();
        serde_json::from_value(list["items"].take()).unwrap()
    }

    fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(
                started.elapsed() < LIMIT,
                "not in {LIMIT:?}: {what}\n{}",
                self.kubectl.story()
            );
            std::thread::sleep(INTERVAL);
        }
    }
}

fn name(pod: &Value) -> String {
    pod["metadata"]["name"].as_str().unwrap().to_owned()
}

fn is_ready(object: &Value) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    let mut conditions = conditions.into_iter().flatten();
    conditions.any(|one| one["type"] == "Ready" && one["status"] == "True")
}
