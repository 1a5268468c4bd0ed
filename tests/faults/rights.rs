//! Rights are taken away while it runs, and given back.

use local_cluster::Options;
use serde_json::{Value, json};

use crate::support::{Space, Suite};

const SERVICES: &str = "
name: api
version: 1.0.0
image: api:1
---
name: worker
version: 1.0.0
type: worker
image: worker:1
";

fn rules(space: &Space) -> Value {
    let role = space
        .suite
        .kubectl(&["get", "clusterrole", "gravity", "-o", "json"]);
    let role: Value = serde_json::from_str(&role).unwrap();
    role["rules"].clone()
}

/// The rules, of which those for these resources allow to look only.
fn reading(rules: &Value, resources: &[&str]) -> Value {
    let mut rules = rules.clone();
    for rule in rules.as_array_mut().unwrap() {
        let of_rule = rule["resources"].as_array().unwrap();
        if resources.iter().any(|name| of_rule.contains(&json!(name))) {
            rule["verbs"] = json!(["list", "watch"]);
        }
    }
    rules
}

async fn give(space: &Space, rules: Value) {
    let body = json!({"rules": rules});
    space.apply("ClusterRole", "gravity", body).await.unwrap();
}

#[tokio::test]
async fn a_right_to_write_that_is_taken_away_is_told_and_its_return_heals() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "without-rights").await;
    let all = rules(&space);
    give(&space, reading(&all, &["services"])).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    space.services(SERVICES).await;
    space
        .app("app", "{services: [{name: api}, {name: worker}]}")
        .await;
    let told = space.stalled("app").await;
    insta::assert_snapshot!(told, @r#"True Refused: wiring/api: the API server refuses ServiceAccount without-rights/api: serviceaccounts "api" is forbidden: User "system:serviceaccount:gravity-system:gravity" cannot patch resource "serviceaccounts" in API group "" in the namespace "without-rights"; give the operator this right, as the chart of its version does"#);
    give(&space, all).await;
    space.ready("app").await;
}

/// Watches are refused too: what runs goes on, and nothing is deleted for being unseen.
#[tokio::test]
async fn without_any_right_what_runs_goes_on() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "all-without-rights").await;
    space.services(SERVICES).await;
    space
        .app("app", "{services: [{name: api}, {name: worker}]}")
        .await;
    space.ready("app").await;
    let all = rules(&space);
    give(&space, json!([])).await;
    let uid = space.get("Deployment", "api").await["metadata"]["uid"].clone();
    // A restart, so that every watch begins anew, and is refused.
    {
        let mut operator = suite.operator.lock().await;
        operator.restart().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        operator.check().unwrap();
    }
    assert_eq!(space.get("Deployment", "api").await["metadata"]["uid"], uid);
    give(&space, all).await;
    suite.operator.lock().await.leading().await.unwrap();
    space
        .app(
            "app",
            "{services: [{name: api, env: {A: b}}, {name: worker}]}",
        )
        .await;
    space.ready("app").await;
    assert_eq!(space.get("Deployment", "api").await["metadata"]["uid"], uid);
}

/// What cannot be told is not tried again and again.
#[tokio::test]
async fn without_the_right_to_tell_little_is_asked_and_its_return_heals() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "untold-without-rights").await;
    let all = rules(&space);
    give(&space, reading(&all, &["gravityapps/status", "events"])).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    space.services(SERVICES).await;
    space
        .app("app", "{services: [{name: api}, {name: worker}]}")
        .await;
    tokio::time::sleep(std::time::Duration::from_secs(15)).await;
    let refused = space.requests();
    let refused: Vec<_> = refused.iter().filter(|request| request.forbidden).collect();
    // After half a second, one, two, four and eight, each less up to half of it.
    assert!((2..=9).contains(&refused.len()), "{refused:#?}");
    give(&space, all).await;
    space.ready("app").await;
}
