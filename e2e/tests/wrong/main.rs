//! What is wrong on a database server: the app tells it in the server's own words, with what
//! to do, and that mends it. What is beside it runs on.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod guest;
mod tight;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use e2e::{Bed, Kubectl, tell};

use guest::GUESTS;
use tight::Tight;

/// The pause between two starts of a pod that crashes doubles, from ten seconds on.
const LIMIT: Duration = Duration::from_secs(180);

const POSTGRESQL: &str = "books-postgresql-15-0";
const MARIADB: &str = "books-mariadb-10-11-0";

/// As the administrator, in the server's pod.
const PSQL: &str = "PGPASSWORD=$(cat /run/gravity/admin/password) psql -h 127.0.0.1 -U postgres -qv ON_ERROR_STOP=1";
const MYSQL: &str = "MYSQL_PWD=$(cat /run/gravity/admin/password) mariadb -h 127.0.0.1 -u root";

/// One cluster for all of it: its start, and that of the servers, is most of the time.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_on_a_server_is_told_with_its_way_out_and_that_mends_it() {
    let bed = Bed::start().await;
    let kubectl = bed.namespace("wrong");
    let started = Instant::now();
    let tight = bed
        .own_cluster()
        .map(|cluster| Tight::begin(&kubectl, cluster));
    apply(&kubectl, &Bed::app("wrong.yaml"));
    is_ready(&kubectl, "books");
    tell("two servers and their services", started);

    run(
        &kubectl,
        POSTGRESQL,
        PSQL,
        "CREATE ROLE limited LOGIN PASSWORD 'limited'; GRANT CONNECT ON DATABASE postgres TO limited",
    );
    GUESTS.iter().for_each(|guest| guest.arrives(&kubectl));
    if let Some(tight) = &tight {
        tight.fills_up();
    }
    // One after the other, for a condition tells of one service.
    run(
        &kubectl,
        POSTGRESQL,
        PSQL,
        "ALTER ROLE writer_db_a PASSWORD 'changed'",
    );
    by_hand(
        &kubectl,
        "password authentication failed for user \"writer_db_a\"",
    );
    run(
        &kubectl,
        POSTGRESQL,
        PSQL,
        "DROP DATABASE reader_db WITH (FORCE)",
    );
    by_hand(&kubectl, "database \"reader_db\" does not exist");
    run(&kubectl, MARIADB, MYSQL, "DROP USER clerk_db_a");
    by_hand(&kubectl, "Access denied for user 'clerk_db_a'");
    tell("and what was changed by hand set right", started);

    for guest in &GUESTS {
        says(&kubectl, guest.app, "DatabasesReady", &guest.says);
        guest.is_mended(&kubectl);
    }
    GUESTS
        .iter()
        .for_each(|guest| is_ready(&kubectl, guest.app));
    tell("and every guest let in", started);
    if let Some(tight) = &tight {
        tight.grows();
    }
    a_migration_fails(&kubectl);
    is_ready(&kubectl, "books");
    let restarts = "--output=jsonpath={.items[*].status.containerStatuses[*].restartCount}";
    let of_web = [
        "get",
        "pods",
        "--selector=app.kubernetes.io/name=web",
        restarts,
    ];
    assert_eq!(kubectl.answer(&of_web, ""), "0");
    tell("all told and mended", started);
    bed.stop().await;
}

/// The service that was shut out says so, and is let in again.
fn by_hand(kubectl: &Kubectl, words: &str) {
    let way_out = "; what somebody changed on the server by hand, a new value of the annotation gravity.dev/provision-again on the GravityApp sets right";
    says(kubectl, "books", "ServicesReady", &[words, way_out]);
    let before = provisioning(kubectl);
    provision_again(kubectl, "books");
    // A pod that crashes is ready for a moment, and with it the app: what was asked for may
    // not have begun, and would set the next change right before it was told.
    let started = Instant::now();
    let anew = || {
        let now = provisioning(kubectl);
        now.len() == before.len() && now.is_disjoint(&before)
    };
    while !anew() {
        assert!(started.elapsed() < LIMIT, "{}", kubectl.story());
        std::thread::sleep(Duration::from_millis(500));
    }
    let complete = ["wait", "jobs", PROVISIONING, "--for=condition=Complete"];
    kubectl.wait(LIMIT, &[&complete[..], &["--timeout=1s"]].concat());
    is_ready(kubectl, "books");
}

