//! The conditions: `Ready`; for kstatus `Reconciling` and `Stalled`; and the parts.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

use super::{Outcome, backup};
use crate::api::GravityAppStatus;
use crate::api::objects::ObjectKey;
use crate::api::reason::Reason;
use crate::observe::Observed;
use crate::plan::{NodeId, NodeKind, Plan};
use crate::schedule::{NodeState, Schedule};

/// A message longer than this is cut: status stays small.
const LONGEST: usize = 1_000;

/// One condition before it has its time.
struct Verdict {
    status: &'static str,
    reason: String,
    message: String,
}

impl Verdict {
    fn yes(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            status: "True",
            reason: reason.to_string(),
            message: message.into(),
        }
    }

    fn no(reason: impl ToString, message: impl Into<String>) -> Self {
        Self {
            status: "False",
            reason: reason.to_string(),
            message: message.into(),
        }
    }

    fn unknown(reason: impl ToString, message: impl Into<String>) -> Self {
        Self {
            status: "Unknown",
            reason: reason.to_string(),
            message: message.into(),
        }
    }

    fn is_true(&self) -> bool {
        self.status == "True"
    }
}

/// All conditions, each with the time at which its status last changed.
pub(super) fn conditions(
    generation: i64,
    previous: &GravityAppStatus,
    outcome: Outcome,
    now: Timestamp,
) -> Vec<Condition> {
    let verdicts = match outcome {
        Outcome::Scheduled {
            plan,
            schedule,
            observed,
        } => scheduled(plan, schedule, observed),
        Outcome::Stopped(problem) => stopped(problem.reason, &problem.message),
        Outcome::Deleting(waits) => deleting(waits),
    };
    let timed = |(kind, verdict)| with_time(kind, verdict, generation, previous, now);
    verdicts.into_iter().map(timed).collect()
}

fn with_time(
    kind: &str,
    verdict: Verdict,
    generation: i64,
    previous: &GravityAppStatus,
    now: Timestamp,
) -> Condition {
    let before = previous
        .conditions
        .iter()
        .find(|condition| condition.type_ == kind);
    let kept = before.filter(|condition| condition.status == verdict.status);
    Condition {
        type_: kind.to_owned(),
        status: verdict.status.to_owned(),
        reason: verdict.reason,
        message: cut(verdict.message),
        observed_generation: Some(generation),
        last_transition_time: kept.map_or(Time(now), |condition| {
            condition.last_transition_time.clone()
        }),
    }
}

fn cut(message: String) -> String {
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message,
    }
}

type Verdicts = Vec<(&'static str, Verdict)>;

fn scheduled(plan: &Plan, schedule: &Schedule, observed: &Observed) -> Verdicts {
    let [databases, services, routes] = Part::ALL.map(|part| verdict(plan, schedule, part));
    let routes = match plan.no_way_in.first() {
        Some(first) => {
            let all: Vec<&str> = plan
                .no_way_in
                .iter()
                .map(|it| it.message.as_str())
                .collect();
            Verdict::no(first.reason, all.join("; "))
        }
        None => routes,
    };
    let databases = with_failed_backups(databases, plan, observed);
    let resolved = match plan.services.len() {
        1 => "the only service has its version".to_owned(),
        number => format!("{number} services have their versions"),
    };
    let ready = ready(plan, schedule, observed, [&databases, &services, &routes]);
    let (reconciling, stalled) = progress(plan, schedule, observed, &ready);
    vec![
        ("Ready", ready),
        ("Reconciling", reconciling),
        ("Stalled", stalled),
        ("Resolved", Verdict::yes(Reason::Resolved, resolved)),
        ("DatabasesReady", databases),
        ("ServicesReady", services),
        ("RoutesReady", routes),
    ]
}

/// What has a condition of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Database,
    Service,
    Route,
}

impl Part {
    const ALL: [Self; 3] = [Self::Database, Self::Service, Self::Route];

    /// Every node is of one part: an app that is not ready has one that says why.
    fn of(id: &NodeId, plan: &Plan) -> Self {
        use NodeKind::{
            Backup, Certificate, Companion, Credentials, Database, ExternalSecret, Gateway, Mesh,
            Migration, Pooler, Provisioning, Route, Seed, Server, Service, Storage, Values, Wiring,
        };
        match id.kind {
            Storage | Mesh if plan.services.contains_key(&id.name) => Self::Service,
            Credentials | Storage | Server | Database | Provisioning | Backup | Pooler => {
                Self::Database
            }
            ExternalSecret | Values | Wiring | Migration | Seed | Service => Self::Service,
            Mesh | Gateway | Certificate | Companion | Route => Self::Route,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Service => "service",
            Self::Route => "route",
        }
    }
}

