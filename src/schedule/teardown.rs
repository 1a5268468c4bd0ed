//! The way back: an app is deleted in the reverse order of its dependencies.
//!
//! What there is to delete is found by owner among what is live, and its order by the
//! edges that were written on it when it was applied: a deletion never resolves anew.

use k8s_openapi::jiff::Timestamp;

use super::Action;
use super::prune::{Going, going, needed, not_deleted, owned};
use crate::api::app::DeletionPolicy;
use crate::api::objects::ObjectKey;
use crate::observe::{FailureKind, Live, Observed, Write};

/// What to do for an app that is being deleted.
#[derive(Clone, Debug, PartialEq)]
pub enum Teardown {
    /// Delete what is there to delete now; more follows when that is gone.
    Deleting {
        /// What to send.
        actions: Vec<Action>,
        /// What is waited for, and why it does not go where that is known.
        waits: String,
        /// When to try again what could not be deleted.
        wake_at: Option<Timestamp>,
    },
    /// Nothing is left that holds the app: take the finalizer away. The text names what
    /// could not be deleted and is left to the garbage collector, if anything.
    Done(Option<String>),
}

/// Decides the next step of a deletion.
///
/// Under Retain nothing holds an app back for long: objects are deleted in the background,
/// so that only the order of the requests is kept, and what refuses to go is left to the
/// garbage collector. In a namespace that is terminating, or under a foreground deletion,
/// Kubernetes is already deleting everything, and the finalizer goes at once.
pub fn teardown(uid: &str, policy: DeletionPolicy, at_once: bool, observed: &Observed) -> Teardown {
    let data_too = policy == DeletionPolicy::Delete;
    if at_once && !data_too {
        return Teardown::Done(None);
    }
    let all: Vec<&Live> = observed.live.values().map(AsRef::as_ref).collect();
    let mine = |live: &&Live| owned(live, uid) && (data_too || !live.deleting);
    let (held, left): (Vec<&Live>, Vec<&Live>) = all
        .iter()
        .copied()
        .filter(mine)
        .partition(|live| data_too || !refused(&live.key, observed));
    if !held.is_empty() {
        return step(&held, observed);
    }
    let data: Vec<&Live> = all
        .into_iter()
        .filter(|live| data_too && is_data(live))
        .collect();
    if data.is_empty() {
        Teardown::Done(names(&left))
    } else {
        step(&data, observed)
    }
}

/// Deletes those that nobody who is still there needs. Where each is needed by another, as by an
/// edge of long ago, an order that cannot be kept holds nobody back.
fn step(held: &[&Live], observed: &Observed) -> Teardown {
    let needed = needed(held.iter().copied());
    let is_free = |live: &&Live| {
        let node = live.node.as_deref();
        node.is_none_or(|node| !needed.contains(node))
    };
    let mut free: Vec<&Live> = held.iter().copied().filter(is_free).collect();
    if free.is_empty() {
        free = held.to_vec();
    }
    let (mut actions, mut told, mut wake_at) = (Vec::new(), None, None::<Timestamp>);
    for live in free {
        match going(live, observed) {
            Going::Now(action) => actions.push(action),
            Going::UnderWay => {}
            Going::Later(failure) => {
                told = told.or_else(|| Some(not_deleted(&live.key, failure)));
                wake_at = Some(wake_at.map_or(failure.retry_at, |at| at.min(failure.retry_at)));
            }
        }
    }
    let waits = || format!("waits for {} to go", names(held).unwrap_or_default());
    Teardown::Deleting {
        actions,
        waits: told.unwrap_or_else(waits),
        wake_at,
    }
}

/// What holds data and is known by the app's annotation.
fn is_data(live: &Live) -> bool {
    live.key.kind.can_hold_data()
        && live
            .owner
            .as_ref()
            .is_some_and(|owner| owner.uid.is_empty())
}

fn refused(key: &ObjectKey, observed: &Observed) -> bool {
    matches!(
        observed.writes.get(key),
        Some(Write::Failed(failure)) if failure.kind == FailureKind::Refused
    )
}

fn names(objects: &[&Live]) -> Option<String> {
    let first = objects.first()?;
    let more = objects.len() - 1;
    Some(if more == 0 {
        first.key.to_string()
    } else {
        format!("{} and {more} more", first.key)
    })
}
