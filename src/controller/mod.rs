//! controller: wires the steps to the watches, and does nothing else.
//!
//! ```text
//!            ┌──────────────── wakes ────────────────┐
//!  watches ──▶ Store ──▶ reconcile: observe, plan,   │
//!                          schedule, apply, status ──▶ Writer
//! ```
//! A reconcile never waits: what it sends is carried out by tasks, whose answers change
//! the store, which wakes the app again.

mod context;
mod events;
pub mod lease;
mod memory;
mod operator;
mod planning;
mod report;
mod usage;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use context::{Context, lock};
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use kube::runtime::controller::Action;
use memory::Memory;
pub use operator::{OperatorError, OperatorSettings, run};
use planning::Knowing;

use crate::api::GravityApp;
use crate::api::app::DeletionPolicy;
use crate::observe::{AppKey, Observed};
use crate::schedule::{self, Teardown};
use crate::status::{Outcome, Problem};

/// Brings one app nearer to what it asks for. It is called on every change of the app, of
/// its objects and of its catalogue, and after the answer to everything that it sends.
async fn reconcile(app: Arc<GravityApp>, context: Arc<Context>) -> Result<Action, Infallible> {
    let begun = Instant::now();
    let key = AppKey::of(&app);
    let Some(observed) = context.store.observed(&key, Timestamp::now()) else {
        return Ok(Action::await_change());
    };
    let memory = context.memory(&key);
    let mut memory = lock(&memory);
    memory.be_of(app.uid());
    let next = if app.metadata.deletion_timestamp.is_some() {
        tear_down(&app, &key, &observed, &mut memory, &context)
    } else if !report::has_finalizer(&app) && app.spec.suspend != Some(true) {
        report::add_finalizer(&app, &key, &mut memory, &context)
    } else {
        match advance(&app, &key, &observed, &mut memory, &context) {
            Ok(next) => next,
            Err(problem) => stop(&app, &key, &problem, &mut memory, &context),
        }
    };
    let outcome = memory.outcome();
    context.usage.reconciled(&key, outcome);
    context.metrics.objects(context.store.len());
    context.metrics.reconciled(begun.elapsed(), outcome);
    Ok(next.map_or_else(Action::await_change, Action::requeue))
}

/// There is a plan: send what may be sent, and tell where everything stands.
fn advance(
    app: &GravityApp,
    key: &AppKey,
    observed: &Observed,
    memory: &mut Memory,
    context: &Context,
) -> Result<Option<Duration>, Problem> {
    let Memory {
        planned,
        comparisons,
        begun,
        ..
    } = &mut *memory;
    let mut plan = |knowing| planning::planned(app, observed, knowing, planned, context);
    let mut desired = plan(Knowing::Enough)?;
    let mut schedule = schedule::schedule(&desired, observed, comparisons, begun);
    if schedule.stale {
        desired = plan(Knowing::Everything)?;
        schedule = schedule::schedule(&desired, observed, comparisons, begun);
    }
    context.named.follow(key, &desired.plan.named);
    for action in &schedule.actions {
        context.writer.submit(key, action.clone());
    }
    let deadline = schedule.wake_at.map(|moment| until(moment, observed.now));
    let outcome = Outcome::Scheduled {
        plan: &desired.plan,
        schedule: &schedule,
        observed,
    };
    let later = report::status(app, key, outcome, memory, context);
    Ok(deadline.into_iter().chain(later).min())
}

/// There is no plan: nothing is sent, and nothing that runs is changed.
fn stop(
    app: &GravityApp,
    key: &AppKey,
    problem: &Problem,
    memory: &mut Memory,
    context: &Context,
) -> Option<Duration> {
    report::status(app, key, Outcome::Stopped(problem), memory, context)
}

/// The app is being deleted: what it owns goes, in the reverse order of its dependencies.
fn tear_down(
    app: &GravityApp,
    key: &AppKey,
    observed: &Observed,
    memory: &mut Memory,
    context: &Context,
) -> Option<Duration> {
    if !report::has_finalizer(app) {
        return None;
    }
    let asked = |word: &str| app.finalizers().iter().any(|name| name == word);
    if asked("orphan") {
        // Kubernetes takes our owner references away, and all runs on without an app.
        return report::remove_finalizer(app, key, None, memory, context);
    }
    let policy = app.spec.deletion_policy.unwrap_or(DeletionPolicy::Retain);
    let at_once = asked("foregroundDeletion") || observed.terminating;
    let uid = app.uid().unwrap_or_default();
    match schedule::teardown(&uid, policy, at_once, observed) {
        Teardown::Deleting {
            actions,
            waits,
            wake_at,
        } => {
            for action in actions {
                context.writer.submit(key, action);
            }
            let again = wake_at.map(|moment| until(moment, observed.now));
            let later = report::status(app, key, Outcome::Deleting(&waits), memory, context);
            again.into_iter().chain(later).min()
        }
        Teardown::Done(left) => report::remove_finalizer(app, key, left, memory, context),
    }
}

fn until(moment: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(now)).unwrap_or_default()
}
