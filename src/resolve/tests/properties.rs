//! What holds of every catalogue, tried on many small ones made at random.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use semver::{Version, VersionReq};

use super::notation::{Given, given, requirement};
use super::seeded::{Conflicts, made};
use crate::api::reason::Reason;
use crate::resolve::{Cause, Lock, resolve, resolve_measured};
use crate::validate::{Catalogue, Dependency, ValidApp, ValidService};

/// A version of each service that is in the application.
type Choice = BTreeMap<String, Version>;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const VERSIONS: [&str; 5] = ["1.0.0", "1.1.0", "2.0.0-rc.1", "2.0.0", "3.0.0"];
const RANGES: [&str; 10] = [
    "*",
    "^1",
    "^2",
    ">=1.1.0",
    "<2",
    "~1.0",
    ">=2.0.0-rc.1",
    "=1.0.0",
    ">=1; <3",
    "^3",
];

/// A line of the notation: its name and version are put before it.
fn needs() -> impl Strategy<Value = String> {
    let need = (
        select(&RANGES[..]),
        select(&["", "", "?"][..]),
        select(&["", "", "", " @^1"][..]),
    );
    let needs = btree_map(select(&NAMES[..]), need, 0..3);
    (
        needs,
        select(&["", "", "", "!"][..]),
        select(&["", " @1.2.0", " @2.0.0"][..]),
    )
        .prop_map(|(needs, deprecated, contract)| {
            let needs: Vec<String> = needs
                .into_iter()
                // Unordered, so that no cycle of starting gets in the way of the ranges.
                .map(|(name, (range, optional, wanted))| {
                    format!("{name}{optional}~ {range}{wanted}")
                })
                .collect();
            format!("{deprecated}{contract}: {}", needs.join(", "))
        })
}

fn catalogue() -> impl Strategy<Value = Vec<String>> {
    let versions = (subsequence(&VERSIONS[..], 1..=4), vec(needs(), 4));
    vec(versions, NAMES.len()).prop_map(|services| {
        let lines = NAMES
            .iter()
            .zip(services)
            .flat_map(|(name, (versions, needs))| {
                let lines = versions.into_iter().zip(needs);
                lines.map(move |(version, needs)| format!("{name} {version}{needs}"))
            });
        lines.collect()
    })
}

fn roots() -> impl Strategy<Value = String> {
    btree_map(select(&NAMES[..]), select(&RANGES[..]), 1..4).prop_map(|roots| {
        let roots: Vec<String> = roots
            .into_iter()
            .map(|(name, range)| format!("{name} {range}"))
            .collect();
        roots.join(", ")
    })
}

fn any_given() -> impl Strategy<Value = Given> {
    (roots(), catalogue()).prop_map(|(roots, lines)| given(&roots, &lines.join("\n")))
}

/// Whether the choice satisfies the range of the dependency; written without the
/// resolver's own types.
fn satisfied(catalogue: &Catalogue, choice: &Choice, name: &str, wanted: &Dependency) -> bool {
    let Some(version) = choice.get(name) else {
        return wanted.optional;
    };
    let offered = catalogue.services[name][version].contract.clone();
    wanted.version.matches(version)
        && wanted
            .contract
            .as_ref()
            .is_none_or(|range| offered.is_some_and(|contract| range.matches(&contract)))
}

fn service<'a>(catalogue: &'a Catalogue, name: &str, version: &Version) -> &'a ValidService {
    &catalogue.services[name][version]
}

/// Whether every range holds and nothing deprecated was chosen anew.
fn holds(given: &Given, choice: &Choice) -> bool {
    let roots = given.app.roots.iter();
    let mut roots = roots.map(|(name, range)| (name, choice.get(name), range));
    roots.all(|(_, version, range)| version.is_some_and(|version| range.matches(version)))
        && choice.iter().all(|(name, version)| {
            let service = service(&given.catalogue, name, version);
            let kept = given.lock.get(name) == Some(version);
            (kept || !service.deprecated)
                && service
                    .dependencies
                    .iter()
                    .filter(|(target, _)| *target != name)
                    .all(|(target, wanted)| satisfied(&given.catalogue, choice, target, wanted))
        })
}

