//! What is changed the least so that the versions fit together: found by trying, with the
//! resolver as the judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use semver::{Version, VersionReq};

use super::{Cause, Lock, Resolution, ResolveError, resolve};
use crate::validate::{Catalogue, ValidApp};

/// How many changes are made at once at the most; more of them nobody would read.
const MOST: usize = 3;
/// How many attempts are made.
const ATTEMPTS: usize = 3_000;

/// One change of what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The app asks for another range of a service.
    Root {
        /// The service.
        service: String,
        /// What it asks for now.
        from: String,
        /// What it would ask for.
        to: String,
    },
    /// The app keeps a version no more.
    Unlock {
        /// The service.
        service: String,
        /// The version.
        version: String,
    },
    /// A manifest asks for another range of a dependency.
    Range {
        /// Whose manifest.
        service: String,
        /// In which version.
        version: String,
        /// The dependency.
        dependency: String,
        /// What it asks for now.
        from: String,
        /// What it would ask for.
        to: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root { service, from, to } => {
                write!(
                    formatter,
                    "the application asks for {service} {to} instead of {from}"
                )
            }
            Self::Unlock { service, version } => {
                write!(
                    formatter,
                    "the application does not keep {service} at {version}"
                )
            }
            Self::Range {
                service,
                version,
                dependency,
                from,
                to,
            } => write!(
                formatter,
                "{service} {version} asks for {dependency} {to} instead of {from}"
            ),
        }
    }
}

/// The smallest change by which everything fits, and what is chosen then. What the application
/// says itself is changed before what its services say. Nothing where there is none.
pub fn fix(
    app: &ValidApp,
    catalogue: &Catalogue,
    error: &ResolveError,
) -> Option<(Vec<Change>, Resolution)> {
    let suspects = suspects(catalogue, error);
    let candidates = candidates(app, catalogue, &suspects);
    let mut attempts = ATTEMPTS;
    for size in 1..=MOST {
        let mut chosen = Vec::new();
        if let Some(found) = attempt(
            app,
            catalogue,
            &candidates,
            size,
            &mut chosen,
            &mut attempts,
        ) {
            return Some(found);
        }
    }
    None
}

fn attempt(
    app: &ValidApp,
    catalogue: &Catalogue,
    candidates: &[Change],
    size: usize,
    chosen: &mut Vec<Change>,
    attempts: &mut usize,
) -> Option<(Vec<Change>, Resolution)> {
    if size == 0 {
        *attempts = attempts.checked_sub(1)?;
        let (app, catalogue) = changed(app, catalogue, chosen);
        let resolution = resolve(&app, &catalogue, &Lock::new()).ok()?;
        return Some((chosen.clone(), resolution));
    }
    for (index, candidate) in candidates.iter().enumerate() {
        let rest = candidates
            .get(index.saturating_add(1)..)
            .unwrap_or_default();
        if chosen.iter().any(|other| is_of_the_same(other, candidate)) {
            continue;
        }
        chosen.push(candidate.clone());
        let found = attempt(
            app,
            catalogue,
            rest,
            size.saturating_sub(1),
            chosen,
            attempts,
        );
        chosen.pop();
        if found.is_some() || *attempts == 0 {
            return found;
        }
    }
    None
}

/// Whether two changes are of one line.
fn is_of_the_same(one: &Change, other: &Change) -> bool {
    match (one, other) {
        (Change::Root { service: one, .. }, Change::Root { service: other, .. }) => one == other,
        (
            Change::Range {
                service,
                version,
                dependency,
                ..
            },
            Change::Range {
                service: other,
                version: other_version,
                dependency: other_dependency,
                ..
            },
        ) => (service, version, dependency) == (other, other_version, other_dependency),
        _ => false,
    }
}

/// The services that the problems are about. Where they are entangled, what follows from them
/// is, too.
fn suspects(catalogue: &Catalogue, error: &ResolveError) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for problem in &error.problems {
        let follows = matches!(problem.cause, Cause::Entangled { .. } | Cause::GaveUp);
        let mut open = problem.cause.services();
        while let Some(name) = open.pop() {
            let Some(versions) = catalogue.services.get(name) else {
                continue;
            };
            if all.insert(name.to_owned()) && follows {
                let needed = versions.values().flat_map(|it| it.dependencies.keys());
                open.extend(needed.map(String::as_str));
            }
        }
    }
    all
}

/// What could be changed, the best first: the application's own words, then what it keeps, then
/// the ranges of manifests; of the versions the newest first.
fn candidates(app: &ValidApp, catalogue: &Catalogue, suspects: &BTreeSet<String>) -> Vec<Change> {
    let versions = |name: &str| -> Vec<&Version> {
        let all = catalogue.services.get(name).into_iter().flatten();
        all.rev().map(|(version, _)| version).collect()
    };
    let fresh = |range: &VersionReq, name: &str| -> Vec<String> {
        let mut others: Vec<String> = Vec::new();
        for version in versions(name).into_iter().filter(|it| !range.matches(it)) {
            let to = format!("^{version}");
            // One range for a line of versions is enough: of it the newest is taken.
            let is_said = others
                .iter()
                .any(|it| VersionReq::parse(it).is_ok_and(|it| it.matches(version)));
            if !is_said {
                others.push(to);
            }
        }
        others
    };
    let mut all = Vec::new();
    for (name, range) in app
        .roots
        .iter()
        .filter(|(name, _)| suspects.contains(*name))
    {
        all.extend(fresh(range, name).into_iter().map(|to| Change::Root {
            service: name.clone(),
            from: range.to_string(),
            to,
        }));
    }
    let locked = app.lock.iter().filter(|(name, _)| suspects.contains(*name));
    all.extend(locked.map(|(name, version)| Change::Unlock {
        service: name.clone(),
        version: version.to_string(),
    }));
    for name in suspects {
        for (version, service) in catalogue.services.get(name).into_iter().flatten().rev() {
            for (dependency, needed) in &service.dependencies {
                let ranges = fresh(&needed.version, dependency);
                all.extend(ranges.into_iter().map(|to| Change::Range {
                    service: name.clone(),
                    version: version.to_string(),
                    dependency: dependency.clone(),
                    from: needed.version.to_string(),
                    to,
                }));
            }
        }
    }
    all
}

fn changed(app: &ValidApp, catalogue: &Catalogue, changes: &[Change]) -> (ValidApp, Catalogue) {
    let (mut app, mut catalogue) = (app.clone(), catalogue.clone());
    for change in changes {
        match change {
            Change::Root { service, to, .. } => {
                if let Ok(range) = VersionReq::parse(to) {
                    app.roots.insert(service.clone(), range);
                }
            }
            Change::Unlock { service, .. } => drop(app.lock.remove(service)),
            Change::Range {
                service,
                version,
                dependency,
                to,
                ..
            } => {
                let versions: Option<&mut BTreeMap<_, _>> = catalogue.services.get_mut(service);
                let found = versions.into_iter().flatten();
                let mut found = found.filter(|(number, _)| number.to_string() == *version);
                let own = found.next().map(|(_, service)| Arc::make_mut(service));
                let needed = own.and_then(|it| it.dependencies.get_mut(dependency));
                if let (Some(needed), Ok(range)) = (needed, VersionReq::parse(to)) {
                    needed.version = range;
                }
            }
        }
    }
    (app, catalogue)
}
