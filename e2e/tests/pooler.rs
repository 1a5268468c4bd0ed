//! A pooler between a service and its server: nothing fails while a login is replaced, and
//! nothing is lost when the pooler's pods go.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use e2e::{Answer, Bed, Kubectl, Way, tell};
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(240);

const READY: [&str; 4] = [
    "wait",
    "gravityapp/pad",
    "--for=condition=Ready",
    "--timeout=1s",
];

/// Two pods of it open so many connections each.
const CONNECTIONS: u32 = 6;

/// Two pods of the service keep so many connections to the pooler.
const HELD: usize = 8;

/// What came of writes that were sent one after another.
#[derive(Debug, Default)]
struct Written {
    acknowledged: Vec<String>,
    failed: Vec<String>,
}

/// Writes until `during` has returned.
fn written(way: &Way, name: &str, during: impl FnOnce()) -> Written {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = Written::default();
            for number in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let id = format!("{name}-{number}");
                match way.send("POST", "notes", "/writes", &json!({"id": id})) {
                    Ok(Answer { status: 201, .. }) => written.acknowledged.push(id),
                    other => written.failed.push(format!("{id}: {other:?}")),
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            written
        });
        during();
        done.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_writes_through_a_pooler_whatever_becomes_of_it() {
    let bed = Bed::start().await;
    let kubectl = bed.namespace("pad");
    let started = Instant::now();
    kubectl.answer(&["apply", "--filename=-"], &Bed::app("pooled.yaml"));
    kubectl.wait(LIMIT, &READY);
    tell("a server, its pooler and their service", started);
    let way = bed.way(&kubectl);
    assert_eq!(kubectl.secret("notes-notes-db", "host"), POOLER);

    let rotation = written(&way, "rotation", || rotate(&kubectl));
    assert_eq!(rotation.failed, Vec::<String>::new());
    assert!(rotation.acknowledged.len() > 20, "{rotation:?}");
    let drained = written(&way, "drained", || a_pod_goes(&kubectl, &[]));
    // What a client sends on a connection that it kept is refused before it begins, or meets the
    // end of the process, which comes when nothing is under way any more.
    let refused = |told: &&String| {
        ["server shutting down", "unexpected EOF"]
            .iter()
            .any(|end| told.contains(end))
    };
    let others: Vec<_> = drained
        .failed
        .iter()
        .filter(|told| !refused(told))
        .collect();
    assert_eq!(others, Vec::<&String>::new());
    assert!(drained.failed.len() <= HELD, "{drained:?}");
    let killed = written(&way, "killed", || {
        a_pod_goes(&kubectl, &["--force", "--grace-period=0"]);
    });
    let all = [&rotation, &drained, &killed];
    let kept = way.get("notes", "/writes").to_string();
    for id in all.iter().flat_map(|written| &written.acknowledged) {
        assert!(kept.contains(&format!("\"{id}\"")), "{id} is lost");
    }
    assert!(open(&kubectl) <= CONNECTIONS);
    bed.stop().await;
}

const POOLER: &str = "pad-postgresql-15-pooler";

/// Asks for new credentials, and waits until the service runs with them.
fn rotate(kubectl: &Kubectl) {
    let started = Instant::now();
    let before = kubectl.secret("notes-notes-db", "username");
    let asked = [
        "annotate",
        "gravityapp",
        "pad",
        "gravity.dev/rotate-credentials=1",
    ];
    kubectl.answer(&asked, "");
    while kubectl.secret("notes-notes-db", "username") == before {
        assert!(started.elapsed() < LIMIT, "{}", kubectl.story());
        std::thread::sleep(Duration::from_millis(200));
    }
    kubectl.wait(LIMIT, &READY);
    tell("a rotation through the pooler", started);
}

/// Deletes one of the pooler's pods, and waits until there are two again and that one is gone.
fn a_pod_goes(kubectl: &Kubectl, how: &[&str]) {
    let started = Instant::now();
    let selector = format!("--selector=app.kubernetes.io/name={POOLER}");
    let pods = kubectl.answer(&["get", "pods", &selector, "--output=name"], "");
    let pod = pods.lines().next().unwrap().to_owned();
    let delete = [&["delete", &pod, "--wait=true"], how].concat();
    kubectl.answer(&delete, "");
    let ready = ["rollout", "status", "deployment", POOLER, "--timeout=1s"];
    kubectl.wait(LIMIT, &ready);
    tell(
        &format!("a pod of the pooler gone {}", how.join(" ")),
        started,
    );
}

/// How many connections the service's database has.
fn open(kubectl: &Kubectl) -> u32 {
    let count = "PGPASSWORD=$(cat /run/gravity/admin/password) psql -h 127.0.0.1 -U postgres -Atc \"SELECT count(*) FROM pg_stat_activity WHERE datname = 'notes_db'\"";
    let server = "pad-postgresql-15-0";
    let told = kubectl.answer(&["exec", server, "--", "bash", "-c", count], "");
    told.trim().parse().unwrap()
}
