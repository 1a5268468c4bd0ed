//! Leader election on a real API server: one writes, and never two.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]
#![allow(clippy::panic, reason = "in a test a panic is the assertion")]

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gravity::apply::Permission as _;
use gravity::controller::lease::{Leadership, LeaseError, LeaseSettings};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use local_cluster::{LocalCluster, Options};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const NAMESPACE: &str = "default";
/// Tells the process that is stopped where the cluster is.
const STOPPED_KUBECONFIG: &str = "GRAVITY_TEST_STOPPED_KUBECONFIG";
const LEASE_DURATION: Duration = Duration::from_secs(3);
const RENEW_DEADLINE: Duration = Duration::from_secs(2);
const RETRY_PERIOD: Duration = Duration::from_millis(200);

/// One cluster for all: the scenarios have a Lease each, and mostly wait.
#[tokio::test(flavor = "multi_thread")]
async fn of_several_candidates_one_writes() {
    let cluster = LocalCluster::start(Options {
        traefik_crds: false,
        node: local_cluster::Node::Absent,
        ..Options::default()
    })
    .await
    .unwrap();
    tokio::join!(
        a_released_lease_is_taken_at_once(&cluster),
        a_lease_that_is_not_renewed_expires(&cluster),
        of_many_that_start_together_one_wins(&cluster),
        what_another_takes_by_force_is_lost(&cluster),
        a_lease_that_is_deleted_is_lost(&cluster),
        a_label_of_somebody_does_not_end_it(&cluster),
        a_wait_can_be_stopped(&cluster),
        a_renewal_is_one_request(&cluster),
        who_was_stopped_past_its_lease_wakes_without_it(&cluster),
    );
    cluster.stop().await;
}

async fn a_released_lease_is_taken_at_once(cluster: &LocalCluster) {
    let client = cluster.client().await.unwrap();
    let first = acquire(&client, "released").await;
    assert!(first.may_write());
    let second = tokio::spawn(acquire_owned(client.clone(), "released"));
    sleep(2 * LEASE_DURATION).await;
    assert!(
        !second.is_finished(),
        "a Lease that is renewed is not taken"
    );

    let begin = Instant::now();
    first.release().await;
    assert!(!first.may_write());
    soon(first.lost()).await;
    let second = soon(second).await.unwrap();
    assert!(second.may_write());
    let took = begin.elapsed();
    assert!(
        took < LEASE_DURATION / 2,
        "the second took over after {took:?}"
    );
    assert_eq!(spec(&client, "released").await.lease_transitions, Some(1));
    assert_eq!(
        spec(&client, "released").await.lease_duration_seconds,
        Some(3)
    );
}

async fn a_lease_that_is_not_renewed_expires(cluster: &LocalCluster) {
    let config = cluster.config().await.unwrap();
    // A runtime of its own, which ends: the process is there, and its tasks are not.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let first = runtime.spawn(async move {
        let client = Client::try_from(config).unwrap();
        acquire(&client, "expired").await
    });
    let first = soon(first).await.unwrap();
    let client = cluster.client().await.unwrap();
    let second = tokio::spawn(acquire_owned(client.clone(), "expired"));
    sleep(Duration::from_secs(1)).await;
    runtime.shutdown_background();
    let begin = Instant::now();
    assert!(first.may_write());

    soon(first.lost()).await;
    let stopped = begin.elapsed();
    assert!(!first.may_write());
    assert!(
        !second.is_finished(),
        "the first stops before the second begins"
    );
    let second = soon(second).await.unwrap();
    assert!(second.may_write() && !first.may_write());
    let took = begin.elapsed();
    assert!(
        stopped <= RENEW_DEADLINE + RETRY_PERIOD,
        "the first stopped after {stopped:?}"
    );
    let earliest = LEASE_DURATION - 2 * RETRY_PERIOD;
    assert!(took > earliest, "the second took over after {took:?}");
    assert_eq!(spec(&client, "expired").await.lease_transitions, Some(1));
}

