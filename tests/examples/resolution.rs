//! Each example resolves to every one of its services, in the waves that its README draws,
//! and can be planned in each of its environments.

use std::collections::BTreeMap;
use std::sync::Arc;

use gravity::plan::{Facts, plan};
use gravity::resolve::{Lock, Resolution, resolve};
use gravity::validate::{catalogue, validate_app};

use crate::example::{EXAMPLES, Example};

#[test]
fn each_example_resolves_to_all_of_its_services() {
    for (name, _) in EXAMPLES {
        let chosen = resolution(name).services;
        let chosen = chosen.values().map(|each| &each.service);
        let chosen: BTreeMap<_, _> = chosen
            .map(|each| (each.name.clone(), each.version.to_string()))
            .collect();
        let written = Example::read(name).services.into_values();
        let written: BTreeMap<_, _> = written.map(|each| (each.name, each.version)).collect();
        assert_eq!(chosen, written, "{name}");
    }
}

#[test]
fn the_shop_starts_in_four_waves() {
    insta::assert_snapshot!(waves("shop"));
}

#[test]
fn the_saas_starts_in_six_waves() {
    insta::assert_snapshot!(waves("saas"));
}

#[test]
fn the_bank_starts_in_ten_waves() {
    insta::assert_snapshot!(waves("bank"));
}

#[test]
fn the_platform_starts_in_seven_waves() {
    insta::assert_snapshot!(waves("platform"));
}

#[test]
fn the_platform_of_14_starts_in_four_waves() {
    insta::assert_snapshot!(waves("platform-14"));
}

#[test]
fn each_example_can_be_planned_in_each_environment() {
    for (name, count) in EXAMPLES {
        let documents = Example::documents(name);
        let resolution = resolution(name);
        for environment in documents.apps[0].spec.environments.keys() {
            let mut app = documents.apps[0].clone();
            app.spec.environment = Some(environment.clone());
            let app = Arc::new(validate_app(&app).unwrap());
            let plan = plan(&app, &resolution, &Facts::default());
            let plan = plan.unwrap_or_else(|error| panic!("{name}, {environment}: {error}"));
            assert_eq!(plan.services.len(), count, "{name}, {environment}");
        }
    }
}

#[test]
fn what_can_be_well_configured_is_planned_without_a_warning() {
    for name in ["hello", "shop", "bank"] {
        let documents = Example::documents(name);
        let app = Arc::new(validate_app(&documents.apps[0]).unwrap());
        let plan = plan(&app, &resolution(name), &Facts::default()).unwrap();
        assert!(plan.warnings.is_empty(), "{name}: {:?}", plan.warnings);
    }
}

fn resolution(name: &str) -> Resolution {
    let documents = Example::documents(name);
    let app = validate_app(&documents.apps[0]).unwrap();
    let resolution = resolve(&app, &catalogue(&documents.services, name), &Lock::new());
    resolution.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A line for each wave.
fn waves(name: &str) -> String {
    let mut waves: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (service, resolved) in resolution(name).services {
        waves.entry(resolved.wave).or_default().push(service);
    }
    let lines = waves.iter();
    let lines: Vec<_> = lines
        .map(|(wave, names)| format!("{wave}: {}", names.join(" ")))
        .collect();
    lines.join("\n")
}
