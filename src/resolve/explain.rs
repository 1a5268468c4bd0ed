//! From "impossible" to problems that a person can act on.
//!
//! A problem is found, set aside, and the rest is tried again: so independent problems are
//! all told at once. What is said of a version is asked of the solver, never guessed.

use std::collections::BTreeSet;

use pubgrub::VersionSet as _;
use semver::Version;

use super::candidates::{APP, Ask, Candidates, Id};
use super::clash::{Asked, Clash, all_admit, clash, core};
use super::error::{Asker, Cause, Fit, Loss, Problem, listed};
use super::mend::{instead_of_gone, mends};
use super::solve::{Chosen, Relaxed, Unsolved, solve};
use crate::validate::Rejected;

/// The most problems told at once.
const MOST_PROBLEMS: usize = 5;
/// The most versions of a service listed.
const MOST_VERSIONS: usize = 10;
/// The most other versions of one who asks that are looked into.
const MOST_OTHERS: usize = 2;

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
        mends: vec![
            "narrow the ranges of the app's services, or take old versions out of the catalogue"
                .to_owned(),
        ],
    }
}

/// What was chosen although it is not in the catalogue any more. It is kept, so nothing
/// that runs changes, but there is nothing to plan from.
pub(super) fn gone(candidates: &Candidates<'_>, chosen: &Chosen) -> Vec<Problem> {
    chosen
        .iter()
        .filter(|(id, number)| candidates.valid(**id, **number).is_none())
        .filter_map(|(id, number)| {
            let version = candidates.version(*id, *number)?;
            Some(gone_problem(candidates, chosen, *id, version))
        })
        .collect()
}

fn gone_problem(
    candidates: &Candidates<'_>,
    chosen: &Chosen,
    id: Id,
    version: &Version,
) -> Problem {
    let service = candidates.name(id).to_owned();
    let mut facts = gone_askers(candidates, chosen, id);
    facts.push(match versions_text(candidates, id, false) {
        others if others.is_empty() => format!("no other version of {service} can be used"),
        others => format!("{service} exists as {others}"),
    });
    let written = version.to_string();
    let rejected = candidates
        .rejected_of(id)
        .find(|rejected| rejected.version == written);
    facts.extend(rejected.map(rejected_text));
    let (loss, mend) = match rejected {
        Some(rejected) => (
            Loss::Rejected,
            format!(
                "correct the GravityService {}/{}",
                rejected.namespace, rejected.object
            ),
        ),
        None => (
            Loss::Gone,
            format!("apply the GravityService of {service} {version} again"),
        ),
    };
    let mut mends = vec![mend];
    mends.extend(instead_of_gone(candidates, id, version));
    Problem {
        cause: Cause::LockedGone {
            service,
            version: version.clone(),
            loss,
        },
        facts,
        mends,
    }
}

