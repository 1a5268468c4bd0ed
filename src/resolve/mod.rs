//! resolve: ranges → one version of each service.
//!
//! Pure: PubGrub over the [`Catalogue`]. The newest version that fits is chosen; a locked
//! version is kept while it fits; the same input gives the same output.

//!
//! ```text
//! candidates  catalogue and lock, numbered      versions  sets of those numbers
//! solve       PubGrub: a version for each       order     waves, or the cycle
//! clash       impossible → where it clashes     explain   clash → problem
//! facts       what to know of a clash           mend      what helps, tried first
//! fix         impossible → the smallest change that helps, tried
//! gone        what runs and was deleted
//! error       problems → text, reason, summary  view      resolution → JSON
//! ```
//!
//! Invariant: only `solve` and `versions` know PubGrub, and none of its words gets out.

mod candidates;
mod clash;
mod error;
mod explain;
mod facts;
mod fix;
mod gone;
mod mend;
mod order;
mod solve;
#[cfg(test)]
mod tests;
mod versions;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use semver::Version;

use crate::validate::{Catalogue, ValidApp, ValidService};
use candidates::Candidates;
pub use error::{Asker, Cause, Fit, Loss, Mend, Problem, ResolveError, in_range};
pub use fix::{Change, fix};
pub use solve::Effort;
use solve::{Chosen, Relaxed, Unsolved, solve};
pub use view::{RequirementView, ResolutionView, ResolvedView};

/// The versions that run now, by the service's name: what is kept while it fits.
pub type Lock = BTreeMap<String, Version>;

/// One version of each service of an app.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The services, by name.
    pub services: BTreeMap<String, Resolved>,
}

/// The version that was chosen for one service, and why it is there.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The service in the version that was chosen.
    pub service: Arc<ValidService>,
    /// How many ordered dependencies lie below it at the most: 0 starts first. For
    /// people; the order of starting goes by the graph.
    pub wave: usize,
    /// Who asks for it and in which versions, by name.
    pub required_by: Vec<Requirement>,
}

/// Who asks for a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    /// The name of the service that asks, or of the app.
    pub name: String,
    /// The range, as it was written; `*` where none was.
    pub range: String,
    /// The range of contracts, where one is asked for.
    pub contract: Option<String>,
}

/// Chooses a version of each service that the app needs.
///
/// # Errors
/// Every problem that stands by itself, with what would mend it.
pub fn resolve(
    app: &ValidApp,
    catalogue: &Catalogue,
    lock: &Lock,
) -> Result<Resolution, ResolveError> {
    resolve_measured(app, catalogue, lock).0
}

/// What runs, and over it the versions that the app itself asks to be taken. One of these that
/// is not in the catalogue cannot be had, and what runs is no worse for it.
fn asked_for(app: &ValidApp, catalogue: &Catalogue, lock: &Lock) -> Lock {
    let mut asked = lock.clone();
    let there = app.lock.iter().filter(|(name, version)| {
        let versions = catalogue.services.get(*name);
        versions.is_some_and(|versions| versions.contains_key(version))
    });
    asked.extend(there.map(|(name, version)| (name.clone(), version.clone())));
    asked
}

/// As [`resolve`], and how hard the search was.
pub fn resolve_measured(
    app: &ValidApp,
    catalogue: &Catalogue,
    lock: &Lock,
) -> (Result<Resolution, ResolveError>, Effort) {
    let lock = asked_for(app, catalogue, lock);
    let candidates = Candidates::new(app, catalogue, &lock);
    let (chosen, effort) = choose(&candidates);
    let outcome = match chosen {
        Ok(chosen) => settle(&candidates, &chosen),
        Err(Unsolved::Impossible(_)) => Err(explain::explain(&candidates)),
        Err(Unsolved::GaveUp) => Err(vec![explain::too_hard()]),
    };
    (
        outcome.map_err(|problems| ResolveError { problems }),
        effort,
    )
}

/// First with everything that runs as it is: only where that is impossible may any of it
/// change, and then as little as the search finds.
fn choose(candidates: &Candidates<'_>) -> (Result<Chosen, Unsolved>, Effort) {
    if candidates.keeps_lock() {
        let frozen = Relaxed {
            frozen: true,
            ..Relaxed::default()
        };
        if let (Ok(chosen), effort) = solve(candidates, &frozen) {
            return (Ok(chosen), effort);
        }
    }
    solve(candidates, &Relaxed::default())
}

/// From numbers to services; refuses what runs but is gone, and cycles.
fn settle(candidates: &Candidates<'_>, chosen: &Chosen) -> Result<Resolution, Vec<Problem>> {
    let gone = gone::gone(candidates, chosen);
    if !gone.is_empty() {
        return Err(gone);
    }
    let services: BTreeMap<&str, &Arc<ValidService>> = chosen
        .iter()
        .filter_map(|(id, number)| Some((candidates.name(*id), candidates.valid(*id, *number)?)))
        .collect();
    let waits = order::waits(&services);
    let Ok(waves) = order::waves(&waits) else {
        return Err(order::cycles(&services, waits));
    };
    let mut required_by = required_by(candidates.app, &services);
    let resolved = services.iter().map(|(name, service)| {
        let resolved = Resolved {
            service: Arc::clone(service),
            wave: waves.get(name).copied().unwrap_or(0),
            required_by: required_by.remove(name).unwrap_or_default(),
        };
        ((*name).to_owned(), resolved)
    });
    Ok(Resolution {
        services: resolved.collect(),
    })
}

/// Who asks for each service, optional or not, by name.
fn required_by<'a>(
    app: &'a ValidApp,
    services: &BTreeMap<&'a str, &'a Arc<ValidService>>,
) -> BTreeMap<&'a str, Vec<Requirement>> {
    let mut required_by: BTreeMap<&str, Vec<Requirement>> = BTreeMap::new();
    for (name, range) in &app.roots {
        required_by.entry(name).or_default().push(Requirement {
            name: app.name.clone(),
            range: range.to_string(),
            contract: None,
        });
    }
    for (name, service) in services {
        for (target, dependency) in &service.dependencies {
            required_by.entry(target).or_default().push(Requirement {
                name: (*name).to_owned(),
                range: dependency.version.to_string(),
                contract: dependency.contract.as_ref().map(ToString::to_string),
            });
        }
    }
    required_by
        .values_mut()
        .for_each(|requirements| requirements.sort());
    required_by
}
