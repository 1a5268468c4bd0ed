//! From "impossible" to problems that a person can act on.
//!
//! A problem is found, set aside, and the rest is tried again: so independent problems are
//! all told at once. What is said of a version is asked of the solver, never guessed.

use pubgrub::VersionSet as _;
use semver::Version;

use super::candidates::{Ask, Candidates};
use super::clash::{Asked, Clash, clash, core};
use super::error::{Asker, Cause, Fit, Mend, Problem};
use super::facts;
use super::mend::mends;
use super::solve::{Chosen, Relaxed, Unsolved, solve};

/// The most problems told at once.
const MOST_PROBLEMS: usize = 5;

/// Why it is impossible: every problem that stands by itself.
pub(super) fn explain(candidates: &Candidates<'_>) -> Vec<Problem> {
    let mut aside = Relaxed::default();
    let mut clashes = Vec::new();
    let mut rest = None;
    let mut gave_up = false;
    while clashes.len() < MOST_PROBLEMS {
        match solve(candidates, &aside).0 {
            Ok(chosen) => {
                rest = Some(chosen);
                break;
            }
            Err(Unsolved::GaveUp) => {
                gave_up = true;
                break;
            }
            Err(Unsolved::Impossible(proof)) => {
                let core = core(candidates, &aside, proof);
                let Some(clash) = clash(candidates, &aside, core) else {
                    gave_up = true;
                    break;
                };
                set_aside(candidates, &mut aside, &clash);
                clashes.push(clash);
            }
        }
    }
    let mut problems: Vec<Problem> = (0..clashes.len())
        .map(|position| problem(candidates, &clashes, position, rest.as_ref()))
        .collect();
    if gave_up && problems.is_empty() {
        problems.push(too_hard());
    }
    problems
}

/// What is said when the search was ended.
pub(super) fn too_hard() -> Problem {
    Problem {
        cause: Cause::GaveUp,
        facts: Vec::new(),
        mends: vec![Mend::Other(
            "narrow the ranges of the app's services, or take old versions out of the catalogue"
                .to_owned(),
        )],
    }
}

/// From here on the clash is taken as mended: its ranges admit any version, or nobody
/// asks for a service that has none.
fn set_aside(candidates: &Candidates<'_>, aside: &mut Relaxed, clash: &Clash<'_>) {
    if candidates.usable(clash.target).is_empty() {
        aside.without.insert(clash.target);
    } else {
        let edges = clash.asks.iter().map(|asked| (asked.by, clash.target));
        aside.any.extend(edges);
    }
}

fn problem<'a>(
    candidates: &Candidates<'a>,
    clashes: &[Clash<'a>],
    position: usize,
    rest: Option<&Chosen>,
) -> Problem {
    let mut others = Relaxed::default();
    for (other, clash) in clashes.iter().enumerate() {
        if other != position {
            set_aside(candidates, &mut others, clash);
        }
    }
    let clash = &clashes[position];
    let cause = cause(candidates, clash);
    let mut facts = facts::ways_in(candidates, clash);
    facts.extend(facts::also_asked(candidates, clash, rest));
    facts.extend(facts::optional(candidates, clash));
    facts.push(facts::existing(candidates, clash));
    facts.extend(facts::rejected(candidates, clash));
    facts.extend(facts::other_versions(candidates, clash, &others));
    let mends = mends(candidates, clash, &cause, &others);
    Problem {
        cause,
        facts,
        mends,
    }
}

/// What the clash is called.
pub(super) fn cause(candidates: &Candidates<'_>, clash: &Clash<'_>) -> Cause {
    let service = candidates.name(clash.target).to_owned();
    if let [asked] = clash.asks.as_slice() {
        return single(candidates, asked, service);
    }
    let asks = clash
        .asks
        .iter()
        .map(|asked| (asker(candidates, asked), asked.ask.range()))
        .collect();
    if clash.plain {
        Cause::Conflict { service, asks }
    } else {
        Cause::Entangled { service, asks }
    }
}

fn single(candidates: &Candidates<'_>, asked: &Asked<'_>, service: String) -> Cause {
    let by = asker(candidates, asked);
    let ask = asked.ask;
    if candidates.existing(ask.target).next().is_none() {
        return Cause::Missing { by, service };
    }
    let range = ask.range();
    let whatever_contract = Ask {
        contract: None,
        ..ask
    };
    let usable = candidates.usable(ask.target);
    if !candidates.matching(whatever_contract).is_disjoint(&usable) {
        return Cause::Contract { by, service, range };
    }
    let fit = if !candidates.matching(ask).is_empty() {
        Fit::Deprecated
    } else if pre_release(candidates, ask).is_some() {
        Fit::PreReleases
    } else {
        Fit::Nothing
    };
    Cause::NoVersion {
        by,
        service,
        range,
        fit,
    }
}

/// The newest pre-release that would be in the range if it were a release.
pub(super) fn pre_release(candidates: &Candidates<'_>, ask: Ask<'_>) -> Option<u32> {
    candidates.existing(ask.target).find(|number| {
        candidates
            .version(ask.target, *number)
            .is_some_and(|version| {
                let release = Version::new(version.major, version.minor, version.patch);
                !version.pre.is_empty() && ask.version.matches(&release)
            })
    })
}

/// Who asks, in words.
pub(super) fn asker(candidates: &Candidates<'_>, asked: &Asked<'_>) -> Asker {
    Asker {
        name: candidates.name(asked.by).to_owned(),
        version: candidates.version(asked.by, asked.number).cloned(),
        optional: asked.ask.optional,
    }
}
