//! A cluster as data: what the schedule asks for is carried out on maps, step by step, so
//! that its order and its end can be told. It knows nothing of Kubernetes beyond what a
//! kind's status says; what depends on that is tested on a real API server.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::api::DynamicObject;
use serde_json::{Value, json};

use crate::api::objects::{Kind, ObjectKey};
use crate::manifest::{self, Origin, Text};
use crate::observe::{Failure, FailureKind, Found, Live, Observed, Write};
use crate::plan::{Facts, plan};
use crate::resolve::resolve;
use crate::schedule::{Action, Begun, Comparisons, Desired, Schedule, schedule, secrets};
use crate::validate::{ValidApp, catalogue, validate_app};

/// The uid of the app in all tests.
pub const UID: &str = "app-uid";

/// A cluster as data, with the desired state of one app.
pub struct World {
    pub desired: Desired,
    pub observed: Observed,
    pub comparisons: Comparisons,
    pub begun: Begun,
    /// Everything that was carried out, as `create Deployment auth` or `delete Service auth`.
    pub log: Vec<String>,
    /// How often a plan was made anew because somebody waited for credentials.
    pub stale: usize,
    text: String,
    version: u64,
    /// The objects that do not become ready by themselves.
    pub sick: BTreeSet<String>,
    /// Whether Jobs take until somebody finishes them.
    pub busy: bool,
    finished: BTreeSet<ObjectKey>,
    facts: Facts,
}

impl World {
    /// An empty cluster, and the app and services of the YAML documents.
    pub fn new(text: &str) -> Self {
        let observed = Observed::nothing(Timestamp::UNIX_EPOCH);
        let mut world = Self {
            desired: desired(text, &observed),
            observed,
            comparisons: Comparisons::default(),
            begun: Begun::default(),
            log: Vec::new(),
            stale: 0,
            text: text.to_owned(),
            version: 0,
            sick: BTreeSet::new(),
            busy: false,
            finished: BTreeSet::new(),
            facts: Facts::default(),
        };
        world.plan();
        world
    }

    /// Asks for something else.
    pub fn ask(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.plan();
    }

    fn plan(&mut self) {
        self.desired = desired(&self.text, &self.observed);
        self.facts = facts(&self.desired.plan.app, &self.observed);
    }

    /// The schedule for what is there now. A stale plan is made anew, as the controller does.
    pub fn schedule(&mut self) -> Schedule {
        let now = facts(&self.desired.plan.app, &self.observed);
        if !self.facts.suffice_for(&now) {
            self.plan();
        }
        let schedule = self.once();
        if !schedule.stale {
            return schedule;
        }
        self.stale += 1;
        self.plan();
        self.once()
    }

    fn once(&mut self) -> Schedule {
        schedule(
            &self.desired,
            &self.observed,
            &mut self.comparisons,
            &mut self.begun,
        )
    }

    /// One step: the schedule, and all that it asks for.
    pub fn step(&mut self) -> Schedule {
        let schedule = self.schedule();
        for action in &schedule.actions {
            self.carry_out(action);
        }
        schedule
    }

    /// Steps until nothing is asked for any more.
    pub fn settle(&mut self) -> Schedule {
        for _ in 0..100 {
            let schedule = self.step();
            if schedule.actions.is_empty() {
                return schedule;
            }
        }
        panic!(
            "it does not come to rest; the last steps: {:?}",
            self.log.split_off(self.log.len() - 20)
        );
    }

    /// Forgets what a restart forgets.
    pub fn restart(&mut self) {
        self.comparisons = Comparisons::default();
        self.begun = Begun::default();
        self.plan();
    }

    /// Lets a Job come to its end.
    pub fn finish(&mut self, job: &ObjectKey) {
        self.finished.insert(job.clone());
        let body = self.body(job);
        self.put(job, body);
    }

    /// Makes an object ready, or lets it fall sick.
    pub fn set_ready(&mut self, name: &str, ready: bool) {
        if ready {
            self.sick.remove(name);
        } else {
            self.sick.insert(name.to_owned());
        }
        let of_name = |key: &&ObjectKey| key.name == name;
        let keys: Vec<ObjectKey> = self.observed.live.keys().filter(of_name).cloned().collect();
        for key in keys {
            let body = self.body(&key);
            self.put(&key, body);
        }
    }

