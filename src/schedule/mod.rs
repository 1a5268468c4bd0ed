//! schedule: [`Desired`] × [`Observed`] → [`Schedule`]: what may be applied now, who
//! waits for whom, and what goes.
//!
//! Pure. Each node starts the moment its own edges allow; there are no waves that wait
//! for their slowest. An edge gates the first creation and a change of version; once
//! passed it stays passed, so a dependency that is sick for a minute blocks no hotfix of
//! its dependents.

mod claims;
mod credentials;
mod cut;
mod desired;
mod differences;
mod migration;
mod node;
mod object;
mod outlook;
mod prune;
mod rotation;
pub mod secrets;
mod sending;
mod sight;
mod standing;
mod teardown;
#[cfg(test)]
mod tests;
mod walls;
mod way_out;

use std::collections::BTreeMap;

pub use desired::Desired;
pub use differences::differences;
use k8s_openapi::jiff::Timestamp;
pub use outlook::{Outlook, outlook};
use secrets::Step;
use serde_json::Value;
pub use teardown::{Teardown, teardown};
pub use way_out::{of_job, of_pod};

use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::observe::{Observed, Write};
use crate::plan::{Generated, NodeId, NodeKind};

/// What to do now, and where every node stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// Where each node stands.
    pub nodes: BTreeMap<NodeId, NodeState>,
    /// What to send now. No two are of one object.
    pub actions: Vec<Action>,
    /// Somebody waits for credentials that the plan does not know yet: it must be made anew.
    pub stale: bool,
    /// When to look again though nothing has changed: a deadline, or a rare retry.
    pub wake_at: Option<Timestamp>,
    /// What should have gone and is there still, and why.
    pub leftovers: Vec<String>,
}

/// Where a node stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// As wanted, in the version and generation meant.
    Ready,
    /// As wanted, and nothing of it runs.
    Stopped,
    /// It may not start before these are ready.
    Waiting(Vec<NodeId>),
    /// It is being sent.
    Sending,
    /// It was sent and is on the way; the text says how far.
    Progressing(String),
    /// Its credentials are being replaced; the text says how far.
    Rotating(String),
    /// It cannot go on by itself.
    Failed {
        /// Why.
        reason: Reason,
        /// The object, the cause and what to do, in one sentence.
        message: String,
    },
}

impl NodeState {
    /// Whether it is as wanted.
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Ready | Self::Stopped)
    }
}

/// One thing to send.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// List a kind in the app's namespace, to see what stands under these names.
    LookUp {
        /// The kind.
        kind: Kind,
        /// The planned names that no watch shows.
        keys: Vec<ObjectKey>,
    },
    /// Apply an object server-side, with force.
    Apply {
        /// Which object.
        key: ObjectKey,
        /// The whole object.
        body: Value,
        /// The digest of what was planned.
        digest: String,
        /// What becomes of `spec.replicas`.
        replicas: Replicas,
        /// What it is a part of.
        node: NodeKind,
    },
    /// Make a Secret whose values are made now; one that is there is kept.
    Create {
        /// Which Secret.
        key: ObjectKey,
        /// The Secret with what is known of it.
        stated: Value,
        /// The keys that are made.
        generate: BTreeMap<String, Generated>,
        /// The digest of what was planned.
        digest: String,
        /// Whether nobody can have used credentials of the Secret before.
        first: bool,
        /// What it is a part of.
        node: NodeKind,
    },
    /// Make what a live Secret lacks.
    Fill {
        /// Which Secret.
        key: ObjectKey,
        /// The Secret with what is known of it.
        stated: Value,
        /// The keys that are made where they are missing.
        generate: BTreeMap<String, Generated>,
        /// The digest of what was planned.
        digest: String,
    },
    /// Take a live Secret one step further in the rotation of its credentials.
    Rotate {
        /// Which Secret.
        key: ObjectKey,
        /// The Secret with what is known of it.
        stated: Value,
        /// The keys that are made.
        generate: BTreeMap<String, Generated>,
        /// The step.
        step: Step,
        /// The digest of what was planned.
        digest: String,
    },
    /// Delete an object, if it still has this uid.
    Delete {
        /// Which object.
        key: ObjectKey,
        /// Its uid.
        uid: String,
    },
}

/// What becomes of a workload's `spec.replicas`, which an autoscaler owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replicas {
    /// Nothing: it stands in the body, or is the autoscaler's already.
    Leave,
    /// State this number once the object is made.
    After(i32),
    /// State the live number before the body, which no longer has it, is applied.
    Before(i32),
}

/// Since when a node has been on its way, in what is asked of it now.
pub type Begun = BTreeMap<NodeId, (String, Timestamp)>;

/// What was compared before: most events change nothing of what is compared.
#[derive(Debug, Default)]
pub struct Comparisons(BTreeMap<ObjectKey, object::Compared>);

/// Decides what may be done now. `begun` is kept from call to call; so is `comparisons`,
/// which changes no result.
pub fn schedule(
    desired: &Desired,
    observed: &Observed,
    comparisons: &mut Comparisons,
    begun: &mut Begun,
) -> Schedule {
    comparisons.forget_all_but(desired);
    let mut schedule = Schedule::default();
    let found = node::find_all(desired, observed, comparisons, begun, &mut schedule);
    let used = credentials::Used::new(desired, observed);
    let decide = |node| node::decide(node, &found, desired, observed, &used, &mut schedule);
    let states: Vec<NodeState> = found.iter().map(decide).collect();
    schedule.nodes = desired.plan.nodes.keys().cloned().zip(states).collect();
    node::look_up(&found, observed, &mut schedule);
    let overdue = observed.writes.values().filter_map(Write::overdue_at);
    overdue.for_each(|moment| schedule.wake_at(moment));
    prune::prune(desired, observed, &mut schedule);
    walls::narrow(&found, desired, observed, &mut schedule);
    rotation::advance(desired, observed, &mut schedule);
    if desired.plan.app.suspend || observed.terminating {
        schedule.actions.clear();
    }
    schedule
}

impl Comparisons {
    /// Forgets the objects that are no longer planned.
    fn forget_all_but(&mut self, desired: &Desired) {
        if self.0.len() > desired.len() {
            self.0.retain(|key, _| desired.contains(key));
        }
    }
}

impl Schedule {
    fn wake_at(&mut self, moment: Timestamp) {
        self.wake_at = Some(self.wake_at.map_or(moment, |other| other.min(moment)));
    }
}