async fn of_many_that_start_together_one_wins(cluster: &LocalCluster) {
    let client = cluster.client().await.unwrap();
    let candidates: Vec<_> = (0..8)
        .map(|_| tokio::spawn(acquire_owned(client.clone(), "many")))
        .collect();
    sleep(LEASE_DURATION).await;
    let winners = candidates
        .iter()
        .filter(|candidate| candidate.is_finished());
    assert_eq!(winners.count(), 1);
    assert_eq!(spec(&client, "many").await.lease_transitions, Some(0));
    for candidate in candidates {
        candidate.abort();
    }
}

async fn what_another_takes_by_force_is_lost(cluster: &LocalCluster) {
    let client = cluster.client().await.unwrap();
    let first = acquire(&client, "forced").await;
    let theirs = json!({"spec": {"holderIdentity": "somebody else"}});
    merge(&client, "forced", theirs).await;
    soon(first.lost()).await;
    assert!(!first.may_write());
    first.release().await;
    let holder = spec(&client, "forced").await.holder_identity;
    assert_eq!(
        holder.as_deref(),
        Some("somebody else"),
        "what is another's is not released"
    );
}

async fn a_lease_that_is_deleted_is_lost(cluster: &LocalCluster) {
    let client = cluster.client().await.unwrap();
    let first = acquire(&client, "deleted").await;
    let params = DeleteParams::default();
    leases(&client).delete("deleted", &params).await.unwrap();
    soon(first.lost()).await;
    assert!(!first.may_write());
}

async fn a_label_of_somebody_does_not_end_it(cluster: &LocalCluster) {
    let client = cluster.client().await.unwrap();
    let first = acquire(&client, "labelled").await;
    merge(
        &client,
        "labelled",
        json!({"metadata": {"labels": {"team": "a"}}}),
    )
    .await;
    sleep(2 * RENEW_DEADLINE).await;
    assert!(first.may_write());
    let lease = leases(&client).get("labelled").await.unwrap();
    assert_eq!(
        lease.metadata.labels.unwrap()["team"],
        "a",
        "the label is kept"
    );
    first.release().await;
}

async fn a_wait_can_be_stopped(cluster: &LocalCluster) {
    let client = cluster.client().await.unwrap();
    let first = acquire(&client, "stopped").await;
    let stop = CancellationToken::new();
    let wait = Leadership::acquire(client.clone(), settings("stopped"), &stop);
    let cancel = async {
        sleep(Duration::from_millis(500)).await;
        stop.cancel();
    };
    let (answer, ()) = tokio::join!(wait, cancel);
    assert!(matches!(answer.unwrap_err(), LeaseError::Stopped { .. }));
    assert!(first.may_write());
    first.release().await;
}

/// By the audit log: the get and create of the start, then replacements alone.
async fn a_renewal_is_one_request(cluster: &LocalCluster) {
    let client = cluster.client().await.unwrap();
    let first = acquire(&client, "counted").await;
    sleep(Duration::from_secs(2)).await;
    first.release().await;
    sleep(Duration::from_secs(1)).await;

    let log = std::fs::read_to_string(cluster.audit_log().unwrap()).unwrap();
    let events = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ours = events.filter(|event| event["objectRef"]["name"] == "counted");
    let ours = ours.filter(|event| event["stage"] == "ResponseComplete");
    let verbs: Vec<String> = ours
        .map(|event| event["verb"].as_str().unwrap().to_owned())
        .collect();
    let updates = verbs.iter().filter(|verb| *verb == "update").count();
    let others: Vec<_> = verbs.iter().filter(|verb| *verb != "update").collect();
    // A create has no name in its URL, so the log may not name the Lease with it.
    assert_eq!(
        others.first().map(|verb| verb.as_str()),
        Some("get"),
        "{verbs:?}"
    );
    assert!(
        others[1..].iter().all(|verb| *verb == "create"),
        "{verbs:?}"
    );
    assert!((5..=11).contains(&updates), "2 s, every 200 ms: {verbs:?}");
}

