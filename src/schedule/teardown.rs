//! The way back: an app is deleted in the reverse order of its dependencies.
//!
//! What there is to delete is found by owner among what is live, and its order by the
//! edges that were written on it when it was applied: a deletion never resolves anew.

use super::Action;
use super::prune::{is_writing, needed, owned};
use crate::api::app::DeletionPolicy;
use crate::api::objects::ObjectKey;
use crate::observe::{FailureKind, Live, Observed, Write};

/// What to do for an app that is being deleted.
#[derive(Clone, Debug, PartialEq)]
pub enum Teardown {
    /// Delete these; more follows when they are gone. The text names what is waited for.
    Deleting(Vec<Action>, String),
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

/// Deletes those that nobody who is still there needs.
fn step(held: &[&Live], observed: &Observed) -> Teardown {
    let needed = needed(held.iter().copied());
    let free = held.iter().filter(|live| {
        live.node
            .as_deref()
            .is_none_or(|node| !needed.contains(node))
    });
    let actions = free
        .filter(|live| !live.deleting && !is_writing(&live.key, observed))
        .map(|live| Action::Delete {
            key: live.key.clone(),
            uid: live.uid.clone(),
        })
        .collect();
    Teardown::Deleting(actions, names(held).unwrap_or_default())
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
