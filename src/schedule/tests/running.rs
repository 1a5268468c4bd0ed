//! A database server and the pods that use it, beside the cluster as data: who can log in
//! at every moment.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use proptest::prelude::*;
use serde_json::Value;

use super::world::{World, key};
use crate::api::objects::{Kind, ObjectKey};
use crate::observe::{Health, PodUse};
use crate::schedule::NodeState;

pub fn app(asked: &str, engine: &str) -> String {
    format!(
        "apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {{name: shop, annotations: {{gravity.dev/rotate-credentials: '{asked}'}}}}
spec: {{services: [{{name: users}}]}}
---
{{name: users, version: 1.0.0, image: 'users:1', databases: [{{name: users_db, type: {engine}}}], migrations: {{command: [migrate]}}}}
"
    )
}

/// What a pod was started with.
#[derive(Clone, Debug)]
pub struct Pod {
    pub login: (String, String),
    pub digest: Option<String>,
}

impl Pod {
    /// What it tells of itself.
    pub fn uses(&self) -> PodUse {
        PodUse {
            service: "users".to_owned(),
            credentials: self.digest.clone().unwrap(),
        }
    }
}

/// A database server and the pods that use it, beside the cluster as data.
pub struct Running {
    pub world: World,
    pub logins: BTreeMap<String, String>,
    pub pods: Vec<Pod>,
}

impl Running {
    /// An app that is up, with so many pods.
    pub fn new(pods: usize) -> Self {
        let mut world = World::new(&app("0", "postgresql"));
        world.busy = true;
        let mut running = Self {
            world,
            logins: BTreeMap::new(),
            pods: Vec::new(),
        };
        running.come_to_rest();
        running.pods = (0..pods).map(|_| running.started()).collect();
        running.show();
        running
    }

    pub fn secret(&self) -> ObjectKey {
        key(Kind::Secret, "users-users-db")
    }

    pub fn value(&self, name: &str) -> Option<String> {
        let body = self.world.body(&self.secret());
        let bytes: ByteString = serde_json::from_value(body["data"].get(name)?.clone()).unwrap();
        Some(String::from_utf8(bytes.0).unwrap())
    }

    pub fn digest(&self) -> Option<String> {
        let deployment = self
            .world
            .observed
            .live
            .get(&key(Kind::Deployment, "users"))?;
        let body = deployment.body();
        let annotations = body.pointer("/spec/template/metadata/annotations")?;
        Some(annotations["gravity.dev/credentials"].as_str()?.to_owned())
    }

    /// A pod that starts now, of the Deployment as it is now.
    pub fn started(&self) -> Pod {
        let login = (
            self.value("username").unwrap(),
            self.value("password").unwrap(),
        );
        let pod = Pod {
            login,
            digest: self.digest(),
        };
        self.logs_in(&pod);
        pod
    }

    pub fn logs_in(&self, pod: &Pod) {
        let (name, password) = &pod.login;
        assert_eq!(
            self.logins.get(name),
            Some(password),
            "a pod is locked out: {:?}",
            self.world.log
        );
    }

    /// What the script of a Job does to the server, if its container can be made.
    pub fn run(&mut self, job: &ObjectKey) -> bool {
        let body = self.world.body(job);
        let variables = body
            .pointer("/spec/template/spec/containers/0/env")
            .and_then(Value::as_array);
        let env = |name: &str| {
            variables
                .into_iter()
                .flatten()
                .find(|one| one["name"] == name)
                .cloned()
        };
        if job.name.contains("migrate") || env("OTHER_LOGIN").is_none() {
            return true;
        }
        let (name, password) = (
            self.value("username").unwrap(),
            self.value("password").unwrap(),
        );
        let other = if name.ends_with("_b") {
            "users_db_a"
        } else {
            "users_db_b"
        };
        self.logins.insert(name, password);
        match env("OTHER_LOGIN").unwrap()["value"].as_str().unwrap() {
            "set" => {
                let Some(next) = self.value("next-password") else {
                    return false;
                };
                self.logins.insert(other.to_owned(), next);
            }
            "cut" => drop(self.logins.remove(other)),
            _ => {}
        }
        true
    }