const PROVISIONING: &str =
    "--selector=app.kubernetes.io/instance=books,app.kubernetes.io/component=provisioning";

/// The Jobs that provision the services' databases.
fn provisioning(kubectl: &Kubectl) -> BTreeSet<String> {
    let jobs = kubectl.answer(&["get", "jobs", PROVISIONING, "--output=name"], "");
    jobs.lines().map(str::to_owned).collect()
}

/// The end of its log is told, the old version serves on, and the next one mends it.
fn a_migration_fails(kubectl: &Kubectl) {
    let file = Bed::app("wrong.yaml");
    let reader = file.split("---").next().unwrap();
    let wrong = reader
        .replace("1.0.0", "1.1.0")
        .replace("migrations: {", "migrations: {retries: 0, ")
        .replace(
            "CREATE TABLE IF NOT EXISTS kept (value text)",
            "ALTER TABLE kept ADD COLUMN value text",
        );
    apply(kubectl, &wrong);
    let words = [
        "Job wrong/reader-migration-1-1-0-",
        "column \"value\" of relation \"kept\" already exists",
        "; its log says more: kubectl logs job/reader-migration-1-1-0-",
    ];
    says(kubectl, "books", "ServicesReady", &words);
    let reader = kubectl.get("deployment", "reader");
    let of = |field: &str| reader.pointer(field).unwrap().clone();
    assert_eq!(of("/metadata/labels/app.kubernetes.io~1version"), "1.0.0");
    assert_eq!(of("/status/readyReplicas"), 1);
    apply(
        kubectl,
        &file.replace("reader-1.0.0", "reader-1.2.0").replacen(
            "version: 1.0.0",
            "version: 1.2.0",
            1,
        ),
    );
}

fn provision_again(kubectl: &Kubectl, app: &str) {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let value = format!("gravity.dev/provision-again={}", since.as_millis());
    kubectl.answer(&["annotate", "gravityapp", app, &value, "--overwrite"], "");
}

fn apply(kubectl: &Kubectl, text: &str) {
    kubectl.answer(&["apply", "--filename=-"], text);
}

/// Runs a statement by a client in a server's pod.
fn run(kubectl: &Kubectl, pod: &str, client: &str, statement: &str) {
    let option = if client == MYSQL { "-e" } else { "-c" };
    let script = format!("{client} {option} \"{statement}\"");
    kubectl.answer(&["exec", pod, "--", "bash", "-euc", &script], "");
}

fn is_ready(kubectl: &Kubectl, app: &str) {
    let app = format!("gravityapp/{app}");
    let wait = ["wait", &app, "--for=condition=Ready", "--timeout=1s"];
    kubectl.wait(LIMIT, &wait);
}

/// Waits until a condition of an app says these parts, in this order.
fn says(kubectl: &Kubectl, app: &str, kind: &str, parts: &[&str]) {
    let started = Instant::now();
    let message =
        format!("--output=jsonpath={{.status.conditions[?(@.type==\"{kind}\")].message}}");
    loop {
        let told = kubectl.answer(&["get", "gravityapp", app, &message], "");
        let mut rest = Some(told.as_str());
        for part in parts {
            rest = rest.and_then(|rest| Some(rest.split_once(part)?.1));
        }
        if rest.is_some() {
            return;
        }
        assert!(
            started.elapsed() < LIMIT,
            "{kind} of {app} does not say {parts:?}, but {told}\n{}",
            kubectl.story()
        );
        std::thread::sleep(Duration::from_millis(500));
    }
}
