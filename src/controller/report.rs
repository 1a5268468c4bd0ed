//! The writes of the app itself: its finalizer, its status, its events. Each is a task,
//! and at most one of an app is under way.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use kube::{Api, Resource, ResourceExt};
use serde_json::{Value, json};

use super::context::{Context, lock};
use super::memory::Memory;
use crate::api::names::{FINALIZER, STATUS_MANAGER};
use crate::api::{GravityApp, GravityAppStatus};
use crate::apply::backoff;
use crate::observe::AppKey;
use crate::status::{self, Note, Outcome, notes, ready_of_wanted};

/// A status is written at once on a change, and then at most twice a second.
const BETWEEN_WRITES: Duration = Duration::from_millis(500);
/// How long to wait after a first failure, in milliseconds.
const FIRST_WAIT: u64 = 500;
/// How long to wait at the most, in milliseconds: a status that is not told looks like an
/// operator that does not run.
const LONGEST_WAIT: u64 = 15_000;

/// Whether the app is held until its objects are gone.
pub(super) fn has_finalizer(app: &GravityApp) -> bool {
    app.finalizers().iter().any(|name| name == FINALIZER)
}

/// Holds the app, before the first of its objects is made.
pub(super) fn add_finalizer(
    app: &GravityApp,
    key: &AppKey,
    memory: &mut Memory,
    context: &Context,
) -> Option<Duration> {
    let mut finalizers = app.finalizers().to_vec();
    finalizers.push(FINALIZER.to_owned());
    let write = Write::Hold(finalizers_of(app, &finalizers));
    send_finalizers(app, key, write, memory, context)
}

/// Lets the app go. What could not be deleted is told, for the garbage collector has it now.
pub(super) fn remove_finalizer(
    app: &GravityApp,
    key: &AppKey,
    left: Option<String>,
    memory: &mut Memory,
    context: &Context,
) -> Option<Duration> {
    if let Some(left) = left {
        tracing::warn!(app = %app.name_any(), %left, "could not be deleted in order, and is left to the garbage collector");
    }
    let others = app.finalizers().iter().filter(|name| *name != FINALIZER);
    let finalizers: Vec<String> = others.cloned().collect();
    let write = Write::LetGo(finalizers_of(app, &finalizers));
    send_finalizers(app, key, write, memory, context)
}

/// The answer to a write wakes the app before the watch has shown what was written: what
/// would then be worked out again is refused, until it has.
fn send_finalizers(
    app: &GravityApp,
    key: &AppKey,
    write: Write,
    memory: &mut Memory,
    context: &Context,
) -> Option<Duration> {
    if version_of(app) < memory.at_least {
        return None;
    }
    send(app, key, write, memory, context)
}

fn finalizers_of(app: &GravityApp, finalizers: &[String]) -> Value {
    // The resource version keeps a finalizer that another has added in the meantime.
    json!({"metadata": {
        "finalizers": finalizers,
        "resourceVersion": app.resource_version(),
    }})
}

/// Works out the status and writes it, if it has changed and its time has come. What
/// comes out is when to look again.
pub(super) fn status(
    app: &GravityApp,
    key: &AppKey,
    outcome: Outcome,
    memory: &mut Memory,
    context: &Context,
) -> Option<Duration> {
    // While a status could not be written it is not worked out either: when many services
    // start, every few milliseconds bring a change.
    if memory.writing {
        return None;
    }
    let since = memory.written.map(|at| at.elapsed());
    if let Some(wait) = since.and_then(|since| BETWEEN_WRITES.checked_sub(since)) {
        return Some(wait);
    }
    let written = memory
        .status
        .clone()
        .or_else(|| app.status.clone())
        .unwrap_or_default();
    let generation = app.metadata.generation.unwrap_or_default();
    let next = status::status(generation, &written, outcome, Timestamp::now());
    measure(key, &next, context);
    if next == written {
        return None;
    }
    let told = Told {
        about: app.object_ref(&()),
        notes: notes(&written, &next),
        status: next,
    };
    send(app, key, Write::Status(Box::new(told)), memory, context)
}

fn measure(key: &AppKey, status: &GravityAppStatus, context: &Context) {
    let ready = status
        .conditions
        .iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True");
    let (running, wanted) = ready_of_wanted(&status.services);
    context
        .metrics
        .app(&key.namespace, &key.name, ready, wanted, running);
}

