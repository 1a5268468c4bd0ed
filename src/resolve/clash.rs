//! Where exactly it does not fit: from "impossible" to one service and those who ask for it.

use std::collections::{BTreeMap, BTreeSet};

use pubgrub::VersionSet as _;

use super::candidates::{APP, APP_VERSION, Ask, Candidates, Edge, Id};
use super::solve::{Chosen, Relaxed, Unsolved, solve};
use super::versions::{ABSENT, Versions};

/// How often the walk may start anew; each time it knows more.
const MOST_WALKS: usize = 1_000;

/// A service of which no version is what all want.
#[derive(Clone, Debug)]
pub(super) struct Clash<'a> {
    /// The service.
    pub target: Id,
    /// The fewest asks that already leave no version.
    pub asks: Vec<Asked<'a>>,
    /// Whether the asks alone leave no version, or only with what follows from them.
    pub plain: bool,
    /// The versions on the way to it.
    pub chosen: Chosen,
    /// Everything that was asked on the way, by the service asked for.
    pub asked: BTreeMap<Id, Vec<Asked<'a>>>,
    /// The edges that cannot all hold; without one of them the others can.
    pub core: BTreeSet<Edge>,
}

/// An ask, and who asks.
#[derive(Clone, Debug)]
pub(super) struct Asked<'a> {
    /// Who.
    pub by: Id,
    /// In which version.
    pub number: u32,
    /// What.
    pub ask: Ask<'a>,
    /// The versions that this admits.
    pub admitted: Versions,
}

/// Takes edges away from the proof while it stays impossible. What is left is needed,
/// each of it, and is what a person has to look at.
pub(super) fn core(
    candidates: &Candidates<'_>,
    relaxed: &Relaxed,
    proof: BTreeSet<Edge>,
) -> BTreeSet<Edge> {
    let mut core = proof.clone();
    for edge in proof.iter().rev() {
        if !core.contains(edge) {
            continue;
        }
        let mut less = core.clone();
        less.remove(edge);
        let trial = Relaxed {
            only: Some(less),
            ..relaxed.clone()
        };
        if let (Err(Unsolved::Impossible(proof)), _) = solve(candidates, &trial) {
            core = proof;
        }
    }
    core
}

/// Follows the core from the app, each service in the version that would be chosen, until
/// a service has no version left.
pub(super) fn clash<'a>(
    candidates: &Candidates<'a>,
    relaxed: &Relaxed,
    core: BTreeSet<Edge>,
) -> Option<Clash<'a>> {
    let relaxed = Relaxed {
        only: Some(core.clone()),
        ..relaxed.clone()
    };
    let mut limits = BTreeMap::new();
    for _ in 0..MOST_WALKS {
        let mut walk = Walk {
            candidates,
            relaxed: &relaxed,
            core: &core,
            chosen: BTreeMap::from([(APP, APP_VERSION)]),
            asked: BTreeMap::new(),
        };
        match walk.go(&limits) {
            Step::Clash(target) => return Some(walk.told(target)),
            Step::Narrower(target, left) => {
                limits.insert(target, left);
            }
            Step::Done => return None,
        }
    }
    None
}

struct Walk<'w, 'a> {
    candidates: &'w Candidates<'a>,
    relaxed: &'w Relaxed,
    core: &'w BTreeSet<Edge>,
    chosen: Chosen,
    asked: BTreeMap<Id, Vec<Asked<'a>>>,
}

enum Step {
    /// No version is left for this service.
    Clash(Id),
    /// This service was chosen too early: it must be among these.
    Narrower(Id, Versions),
    /// Everything has a version.
    Done,
}

impl<'a> Walk<'_, 'a> {
    fn go(&mut self, limits: &BTreeMap<Id, Versions>) -> Step {
        let mut next = APP;
        loop {
            self.ask_for(next);
            if let Some(step) = self.check(limits) {
                return step;
            }
            let Some(target) = self.next() else {
                return Step::Done;
            };
            let left = self.left(target, limits);
            let locked = self.candidates.locked(target);
            let kept = locked.filter(|locked| self.candidates.keeps_lock() && left.holds(*locked));
            let usable = self.relaxed.usable(self.candidates, target);
            let Some(number) = kept.or_else(|| left.newest_of_both(&usable)) else {
                return Step::Clash(target);
            };
            self.chosen.insert(target, number);
            next = target;
        }
    }

    fn ask_for(&mut self, by: Id) {
        let Some(number) = self.chosen.get(&by).copied() else {
            return;
        };
        for ask in self.candidates.asks(by, number) {
            if self.core.contains(&(by, ask.target)) && self.relaxed.holds((by, ask.target)) {
                let admitted = self.relaxed.admitted(self.candidates, by, ask);
                let asked = Asked {
                    by,
                    number,
                    ask,
                    admitted,
                };
                self.asked.entry(ask.target).or_default().push(asked);
            }
        }
    }

    fn check(&self, limits: &BTreeMap<Id, Versions>) -> Option<Step> {
        self.asked.keys().find_map(|target| {
            let left = self.left(*target, limits);
            if left.is_empty() {
                return Some(Step::Clash(*target));
            }
            let number = self.chosen.get(target)?;
            (!left.holds(*number)).then_some(Step::Narrower(*target, left))
        })
    }

    fn left(&self, target: Id, limits: &BTreeMap<Id, Versions>) -> Versions {
        let limit = limits.get(&target).cloned().unwrap_or_else(Versions::full);
        let asked = self
            .asked
            .get(&target)
            .map(Vec::as_slice)
            .unwrap_or_default();
        limit.intersection(&all_admit(asked))
    }

    /// A required service without a version, one that no other open one leads to if there
    /// is one: then all who ask for it are known.
    fn next(&self) -> Option<Id> {
        let open: Vec<Id> = self
            .asked
            .iter()
            .filter(|(target, asked)| {
                !self.chosen.contains_key(target) && !all_admit(asked).holds(ABSENT)
            })
            .map(|(target, _)| *target)
            .collect();
        let led_to = |target: Id| {
            open.iter()
                .any(|other| *other != target && self.leads(*other, target))
        };
        open.iter()
            .copied()
            .find(|target| !led_to(*target))
            .or_else(|| open.first().copied())
    }

    fn leads(&self, from: Id, to: Id) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(id) = open.pop() {
            for (_, target) in self.core.range((id, 0)..=(id, Id::MAX)) {
                if *target == to {
                    return true;
                }
                if seen.insert(*target) {
                    open.push(*target);
                }
            }
        }
        false
    }

    fn told(self, target: Id) -> Clash<'a> {
        let all = self.asked.get(&target).cloned().unwrap_or_default();
        let plain = all_admit(&all).is_empty();
        Clash {
            target,
            asks: if plain { fewest(all) } else { all },
            plain,
            chosen: self.chosen,
            asked: self.asked,
            core: self.core.clone(),
        }
    }
}

/// The versions that all of them admit.
pub(super) fn all_admit(asked: &[Asked<'_>]) -> Versions {
    asked.iter().fold(Versions::full(), |left, asked| {
        left.intersection(&asked.admitted)
    })
}

/// The fewest of the asks that leave no version; the first ones are kept rather.
fn fewest(mut asks: Vec<Asked<'_>>) -> Vec<Asked<'_>> {
    for position in (0..asks.len()).rev() {
        let taken = asks.remove(position);
        if !all_admit(&asks).is_empty() {
            asks.insert(position, taken);
        }
    }
    asks
}