/// What the roots need, directly or not.
fn needed(given: &Given, choice: &Choice) -> BTreeSet<String> {
    let mut needed: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = given.app.roots.keys().cloned().collect();
    while let Some(name) = open.pop() {
        if needed.insert(name.clone()) {
            let service = service(&given.catalogue, &name, &choice[&name]);
            let required = service
                .dependencies
                .iter()
                .filter(|(_, wanted)| !wanted.optional);
            open.extend(required.map(|(target, _)| target.clone()));
        }
    }
    needed
}

/// Every choice there is, tried one by one.
fn every_choice(given: &Given) -> Vec<Choice> {
    let mut choices = vec![Choice::new()];
    for (name, versions) in &given.catalogue.services {
        choices = choices
            .iter()
            .flat_map(|choice| {
                let with = |version: &Version| {
                    let mut choice = choice.clone();
                    choice.insert(name.clone(), version.clone());
                    choice
                };
                std::iter::once(choice.clone()).chain(versions.keys().map(with))
            })
            .collect();
    }
    choices.retain(|choice| holds(given, choice));
    choices.retain(|choice| needed(given, choice).len() == choice.len());
    choices
}

fn chosen(given: &Given) -> Option<Choice> {
    let resolution = given.resolve().ok()?;
    let services = resolution.services.into_iter();
    Some(
        services
            .map(|(name, resolved)| (name, resolved.service.version.clone()))
            .collect(),
    )
}

/// The root and the range that the mend advises.
fn advised(mend: &str) -> Option<(String, VersionReq)> {
    let advice = mend.strip_prefix("let GravityApp shop/shop ask for ")?;
    let (root, _) = advice.split_once(',')?;
    let (name, range) = root.split_once(' ')?;
    Some((name.to_owned(), requirement(range)))
}

