//! status: outcome → conditions, phases, events.
//!
//! Pure; the one write is the controller's. Every way out of a reconcile comes through
//! here, a failed validation too.

mod backup;
mod condition;
mod event;
mod phase;

use k8s_openapi::jiff::Timestamp;

pub use event::{Note, notes};

use crate::api::GravityAppStatus;
use crate::api::app::{Phase, ServiceStatus};
use crate::api::names::digest8;
use crate::api::reason::Reason;
use crate::observe::Observed;
use crate::plan::Plan;
use crate::schedule::Schedule;

/// How a reconcile ended.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// There is a plan, and this is where it stands.
    Scheduled {
        /// The plan.
        plan: &'a Plan,
        /// Where it stands.
        schedule: &'a Schedule,
        /// What was seen of the cluster.
        observed: &'a Observed,
    },
    /// There is no plan: nothing that runs is changed.
    Stopped(&'a Problem),
    /// The app is going; the text names what is waited for.
    Deleting(&'a str),
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Why, in a word.
    pub reason: Reason,
    /// One sentence: the object, the cause and what to do.
    pub message: String,
}

/// The status of an app after a reconcile. What has not changed keeps its time, so that an
/// unchanged status is equal to the previous one and is not written.
pub fn status(
    generation: i64,
    previous: &GravityAppStatus,
    outcome: Outcome,
    now: Timestamp,
) -> GravityAppStatus {
    let services = match outcome {
        Outcome::Scheduled {
            plan,
            schedule,
            observed,
        } => phase::services(plan, schedule, observed, previous, now),
        // What ran goes on running, and its last known state is what there is to tell.
        Outcome::Stopped(_) | Outcome::Deleting(_) => previous.services.clone(),
    };
    let revision = match outcome {
        Outcome::Scheduled { plan, .. } => Some(revision(plan)),
        _ => previous.revision.clone(),
    };
    GravityAppStatus {
        observed_generation: Some(generation),
        conditions: condition::conditions(generation, previous, outcome, now),
        services_ready: {
            let (ready, wanted) = ready_of_wanted(&services);
            Some(format!("{ready}/{wanted}"))
        },
        revision,
        services,
    }
}

/// The name of a set of versions: the same set has the same name.
fn revision(plan: &Plan) -> String {
    let set: String = plan
        .services
        .iter()
        .map(|(name, service)| format!("{name} {}\n", service.version))
        .collect();
    digest8(set.as_bytes())
}

/// How many services do their work, of how many that shall.
pub fn ready_of_wanted(services: &[ServiceStatus]) -> (usize, usize) {
    let count = |is_meant: fn(Phase) -> bool| {
        let phases = services.iter().map(|service| service.phase);
        phases.filter(|phase| is_meant(*phase)).count()
    };
    let ready = count(|phase| phase == Phase::Running);
    (ready, count(|phase| phase != Phase::Stopped))
}
