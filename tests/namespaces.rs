//! An operator that is restricted to namespaces: what the chart grants it there is enough,
//! and everything outside is left alone.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]
#![allow(clippy::panic, reason = "in a test a panic is the assertion")]

#[path = "operator/support/mod.rs"]
mod support;

use std::sync::Arc;

use local_cluster::Options;
use serde_json::Value;
use support::{Space, Suite, forbidden, requests};

const APP: &str = "{services: [{name: api}]}";
const API: &str = "name: api\nversion: 1.0.0\nimage: api:1\ndependencies: [{name: mail}]\n";
const MAIL: &str = "name: mail\nversion: 2.0.0\nimage: mail:2\n";

/// An app of its namespace becomes Ready with a service of the catalogue; the same app
/// elsewhere is not even read.
#[tokio::test]
async fn an_operator_of_one_namespace_serves_that_one_only() {
    let values = ["watchNamespaces={shop}", "catalogNamespaces={services}"];
    let suite = Suite::start_with(Options::default(), &values, &["services", "shop"]).await;
    let catalogue = Space::of(Arc::clone(&suite), "services").await;
    let elsewhere = Space::on(Arc::clone(&suite), "elsewhere").await;
    let shop = Space::of(Arc::clone(&suite), "shop").await;
    catalogue.services(MAIL).await;
    elsewhere.services(&format!("{API}---\n{MAIL}")).await;
    elsewhere.app("app", APP).await;
    shop.services(API).await;
    shop.app("app", APP).await;

    let app = shop.ready("app").await;
    assert_eq!(versions(&app), ["api 1.0.0", "mail 2.0.0"]);
    assert_eq!(shop.names("Deployment").await, ["api", "mail"]);
    // An app that comes later is seen, too, and the catalogue's own namespace has none.
    shop.app("later", "{services: [{name: mail}]}").await;
    shop.until_says("later", "Stalled", "OwnershipConflict")
        .await;
    catalogue.app("app", "{services: [{name: mail}]}").await;
    shop.delete("GravityApp", "later").await;
    shop.until_gone("GravityApp", "later").await;

    for space in [&elsewhere, &catalogue] {
        assert_eq!(space.names("Deployment").await, Vec::<String>::new());
        assert_eq!(space.get("GravityApp", "app").await["status"], Value::Null);
    }
    assert_eq!(elsewhere.writes(), Vec::<String>::new());
    let log = suite.audit();
    let refused = forbidden(&log);
    assert!(refused.is_empty(), "the chart does not grant: {refused:#?}");
    let asked = requests(&log, "elsewhere");
    assert!(asked.is_empty(), "it asks outside of its own: {asked:#?}");
}

fn versions(app: &Value) -> Vec<String> {
    let services = app["status"]["services"].as_array().unwrap().iter();
    let word = |service: &Value, field: &str| service[field].as_str().unwrap().to_owned();
    let mut versions: Vec<String> = services
        .map(|service| format!("{} {}", word(service, "name"), word(service, "version")))
        .collect();
    versions.sort();
    versions
}
