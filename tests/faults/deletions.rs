//! Deletions in every order, with an operator that comes late, and without its definitions:
//! each ends, and no data goes that nobody asked to go.

use std::time::{Duration, Instant};

use futures::future::join_all;
use local_cluster::Options;
use serde_json::{Value, json};

use crate::support::{API_AND_WEB, Space, Suite};

/// Within this a deletion ends.
const LIMIT: Duration = Duration::from_secs(60);

const POLICIES: [&str; 2] = ["Retain", "Delete"];
const CLAIM: &str = "data-app-postgresql-16-0";

async fn running(suite: &std::sync::Arc<Suite>, name: &str, policy: &str) -> Space {
    let space = Space::on(suite.clone(), name).await;
    space.services(API_AND_WEB).await;
    let spec = format!("{{services: [{{name: web}}], deletionPolicy: {policy}}}");
    space.app("app", &spec).await;
    space.ready("app").await;
    space
}

/// The passwords, and which claim it is.
async fn data(space: &Space) -> Value {
    let uid = space.get("PersistentVolumeClaim", CLAIM).await["metadata"]["uid"].clone();
    let mut data = json!({"claim": uid});
    for name in space.names("Secret").await {
        data[&name] = space.get("Secret", &name).await["data"].clone();
    }
    data
}

/// What is deleted, one after the other.
const ORDERS: [(&str, &[&str]); 4] = [
    ("services-first", &["gsvc --all", "gapp app"]),
    ("app-first", &["gapp app", "gsvc --all"]),
    ("server-first", &["statefulset --all", "gapp app"]),
    (
        "all-at-once",
        &["gapp,gsvc,deployment,statefulset,job,service --all"],
    ),
];

fn ask(space: &Space, what: &str) {
    let words: Vec<&str> = what.split(' ').collect();
    space.kubectl(&[&["delete", "--wait=false"], &words[..]].concat());
}

/// Nothing is left that runs, and of the data what the policy says.
async fn ends(space: &Space, policy: &str, before: &Value) {
    let started = Instant::now();
    space.until_gone("GravityApp", "app").await;
    for kind in ["Deployment", "StatefulSet", "Job", "Service", "Pod"] {
        space
            .until(&format!("every {kind} is gone"), async || {
                space.names(kind).await.is_empty()
            })
            .await;
    }
    let is_deleted = policy == "Delete";
    space
        .until("of the data is left what the policy says", async || {
            let now = data(space).await;
            let nothing = now == json!({"claim": null});
            if is_deleted { nothing } else { now == *before }
        })
        .await;
    assert!(
        started.elapsed() < LIMIT,
        "{}: {:?}",
        space.name,
        started.elapsed()
    );
}

async fn in_order(suite: &std::sync::Arc<Suite>, name: &str, order: &[&str], policy: &str) {
    let name = format!("{name}-{}", policy.to_lowercase());
    let space = running(suite, &name, policy).await;
    let before = data(&space).await;
    order.iter().for_each(|what| ask(&space, what));
    ends(&space, policy, &before).await;
}

#[tokio::test]
async fn every_order_of_deletion_ends_and_data_goes_only_where_that_is_asked_for() {
    let suite = Suite::start(Options::default()).await;
    let all =
        POLICIES.map(|policy| ORDERS.map(|(name, order)| in_order(&suite, name, order, policy)));
    join_all(all.into_iter().flatten()).await;
}

/// The finalizer has held it until then; a namespace that is going holds nothing.
#[tokio::test]
async fn an_operator_that_comes_late_ends_what_was_asked_for_without_it() {
    let suite = Suite::start(Options::default()).await;
    let mut apps = Vec::new();
    let mut namespaces = Vec::new();
    for policy in POLICIES {
        let word = policy.to_lowercase();
        apps.push((
            running(&suite, &format!("late-{word}"), policy).await,
            policy,
        ));
        namespaces.push(running(&suite, &format!("late-namespace-{word}"), policy).await);
    }
    suite.operator.lock().await.kill().await.unwrap();
    let mut before = Vec::new();
    for (space, _) in &apps {
        before.push(data(space).await);
        ask(space, "gapp,gsvc --all");
    }
    for space in &namespaces {
        ask(space, &format!("namespace {}", space.name));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let waiting = apps.iter().map(|(space, _)| space).chain(&namespaces);
    for space in waiting {
        assert!(space.exists("GravityApp", "app").await, "{}", space.name);
    }
    let started = Instant::now();
    // The Lease of an operator that was killed runs out first.
    suite.operator.lock().await.restart().await.unwrap();
    for ((space, policy), before) in apps.iter().zip(&before) {
        ends(space, policy, before).await;
    }
    for space in &namespaces {
        space.until_gone("Namespace", &space.name).await;
    }
    assert!(started.elapsed() < LIMIT, "{:?}", started.elapsed());
}

/// Whoever deletes the definitions deletes the apps, and not their data.
#[tokio::test]
async fn the_definitions_go_and_come_back_and_the_data_is_taken_up_again() {
    let suite = Suite::start(Options::default()).await;
    let space = running(&suite, "definitions", "Retain").await;
    let before = data(&space).await;
    let names = ["gravityapps.gravity.dev", "gravityservices.gravity.dev"];
    let started = Instant::now();
    suite.kubectl(&[&["delete", "crd"], &names[..]].concat());
    for kind in ["Deployment", "StatefulSet"] {
        space
            .until(&format!("every {kind} is gone"), async || {
                space.names(kind).await.is_empty()
            })
            .await;
    }
    assert!(started.elapsed() < LIMIT, "{:?}", started.elapsed());
    assert_eq!(data(&space).await, before);

    let crds = concat!(env!("CARGO_MANIFEST_DIR"), "/crds");
    suite.kubectl(&["apply", "--server-side", "--filename", crds]);
    for name in names {
        let served = ["wait", "--for=condition=Established", "crd", name];
        suite.kubectl(&served);
    }
    space
        .until("services can be applied again", async || {
            let service = API_AND_WEB.split("---").next().unwrap();
            space.service(service).await.is_ok()
        })
        .await;
    space.services(API_AND_WEB).await;
    space.app("app", "{services: [{name: web}]}").await;
    space.ready("app").await;
    assert_eq!(data(&space).await, before);
}

/// The operator stands still while somebody takes data out of an app whose deletion asks for
/// it: what it then knows is old, so it looks before it deletes.
#[tokio::test]
async fn data_that_was_taken_out_of_an_app_in_the_last_moment_stays() {
    let suite = Suite::start(Options::default()).await;
    let space = running(&suite, "last-moment", "Delete").await;
    let mut operator = suite.operator.lock().await;
    operator.suspend();
    ask(&space, "gapp app");
    let taken = json!({"metadata": {"annotations": {"gravity.dev/app": null}}});
    space.merge("Secret", "api-data", taken.clone()).await;
    space.merge("PersistentVolumeClaim", CLAIM, taken).await;
    operator.resume();
    drop(operator);
    space.until_gone("GravityApp", "app").await;
    space.until_gone("Secret", "app-postgresql-16-admin").await;
    assert!(space.exists("Secret", "api-data").await);
    let claim = space.get("PersistentVolumeClaim", CLAIM).await;
    assert_eq!(claim["metadata"]["deletionTimestamp"], Value::Null);
}
