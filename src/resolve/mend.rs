//! What would mend a clash. Each change is tried on the solver first, with the other
//! problems set aside: what is advised works.

use std::collections::BTreeSet;

use super::candidates::{APP, Candidates, Edge, Id};
use super::clash::Clash;
use super::error::{Cause, Fit, Mend};
use super::explain::pre_release;
use super::facts::{nearest, rejected_that_fit};
use super::solve::{Chosen, Relaxed, solve};

/// The most ways told.
const MOST_MENDS: usize = 3;

/// What would mend the clash, what costs least first.
pub(super) fn mends<'a>(
    candidates: &Candidates<'a>,
    clash: &Clash<'a>,
    cause: &Cause,
    others: &Relaxed,
) -> Vec<Mend> {
    let trial = Trial {
        candidates,
        clash,
        others,
    };
    let mut words = Vec::new();
    words.extend(trial.other_name(cause));
    words.extend(trial.corrected());
    words.extend(trial.root_ranges());
    words.extend(trial.pre_release(cause));
    words.extend(trial.not_deprecated());
    words.extend(trial.releases());
    let mut mends: Vec<Mend> = words.into_iter().map(Mend::from).collect();
    mends.extend(trial.provided(cause, mends.is_empty()));
    mends.truncate(MOST_MENDS);
    mends
}

struct Trial<'t, 'a> {
    candidates: &'t Candidates<'a>,
    clash: &'t Clash<'a>,
    others: &'t Relaxed,
}

impl Trial<'_, '_> {
    fn target(&self) -> &str {
        self.candidates.name(self.clash.target)
    }

    /// What is chosen with the change; `None` where that does not mend it.
    fn outcome(&self, change: impl FnOnce(&mut Relaxed)) -> Option<Chosen> {
        let mut relaxed = self.others.clone();
        change(&mut relaxed);
        let chosen = solve(self.candidates, &relaxed).0.ok()?;
        let exists = |(id, number): (&Id, &u32)| self.candidates.valid(*id, *number).is_some();
        chosen.iter().all(exists).then_some(chosen)
    }

    fn version(&self, chosen: &Chosen, id: Id) -> Option<String> {
        let number = chosen.get(&id)?;
        Some(self.candidates.version(id, *number)?.to_string())
    }

    fn other_name(&self, cause: &Cause) -> Option<String> {
        let Cause::Missing { by, service } = cause else {
            return None;
        };
        let near = nearest(self.candidates, service)?;
        let place = match by.version {
            None => format!("GravityApp {}/{}", self.candidates.app.namespace, by.name),
            Some(_) => format!("the dependencies of {}", by.named()),
        };
        Some(format!("if {near} is meant, write that name in {place}"))
    }

    fn corrected(&self) -> Option<String> {
        let rejected = rejected_that_fit(self.candidates, self.clash).next()?;
        Some(format!(
            "correct the GravityService {}/{}",
            rejected.namespace, rejected.object
        ))
    }

    /// Other ranges of the app's roots: the app's owner can change those at once.
    fn root_ranges(&self) -> Vec<String> {
        let roots: BTreeSet<Id> = self
            .clash
            .core
            .iter()
            .filter(|(by, _)| *by == APP)
            .map(|(_, root)| *root)
            .collect();
        roots
            .into_iter()
            .filter_map(|root| self.root_range(root))
            .collect()
    }

    fn root_range(&self, root: Id) -> Option<String> {
        let edge: Edge = (APP, root);
        let chosen = self.outcome(|relaxed| {
            relaxed.any.insert(edge);
        })?;
        let version = self.version(&chosen, root)?;
        let name = self.candidates.name(root);
        let mut then = vec![format!("{name} {version}")];
        if root != self.clash.target
            && let Some(version) = self.version(&chosen, self.clash.target)
        {
            then.push(format!("{} {version}", self.target()));
        }
        let app = &self.candidates.app;
        Some(format!(
            "let GravityApp {}/{} ask for {name} ^{version}, which gives {}",
            app.namespace,
            app.name,
            then.join(" and ")
        ))
    }

    fn pre_release(&self, cause: &Cause) -> Option<String> {
        let [asked] = self.clash.asks.as_slice() else {
            return None;
        };
        if !matches!(
            cause,
            Cause::NoVersion {
                fit: Fit::PreReleases,
                ..
            }
        ) {
            return None;
        }
        let number = pre_release(self.candidates, asked.ask)?;
        self.outcome(|relaxed| {
            relaxed.any.insert((asked.by, self.clash.target));
            relaxed.pinned = Some((self.clash.target, number));
        })?;
        let version = self.candidates.version(self.clash.target, number)?;
        Some(format!(
            "to try the pre-release, let {} ask for {} ^{version}",
            self.candidates.name(asked.by),
            self.target()
        ))
    }

    fn not_deprecated(&self) -> Option<String> {
        let target = self.clash.target;
        let chosen = self.outcome(|relaxed| {
            relaxed.deprecated.insert(target);
        })?;
        let version = self.version(&chosen, target)?;
        Some(format!(
            "take `deprecated` out of {} {version}",
            self.target()
        ))
    }

    /// A new release of one who asks that takes what the others need.
    fn releases(&self) -> Vec<String> {
        let services = self.clash.asks.iter().filter(|asked| asked.by != APP);
        services
            .filter_map(|asked| self.release(asked.by))
            .collect()
    }

    fn release(&self, by: Id) -> Option<String> {
        let chosen = self.outcome(|relaxed| {
            relaxed.any.insert((by, self.clash.target));
        })?;
        let version = self.version(&chosen, self.clash.target)?;
        let name = self.candidates.name(by);
        Some(format!(
            "release a version of {name} that works with {} {version}",
            self.target()
        ))
    }

    /// What a person can do where no change of what is there helps.
    fn provided(&self, cause: &Cause, only: bool) -> Option<Mend> {
        let provide = |service: &String, range: Option<&String>| Mend::Provide {
            service: service.clone(),
            range: range.cloned(),
            namespace: self.candidates.app.namespace.clone(),
        };
        match cause {
            Cause::Missing { service, .. } => Some(provide(service, None)),
            Cause::NoVersion { service, range, .. } | Cause::Contract { service, range, .. } => {
                Some(provide(service, Some(range)))
            }
            _ if only => Some(Mend::Other(format!(
                "no single change of a range is enough: release versions of {} that work with one version of {}",
                self.askers(),
                self.target()
            ))),
            _ => None,
        }
    }

    fn askers(&self) -> String {
        let names: Vec<String> = self
            .clash
            .asks
            .iter()
            .filter(|asked| asked.by != APP)
            .map(|asked| self.candidates.name(asked.by).to_owned())
            .collect();
        super::error::listed(&names)
    }
}
