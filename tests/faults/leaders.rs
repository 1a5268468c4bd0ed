//! Two operators: one writes.

use std::time::Duration;

use local_cluster::Options;
use serde_json::Value;

use crate::support::{Space, Suite, eventually};

const ONE: &str = "name: api\nversion: 1.0.0\nimage: api:1\n";

fn holder(suite: &Suite) -> String {
    let lease = suite.kubectl(&[
        "-n",
        "gravity-system",
        "get",
        "lease",
        "gravity",
        "-o",
        "json",
    ]);
    let lease: Value = serde_json::from_str(&lease).unwrap();
    lease["spec"]["holderIdentity"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn leads(metrics: &str) -> bool {
    metrics.lines().any(|line| line == "gravity_leader 1")
}

/// The leader is stopped (SIGSTOP) past its Lease, the second takes over, the first goes
/// on: it writes no more, and ends.
#[tokio::test]
async fn a_leader_that_was_stopped_past_its_lease_writes_no_more() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "leaders").await;
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    let mut first = suite.operator.lock().await;
    let mut second = first.start_another("second").unwrap();
    second.ready().await.unwrap();
    assert!(
        !leads(&second.metrics().await.unwrap()),
        "the second stands by"
    );
    let held_by_first = holder(&suite);

    first.suspend();
    second.leading().await.unwrap();
    let held_by_second = holder(&suite);
    assert_ne!(held_by_first, held_by_second);
    // Something for the first to mend, if it were still to think that it leads.
    space.kubectl(&["set", "image", "deployment/api", "*=other:1"]);
    space.ready("app").await;
    first.resume();
    let status = first.ended().await.unwrap();
    assert_ne!(
        status.code(),
        Some(0),
        "whoever lost the Lease ends, to be started again"
    );
    assert_eq!(holder(&suite), held_by_second);
    space.ready("app").await;

    // Started again it stands by, and takes over at once when the second ends in order.
    first.restart().await.unwrap();
    first.ready().await.unwrap();
    assert!(!leads(&first.metrics().await.unwrap()));
    let begun = std::time::Instant::now();
    assert_eq!(second.stop().await.unwrap().code(), Some(0));
    first.leading().await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    drop(first);
    space.kubectl(&["delete", "service", "api"]);
    space.until_there("Service", "api").await;
}

/// Without anybody to give it back, the Lease of a killed leader runs out.
#[tokio::test]
async fn a_killed_leader_is_followed() {
    let suite = Suite::start(Options {
        traefik_crds: false,
        ..Options::default()
    })
    .await;
    let mut first = suite.operator.lock().await;
    let mut second = first.start_another("second").unwrap();
    second.ready().await.unwrap();
    first.kill().await.unwrap();
    second.leading().await.unwrap();
    let space = Space::on(suite.clone(), "followed").await;
    space.services(ONE).await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    eventually(
        "the second is told to lead",
        async || leads(&second.metrics().await.unwrap()),
        async || suite.log_tail(),
    )
    .await;
}