/// A part of the app is ready when all its nodes are. What failed is told before what is
/// on its way, and that before what waits, for that is the order in which they are causes.
fn verdict(plan: &Plan, schedule: &Schedule, part: Part) -> Verdict {
    let what = part.word();
    let of_part = |id: &&NodeId| Part::of(id, plan) == part;
    let states = || schedule.nodes.iter().filter(|(id, _)| of_part(id));
    let total = states().count();
    let ready = states().filter(|(_, state)| state.is_settled()).count();
    if total == 0 {
        return Verdict::yes(Reason::NothingWanted, format!("the app has no {what}"));
    }
    if ready == total {
        return Verdict::yes(Reason::Ready, format!("every {what} is ready"));
    }
    let worst = states().min_by_key(|(_, state)| rank(state));
    let (reason, message) = worst.map_or((Reason::Progressing, String::new()), |(id, state)| {
        told(id, state, plan)
    });
    Verdict::no(reason, message)
}

/// A database serves though its backup failed.
fn with_failed_backups(databases: Verdict, plan: &Plan, observed: &Observed) -> Verdict {
    let failures = backup::failures(plan, observed);
    if !databases.is_true() || failures.is_empty() {
        return databases;
    }
    let message = format!("{}; {}", databases.message, failures.join("; "));
    Verdict::yes(Reason::BackupFailed, message)
}

fn rank(state: &NodeState) -> u8 {
    match state {
        NodeState::Failed { .. } => 0,
        NodeState::Progressing(_) | NodeState::Rotating(_) => 1,
        NodeState::Sending => 2,
        NodeState::Waiting(_) => 3,
        NodeState::Ready | NodeState::Stopped => 4,
    }
}

fn told(id: &NodeId, state: &NodeState, plan: &Plan) -> (Reason, String) {
    match state {
        NodeState::Failed { reason, message } => (*reason, format!("{id}: {message}")),
        NodeState::Progressing(message) => (Reason::Progressing, format!("{id}: {message}")),
        NodeState::Rotating(message) => (Reason::CredentialsRotating, format!("{id}: {message}")),
        NodeState::Sending => (Reason::Progressing, format!("{id} is being applied")),
        NodeState::Waiting(on) => {
            let names: Vec<String> = on.iter().take(3).map(ToString::to_string).collect();
            let more = on.len().saturating_sub(names.len());
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            (
                Reason::Waiting,
                format!("{id} waits for {}{more}", names.join(", ")),
            )
        }
        NodeState::Ready | NodeState::Stopped => {
            (Reason::Ready, format!("{} is as wanted", plan.app.name))
        }
    }
}

fn ready(plan: &Plan, schedule: &Schedule, observed: &Observed, parts: [&Verdict; 3]) -> Verdict {
    let Some(worst) = schedule
        .nodes
        .iter()
        .filter(|(_, state)| !state.is_settled())
        .min_by_key(|(_, state)| rank(state))
    else {
        let warnings = plan
            .warnings
            .iter()
            .cloned()
            .chain(schedule.leftovers.iter().cloned())
            .chain(rewritten(plan, observed))
            .chain(backup::failures(plan, observed));
        let warnings: String = warnings
            .map(|warning| format!("; note: {warning}"))
            .collect();
        if stopping(plan, observed) {
            let whose = if observed.serving {
                "services"
            } else {
                "servers"
            };
            return Verdict::no(Reason::Progressing, format!("the last pods of {whose} end"));
        }
        let (reason, message) = as_wanted(plan);
        return Verdict::yes(reason, format!("{message}{warnings}"));
    };
    debug_assert!(parts.iter().any(|part| !part.is_true()));
    let (reason, message) = told(worst.0, worst.1, plan);
    if plan.app.suspend {
        let message = match worst.1 {
            NodeState::Sending => format!("{} is not as wanted", worst.0),
            _ => message,
        };
        let message = format!("suspended, so nothing is changed; {message}");
        return Verdict::no(Reason::Suspended, message);
    }
    Verdict::no(reason, message)
}