/// The process of this test, started again as the holder, is stopped by SIGSTOP until its
/// Lease has passed to another, and goes on.
async fn who_was_stopped_past_its_lease_wakes_without_it(cluster: &LocalCluster) {
    let client = cluster.client().await.unwrap();
    let mut holder = Holder::start(cluster);
    let first_words = spawn_blocking(move || (holder.may_write(), holder));
    let (first, mut holder) = soon(first_words).await.unwrap();
    assert!(first, "the holder may write before it is stopped");

    holder.signal("STOP");
    let second = soon(acquire_owned(client, "stopped-process")).await;
    assert!(second.may_write());
    holder.signal("CONT");
    let then = soon(spawn_blocking(move || holder.may_write())).await;
    assert!(!then.unwrap(), "the holder wakes without its Lease");
    assert!(second.may_write());
    second.release().await;
}

/// Not a test by itself: what the test above runs. Its only thread, which spins, neither
/// renews nor waits, so that the first answer after SIGCONT is that of the clock alone.
#[tokio::test]
async fn the_process_that_is_stopped() {
    let Ok(kubeconfig) = std::env::var(STOPPED_KUBECONFIG) else {
        return;
    };
    let kubeconfig = Kubeconfig::read_from(kubeconfig).unwrap();
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .unwrap();
    let client = Client::try_from(config).unwrap();
    let leadership = acquire(&client, "stopped-process").await;
    println!("may write: {}", leadership.may_write());
    // One look at the clock for each turn, or a stop between two of them would be lost. It ends by
    // itself, for whoever waits for its words cannot be stopped.
    let begun = Instant::now();
    let mut last = begun;
    loop {
        std::thread::sleep(Duration::from_millis(1));
        let now = Instant::now();
        let was_stopped = now - last >= RENEW_DEADLINE;
        if was_stopped || now - begun > Duration::from_secs(60) {
            break;
        }
        last = now;
    }
    println!("may write: {}", leadership.may_write());
}

/// The process that is stopped; it ends with this.
struct Holder {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Holder {
    fn start(cluster: &LocalCluster) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_process_that_is_stopped", "--nocapture"])
            .env(STOPPED_KUBECONFIG, cluster.kubeconfig())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// What it says next; blocks until then.
    fn may_write(&mut self) -> bool {
        let says = |line: String| Some(line.split_once("may write: ")?.1 == "true");
        let mut lines = self.lines.by_ref().map_while(Result::ok);
        lines.find_map(says).unwrap()
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let kill = Command::new("kill").args(["-s", name, &id]).status();
        assert!(kill.unwrap().success());
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn settings(name: &str) -> LeaseSettings {
    LeaseSettings {
        lease_duration: LEASE_DURATION,
        renew_deadline: RENEW_DEADLINE,
        retry_period: RETRY_PERIOD,
        ..LeaseSettings::new(NAMESPACE, name).unwrap()
    }
}

async fn acquire(client: &Client, name: &str) -> Arc<Leadership> {
    let stop = CancellationToken::new();
    Leadership::acquire(client.clone(), settings(name), &stop)
        .await
        .unwrap()
}

async fn acquire_owned(client: Client, name: &'static str) -> Arc<Leadership> {
    acquire(&client, name).await
}

async fn spec(client: &Client, name: &str) -> LeaseSpec {
    leases(client).get(name).await.unwrap().spec.unwrap()
}

async fn merge(client: &Client, name: &str, patch: Value) {
    let params = PatchParams::default();
    leases(client)
        .patch(name, &params, &Patch::Merge(patch))
        .await
        .unwrap();
}

fn leases(client: &Client) -> Api<Lease> {
    Api::namespaced(client.clone(), NAMESPACE)
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(20);
    timeout(limit, future)
        .await
        .unwrap_or_else(|_| panic!("it did not happen within {limit:?}"))
}