fn gone_askers(candidates: &Candidates<'_>, chosen: &Chosen, id: Id) -> Vec<String> {
    let app = (&APP, &super::candidates::APP_VERSION);
    std::iter::once(app)
        .chain(chosen)
        .flat_map(|(by, number)| {
            let asks = candidates.asks(*by, *number).into_iter();
            asks.filter(|ask| ask.target == id).map(|ask| {
                let admitted = candidates.admitted(ask);
                let asked = Asked {
                    by: *by,
                    number: *number,
                    ask,
                    admitted,
                };
                let who = asker(candidates, &asked);
                format!("{who} {} {}", candidates.name(id), ask.range())
            })
        })
        .collect()
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
    let mut facts = ways_in(candidates, clash);
    facts.extend(also_asked(candidates, clash, rest));
    facts.extend(optional(candidates, clash));
    facts.push(existing(candidates, clash));
    facts.extend(rejected(candidates, clash));
    facts.extend(other_versions(candidates, clash, &others));
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

/// How those who ask come into the application, where the app does not ask for them itself.
fn ways_in(candidates: &Candidates<'_>, clash: &Clash<'_>) -> Vec<String> {
    let ways: BTreeSet<Vec<Id>> = clash
        .asks
        .iter()
        .map(|asked| way(clash, asked.by))
        .collect();
    ways.iter()
        .filter(|way| way.len() > 2)
        .map(|way| {
            let names: Vec<String> = way.iter().map(|id| named(candidates, clash, *id)).collect();
            let last = names.last().cloned().unwrap_or_default();
            format!("{last} comes in by {}", names.join(" → "))
        })
        .collect()
}

fn named(candidates: &Candidates<'_>, clash: &Clash<'_>, id: Id) -> String {
    let version = clash
        .chosen
        .get(&id)
        .and_then(|number| candidates.version(id, *number));
    match version {
        Some(version) => format!("{} {version}", candidates.name(id)),
        None => candidates.name(id).to_owned(),
    }
}

/// The shortest way from the app to the service.
fn way(clash: &Clash<'_>, to: Id) -> Vec<Id> {
    let mut ways = vec![vec![to]];
    let mut seen = BTreeSet::from([to]);
    let mut position = 0;
    while let Some(way) = ways.get(position).cloned() {
        position += 1;
        let Some(first) = way.last().copied() else {
            continue;
        };
        if first == APP {
            return way.into_iter().rev().collect();
        }
        for asked in clash.asked.get(&first).into_iter().flatten() {
            if seen.insert(asked.by) {
                ways.push([way.as_slice(), &[asked.by]].concat());
            }
        }
    }
    Vec::new()
}

/// Who else asks for a service that is not there, in what would be chosen otherwise.
fn also_asked(
    candidates: &Candidates<'_>,
    clash: &Clash<'_>,
    rest: Option<&Chosen>,
) -> Option<String> {
    let told: BTreeSet<Id> = clash.asks.iter().map(|asked| asked.by).collect();
    let missing = candidates.usable(clash.target).is_empty();
    let others: Vec<String> = rest
        .filter(|_| missing)
        .into_iter()
        .flatten()
        .filter(|(id, _)| !told.contains(id))
        .filter(|(id, number)| {
            let asks = candidates.asks(**id, **number);
            asks.iter()
                .any(|ask| ask.target == clash.target && !ask.optional)
        })
        .filter_map(|(id, number)| {
            let version = candidates.version(*id, *number)?;
            Some(format!("{} {version}", candidates.name(*id)))
        })
        .collect();
    (!others.is_empty()).then(|| format!("also needed by {}", listed(&others)))
}

/// Why an optional dependency binds: somebody else needs the service.
fn optional(candidates: &Candidates<'_>, clash: &Clash<'_>) -> Option<String> {
    let optional = clash.asks.iter().find(|asked| asked.ask.optional)?;
    let required = clash.asks.iter().find(|asked| !asked.ask.optional)?;
    Some(format!(
        "{} would do without {target}, but {target} is here for {}",
        asker(candidates, optional).named(),
        asker(candidates, required).named(),
        target = candidates.name(clash.target),
    ))
}

/// Which versions there are.
fn existing(candidates: &Candidates<'_>, clash: &Clash<'_>) -> String {
    let name = candidates.name(clash.target);
    let with_contract = clash.asks.iter().any(|asked| asked.ask.contract.is_some());
    match versions_text(candidates, clash.target, with_contract) {
        versions if versions.is_empty() => nearest_fact(candidates, name),
        versions => format!("{name} exists as {versions}"),
    }
}

fn versions_text(candidates: &Candidates<'_>, id: Id, with_contract: bool) -> String {
    let mut versions: Vec<String> = candidates
        .existing(id)
        .filter_map(|number| {
            let service = candidates.valid(id, number)?;
            let mut text = service.version.to_string();
            if service.deprecated {
                text.push_str(" (deprecated)");
            }
            match &service.contract {
                Some(contract) if with_contract => {
                    text.push_str(&format!(" (contract {contract})"))
                }
                None if with_contract => text.push_str(" (states no contract)"),
                _ => {}
            }
            Some(text)
        })
        .collect();
    let older = versions.len().saturating_sub(MOST_VERSIONS);
    versions.truncate(MOST_VERSIONS);
    versions.reverse();
    let more = if older == 0 {
        String::new()
    } else {
        format!("{older} older ones, ")
    };
    format!("{more}{}", versions.join(", "))
}

fn nearest_fact(candidates: &Candidates<'_>, name: &str) -> String {
    let all: Vec<&str> = candidates.names().collect();
    if all.is_empty() {
        return "the catalogue is empty: there is no GravityService that can be used".to_owned();
    }
    match nearest(candidates, name) {
        Some(near) => format!("the nearest name is {near}"),
        None if all.len() <= MOST_VERSIONS => format!("the catalogue has {}", all.join(", ")),
        None => format!(
            "none of the catalogue's {} services has a name like it",
            all.len()
        ),
    }
}

/// The name that was probably meant.
pub(super) fn nearest<'a>(candidates: &Candidates<'a>, name: &str) -> Option<&'a str> {
    // Below 0.8 the names that come up share little more than "-service".
    candidates
        .names()
        .map(|other| (strsim::normalized_damerau_levenshtein(name, other), other))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|one, two| one.0.total_cmp(&two.0).then_with(|| two.1.cmp(one.1)))
        .map(|(_, other)| other)
}

/// Versions that are there, would fit by their number, and cannot be used.
fn rejected<'a>(candidates: &Candidates<'a>, clash: &Clash<'a>) -> Vec<String> {
    rejected_that_fit(candidates, clash)
        .map(rejected_text)
        .collect()
}

