//! What a person needs to know to decide: a line each.

use std::collections::BTreeSet;

use pubgrub::VersionSet as _;
use semver::Version;

use super::candidates::{APP, Ask, Candidates, Id};
use super::clash::{Asked, Clash, all_admit, clash, core};
use super::error::{Cause, listed};
use super::explain::{asker, cause};
use super::solve::{Chosen, Relaxed, Unsolved, solve};
use crate::validate::Rejected;

/// The most versions of a service listed.
const MOST_VERSIONS: usize = 10;
/// The most other versions of one who asks that are looked into.
const MOST_OTHERS: usize = 2;

/// How those who ask come into the application, where the app does not ask for them itself.
pub(super) fn ways_in(candidates: &Candidates<'_>, clash: &Clash<'_>) -> Vec<String> {
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
pub(super) fn also_asked(
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
pub(super) fn optional(candidates: &Candidates<'_>, clash: &Clash<'_>) -> Option<String> {
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
pub(super) fn existing(candidates: &Candidates<'_>, clash: &Clash<'_>) -> String {
    let name = candidates.name(clash.target);
    let with_contract = clash.asks.iter().any(|asked| asked.ask.contract.is_some());
    match versions_text(candidates, clash.target, with_contract) {
        versions if versions.is_empty() => nearest_fact(candidates, name),
        versions => format!("{name} exists as {versions}"),
    }
}

pub(super) fn versions_text(candidates: &Candidates<'_>, id: Id, with_contract: bool) -> String {
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
pub(super) fn rejected<'a>(candidates: &Candidates<'a>, clash: &Clash<'a>) -> Vec<String> {
    rejected_that_fit(candidates, clash)
        .map(rejected_text)
        .collect()
}

pub(super) fn rejected_text(rejected: &Rejected) -> String {
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
pub(super) fn other_versions(
    candidates: &Candidates<'_>,
    clash: &Clash<'_>,
    others: &Relaxed,
) -> Vec<String> {
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
