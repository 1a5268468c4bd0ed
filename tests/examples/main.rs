//! The examples hold what they promise: they are whole, they can be resolved, nothing in
//! them collides, and the two platforms are exactly their owners' tables.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test tells what is wrong by failing"
)]

mod example;
mod graph;
mod platform;
mod real_node;
mod resolution;
mod scripts;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use example::{EXAMPLES, Example};
use gravity::api::service::{Dependency, GravityServiceSpec, Startup};
use gravity::validate::{catalogue, validate_app};
use semver::{Version, VersionReq};

#[test]
fn each_example_has_its_app_and_its_services() {
    for (name, count) in EXAMPLES {
        let example = Example::read(name);
        assert_eq!(example.app.metadata.name.as_deref(), Some(name));
        assert_eq!(example.app.metadata.namespace, None, "{name}");
        assert_eq!(example.services.len(), count, "{name}");
        assert_eq!(example.folders(), keys(&example.services), "{name}");
    }
}

#[test]
fn each_example_is_valid() {
    for (name, _) in EXAMPLES {
        let documents = Example::documents(name);
        let catalogue = catalogue(&documents.services, name);
        assert_eq!(catalogue.rejected, [], "{name}");
        let app = validate_app(&documents.apps[0]).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        for environment in documents.apps[0].spec.environments.keys() {
            let mut other = documents.apps[0].clone();
            other.spec.environment = Some(environment.clone());
            let other = validate_app(&other).unwrap_or_else(|wrong| panic!("{wrong:?}"));
            assert!(other.gateway.host.is_some(), "{name}: {environment}");
            assert_eq!(other.roots, app.roots, "{name}: {environment}");
        }
    }
}

#[test]
fn the_roots_bring_along_every_service_and_nothing_that_is_missing() {
    for (name, _) in EXAMPLES {
        let example = Example::read(name);
        let roots = example.app.spec.services.iter();
        let mut found = BTreeSet::new();
        let mut open: Vec<String> = roots.map(|root| root.name.clone()).collect();
        while let Some(service) = open.pop() {
            let needs = required(example.service(&service)).map(|need| need.name.clone());
            if found.insert(service.clone()) {
                open.extend(needs);
            }
        }
        assert_eq!(found, keys(&example.services), "{name}");
    }
}

#[test]
fn each_range_has_a_version() {
    for (name, _) in EXAMPLES {
        let example = Example::read(name);
        for root in &example.app.spec.services {
            assert_fits(
                root.version.as_deref(),
                &example.service(&root.name).version,
            );
        }
        for dependency in example
            .services
            .values()
            .flat_map(|each| &each.dependencies)
        {
            let Some(found) = example.services.get(&dependency.name) else {
                assert_eq!(dependency.optional, Some(true), "{name}: {dependency:?}");
                continue;
            };
            assert_fits(dependency.version.as_deref(), &found.version);
            if dependency.contract.is_some() {
                let contract = found.api.as_ref().and_then(|api| api.contract.as_ref());
                let contract = contract.unwrap_or_else(|| panic!("{name}: {dependency:?}"));
                assert_fits(dependency.contract.as_deref(), contract);
            }
        }
    }
}

#[test]
fn no_ordered_calls_make_a_cycle() {
    for (name, _) in EXAMPLES {
        let mut left = ordered(&Example::read(name));
        loop {
            let waiting = keys(&left);
            let before = left.len();
            left.retain(|_, needs| needs.iter().any(|need| waiting.contains(need)));
            if left.len() == before {
                break;
            }
        }
        assert!(left.is_empty(), "{name}: a cycle is among {left:?}");
    }
}

#[test]
fn no_port_prefix_database_or_variable_is_taken_twice() {
    for (name, _) in EXAMPLES {
        let example = Example::read(name);
        let services = || example.services.values();
        let databases = || services().flat_map(|each| &each.databases);
        assert_unique(name, services().filter_map(|each| each.port));
        assert_unique(name, services().filter_map(prefix));
        assert_unique(name, databases().map(|each| (&each.type_, &each.name)));
        for service in services() {
            let variables = service
                .databases
                .iter()
                .filter_map(|each| each.env.as_ref());
            assert_unique(&service.name, variables);
        }
    }
}

#[test]
fn what_is_subscribed_to_is_published() {
    for (name, _) in EXAMPLES {
        let example = Example::read(name);
        let events = || {
            example
                .services
                .values()
                .filter_map(|each| each.events.as_ref())
        };
        let published: Vec<_> = events().flat_map(|each| &each.publishes).collect();
        for wanted in events().flat_map(|each| &each.subscribes) {
            let published = published
                .iter()
                .filter(|each| each.exchange == wanted.exchange);
            let sent: Vec<_> = published.collect();
            assert!(
                !sent.is_empty(),
                "{name}: nobody publishes {}",
                wanted.exchange
            );
            for pattern in &wanted.keys {
                let mut keys = sent.iter().flat_map(|each| &each.keys);
                assert!(keys.any(|key| matches(pattern, key)), "{name}: {pattern}");
            }
        }
    }
}

#[test]
fn who_has_events_has_a_queue() {
    for (name, _) in EXAMPLES {
        for service in Example::read(name).services.values() {
            let engines = service.databases.iter().map(|each| each.type_.as_str());
            let queues = engines.filter(|engine| ["rabbitmq", "kafka"].contains(engine));
            if service.events.is_some() {
                assert_eq!(queues.count(), 1, "{name}: {}", service.name);
            }
        }
    }
}

/// The names that come before, by the service's name.
fn ordered(example: &Example) -> BTreeMap<String, BTreeSet<String>> {
    let needs = |service: &GravityServiceSpec| {
        let dependencies = service.dependencies.iter();
        let ordered = dependencies.filter(|each| each.startup != Some(Startup::Unordered));
        ordered.map(|each| each.name.clone()).collect()
    };
    let services = example.services.iter();
    services
        .map(|(name, service)| (name.clone(), needs(service)))
        .collect()
}

fn required(service: &GravityServiceSpec) -> impl Iterator<Item = &Dependency> {
    let dependencies = service.dependencies.iter();
    dependencies.filter(|each| each.optional != Some(true))
}

fn prefix(service: &GravityServiceSpec) -> Option<&String> {
    service.api.as_ref()?.prefix.as_ref()
}

/// Whether a routing key fits a pattern in which `*` stands for one word.
fn matches(pattern: &str, key: &str) -> bool {
    let (pattern, key) = (pattern.split('.'), key.split('.'));
    pattern.clone().count() == key.clone().count()
        && pattern.zip(key).all(|(want, is)| want == "*" || want == is)
}

fn assert_fits(range: Option<&str>, version: &str) {
    let range = VersionReq::parse(range.unwrap_or("*")).unwrap();
    let version = Version::parse(version).unwrap();
    assert!(range.matches(&version), "{version} is not in {range}");
}

fn assert_unique<T: Ord + Debug>(name: &str, values: impl Iterator<Item = T>) {
    let mut seen = BTreeSet::new();
    for value in values {
        assert!(!seen.contains(&value), "{name}: {value:?} is there twice");
        seen.insert(value);
    }
}

fn keys<T>(map: &BTreeMap<String, T>) -> BTreeSet<String> {
    map.keys().cloned().collect()
}
