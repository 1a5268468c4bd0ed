//! A service without an image runs from its repository, and from no other revision than the
//! one that was asked for.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::time::{Duration, Instant};

use e2e::{Bed, Kubectl, tell};

const LIMIT: Duration = Duration::from_secs(120);
const READY: [&str; 4] = ["wait", "gapp/site", "--for=condition=Ready", "--timeout=1s"];

#[tokio::test(flavor = "multi_thread")]
async fn a_service_runs_from_its_repository() {
    let bed = Bed::start().await;
    let kubectl = bed.namespace("source");
    apply(&kubectl, &Bed::app("repository.yaml"));
    let server = ["wait", "pod/repository", "--for=condition=Ready"];
    kubectl.wait(LIMIT, &[&server[..], &["--timeout=1s"]].concat());

    let way = bed.way(&kubectl);
    let started = Instant::now();
    apply(&kubectl, &page("1.0.0", &revision(&kubectl, "HEAD~1")));
    kubectl.wait(LIMIT, &READY);
    assert_eq!(way.get("page", "/"), "one\n");
    tell("a service from its source", started);

    apply(&kubectl, &page("1.1.0", &revision(&kubectl, "HEAD")));
    way.wait(LIMIT, "page", "/", |answer| answer == "two\n");
    kubectl.wait(LIMIT, &READY);

    // The one that runs serves on, and Git's own words say why the next one does not come.
    apply(&kubectl, &page("1.2.0", &"0".repeat(40)));
    let started = Instant::now();
    let words = "not our ref 0000000000000000000000000000000000000000";
    let conditions = "--output=jsonpath={.status.conditions[*].message}";
    let told = || kubectl.answer(&["get", "gapp", "site", conditions], "");
    while !told().contains(words) {
        assert!(started.elapsed() < LIMIT, "{}\n{}", told(), kubectl.story());
        std::thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(way.get("page", "/"), "two\n");
    bed.stop().await;
}

fn apply(kubectl: &Kubectl, objects: &str) {
    kubectl.answer(&["apply", "--filename=-"], objects);
}

/// The hash of a revision that the server has.
fn revision(kubectl: &Kubectl, name: &str) -> String {
    let git = ["git", "-C", "/tmp/repositories/page.git", "rev-parse", name];
    let exec = [&["exec", "repository", "--"], &git[..]].concat();
    kubectl.answer(&exec, "").trim().to_owned()
}

/// A version of the page that is that revision.
fn page(version: &str, revision: &str) -> String {
    Bed::app("source.yaml")
        .replace("1.0.0", version)
        .replace("REVISION", revision)
}