    pub fn jobs(&self) -> Vec<ObjectKey> {
        let live = self.world.observed.live.values();
        let runs = live.filter(|live| {
            live.key.kind == Kind::Job && matches!(live.health, Health::Progressing(_))
        });
        runs.map(|live| live.key.clone()).collect()
    }

    /// Shows the pods to the operator, and whether the Deployment has rolled.
    pub fn show(&mut self) {
        self.world.observed.users.clear();
        for (index, pod) in self.pods.iter().enumerate() {
            let uses = pod.uses();
            self.world
                .observed
                .users
                .insert(format!("users-{index}"), uses);
        }
        let digest = self.digest();
        let rolled = self.pods.iter().all(|pod| pod.digest == digest);
        self.world.set_ready("users", rolled);
        self.pods.iter().for_each(|pod| self.logs_in(pod));
    }

    pub fn happen(&mut self, event: Event) {
        match event {
            Event::Write(which) => {
                let actions = self.world.schedule().actions;
                if !actions.is_empty() {
                    self.world.carry_out(which.get(&actions));
                }
            }
            Event::Kill => self.world.restart(),
            Event::Job(which) => {
                let jobs = self.jobs();
                if !jobs.is_empty() {
                    let job = which.get(&jobs).clone();
                    if self.run(&job) {
                        self.world.finish(&job);
                    }
                }
            }
            Event::Roll => {
                let digest = self.digest();
                if let Some(index) = self.pods.iter().position(|pod| pod.digest != digest) {
                    self.pods[index] = self.started();
                }
            }
            Event::PodRestarts(which) => {
                let index = which.index(self.pods.len());
                // Its template is the one that it had; its Secret is read anew.
                self.pods[index].login = self.started().login;
            }
        }
        self.show();
    }

    /// Everything that is on its way comes to its end.
    pub fn come_to_rest(&mut self) {
        for _ in 0..200 {
            let actions = self.world.schedule().actions;
            actions
                .iter()
                .for_each(|action| self.world.carry_out(action));
            let jobs = self.jobs();
            for job in &jobs {
                if self.run(job) {
                    self.world.finish(job);
                }
            }
            let digest = self.digest();
            for index in 0..self.pods.len() {
                if self.pods[index].digest != digest {
                    self.pods[index] = self.started();
                }
            }
            self.show();
            if actions.is_empty() && jobs.is_empty() && self.world.schedule().actions.is_empty() {
                return;
            }
        }
        panic!("it does not come to rest: {:?}", self.world.log);
    }

    /// Nothing but the login that the Secret names is left.
    pub fn is_done(&mut self, login: &str) {
        assert_eq!(self.value("username").as_deref(), Some(login));
        assert_eq!(self.value("next-password"), None);
        let only = BTreeMap::from([(login.to_owned(), self.value("password").unwrap())]);
        assert_eq!(self.logins, only);
        let uri = self.value("uri").unwrap();
        assert!(uri.contains(&format!("{login}:{}@", only[login])), "{uri}");
        let schedule = self.world.schedule();
        assert!(
            schedule
                .nodes
                .values()
                .all(|state| *state == NodeState::Ready)
        );
    }

    pub fn steps(&self) -> Vec<&str> {
        let log = self.world.log.iter().map(String::as_str);
        log.filter(|line| {
            line.ends_with(" users-users-db")
                && !line.starts_with("create")
                && !line.starts_with("apply")
        })
        .collect()
    }
}

#[derive(Clone, Debug)]
pub enum Event {
    Write(prop::sample::Selector),
    Kill,
    Job(prop::sample::Selector),
    Roll,
    PodRestarts(prop::sample::Index),
}

impl Event {
    pub fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            4 => any::<prop::sample::Selector>().prop_map(Self::Write),
            1 => Just(Self::Kill),
            2 => any::<prop::sample::Selector>().prop_map(Self::Job),
            2 => Just(Self::Roll),
            1 => any::<prop::sample::Index>().prop_map(Self::PodRestarts),
        ]
    }
}

pub trait Pick<'a, T> {
    fn get(&self, from: &'a [T]) -> &'a T;
}

impl<'a, T> Pick<'a, T> for prop::sample::Selector {
    fn get(&self, from: &'a [T]) -> &'a T {
        self.select(from)
    }
}
