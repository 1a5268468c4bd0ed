//! What `gravity generate compose` writes is what Compose itself takes, and the same application
//! as in a cluster: its graph, its variables and its routes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test tells what is wrong by failing"
)]

mod composed;
mod files;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use composed::{Composed, examples, manifests, name, objects, of_kind};

#[test]
fn compose_takes_every_example() {
    for example in examples() {
        let composed = Composed::of(&example);
        let networks: Vec<&String> = composed.project["networks"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        assert_eq!(networks, ["gravity"], "{example}");
        // Only the gateway can be reached from outside.
        for (name, service) in composed.project["services"].as_object().unwrap() {
            let published = service.get("ports").is_some_and(|ports| !ports.is_null());
            assert_eq!(published, name == "gateway", "{example}: {name}");
        }
    }
}

#[test]
fn the_graph_is_that_of_the_cluster() {
    for example in examples() {
        let composed = Composed::of(&example);
        let manifests = manifests(&example);
        let names: BTreeSet<&str> = manifests.iter().map(|it| it.name.as_str()).collect();
        for manifest in &manifests {
            let ordered = manifest.dependencies.iter();
            let ordered = ordered.filter(|it| it.startup.as_deref() != Some("Unordered"));
            let ordered: BTreeSet<&str> = ordered
                .map(|it| it.name.as_str())
                .filter(|name| names.contains(name))
                .collect();
            let before = &composed.service(&manifest.name)["depends_on"];
            let before = before.as_object().into_iter().flatten();
            let before: BTreeMap<&str, &Value> =
                before.map(|(name, it)| (name.as_str(), it)).collect();
            let services: BTreeSet<&str> = before
                .keys()
                .copied()
                .filter(|name| names.contains(name))
                .collect();
            assert_eq!(services, ordered, "{example}: {}", manifest.name);
            for (other, how) in before {
                let service = composed.service(other);
                let condition = how["condition"].as_str().unwrap();
                let wanted = match service["restart"] == "unless-stopped" {
                    false => "service_completed_successfully",
                    true if service["healthcheck"].is_object() => "service_healthy",
                    true => "service_started",
                };
                assert_eq!(condition, wanted, "{example}: {} on {other}", manifest.name);
            }
        }
    }
}

#[test]
fn the_variables_are_those_of_the_cluster() {
    // Another operator's servers have replicas with URLs of their own, and are none of Compose's.
    for example in examples().into_iter().filter(|it| it != "cloudnativepg") {
        let composed = Composed::of(&example);
        let objects = objects(&example);
        let workloads = of_kind(&objects, "Deployment").chain(of_kind(&objects, "StatefulSet"));
        let mut compared = 0;
        for workload in workloads {
            let container = &workload["spec"]["template"]["spec"]["containers"][0];
            let environment = &composed.service(name(workload))["environment"];
            for variable in container["env"].as_array().into_iter().flatten() {
                let (key, value) = (variable["name"].as_str().unwrap(), &variable["value"]);
                let here = &environment[key];
                compared += 1;
                match value.as_str() {
                    // What is put together of others is put together here.
                    Some(text) if text.contains("$(") => {
                        assert!(here.is_string(), "{example}: {key}")
                    }
                    Some(text) => assert_eq!(here, text, "{example}: {} {key}", name(workload)),
                    None => assert!(here.is_string(), "{example}: {} {key}", name(workload)),
                }
            }
        }
        assert!(compared > 0, "{example}");
    }
}

#[test]
fn a_database_is_asked_by_the_password_that_it_was_made_with() {
    let composed = Composed::of("hello");
    let env = composed.file(".env");
    let line = env
        .lines()
        .find_map(|line| line.strip_prefix("HELLO_API_HELLO_DB_PASSWORD="));
    let password = line.unwrap();
    assert!(password.len() >= 24, "{env}");
    let url = &composed.service("hello-api")["environment"]["HELLO_DB_URL"];
    let expected = format!("postgresql://hello_db_a:{password}@hello-postgresql-16:5432/hello_db");
    assert_eq!(url, &Value::from(expected));
    let makes = composed.service("hello-api-hello-postgresql-16");
    assert_eq!(makes["environment"]["DATABASE_PASSWORD"], password);
    assert_eq!(makes["environment"]["DATABASE_NAME"], "hello_db");
    // No password stands in what is committed.
    assert!(!composed.file("compose.yaml").contains(password));
    assert_eq!(composed.file(".gitignore"), "# Passwords.\n.env\n");
}

#[test]
fn the_routes_are_those_of_the_cluster() {
    for example in examples() {
        let objects = objects(&example);
        let routes: BTreeSet<String> = of_kind(&objects, "IngressRoute")
            .flat_map(|object| object["spec"]["routes"].as_array().unwrap())
            .map(|route| route["match"].as_str().unwrap().to_owned())
            .collect();
        if routes.is_empty() {
            continue;
        }
        let composed = Composed::of(&example);
        let text = composed.project["configs"]["gateway"]["content"]
            .as_str()
            .unwrap();
        let file: Value = serde_yaml::from_str(text).unwrap();
        let http = &file["http"];
        let routers = http["routers"].as_object().unwrap();
        let hostless = |rule: &str| {
            let parts = rule.split(" && ").filter(|part| !part.starts_with("Host("));
            parts.collect::<Vec<_>>().join(" && ")
        };
        let here: BTreeSet<String> = routers
            .values()
            .map(|it| hostless(it["rule"].as_str().unwrap()))
            .collect();
        let there: BTreeSet<String> = routes.iter().map(|rule| hostless(rule)).collect();
        assert_eq!(here, there, "{example}");
        for router in routers.values() {
            let service = &http["services"][router["service"].as_str().unwrap()];
            assert!(service.is_object(), "{example}: {router}");
            for middleware in router["middlewares"].as_array().into_iter().flatten() {
                let middleware = &http["middlewares"][middleware.as_str().unwrap()];
                assert!(middleware.is_object(), "{example}: {router}");
            }
        }
        for service in http["services"].as_object().unwrap().values() {
            let Some(url) = service.pointer("/loadBalancer/servers/0/url") else {
                continue;
            };
            let (_, address) = url.as_str().unwrap().split_once("://").unwrap();
            let (host, port) = address.split_once(':').unwrap();
            assert!(port.parse::<u16>().is_ok());
            composed.service(host);
        }
    }
}
