//! In which order the services start: waves, or the cycle that has none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::error::{Cause, Mend, Problem};
use crate::validate::ValidService;

/// The most cycles told at once.
const MOST_CYCLES: usize = 5;

/// Who waits for whom, by name.
pub(super) type Waits<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Who waits for whom: the ordered dependencies that are in the application.
pub(super) fn waits<'a>(services: &BTreeMap<&'a str, &'a Arc<ValidService>>) -> Waits<'a> {
    let below = |service: &'a Arc<ValidService>| {
        service
            .dependencies
            .iter()
            .filter(|(name, dependency)| dependency.ordered && services.contains_key(name.as_str()))
            .map(|(name, _)| name.as_str())
            .collect()
    };
    services
        .iter()
        .map(|(name, service)| (*name, below(service)))
        .collect()
}

/// The wave of each service: the most ordered dependencies in a row below it.
///
/// # Errors
/// What is left when everything that can start has started: cycles, and what waits for them.
pub(super) fn waves<'a>(waits: &Waits<'a>) -> Result<BTreeMap<&'a str, usize>, Waits<'a>> {
    let mut waves: BTreeMap<&str, usize> = BTreeMap::new();
    let mut above: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, below) in waits {
        open.insert(name, below.len());
        for other in below {
            above.entry(other).or_default().push(name);
        }
    }
    let mut ready: Vec<&str> = open
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(name, _)| *name)
        .collect();
    while let Some(name) = ready.pop() {
        let wave = waits[name].iter().map(|other| waves[other] + 1).max();
        waves.insert(name, wave.unwrap_or(0));
        for other in above.get(name).into_iter().flatten() {
            if let Some(count) = open.get_mut(other) {
                *count -= 1;
                if *count == 0 {
                    ready.push(other);
                }
            }
        }
    }
    if waves.len() == waits.len() {
        return Ok(waves);
    }
    Err(waits
        .iter()
        .filter(|(name, _)| !waves.contains_key(*name))
        .map(|(name, below)| {
            (
                *name,
                below
                    .iter()
                    .copied()
                    .filter(|other| !waves.contains_key(other))
                    .collect(),
            )
        })
        .collect())
}

/// The cycles, each with the edge that opens it; once all those are opened there is none.
pub(super) fn cycles(
    services: &BTreeMap<&str, &Arc<ValidService>>,
    mut waits: Waits<'_>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    while problems.len() < MOST_CYCLES
        && let Err(left) = waves(&waits)
        && let Some(path) = shortest(&left)
    {
        let (from, to) = opening(&left, &path);
        problems.push(problem(services, &path, from, to));
        waits = without(&waits, from, to);
    }
    problems
}

/// The shortest cycle; of several, the first by name.
fn shortest<'a>(waits: &Waits<'a>) -> Option<Vec<&'a str>> {
    waits
        .keys()
        .filter_map(|name| back_to(waits, name))
        .min_by_key(Vec::len)
}

/// The shortest way from a service back to itself.
fn back_to<'a>(waits: &Waits<'a>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut came: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = std::collections::VecDeque::from([start]);
    while let Some(name) = open.pop_front() {
        for other in waits.get(name).into_iter().flatten() {
            if *other == start {
                return Some(traced(&came, start, name));
            }
            if !came.contains_key(other) {
                came.insert(other, name);
                open.push_back(other);
            }
        }
    }
    None
}

fn traced<'a>(came: &BTreeMap<&'a str, &'a str>, start: &'a str, last: &'a str) -> Vec<&'a str> {
    let mut path = vec![start, last];
    let mut at = last;
    while at != start
        && let Some(before) = came.get(at)
    {
        path.push(before);
        at = before;
    }
    if last == start {
        path.truncate(1);
        path.push(start);
    }
    path.reverse();
    path
}

/// The edge of the cycle that opens the most: one after which nothing waits in a circle,
/// else the one that closes it.
fn opening<'a>(waits: &Waits<'a>, path: &[&'a str]) -> (&'a str, &'a str) {
    let edges = || path.windows(2).map(|edge| (edge[0], edge[1])).rev();
    edges()
        .find(|(from, to)| waves(&without(waits, from, to)).is_ok())
        .or_else(|| edges().next())
        .unwrap_or_default()
}

fn without<'a>(waits: &Waits<'a>, from: &str, to: &str) -> Waits<'a> {
    let mut waits = waits.clone();
    if let Some(below) = waits.get_mut(from) {
        below.remove(to);
    }
    waits
}

fn problem(
    services: &BTreeMap<&str, &Arc<ValidService>>,
    path: &[&str],
    from: &str,
    to: &str,
) -> Problem {
    let version = services
        .get(from)
        .map(|service| service.version.to_string());
    let version = version.unwrap_or_default();
    let mend = if from == to {
        format!("take {to} out of the dependencies of {from} {version}")
    } else {
        format!(
            "write `startup: Unordered` at the dependency {to} of {from} {version}: it still gets the URL of {to}, but does not wait for it"
        )
    };
    Problem {
        cause: Cause::Cycle {
            path: path.iter().map(|name| (*name).to_owned()).collect(),
        },
        facts: Vec::new(),
        mends: vec![Mend::Other(mend)],
    }
}
