//! The program: its exit code, its signals, and what is left when it is killed.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod objects;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_local-cluster");

/// Starts `up` and waits until it says that it is ready.
fn up() -> (Child, Value) {
    let mut child = Command::new(PROGRAM)
        .args(["up", "--output", "json", "--without-traefik"])
        .env_remove("GRAVITY_TEST_KUBECONFIG")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

/// The processes that have the cluster's folder among their arguments.
fn processes_of(cluster: &Value) -> Vec<u32> {
    let folder = cluster["folder"].as_str().unwrap();
    let output = Command::new("pgrep")
        .args(["-f", "--", folder])
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|id| id.parse().unwrap())
        .collect()
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .unwrap()
            .success()
    );
}

fn all_end(ids: &[u32]) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(5) {
        if !ids.iter().any(|id| objects::runs(*id)) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

#[test]
fn a_command_runs_in_the_cluster_and_its_code_is_passed_on() {
    let script = "kubectl get --raw /readyz && helm list --short && exit 7";
    let output = Command::new(PROGRAM)
        .args(["run", "--without-traefik", "--", "sh", "-c", script])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ok");
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn a_given_cluster_is_used() {
    let (mut child, cluster) = up();
    let script = "kubectl config view --minify -o jsonpath={.clusters[0].cluster.server}";
    let output = Command::new(PROGRAM)
        .args(["run", "--", "sh", "-c", script])
        .env(
            "GRAVITY_TEST_KUBECONFIG",
            cluster["kubeconfig"].as_str().unwrap(),
        )
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        cluster["server"].as_str().unwrap()
    );
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_command_that_does_not_exist_is_named() {
    let output = Command::new(PROGRAM)
        .args(["run", "--without-traefik", "--", "no-such-command"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("error: no-such-command could not be run"),
        "{told}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn sigterm_ends_the_cluster_in_order() {
    let (mut child, cluster) = up();
    let ids = processes_of(&cluster);
    assert_eq!(ids.len(), 5);
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(all_end(&ids));
    assert!(!std::path::Path::new(cluster["folder"].as_str().unwrap()).exists());
}

#[test]
fn no_process_outlives_a_killed_parent() {
    let (mut child, cluster) = up();
    let ids = processes_of(&cluster);
    assert_eq!(ids.len(), 5);
    signal(&child, "KILL");
    child.wait().unwrap();
    assert!(all_end(&ids));
    std::fs::remove_dir_all(cluster["folder"].as_str().unwrap()).unwrap();
}
