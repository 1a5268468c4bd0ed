//! From an app to its plan: validate, resolve and plan, done anew only when what they
//! depend on has changed. Most events change nothing of it.

use std::sync::Arc;

use kube::ResourceExt;

use super::memory::Memory;
use super::operator::Context;
use crate::api::GravityApp;
use crate::api::reason::Reason;
use crate::observe::Observed;
use crate::plan::{Facts, plan};
use crate::resolve::{Lock, resolve};
use crate::schedule::Desired;
use crate::status::Problem;
use crate::validate::{Catalogue, Invalid, catalogue, validate_app};

/// Everything that a plan depends on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Inputs {
    uid: Option<String>,
    generation: Option<i64>,
    changes: Vec<u64>,
    lock: Lock,
    facts: Facts,
}

/// The app's plan. The last one is kept while what it was made from has not changed.
pub(super) fn planned(
    app: &GravityApp,
    observed: &Observed,
    memory: &mut Memory,
    context: &Context,
) -> Result<Arc<Desired>, Problem> {
    let inputs = inputs(app, observed, context);
    if let Some((made_from, result)) = &memory.planned
        && same(made_from, &inputs, result)
    {
        return result.clone();
    }
    let result = make(app, &inputs, context);
    if let Ok(desired) = &result {
        context.usage.uses(app, &desired.plan);
    }
    memory.planned = Some((inputs, result.clone()));
    result
}

fn inputs(app: &GravityApp, observed: &Observed, context: &Context) -> Inputs {
    let namespaces = context.namespaces(&app.namespace().unwrap_or_default());
    Inputs {
        uid: app.uid(),
        generation: app.metadata.generation,
        changes: namespaces
            .iter()
            .map(|name| context.services.changes(name))
            .collect(),
        lock: observed.lock(),
        facts: observed.facts(),
    }
}

/// A workload that has come to run in the version that the plan chose changes nothing: a
/// resolution that is locked to its own outcome has that outcome.
fn same(old: &Inputs, new: &Inputs, result: &Result<Arc<Desired>, Problem>) -> bool {
    let Ok(desired) = result else {
        return old == new;
    };
    let chosen = |name: &String| {
        desired
            .plan
            .services
            .get(name)
            .map(|service| &service.version)
    };
    let kept = old
        .lock
        .iter()
        .all(|(name, version)| new.lock.get(name) == Some(version));
    let grown = new.lock.iter().all(|(name, version)| {
        old.lock.get(name) == Some(version) || chosen(name) == Some(version)
    });
    let others = |inputs: &Inputs| Inputs {
        lock: Lock::new(),
        ..inputs.clone()
    };
    kept && grown && others(old) == others(new)
}

fn make(app: &GravityApp, inputs: &Inputs, context: &Context) -> Result<Arc<Desired>, Problem> {
    let app = validate_app(app).map_err(|problems| invalid(&problems))?;
    let catalogue = gather(&app.namespace, context);
    let resolution = resolve(&app, &catalogue, &inputs.lock).map_err(|error| Problem {
        reason: error.reason(),
        message: error.summary(),
    })?;
    let plan = plan(&Arc::new(app), &resolution, &inputs.facts).map_err(|error| Problem {
        reason: Reason::PlanFailed,
        message: error.to_string(),
    })?;
    Ok(Arc::new(Desired::new(Arc::new(plan))))
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
