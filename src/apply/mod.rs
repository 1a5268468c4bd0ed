//! apply: actions → cluster.
//!
//! The plan leaves nothing to decide: what is here sends, and hands the answer to the
//! [`Store`], which wakes the app. A reconcile never waits for it.

mod answer;
mod lanes;
mod look_up;
pub mod run;
mod secret;
mod send;

use std::sync::Arc;

pub use answer::backoff;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use kube::api::DynamicObject;
use lanes::Lanes;
pub use look_up::find;
pub use secret::password;
use send::Deletion;
use serde_json::Value;
use tokio_util::task::TaskTracker;

use crate::api::objects::ObjectKey;
use crate::observe::{AppKey, FailureKind, Store};
use crate::schedule::Action;
use crate::telemetry::metrics::{Metrics, Verb, WriteResult};

/// Whether this process may write: only while it holds the Lease.
pub trait Permission: Send + Sync {
    /// Asked right before each request, for a process that was stopped for a while does
    /// not know that its Lease has passed to another.
    fn may_write(&self) -> bool;
}

/// Sends actions. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    client: Client,
    store: Arc<Store>,
    permission: Arc<dyn Permission>,
    metrics: Arc<Metrics>,
    lanes: Arc<Lanes>,
    tasks: TaskTracker,
}

impl Writer {
    /// A writer whose requests are tasks of `tasks`, so that a stop can wait for them.
    pub fn new(
        client: Client,
        store: Arc<Store>,
        permission: Arc<dyn Permission>,
        metrics: Arc<Metrics>,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            client,
            store,
            permission,
            metrics,
            lanes: Arc::default(),
            tasks,
        }
    }

    /// Starts to send an action of an app, unless its object is being written already.
    pub fn submit(&self, app: &AppKey, action: Action) {
        let begun = match &action {
            Action::LookUp { kind, .. } => self.store.begin_look_up(app, *kind),
            Action::Apply { key, .. }
            | Action::Create { key, .. }
            | Action::Fill { key, .. }
            | Action::Rotate { key, .. }
            | Action::Delete { key, .. } => self.store.begin_write(app, key),
        };
        if begun {
            let (writer, app) = (self.clone(), app.clone());
            self.tasks
                .spawn(async move { writer.carry_out(app, action).await });
        }
    }

    async fn carry_out(&self, app: AppKey, action: Action) {
        let Ok(_room) = self.lanes.of(&action).acquire().await else {
            return;
        };
        if !self.permission.may_write() {
            return;
        }
        match action {
            Action::LookUp { kind, keys } => {
                let found = look_up::look_up(&self.client, &app, kind, &keys).await;
                self.store.end_look_up(&app, kind, found);
            }
            Action::Apply {
                key,
                body,
                digest,
                replicas,
                node: _,
            } => {
                let result = send::apply(&self.client, &key, &body, replicas).await;
                self.answered(&app, &key, Verb::Apply, &body, &digest, result);
            }
            Action::Create {
                key,
                stated,
                generate,
                digest,
                first,
                node: _,
            } => {
                let result = send::create(&self.client, &key, &stated, &generate, first).await;
                self.answered(&app, &key, Verb::Create, &stated, &digest, result);
            }
            Action::Fill {
                key,
                stated,
                generate,
                digest,
            } => {
                let result = send::fill(&self.client, &key, &stated, &generate).await;
                self.answered(&app, &key, Verb::Apply, &stated, &digest, result);
            }
            Action::Rotate {
                key,
                stated,
                generate,
                step,
                digest,
            } => {
                let result = send::rotate(&self.client, &key, &stated, &generate, &step).await;
                self.answered(&app, &key, Verb::Apply, &stated, &digest, result);
            }
            Action::Delete { key, uid } => {
                let result = send::delete(&self.client, &app, &key, &uid).await;
                self.deleted(&app, &key, &uid, result);
            }
        }
    }

    fn answered(
        &self,
        app: &AppKey,
        key: &ObjectKey,
        verb: Verb,
        sent: &Value,
        digest: &str,
        result: Result<DynamicObject, kube::Error>,
    ) {
        match result {
            Ok(object) => {
                self.metrics
                    .wrote(key.kind.facts().kind, verb, WriteResult::Taken);
                let answer = answer::taken(sent, digest, object, Timestamp::now());
                self.store.acknowledge(app, key, answer);
            }
            Err(error) => self.refused(app, key, verb, digest, &error),
        }
    }

    fn deleted(
        &self,
        app: &AppKey,
        key: &ObjectKey,
        uid: &str,
        result: Result<Deletion, kube::Error>,
    ) {
        match result {
            Ok(deletion) => {
                self.metrics
                    .wrote(key.kind.facts().kind, Verb::Delete, WriteResult::Taken);
                let uid = (deletion == Deletion::Taken).then_some(uid);
                self.store.acknowledge_deletion(app, key, uid);
            }
            Err(error) => self.refused(app, key, Verb::Delete, "", &error),
        }
    }

    fn refused(
        &self,
        app: &AppKey,
        key: &ObjectKey,
        verb: Verb,
        digest: &str,
        error: &kube::Error,
    ) {
        let terminating = answer::is_terminating(error);
        if terminating {
            self.store.terminating(app);
        }
        if verb == Verb::Create && answer::already_exists(error) {
            // Whose it is that took the name since it was looked up, a look-up tells.
            self.store.look_again(app, key);
        }
        let attempts = self.store.failures(app, key, digest) + 1;
        let failure = answer::failure(error, digest, attempts, Timestamp::now());
        if terminating {
            // All that was under way fails so, and nothing of it is amiss.
            tracing::debug!(object = %key, "its namespace takes nothing any more");
        } else {
            tracing::warn!(object = %key, attempts, error = %failure.message, "a write was not taken");
        }
        let result = match failure.kind {
            FailureKind::Transient => WriteResult::Retried,
            FailureKind::Refused => WriteResult::Refused,
        };
        self.metrics.wrote(key.kind.facts().kind, verb, result);
        self.store.fail(app, key, failure);
    }
}
