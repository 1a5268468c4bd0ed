//! The catalogue that is built in holds what it promises: every version of every entry can be
//! planned with what it needs, and every preset can.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test tells what is wrong by failing"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use gravity::api::GravityApp;
use gravity::api::{GravityService, app::AppService, app::GravityAppSpec};
use gravity::catalog::{Catalog, Index, SUMMARY_ANNOTATION, presets};
use gravity::manifest::{self, Source};
use gravity::plan::{Facts, Plan, plan};
use gravity::resolve::{Lock, resolve};
use gravity::validate::{catalogue, validate_app};
use kube::ResourceExt;

/// The namespace of all of it.
const HOME: &str = "catalog";
/// What applications ask for beside services of their own, and the port that it answers at.
const DEMANDED: [(&str, &str, i32); 12] = [
    ("prometheus", "", 9090),
    ("grafana", "", 3000),
    ("jaeger", "", 16686),
    ("logstash", "", 5044),
    ("alertmanager", "", 9093),
    ("rabbitmq", "3.", 15672),
    ("kafka", "", 9092),
    ("elasticsearch", "8.11.", 9200),
    ("kibana", "8.11.", 5601),
    ("consul", "", 8500),
    ("pgadmin", "", 5050),
    ("minio", "", 9000),
];

static INDEX: LazyLock<Index> = LazyLock::new(|| Catalog::built_in().unwrap().index);

static SERVICES: LazyLock<Vec<GravityService>> = LazyLock::new(|| {
    let versions = INDEX.entries.values().flat_map(|entry| &entry.versions);
    let sources: Vec<Source> = versions
        .map(|it| Source::Path(folder().join(&it.path)))
        .collect();
    let mut services = manifest::read(&sources)
        .unwrap_or_else(|error| panic!("{error}"))
        .services;
    for service in &mut services {
        service.metadata.namespace = Some(HOME.to_owned());
    }
    services
});

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog")
}

fn planned(app: &GravityApp) -> Plan {
    let name = app.name_any();
    let all = catalogue(SERVICES.iter(), HOME);
    assert_eq!(all.rejected, []);
    let app = Arc::new(validate_app(app).unwrap_or_else(|wrong| panic!("{name}: {wrong:?}")));
    let resolution =
        resolve(&app, &all, &Lock::new()).unwrap_or_else(|error| panic!("{name}: {error}"));
    plan(&app, &resolution, &Facts::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn there_are_a_hundred_services_and_more_and_each_is_what_its_index_says() {
    assert!(INDEX.entries.len() >= 100, "{}", INDEX.entries.len());
    let versions: usize = INDEX
        .entries
        .values()
        .map(|entry| entry.versions.len())
        .sum();
    assert_eq!(SERVICES.len(), versions);
    let images: BTreeSet<&str> = SERVICES
        .iter()
        .map(|it| it.spec.image.as_deref().unwrap())
        .collect();
    assert_eq!(
        images.len(),
        versions,
        "no two entries are the same software"
    );
}

#[test]
fn every_version_of_every_entry_can_be_planned_with_what_it_needs() {
    for service in SERVICES.iter() {
        let spec = &service.spec;
        let mut app = GravityApp::new(
            "catalog",
            GravityAppSpec {
                services: vec![AppService {
                    name: spec.name.clone(),
                    version: Some(format!("={}", spec.version)),
                    ..AppService::default()
                }],
                ..GravityAppSpec::default()
            },
        );
        app.metadata.namespace = Some(HOME.to_owned());
        let plan = planned(&app);
        assert_eq!(plan.services[&spec.name].version.to_string(), spec.version);
    }
}

#[test]
fn every_preset_can_be_planned() {
    let mut names = Vec::new();
    for preset in presets() {
        names.push(preset.name);
        let file = folder().join(format!("presets/{}.yaml", preset.name));
        let mut apps = manifest::read(&[Source::Path(file)]).unwrap().apps;
        let mut app = apps.remove(0);
        assert_eq!(app.name_any(), preset.name);
        app.metadata.namespace = Some(HOME.to_owned());
        let plan = planned(&app);
        assert!(plan.services.len() >= 3, "{}", preset.name);
        assert!(
            !preset.summary.is_empty() && preset.summary.len() <= 70,
            "{}",
            preset.name
        );
    }
    for wanted in ["bank", "blog", "ecommerce", "iot", "saas"] {
        assert!(names.contains(&wanted), "{wanted}");
    }
}

#[test]
fn what_applications_ask_for_is_there_at_the_ports_that_people_know() {
    for (name, series, port) in DEMANDED {
        let mut of_name = SERVICES.iter().filter(|it| it.spec.name == name);
        let fits =
            |it: &GravityService| it.spec.version.starts_with(series) && it.spec.port == Some(port);
        assert!(of_name.any(fits), "{name} {series} {port}");
    }
}

#[test]
fn every_entry_tells_a_person_what_it_is() {
    for service in SERVICES.iter() {
        let (name, spec) = (service.name_any(), &service.spec);
        let summary = service
            .annotations()
            .get(SUMMARY_ANNOTATION)
            .unwrap_or_else(|| panic!("{name}"));
        assert!(
            summary.len() <= 70 && !summary.ends_with('.'),
            "{name}: {summary}"
        );
        // An image without a registry's name can come from anybody's mirror.
        let image = spec.image.as_deref().unwrap();
        let first = image.split('/').next().unwrap();
        assert!(
            !first.contains('.') || !image.contains('/'),
            "{name}: {image}"
        );
        assert!(!image.ends_with(":latest") && image.contains(':'), "{name}");
    }
    for (name, entry) in &INDEX.entries {
        let readme = entry
            .readme
            .as_ref()
            .unwrap_or_else(|| panic!("{name} has no README"));
        let text = std::fs::read_to_string(folder().join(readme)).unwrap();
        assert!(text.contains(&format!("gravity install {name}")), "{name}");
    }
}
