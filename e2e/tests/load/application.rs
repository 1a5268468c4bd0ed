//! The app that is under load.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use e2e::{Kubectl, Way};
use serde_json::{Value, json};

use crate::keepers::{self, APP, FIRST, KEEPERS, Keeper};

/// RabbitMQ alone takes half a minute on a busy machine of two cores.
const LIMIT: Duration = Duration::from_secs(180);

/// How often a wait looks again.
const INTERVAL: Duration = Duration::from_millis(500);

/// The app, and the ways to it.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) kubectl: Kubectl,
    pub(crate) way: Way,
}

impl Application {
    /// Brings it up.
    pub(crate) fn begin(&self) {
        self.release(FIRST, |_| true, &[]);
        self.become_app(&keepers::app(|_| FIRST));
    }

    /// Puts another version of some services beside those that are there.
    pub(crate) fn release(
        &self,
        version: &str,
        of: impl Fn(&Keeper) -> bool,
        variables: &[(&str, &str)],
    ) {
        let keepers = KEEPERS.iter().filter(|keeper| of(keeper));
        let releases = keepers.map(|keeper| keeper.release(version, variables));
        let releases: Vec<Value> = releases.collect();
        self.apply(&json!({"apiVersion": "v1", "kind": "List", "items": releases}));
    }

    /// Asks for something, and waits until it is so, and no pod of before is left.
    pub(crate) fn become_app(&self, app: &Value) {
        self.apply(app);
        self.ready();
        self.recovers(&BTreeMap::new());
        for service in app["spec"]["services"].as_array().unwrap() {
            let (name, wanted) = (&service["name"], service["version"].as_str().unwrap());
            let deployment = self.kubectl.get("deployment", name.as_str().unwrap());
            let labels = &deployment["spec"]["template"]["metadata"]["labels"];
            assert_eq!(
                labels["app.kubernetes.io/version"],
                wanted.trim_start_matches('=')
            );
        }
    }

    pub(crate) fn apply(&self, object: &Value) {
        let apply = ["apply", "--filename=-"];
        self.kubectl.answer(&apply, &object.to_string());
    }

    pub(crate) fn get(&self) -> Value {
        self.kubectl.get("gravityapp", APP)
    }

    /// Waits until the app says that all is as it asks for now.
    pub(crate) fn ready(&self) {
        self.wait("the app is ready", || {
            let app = self.get();
            let current = app["status"]["observedGeneration"] == app["metadata"]["generation"];
            current && condition(&app, "Ready")["status"] == "True"
        });
    }

    /// Waits until every pod but those of Jobs is ready, and none of `gone` is there.
    pub(crate) fn recovers(&self, gone: &BTreeMap<String, String>) {
        self.wait("all pods are ready", || {
            let pods = self.pods();
            let uid = |pod: &Value| pod["metadata"]["uid"].as_str().unwrap().to_owned();
            let is_new = |pod: &Value| !gone.values().any(|old| *old == uid(pod));
            let is_ready = |pod: &Value| condition(pod, "Ready")["status"] == "True";
            // Two of each service, and one of each server.
            pods.len() == KEEPERS.len() * 3 && pods.iter().all(|pod| is_new(pod) && is_ready(pod))
        });
        self.ready();
    }

    /// The pods of services and of servers.
    pub(crate) fn pods(&self) -> Vec<Value> {
        let list = ["get", "pods", "--output=json"];
        let list: Value = serde_json::from_str(&self.kubectl.answer(&list, "")).unwrap();
        let pods = list["items"].as_array().unwrap().iter();
        let owner = |pod: &Value| pod["metadata"]["ownerReferences"][0]["kind"].clone();
        pods.filter(|pod| owner(pod) != "Job").cloned().collect()
    }

    /// Waits until it is so; tells of the whole namespace when it is not.
    pub(crate) fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_so() {
            let story = || self.kubectl.story();
            assert!(
                started.elapsed() < LIMIT,
                "not in {LIMIT:?}: {what}\n{}",
                story()
            );
            std::thread::sleep(INTERVAL);
        }
    }

    /// What a service finds in its database.
    pub(crate) fn kept(&self, keeper: &Keeper) -> BTreeSet<String> {
        let has_it = |found: &Value| found["databases"][keeper.database].is_array();
        let found = self.way.wait(LIMIT, keeper.service, "/writes", has_it);
        let ids = found["databases"][keeper.database].as_array().unwrap();
        ids.iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect()
    }
}

/// The condition of that type, or null.
pub(crate) fn condition(object: &Value, kind: &str) -> Value {
    let conditions = object["status"]["conditions"].as_array();
    let mut conditions = conditions.into_iter().flatten();
    let found = conditions.find(|it| it["type"] == kind);
    found.cloned().unwrap_or_default()
}
