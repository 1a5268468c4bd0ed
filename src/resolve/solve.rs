//! PubGrub, and the only file that speaks its language.
//!
//! An optional dependency is a range that also admits [`ABSENT`]. Services that may still
//! be absent are decided last, when everything that somebody requires has its version, and
//! are then absent: so an optional dependency pulls nothing in, yet its range binds all
//! along, and one search finds every solution. (Resolving what is required first and the
//! optional ranges afterwards could end in a conflict although another choice has none.)

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fmt;

use pubgrub::{
    Dependencies, DependencyProvider, DerivationTree, External, PackageResolutionStatistics,
    PubGrubError, VersionSet as _,
};

use super::candidates::{APP, APP_VERSION, Ask, Candidates, Edge, Id};
use super::versions::{ABSENT, Versions};

/// After so many choices the search gives up: an operator must not hang. A catalogue of
/// 20,000 versions made to be hard takes some thousand.
const MOST_CHOICES: u64 = 100_000;

/// One version for each service that is in the application.
pub(super) type Chosen = BTreeMap<Id, u32>;

/// Why nothing was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unsolved {
    /// These edges cannot all hold.
    Impossible(BTreeSet<Edge>),
    /// The search took too long.
    GaveUp,
}

/// How hard the search was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// How often a version was chosen for a service.
    pub choices: u64,
    /// How many of those were taken back, or rejected at once.
    pub undone: u64,
    /// How often the search went back. Several conflicts in a row that are seen at once
    /// count as one, so it is the least that it can have been.
    pub backtracks: u64,
}

/// What is not as it was written, to find out what makes the difference.
#[derive(Clone, Debug, Default)]
pub(super) struct Relaxed {
    /// Where present, only these edges are looked at.
    pub only: Option<BTreeSet<Edge>>,
    /// Nobody asks for these.
    pub without: BTreeSet<Id>,
    /// These require the service, but in any version that may be chosen.
    pub any: BTreeSet<Edge>,
    /// Of these, deprecated versions may be chosen.
    pub deprecated: BTreeSet<Id>,
    /// This service in this version, or not at all.
    pub pinned: Option<(Id, u32)>,
    /// Whether what runs but is gone from the catalogue may be chosen no more.
    pub existing_only: bool,
    /// Whether locked services may have no version but theirs.
    pub frozen: bool,
}

impl Relaxed {
    /// Whether the edge is looked at.
    pub fn holds(&self, edge: Edge) -> bool {
        !self.without.contains(&edge.1)
            && self.only.as_ref().is_none_or(|only| only.contains(&edge))
    }

    /// The versions that may be chosen.
    pub fn usable(&self, candidates: &Candidates<'_>, id: Id) -> Versions {
        let usable = if self.deprecated.contains(&id) {
            Versions::of(candidates.existing(id))
        } else {
            candidates.usable(id)
        };
        if self.existing_only && id != APP {
            return usable.intersection(&Versions::of(candidates.existing(id)));
        }
        match self.pinned {
            Some((pinned, number)) if pinned == id => Versions::of([number]),
            _ => usable,
        }
    }

    /// The versions of the target that the ask admits.
    pub fn admitted<'a>(&self, candidates: &Candidates<'a>, by: Id, ask: Ask<'a>) -> Versions {
        if self.any.contains(&(by, ask.target)) {
            return self.any_of(candidates, ask);
        }
        if self.deprecated.contains(&ask.target) {
            return candidates.matching(ask).union(&candidates.admitted(ask));
        }
        candidates.admitted(ask)
    }
}

impl Relaxed {
    /// Any release, for nobody should be advised to take a pre-release while there is one.
    fn any_of<'a>(&self, candidates: &Candidates<'a>, ask: Ask<'a>) -> Versions {
        let usable = self.usable(candidates, ask.target);
        let releases = candidates.releases(ask.target).intersection(&usable);
        let mut versions = if releases.is_empty() {
            usable
        } else {
            releases.union(&candidates.admitted(ask))
        };
        if ask.optional {
            versions.insert(ABSENT);
        }
        versions
    }
}

/// Chooses a version for each service that is needed.
pub(super) fn solve(
    candidates: &Candidates<'_>,
    relaxed: &Relaxed,
) -> (Result<Chosen, Unsolved>, Effort) {
    let search = Search {
        candidates,
        relaxed,
        course: RefCell::default(),
    };
    let solution = pubgrub::resolve(&search, APP, APP_VERSION);
    let mut effort = search.course.into_inner().effort;
    let outcome = match solution {
        Ok(selected) => Ok(selected
            .into_iter()
            .inspect(|_| effort.undone += 1)
            .filter(|(id, number)| *id != APP && *number != ABSENT)
            .collect()),
        Err(PubGrubError::NoSolution(tree)) => Err(Unsolved::Impossible(edges(&tree))),
        Err(_) => Err(Unsolved::GaveUp),
    };
    // What is in the solution was chosen and kept.
    effort.undone = effort.choices.saturating_sub(effort.undone);
    (outcome, effort)
}