fn rejected_text(rejected: &Rejected) -> String {
    let problem = rejected.problems.first();
    let why = problem.map_or_else(String::new, |problem| {
        format!(": {}: {}", problem.field, problem.message)
    });
    format!(
        "{} {} is there as GravityService {}/{}, but cannot be used{why}",
        rejected.name, rejected.version, rejected.namespace, rejected.object
    )
}

/// The rejected GravityServices whose version all those who ask would take.
pub(super) fn rejected_that_fit<'c, 'a>(
    candidates: &'c Candidates<'a>,
    clash: &'c Clash<'a>,
) -> impl Iterator<Item = &'a Rejected> + use<'c, 'a> {
    candidates.rejected_of(clash.target).filter(|rejected| {
        Version::parse(&rejected.version).is_ok_and(|version| {
            clash
                .asks
                .iter()
                .all(|asked| asked.ask.version.matches(&version))
        })
    })
}

/// Which other versions of those who ask have what they need, and why they are not taken.
fn other_versions(candidates: &Candidates<'_>, clash: &Clash<'_>, others: &Relaxed) -> Vec<String> {
    clash
        .asks
        .iter()
        .enumerate()
        .filter(|(_, asked)| asked.by != APP)
        .flat_map(|(position, asked)| {
            let mut rest = clash.asks.clone();
            rest.remove(position);
            others_of(candidates, clash, asked, &rest, others)
        })
        .collect()
}

fn others_of(
    candidates: &Candidates<'_>,
    clash: &Clash<'_>,
    asked: &Asked<'_>,
    rest: &[Asked<'_>],
    aside: &Relaxed,
) -> Vec<String> {
    let left = all_admit(rest);
    let numbers: Vec<u32> = candidates
        .existing(asked.by)
        .filter(|number| *number != asked.number)
        .collect();
    let fitting: Vec<String> = numbers
        .iter()
        .filter_map(|number| {
            let ask = ask_of(candidates, asked.by, *number, clash.target);
            let fits = ask.is_none_or(|ask| !candidates.admitted(ask).is_disjoint(&left));
            fits.then(|| fitting(candidates, clash, (asked.by, *number), ask, aside))
        })
        .take(MOST_OTHERS)
        .collect();
    if fitting.is_empty() && !numbers.is_empty() {
        let name = candidates.name(asked.by);
        return vec![format!("no other version of {name} fits either")];
    }
    fitting
}

fn ask_of<'a>(candidates: &Candidates<'a>, by: Id, number: u32, target: Id) -> Option<Ask<'a>> {
    candidates
        .asks(by, number)
        .into_iter()
        .find(|ask| ask.target == target)
}

fn fitting(
    candidates: &Candidates<'_>,
    clash: &Clash<'_>,
    (by, number): (Id, u32),
    ask: Option<Ask<'_>>,
    aside: &Relaxed,
) -> String {
    let target = candidates.name(clash.target);
    let version = candidates.version(by, number).map(ToString::to_string);
    let version = version.unwrap_or_default();
    let needs = match ask {
        Some(ask) => format!("needs {target} {}, which fits", ask.range()),
        None => format!("does not need {target}"),
    };
    let but = hindrance(candidates, clash, (by, number), aside);
    format!("{} {version} {needs}, but {but}", candidates.name(by))
}

/// Why the version is not taken.
fn hindrance(
    candidates: &Candidates<'_>,
    clash: &Clash<'_>,
    (by, number): (Id, u32),
    aside: &Relaxed,
) -> String {
    if !candidates.usable(by).holds(number) {
        return "it is deprecated".to_owned();
    }
    let asked = clash.asked.get(&by).into_iter().flatten();
    if let Some(asked) = asked
        .into_iter()
        .find(|asked| !asked.admitted.holds(number))
    {
        let who = asker(candidates, asked);
        return format!("{who} {} {}", candidates.name(by), asked.ask.range());
    }
    let pinned = Relaxed {
        pinned: Some((by, number)),
        ..aside.clone()
    };
    let (Err(Unsolved::Impossible(proof)), _) = solve(candidates, &pinned) else {
        return "it goes with nothing else here".to_owned();
    };
    let edges = core(candidates, &pinned, proof);
    match clash_with(candidates, &pinned, edges) {
        Some(cause) => format!("then {cause}"),
        None => "it goes with nothing else here".to_owned(),
    }
}

fn clash_with(
    candidates: &Candidates<'_>,
    relaxed: &Relaxed,
    core: BTreeSet<(Id, Id)>,
) -> Option<Cause> {
    clash(candidates, relaxed, core).map(|clash| cause(candidates, &clash))
}