/// The status as a merge patch: lists are replaced whole, and what is absent is taken out.
fn patch_of(status: &GravityAppStatus) -> Value {
    let mut patch = json!({"conditions": [], "services": [], "revision": null});
    if let (Some(patch), Ok(Value::Object(fields))) =
        (patch.as_object_mut(), serde_json::to_value(status))
    {
        patch.extend(fields);
    }
    patch
}

enum Write {
    Hold(Value),
    LetGo(Value),
    Status(Box<Told>),
}

/// A status, and the events that are told once it is written: not again with each try.
struct Told {
    about: ObjectReference,
    notes: Vec<Note>,
    status: GravityAppStatus,
}

/// Starts the write. The answer wakes the app, whatever it is.
fn send(
    app: &GravityApp,
    key: &AppKey,
    write: Write,
    memory: &mut Memory,
    context: &Context,
) -> Option<Duration> {
    if memory.writing || !context.may_write() {
        return None;
    }
    memory.writing = true;
    if matches!(write, Write::Status(_)) {
        memory.written = Some(Instant::now());
    }
    let (key, context, seen) = (key.clone(), context.clone(), version_of(app));
    // Not to be looked up later: by then another app of that name may be remembered.
    let kept = context.memory(&key);
    context.tasks.clone().spawn(async move {
        let result = carry_out(&key, &write, &context).await;
        written(&key, &context, &kept, (seen, write), result).await;
        context.store.wake(key);
    });
    None
}

/// Takes the answer. After a failure the app is held for a while, longer each time: a
/// right that is taken away comes with no event when it is given back.
async fn written(
    key: &AppKey,
    context: &Context,
    memory: &Mutex<Memory>,
    (seen, write): (u64, Write),
    result: Result<Option<u64>, kube::Error>,
) {
    let version = match result {
        Ok(version) => version,
        Err(error) => {
            let failures = {
                let mut memory = lock(memory);
                memory.failures = memory.failures.saturating_add(1);
                memory.failures
            };
            tracing::debug!(app = %key.name, failures, %error, "the app was not written");
            tokio::time::sleep(backoff(failures, FIRST_WAIT, LONGEST_WAIT)).await;
            lock(memory).writing = false;
            return;
        }
    };
    let mut memory = lock(memory);
    memory.writing = false;
    memory.failures = 0;
    memory.at_least = match (&write, version) {
        (Write::Hold(_) | Write::Status(_), Some(version)) => version,
        // It is newer than what we saw, or gone.
        _ => seen.saturating_add(1),
    };
    if let (Write::Status(told), Some(_)) = (write, version) {
        for note in told.notes {
            context.events.tell(told.about.clone(), note);
        }
        memory.status = Some(told.status);
    }
}

/// Resource versions of one resource are numbers that grow (Kubernetes, "API concepts").
fn version_of(app: &GravityApp) -> u64 {
    let version = app.metadata.resource_version.as_deref();
    version.and_then(|it| it.parse().ok()).unwrap_or_default()
}

/// The app's resource version after the write; none if the app is newer than what we saw, or
/// gone.
async fn carry_out(
    key: &AppKey,
    write: &Write,
    context: &Context,
) -> Result<Option<u64>, kube::Error> {
    let api: Api<GravityApp> = Api::namespaced(context.client.clone(), &key.namespace);
    let params = PatchParams {
        field_manager: Some(STATUS_MANAGER.to_owned()),
        ..Default::default()
    };
    let answer = match write {
        Write::Hold(body) | Write::LetGo(body) => {
            api.patch(&key.name, &params, &Patch::Merge(body)).await
        }
        Write::Status(told) => {
            // Another app of that name is none of its own.
            let metadata = json!({"uid": told.about.uid});
            let body = json!({"metadata": metadata, "status": patch_of(&told.status)});
            api.patch_status(&key.name, &params, &Patch::Merge(body))
                .await
        }
    };
    match answer {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(None),
        // The app is newer than what we saw; the watch shows it, and we try again.
        Err(kube::Error::Api(status)) if status.is_conflict() => Ok(None),
        Err(error) => Err(error),
        Ok(app) => Ok(Some(version_of(&app))),
    }
}