/// Whether pods are there though the app is stopped.
fn stopping(plan: &Plan, observed: &Observed) -> bool {
    plan.app.stopped && observed.running
}

/// What is told of an app that is as wanted.
fn as_wanted(plan: &Plan) -> (Reason, String) {
    let all = plan.services.len();
    let stopped: Vec<&str> = plan
        .services
        .keys()
        .map(String::as_str)
        .filter(|name| plan.app.is_stopped(name))
        .collect();
    match (all, stopped.len()) {
        (_, number) if number == all => {
            let message = "nothing runs, as spec.stopped asks for, and all data is kept";
            (Reason::Stopped, message.to_owned())
        }
        (1, _) => (Reason::Ready, "the only service is ready".to_owned()),
        (_, 0) => (Reason::Ready, format!("all {all} services are ready")),
        (_, number) => (
            Reason::Ready,
            format!(
                "{} of {all} services are ready, and the others are stopped: {}",
                all.saturating_sub(number),
                stopped.join(", ")
            ),
        ),
    }
}

/// What admission makes of an object after it was sent is told, and not fought.
fn rewritten(plan: &Plan, observed: &Observed) -> Vec<String> {
    let planned = |key: &ObjectKey| {
        let mut objects = plan.nodes.values().flat_map(|node| &node.objects);
        objects.any(|object| object.key == *key)
    };
    let all = observed.changed_by_webhook.iter();
    all.filter(|(key, _)| planned(key))
        .map(|(key, changed)| {
            let paths = changed.paths.join(", ");
            format!(
                "a webhook or policy of the cluster changes {paths} of {key}, and what it makes \
                 of it is kept"
            )
        })
        .collect()
}

/// kstatus: an app is Reconciling while something is still on its way, and Stalled when
/// only what has failed, and what waits for it, is left.
fn progress(
    plan: &Plan,
    schedule: &Schedule,
    observed: &Observed,
    ready: &Verdict,
) -> (Verdict, Verdict) {
    let moving = stopping(plan, observed)
        || schedule.nodes.values().any(|state| {
            matches!(
                state,
                NodeState::Sending | NodeState::Progressing(_) | NodeState::Rotating(_)
            )
        });
    let going = !schedule.actions.is_empty();
    let nothing = |reason| Verdict::no(reason, "");
    if observed.terminating {
        let message = "the namespace is being deleted, and takes no new objects";
        return (
            nothing(Reason::NamespaceTerminating),
            Verdict::yes(Reason::NamespaceTerminating, message),
        );
    }
    if plan.app.suspend {
        let message = "spec.suspend is true: what runs goes on, and nothing is changed";
        return (
            Verdict::no(Reason::Suspended, message),
            nothing(Reason::Suspended),
        );
    }
    if moving || (going && !ready.is_true()) {
        let message = ready.message.clone();
        return (
            Verdict::yes(Reason::Progressing, message),
            nothing(Reason::Progressing),
        );
    }
    if ready.is_true() {
        return (
            Verdict::no(&ready.reason, ""),
            Verdict::no(&ready.reason, ""),
        );
    }
    let stalled = Verdict {
        status: "True",
        reason: ready.reason.clone(),
        message: ready.message.clone(),
    };
    (Verdict::no(&ready.reason, ""), stalled)
}

fn stopped(reason: Reason, message: &str) -> Verdicts {
    let unknown = || Verdict::unknown(reason, "nothing is changed until the app can be resolved");
    let stalled = Verdict {
        status: "True",
        reason: reason.to_string(),
        message: message.to_owned(),
    };
    vec![
        ("Ready", Verdict::no(reason, message)),
        ("Reconciling", Verdict::no(reason, "")),
        ("Stalled", stalled),
        ("Resolved", Verdict::no(reason, message)),
        ("DatabasesReady", unknown()),
        ("ServicesReady", unknown()),
        ("RoutesReady", unknown()),
    ]
}

fn deleting(waits: &str) -> Verdicts {
    let message = format!("being deleted; {waits}");
    vec![
        ("Ready", Verdict::no(Reason::Deleting, &message)),
        ("Reconciling", Verdict::yes(Reason::Deleting, &message)),
        ("Stalled", Verdict::no(Reason::Deleting, "")),
    ]
}

#[cfg(test)]
mod tests;
