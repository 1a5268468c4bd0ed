//! The platforms of 52 and of 14 services are their owners' tables, and every service has
//! the owners' figures for Kubernetes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use gravity::api::service::{Dependency, Events, GravityServiceSpec, Startup};
use serde_json::json;

use crate::example::{Example, folder};
use crate::prefix;

/// The services that may have 20 pods; the README says why.
const BUSIEST: [&str; 8] = [
    "api-gateway",
    "auth-service",
    "cart-service",
    "order-service",
    "payment-service",
    "product-service",
    "search-service",
    "user-service",
];

/// A line of a table, by the names of its columns.
type Line = BTreeMap<String, String>;

#[test]
fn the_platform_is_its_table() {
    let example = Example::read("platform");
    let mut lines = table("platform");
    let library = lines.remove("common-library").unwrap();
    assert_eq!(
        library["port"], "",
        "a library has no port and is never deployed"
    );
    assert_eq!(names(&lines), names(&example.services));
    for (name, line) in &lines {
        let service = example.service(name);
        let (ordered, unordered) = calls(service);
        let (published, subscribed) = keys(service.events.as_ref());
        assert_eq!(service.port.unwrap().to_string(), line["port"], "{name}");
        assert_eq!(
            prefix(service).map_or("", String::as_str),
            line["prefix"],
            "{name}"
        );
        assert_eq!(engines(service), words(&line["databases"]), "{name}");
        assert_eq!(ordered, words(&line["calls"]), "{name}");
        assert_eq!(unordered, words(&line["unordered_calls"]), "{name}");
        assert_eq!(published, words(&line["publishes"]), "{name}");
        assert_eq!(subscribed, words(&line["subscribes"]), "{name}");
    }
}

#[test]
fn the_platform_of_14_is_its_table() {
    let example = Example::read("platform-14");
    let later = Example::read("platform");
    let lines = table("platform-14");
    assert_eq!(names(&lines), names(&example.services));
    for (name, line) in &lines {
        let service = example.service(name);
        let also = engines(service)
            .into_iter()
            .filter(|engine| *engine != "postgresql");
        let own = service
            .databases
            .iter()
            .find(|each| each.type_ == "postgresql");
        let own = own.map_or("", |database| &database.name);
        assert_eq!(service.port.unwrap().to_string(), line["port"], "{name}");
        assert_eq!(own, line["postgresql_database"], "{name}");
        assert_eq!(also.collect::<Vec<_>>(), words(&line["also"]), "{name}");
        assert_eq!(calls(service).0, words(&line["calls"]), "{name}");
        assert_eq!(prefix(service), prefix(later.service(name)), "{name}");
        for database in &service.databases {
            let version = BTreeMap::from([("postgresql", "16"), ("redis", "7"), ("rabbitmq", "3")]);
            let version = version.get(database.type_.as_str()).copied();
            assert_eq!(database.version.as_deref(), version, "{name}");
        }
    }
}

#[test]
fn every_service_has_its_owners_figures() {
    for platform in ["platform", "platform-14"] {
        for (name, service) in Example::read(platform).services {
            let most = if BUSIEST.contains(&name.as_str()) {
                20
            } else {
                10
            };
            let stated = json!([service.health, service.scaling, service.resources]);
            assert_eq!(stated, figures(most), "{platform}: {name}");
            assert_eq!(
                service.config.len(),
                1,
                "{platform}: {name} has a ConfigMap"
            );
        }
    }
}

#[test]
fn the_main_database_and_redis_have_the_variables_that_the_services_read() {
    for platform in ["platform", "platform-14"] {
        for service in Example::read(platform).services.values() {
            for database in &service.databases {
                let wanted = match database.type_.as_str() {
                    "postgresql" | "postgis" => "DATABASE_URL",
                    "redis" => "REDIS_URL",
                    _ => continue,
                };
                assert_eq!(database.env.as_deref(), Some(wanted), "{}", service.name);
            }
        }
    }
}

/// What the owners ask of Kubernetes.
fn figures(most: i32) -> serde_json::Value {
    json!([
        {
            "liveness": {"path": "/health", "initialDelaySeconds": 30, "periodSeconds": 10},
            "readiness": {"path": "/health", "initialDelaySeconds": 5, "periodSeconds": 5},
        },
        {
            "minReplicas": 3,
            "maxReplicas": most,
            "metrics": [
                {"type": "cpu", "target": "70%"},
                {"type": "memory", "target": "80%"},
                {"type": "http_requests_per_second", "target": 1000},
            ],
        },
        {
            "requests": {"cpu": "250m", "memory": "256Mi"},
            "limits": {"cpu": "500m", "memory": "512Mi"},
        },
    ])
}

/// The lines of a platform's table, by the service's name.
fn table(platform: &str) -> BTreeMap<String, Line> {
    let text = fs::read_to_string(folder(platform).join("services.csv")).unwrap();
    let mut lines = text.lines().map(cells);
    let columns = lines.next().unwrap();
    let lines = lines.map(|cells| columns.iter().cloned().zip(cells).collect::<Line>());
    lines.map(|line| (line["name"].clone(), line)).collect()
}

/// The cells of a line of CSV; a comma in quotes divides nothing.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            letter => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}

/// The services that are called, in the order of the manifest: ordered and unordered.
fn calls(service: &GravityServiceSpec) -> (Vec<&str>, Vec<&str>) {
    let unordered = |call: &&Dependency| call.startup == Some(Startup::Unordered);
    let (unordered, ordered): (Vec<_>, Vec<_>) = service.dependencies.iter().partition(unordered);
    (
        ordered.into_iter().map(|call| call.name.as_str()).collect(),
        unordered
            .into_iter()
            .map(|call| call.name.as_str())
            .collect(),
    )
}

/// The routing keys that are published and subscribed to, on the one exchange.
fn keys(events: Option<&Events>) -> (Vec<&str>, Vec<&str>) {
    let Some(Events {
        publishes,
        subscribes,
    }) = events
    else {
        return (Vec::new(), Vec::new());
    };
    assert!(
        publishes
            .iter()
            .all(|each| each.exchange == "gravity.events")
    );
    assert!(
        subscribes
            .iter()
            .all(|each| each.exchange == "gravity.events")
    );
    (
        publishes
            .iter()
            .flat_map(|each| &each.keys)
            .map(String::as_str)
            .collect(),
        subscribes
            .iter()
            .flat_map(|each| &each.keys)
            .map(String::as_str)
            .collect(),
    )
}

fn engines(service: &GravityServiceSpec) -> Vec<&str> {
    let databases = service.databases.iter();
    databases.map(|each| each.type_.as_str()).collect()
}

fn words(cell: &str) -> Vec<&str> {
    cell.split_whitespace().collect()
}

fn names<T>(map: &BTreeMap<String, T>) -> BTreeSet<&String> {
    map.keys().collect()
}
