//! The API server answers nothing for a while.

use std::process::Command;
use std::time::Duration;

use local_cluster::Options;

use crate::support::{API_AND_WEB, Space, Suite};

fn signal(suite: &Suite, signal: &str) {
    let processes = suite.cluster.processes();
    let server = processes.iter().find(|(name, _)| *name == "kube-apiserver");
    let id = server.unwrap().1.to_string();
    let kill = Command::new("kill").args(["-s", signal, &id]).status();
    assert!(kill.unwrap().success());
}

/// Shorter than the Lease: the operator waits, and goes on where it was.
#[tokio::test]
async fn a_short_silence_in_the_midst_of_the_work_is_waited_out() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "silence").await;
    space.services(API_AND_WEB).await;
    space.app("app", "{services: [{name: web}]}").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    signal(&suite, "STOP");
    tokio::time::sleep(Duration::from_secs(6)).await;
    signal(&suite, "CONT");
    space.ready("app").await;
    suite.operator.lock().await.check().unwrap();
}

/// Longer than the Lease: nobody can know who leads, so the operator ends, to be started
/// again; what runs is not touched.
#[tokio::test]
async fn a_long_silence_costs_the_leadership_and_nothing_else() {
    let suite = Suite::start(Options::default()).await;
    let space = Space::on(suite.clone(), "long-silence").await;
    space.services(API_AND_WEB).await;
    space.app("app", "{services: [{name: web}]}").await;
    space.ready("app").await;
    space.is_quiet_for(Duration::from_secs(1)).await;
    let before = space.writes();
    let mut operator = suite.operator.lock().await;
    signal(&suite, "STOP");
    let status = operator.ended().await.unwrap();
    assert_eq!(status.code(), Some(1), "{}", suite.log_tail());
    signal(&suite, "CONT");
    operator.restart().await.unwrap();
    operator.leading().await.unwrap();
    drop(operator);
    space.ready("app").await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(space.writes(), before);
}