    /// Changes one field of a live object, as somebody with kubectl would.
    pub fn edit(&mut self, key: &ObjectKey, change: impl FnOnce(&mut Value)) {
        let mut body = self.body(key);
        change(&mut body);
        self.put(key, body);
    }

    /// Its controller asks for so many pods and tells how they are.
    pub fn scale(&mut self, key: &ObjectKey, replicas: i32, status: Value) {
        let mut body = self.body(key);
        body["spec"]["replicas"] = json!(replicas);
        self.put_with(key, body, status);
    }

    /// The last write of the object of that digest has failed, and is tried again at the moment
    /// that comes back.
    pub fn fail(
        &mut self,
        key: &ObjectKey,
        digest: &str,
        (kind, attempts, message): (FailureKind, u32, &str),
    ) -> Timestamp {
        let retry_at = self.observed.now + SignedDuration::from_secs(30);
        let failure = Failure {
            digest: digest.to_owned(),
            kind,
            attempts,
            retry_at,
            message: message.to_owned(),
        };
        self.observed
            .writes
            .insert(key.clone(), Write::Failed(failure));
        retry_at
    }

    /// A claim of the app that is there without being made here.
    pub fn claim(&mut self, name: &str) -> ObjectKey {
        let claim = key(Kind::PersistentVolumeClaim, name);
        let body = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {
            "name": name, "namespace": claim.namespace, "annotations": {"gravity.dev/app": "shop"},
        }});
        let object: DynamicObject = serde_json::from_value(body).unwrap();
        let live = Live::new(claim.kind, object).unwrap();
        self.observed.live.insert(claim.clone(), Arc::new(live));
        claim
    }

    /// Takes an object away.
    pub fn take(&mut self, key: &ObjectKey) {
        self.observed.live.remove(key);
        self.observed.found.remove(key);
    }

    /// Time passes.
    pub fn pass(&mut self, time: SignedDuration) {
        self.observed.now = self.observed.now.saturating_add(time).unwrap();
    }

    /// The kinds and names of what is live.
    pub fn names(&self) -> Vec<String> {
        self.observed
            .live
            .keys()
            .map(|key| format!("{} {}", key.kind, key.name))
            .collect()
    }

    /// The lines of the log that name workloads.
    pub fn workloads(&self) -> Vec<&str> {
        let kinds = ["Deployment ", "StatefulSet ", "Job ", "CronJob "];
        let of_workload = |line: &&str| kinds.iter().any(|kind| line.contains(kind));
        self.log
            .iter()
            .map(String::as_str)
            .filter(of_workload)
            .collect()
    }

    /// The body of a live object.
    pub fn body(&self, key: &ObjectKey) -> Value {
        self.observed.live[key].body()
    }

    /// Carries out one action.
    pub fn carry_out(&mut self, action: &Action) {
        match action {
            Action::LookUp { keys, .. } => {
                for key in keys {
                    let found = &mut self.observed.found;
                    found.entry(key.clone()).or_insert(Found::Nothing);
                }
            }
            Action::Apply { key, body, .. } => self.applied(key, body.clone()),
            Action::Create {
                key,
                stated,
                generate,
                first,
                ..
            } => {
                let body = secrets::anew(stated, generate, *first, &mut self.random()).unwrap();
                self.applied(key, body);
            }
            Action::Fill {
                key,
                stated,
                generate,
                ..
            } => {
                let live = self.body(key);
                let filled = secrets::filled(stated, generate, &live, &mut self.random());
                self.applied(key, filled.unwrap().unwrap());
            }
            Action::Rotate {
                key,
                stated,
                generate,
                step,
                ..
            } => {
                let live = self.body(key);
                let random = &mut self.random();
                let Ok(body) = secrets::rotated(stated, generate, &live, step, random);
                self.log.push(format!("{step:?} {}", key.name));
                self.applied(key, body.unwrap());
            }
            Action::Delete { key, uid } => {
                assert_eq!(
                    self.observed.live[key].uid, *uid,
                    "a deletion names the uid"
                );
                self.log.push(format!("delete {} {}", key.kind, key.name));
                self.take(key);
            }
        }
    }

    /// Another value each time, and the same ones in each run.
    fn random(&mut self) -> impl FnMut(usize) -> Result<String, Infallible> + use<> {
        self.version += 1;
        let mut made = self.version * 1_000;
        move |length| {
            made += 1;
            Ok(format!("{made:0>length$}"))
        }
    }

    /// Server-side apply: what is sent wins, what else is there stays.
    fn applied(&mut self, key: &ObjectKey, body: Value) {
        let verb = if self.observed.live.contains_key(key) {
            "apply"
        } else {
            "create"
        };
        self.log.push(format!("{verb} {} {}", key.kind, key.name));
        self.observed.found.remove(key);
        self.put(key, body);
    }

    fn put(&mut self, key: &ObjectKey, body: Value) {
        let status = match body["spec"]["replicas"].as_i64() {
            Some(0) => json!({"observedGeneration": 1}),
            _ => self.status(key),
        };
        self.put_with(key, body, status);
    }

    fn put_with(&mut self, key: &ObjectKey, mut body: Value, status: Value) {
        self.version += 1;
        let uid = self.observed.live.get(key).map(|live| live.uid.clone());
        let metadata = &mut body["metadata"];
        metadata["uid"] = json!(uid.unwrap_or_else(|| format!("uid-{}", self.version)));
        metadata["resourceVersion"] = json!(self.version.to_string());
        metadata["generation"] = json!(1);
        if key.kind == Kind::PersistentVolumeClaim {
            body["spec"]["volumeName"] = json!("volume");
        }
        body["status"] = status;
        let object: DynamicObject = serde_json::from_value(body).unwrap();
        let live = Live::new(key.kind, object).unwrap();
        self.observed.live.insert(key.clone(), Arc::new(live));
    }

    fn status(&self, key: &ObjectKey) -> Value {
        if self.sick.contains(&key.name) {
            return json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1});
        }
        match key.kind {
            Kind::Job if self.busy && !self.finished.contains(key) => json!({}),
            Kind::Job => json!({"conditions": [{"type": "Complete", "status": "True"}]}),
            Kind::ExternalSecret => json!({
                "syncedResourceVersion": "1-a", "conditions": [{"type": "Ready", "status": "True"}],
            }),
            _ => json!({
                "observedGeneration": 1, "replicas": 9, "updatedReplicas": 9,
                "availableReplicas": 9, "readyReplicas": 9,
            }),
        }
    }
}

