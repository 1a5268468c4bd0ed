//! From an app to its plan: validate, resolve and plan, done anew only when what they
//! depend on has changed. Most events change nothing of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use kube::ResourceExt;

use super::context::Context;
use crate::api::GravityApp;
use crate::api::names;
use crate::api::reason::Reason;
use crate::observe::{AppKey, Observed};
use crate::plan::{Facts, places_of, plan};
use crate::resolve::{Lock, Resolution, resolve};
use crate::schedule::Desired;
use crate::status::Problem;
use crate::validate::{Catalogue, Invalid, ValidApp, catalogue, validate_app};

/// Everything that the versions of an app depend on.
#[derive(Clone, Debug, PartialEq)]
struct Inputs {
    uid: Option<String>,
    generation: Option<i64>,
    /// Annotations that ask for something, for they change no generation.
    asked: [Option<String>; 2],
    changes: Vec<u64>,
}

/// The last versions and the last plan of an app, with what they were made from.
#[derive(Default)]
pub(super) struct Planned {
    resolved: Option<(Inputs, Lock, Result<Resolved, Problem>)>,
    desired: Option<(Facts, Result<Arc<Desired>, Problem>)>,
}

#[derive(Clone)]
struct Resolved {
    app: Arc<ValidApp>,
    resolution: Arc<Resolution>,
    /// The hosts and paths that lead to its services.
    places: Arc<BTreeSet<String>>,
}

/// How much of what the cluster has come to hold a plan must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knowing {
    /// A plan need not know new credentials before somebody waits for them: they come by
    /// the dozen when an app starts, and a plan for each would be most of the work.
    Enough,
    /// Somebody waits for what the last plan does not know.
    Everything,
}

/// The app's plan. The last one is kept while what it was made from has not changed.
pub(super) fn planned(
    app: &GravityApp,
    observed: &Observed,
    knowing: Knowing,
    memory: &mut Planned,
    context: &Context,
) -> Result<Arc<Desired>, Problem> {
    let resolved = resolved(app, observed.lock(), memory, context)?;
    let facts = Facts {
        image: context.image.clone(),
        taken: context.store.taken(&AppKey::of(app), &resolved.places),
        serving: resolved.app.stopped && observed.serving,
        ..observed.facts()
    };
    if let Some((made_from, desired)) = &memory.desired
        && (*made_from == facts || (knowing == Knowing::Enough && made_from.suffice_for(&facts)))
    {
        return desired.clone();
    }
    let desired = make(&resolved, &facts);
    if let Ok(desired) = &desired {
        context.usage.uses(app, &desired.plan);
    }
    memory.desired = Some((facts, desired.clone()));
    desired
}

/// The app's versions. New ones drop the plan that was made of the old ones.
fn resolved(
    app: &GravityApp,
    lock: Lock,
    memory: &mut Planned,
    context: &Context,
) -> Result<Resolved, Problem> {
    let inputs = inputs(app, context);
    if let Some((made_from, locked, resolved)) = &memory.resolved
        && *made_from == inputs
        && same_outcome(locked, &lock, resolved)
    {
        return resolved.clone();
    }
    let resolved = versions(app, &lock, context);
    memory.resolved = Some((inputs, lock, resolved.clone()));
    memory.desired = None;
    resolved
}

fn inputs(app: &GravityApp, context: &Context) -> Inputs {
    let namespaces = context.namespaces(&app.namespace().unwrap_or_default());
    Inputs {
        uid: app.uid(),
        generation: app.metadata.generation,
        asked: [names::ROTATE_ANNOTATION, names::PROVISION_ANNOTATION]
            .map(|name| app.annotations().get(name).cloned()),
        changes: namespaces
            .iter()
            .map(|name| context.services.changes(name))
            .collect(),
    }
}

/// A workload that has come to run in the version that was chosen changes nothing: a
/// resolution that is locked to its own outcome has that outcome.
fn same_outcome(old: &Lock, new: &Lock, resolved: &Result<Resolved, Problem>) -> bool {
    let Ok(Resolved { resolution, .. }) = resolved else {
        return old == new;
    };
    let chosen = |name: &String| {
        resolution
            .services
            .get(name)
            .map(|found| &found.service.version)
    };
    let kept = old.iter().all(|(name, version)| {
        new.get(name) == Some(version) || (new.contains_key(name) && chosen(name) == new.get(name))
    });
    let grown = new
        .iter()
        .all(|(name, version)| old.get(name) == Some(version) || chosen(name) == Some(version));
    kept && grown
}

fn versions(app: &GravityApp, lock: &Lock, context: &Context) -> Result<Resolved, Problem> {
    let app = validate_app(app).map_err(|problems| invalid(&problems))?;
    let catalogue = gather(&app.namespace, context);
    let resolution = resolve(&app, &catalogue, lock).map_err(|error| Problem {
        reason: error.reason(),
        message: error.advice(),
    })?;
    Ok(Resolved {
        places: Arc::new(places_of(&app, &resolution)),
        app: Arc::new(app),
        resolution: Arc::new(resolution),
    })
}

fn make(resolved: &Resolved, facts: &Facts) -> Result<Arc<Desired>, Problem> {
    let Resolved {
        app, resolution, ..
    } = resolved;
    let plan = plan(app, resolution, facts).map_err(|error| Problem {
        reason: Reason::PlanFailed,
        message: error.to_string(),
    })?;
    Ok(Arc::new(Desired::new(
        Arc::new(plan),
        facts.credentials.clone(),
    )))
}

/// The catalogue of an app: its own namespace's GravityServices before all others.
fn gather(namespace: &str, context: &Context) -> Catalogue {
    let namespaces = context.namespaces(namespace);
    let services: Vec<_> = namespaces
        .iter()
        .flat_map(|namespace| context.services.of(namespace))
        .collect();
    catalogue(services.iter().map(AsRef::as_ref), namespace)
}

fn invalid(problems: &[Invalid]) -> Problem {
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Problem {
        reason: Reason::InvalidSpec,
        message: texts.join("; "),
    }
}