type Tree = DerivationTree<Id, Versions, Infallible>;

/// The edges that the proof of impossibility uses. Parts of the proof are shared, and
/// walking each once keeps this linear.
fn edges(tree: &Tree) -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![tree];
    while let Some(tree) = open.pop() {
        match tree {
            DerivationTree::External(External::FromDependencyOf(by, _, target, _)) => {
                edges.insert((*by, *target));
            }
            DerivationTree::External(_) => {}
            DerivationTree::Derived(derived) => {
                if derived.shared_id.is_none_or(|id| seen.insert(id)) {
                    open.extend([&*derived.cause1, &*derived.cause2]);
                }
            }
        }
    }
    edges
}

struct Search<'s, 'a> {
    candidates: &'s Candidates<'a>,
    relaxed: &'s Relaxed,
    course: RefCell<Course>,
}

/// How the search went so far. The solver does not say when it goes back, but it asks
/// again about a service that was decided, and that shows it.
#[derive(Default)]
struct Course {
    effort: Effort,
    decided: Vec<Id>,
    /// Where each service was in `decided` when it was last put there.
    positions: Vec<usize>,
    went_back: bool,
}

impl Course {
    fn asked_about(&mut self, id: Id) {
        let position = self.positions.get(id as usize).copied();
        if let Some(position) = position.filter(|at| self.decided.get(*at) == Some(&id)) {
            self.decided.truncate(position);
            if !self.went_back {
                self.effort.backtracks += 1;
            }
            self.went_back = true;
        }
    }

    fn chose(&mut self, id: Id) {
        self.effort.choices += 1;
        if self.positions.len() <= id as usize {
            self.positions.resize(id as usize + 1, 0);
        }
        self.positions[id as usize] = self.decided.len();
        self.decided.push(id);
        self.went_back = false;
    }
}

/// Most urgent is what comes last: what has no version left, then what runs and still
/// fits (so that new services adapt to it), then what was in most conflicts, then what
/// has the fewest versions left. The number makes it deterministic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Urgency(Class, u32, Reverse<u32>, Reverse<Id>);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    MayBeAbsent,
    Open,
    Kept,
    Hopeless,
}

/// The search took too long.
#[derive(Debug)]
struct GaveUp;

impl fmt::Display for GaveUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "gave up after {MOST_CHOICES} choices")
    }
}

impl std::error::Error for GaveUp {}

impl Search<'_, '_> {
    /// The locked version where it is kept and among those left.
    fn kept(&self, id: Id, left: &Versions) -> Option<u32> {
        let locked = self.candidates.locked(id)?;
        let usable = self.relaxed.usable(self.candidates, id);
        (self.candidates.keeps_lock() && left.holds(locked) && usable.holds(locked))
            .then_some(locked)
    }

    fn newest(&self, id: Id, left: &Versions) -> Option<u32> {
        let usable = self.relaxed.usable(self.candidates, id);
        left.newest_of_both(&usable)
    }
}

impl DependencyProvider for Search<'_, '_> {
    type P = Id;
    type V = u32;
    type VS = Versions;
    type M = Infallible;
    type Err = GaveUp;
    type Priority = Urgency;

    fn prioritize(
        &self,
        id: &Id,
        left: &Versions,
        statistics: &PackageResolutionStatistics,
    ) -> Urgency {
        self.course.borrow_mut().asked_about(*id);
        let count = left.count_of_both(&self.relaxed.usable(self.candidates, *id));
        let class = if left.holds(ABSENT) {
            Class::MayBeAbsent
        } else if count == 0 {
            Class::Hopeless
        } else if self.kept(*id, left).is_some() {
            Class::Kept
        } else {
            Class::Open
        };
        Urgency(
            class,
            statistics.conflict_count(),
            Reverse(count),
            Reverse(*id),
        )
    }

    fn choose_version(&self, id: &Id, left: &Versions) -> Result<Option<u32>, GaveUp> {
        let choice = if left.holds(ABSENT) {
            Some(ABSENT)
        } else if let Some(locked) = self.kept(*id, left) {
            Some(locked)
        } else if self.relaxed.frozen && self.candidates.locked(*id).is_some() {
            None
        } else {
            self.newest(*id, left)
        };
        if choice.is_some() {
            let mut course = self.course.borrow_mut();
            course.asked_about(*id);
            course.chose(*id);
        }
        Ok(choice)
    }

    fn get_dependencies(
        &self,
        id: &Id,
        number: &u32,
    ) -> Result<Dependencies<Id, Versions, Infallible>, GaveUp> {
        let asks = self.candidates.asks(*id, *number);
        Ok(Dependencies::Available(
            asks.into_iter()
                .filter(|ask| self.relaxed.holds((*id, ask.target)))
                .map(|ask| (ask.target, self.relaxed.admitted(self.candidates, *id, ask)))
                .collect(),
        ))
    }

    fn should_cancel(&self) -> Result<(), GaveUp> {
        if self.course.borrow().effort.choices > MOST_CHOICES {
            return Err(GaveUp);
        }
        Ok(())
    }
}