/// The desired state of the documents, given what is observed.
fn desired(text: &str, observed: &Observed) -> Desired {
    let text = Text {
        name: "test.yaml".to_owned(),
        text: text.to_owned(),
        origin: Origin::Named,
    };
    let documents = manifest::parse(&[text]).unwrap();
    let mut app = documents.apps[0].clone();
    app.metadata.uid = Some(UID.to_owned());
    app.metadata.namespace = Some("shop".to_owned());
    let app = Arc::new(validate_app(&app).unwrap());
    let catalogue = catalogue(&documents.services, "shop");
    let resolution = resolve(&app, &catalogue, &observed.lock()).unwrap();
    let facts = facts(&app, observed);
    let plan = plan(&app, &resolution, &facts).unwrap();
    Desired::new(Arc::new(plan), facts.credentials)
}

/// What a plan of the app is made from.
fn facts(app: &ValidApp, observed: &Observed) -> Facts {
    Facts {
        serving: app.stopped && observed.serving,
        ..observed.facts()
    }
}

/// An object of the app's namespace.
pub fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey {
        kind,
        namespace: "shop".to_owned(),
        name: name.to_owned(),
    }
}

/// The nodes that a live object says its node waits for, by the object's node.
pub fn edges(world: &World) -> BTreeMap<String, Vec<String>> {
    let live = world.observed.live.values();
    live.filter_map(|live| Some((live.node.clone()?, live.needs.clone())))
        .collect()
}