/// The choices with one service in a newer version and all others as they are.
fn one_newer(given: &Given, choice: &Choice) -> Vec<Choice> {
    let newer = choice.iter().flat_map(|(name, version)| {
        let versions = given.catalogue.services[name].keys();
        versions.filter(move |other| *other > version).map(|other| {
            let mut choice = choice.clone();
            choice.insert(name.clone(), other.clone());
            choice
        })
    });
    newer.filter(|choice| holds(given, choice)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        // Most catalogues made at random cannot be resolved.
        max_global_rejects: 10_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_resolved_holds_and_what_can_be_resolved_is(given in any_given()) {
        let all = every_choice(&given);
        match chosen(&given) {
            Some(choice) => {
                prop_assert!(holds(&given, &choice), "{choice:?}");
                prop_assert_eq!(needed(&given, &choice).len(), choice.len());
                prop_assert_eq!(one_newer(&given, &choice), Vec::<Choice>::new());
            }
            None => prop_assert_eq!(all, Vec::<Choice>::new()),
        }
    }

    #[test]
    fn what_runs_is_kept_as_long_as_all_of_it_can_be(given in any_given(), pick in any::<prop::sample::Index>()) {
        let all = every_choice(&given);
        prop_assume!(!all.is_empty());
        let running = pick.get(&all).clone();
        let given = Given { lock: running.clone().into_iter().collect::<Lock>(), ..given };
        prop_assert_eq!(chosen(&given), Some(running));
    }

    #[test]
    fn nothing_that_runs_changes_because_a_gravityservice_was_deleted(
        given in any_given(),
        pick in any::<prop::sample::Index>(),
        lost in any::<prop::sample::Index>(),
    ) {
        let all = every_choice(&given);
        prop_assume!(!all.is_empty());
        let running = pick.get(&all).clone();
        let names: Vec<&String> = running.keys().collect();
        let lost = (*lost.get(&names)).clone();
        let mut given = Given { lock: running.clone().into_iter().collect::<Lock>(), ..given };
        given.catalogue.services.get_mut(&lost).unwrap().remove(&running[&lost]);
        let error = given.resolve().unwrap_err();
        prop_assert_eq!(error.reason(), Reason::LockedVersionGone);
        for mend in &error.problems[0].mends {
            if let Some((name, range)) = advised(&mend.to_string()) {
                let mut mended = given.clone();
                mended.app.roots.insert(name, range);
                prop_assert!(mended.resolve().is_ok(), "{error}");
            }
        }
    }

    #[test]
    fn the_order_of_writing_does_not_matter(roots in roots(), lines in catalogue().prop_shuffle()) {
        let mut sorted = lines.clone();
        sorted.sort();
        let one = given(&roots, &lines.join("\n"));
        let two = given(&roots, &sorted.join("\n"));
        prop_assert_eq!(chosen(&one), chosen(&two));
        prop_assert_eq!(one.resolve().err(), two.resolve().err());
    }

    #[test]
    fn every_failure_is_told_with_a_cause_and_a_mend(given in any_given()) {
        if let Err(error) = given.resolve() {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.summary().chars().count() <= 300);
            for problem in &error.problems {
                prop_assert!(problem.cause != Cause::GaveUp, "{error}");
                prop_assert!(!problem.mends.is_empty(), "{error}");
            }
        }
    }

    #[test]
    fn a_range_that_is_advised_mends(given in any_given()) {
        let Err(error) = given.resolve() else {
            return Ok(());
        };
        // Of several problems each is mended by itself, so only one alone can be tried.
        prop_assume!(error.problems.len() == 1);
        for mend in &error.problems[0].mends {
            if let Some((name, range)) = advised(&mend.to_string()) {
                let mut mended = given.clone();
                mended.app.roots.insert(name, range);
                prop_assert!(mended.resolve().is_ok(), "{error}");
            }
        }
    }

    #[test]
    fn ranges_are_read_as_cargo_reads_them(
        versions in vec((0u64..3, 0u64..3, 0u64..3, select(&["", "", "-alpha", "-rc.1", "-rc.2"][..])), 1..12),
        comparators in vec(
            (select(&["", "=", ">", ">=", "<", "<=", "~", "^"][..]), 0u64..3, select(&["", ".0", ".1", ".0.0", ".1.2", ".0.0-rc.1", ".1.0-alpha"][..])),
            0..3,
        ),
    ) {
        let versions: BTreeSet<Version> = versions
            .into_iter()
            .map(|(major, minor, patch, pre)| {
                Version::parse(&format!("{major}.{minor}.{patch}{pre}")).unwrap()
            })
            .collect();
        let range: Vec<String> =
            comparators.into_iter().map(|(sign, major, rest)| format!("{sign}{major}{rest}")).collect();
        let range = VersionReq::parse(&range.join(", ")).unwrap_or(VersionReq::STAR);
        let newest = versions.iter().rev().find(|version| range.matches(version)).cloned();
        let lines: Vec<String> = versions.iter().map(|version| format!("user {version}")).collect();
        let mut given = given("", &lines.join("\n"));
        given.app.roots.insert("user".to_owned(), range);
        prop_assert_eq!(chosen(&given).map(|choice| choice["user"].clone()), newest);
    }
}

fn seeded(services: u64) -> (ValidApp, Catalogue) {
    made(services, 20, 1, Conflicts::Many)
}

#[test]
fn the_benchmarks_catalogue_makes_the_search_go_back_a_thousand_times() {
    let (app, catalogue) = seeded(1_000);
    let (outcome, effort) = resolve_measured(&app, &catalogue, &Lock::new());
    let services = outcome.unwrap().services;
    let choice: Choice = services
        .iter()
        .map(|(name, resolved)| (name.clone(), resolved.service.version.clone()))
        .collect();
    let given = Given {
        app,
        catalogue,
        ..given("", "")
    };
    assert!(holds(&given, &choice));
    assert!(effort.backtracks >= 1_000, "{effort:?}");
}

#[test]
fn a_catalogue_without_conflicts_takes_no_choice_back() {
    let (app, catalogue) = made(300, 20, 1, Conflicts::None);
    let (outcome, effort) = resolve_measured(&app, &catalogue, &Lock::new());
    assert_eq!(outcome.unwrap().services.len(), 300);
    assert_eq!((effort.undone, effort.backtracks), (0, 0));
}

#[test]
fn a_large_catalogue_that_cannot_be_resolved_is_explained() {
    let (mut app, catalogue) = seeded(300);
    app.roots
        .insert("service-0299".to_owned(), requirement("^7"));
    let error = resolve(&app, &catalogue, &Lock::new()).unwrap_err();
    assert_eq!(
        error.summary(),
        "shop asks for service-0299 ^7, and no version of it is in that range."
    );
}
