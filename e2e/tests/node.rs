//! A node leaves nothing on the machine, whatever ends it.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use e2e::{Kubectl, Machine, archives, descendants, program, runs};
use serde_json::Value;

/// A node's folder has tens of thousands of files, which are removed one by one.
const LIMIT: Duration = Duration::from_secs(30);

/// What is on the machine is everybody's: one node at a time, or none could be told from
/// another.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `local-cluster up --node real`, with a pod that has a volume and a Service.
struct Up {
    child: Child,
    folder: PathBuf,
    processes: BTreeSet<u32>,
}

impl Up {
    fn start() -> Self {
        let mut command = Command::new(program("local-cluster"));
        command.args([
            "up",
            "--node",
            "real",
            "--without-traefik",
            "--output",
            "json",
        ]);
        for archive in archives(&["redis"]) {
            command.arg("--images").arg(archive);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        run_a_pod(&told);
        let processes = descendants(child.id());
        Self {
            child,
            folder: told["folder"].as_str().unwrap().into(),
            processes,
        }
    }

    fn send(&mut self, signal: &str) {
        kill(signal, &[self.child.id()]);
        self.child.wait().unwrap();
    }

    /// The supervisor and all that it started: what is in the node.
    fn supervised(&self) -> BTreeSet<u32> {
        let supervisor = self.processes.iter().find(|id| {
            let arguments = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&arguments).contains("supervise.sh")
        });
        descendants(*supervisor.unwrap())
    }
}

fn kill(signal: &str, ids: &[u32]) {
    let ids = ids.iter().map(u32::to_string);
    let sent = Command::new("kill").args(["-s", signal]).args(ids).status();
    assert!(sent.unwrap().success());
}

fn run_a_pod(told: &Value) {
    let path = |key: &str| PathBuf::from(told[key].as_str().unwrap());
    let kubeconfig = path("kubeconfig");
    let cache = kubeconfig.with_file_name("kubectl-cache");
    let environment = [("KUBECONFIG", kubeconfig), ("KUBECACHEDIR", cache)];
    let kubectl = Kubectl::new(&path("kubectl"), environment, "default");
    let objects = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/apps/store.yaml"));
    kubectl.answer(&["apply", "--filename=-"], &objects.unwrap());
    let ready = [
        "wait",
        "pod/store-0",
        "--for=condition=Ready",
        "--timeout=1s",
    ];
    kubectl.wait(Duration::from_secs(60), &ready);
    let answer = [
        "exec",
        "store-0",
        "--",
        "redis-cli",
        "-e",
        "-h",
        "store",
        "SET",
        "kept",
        "1",
    ];
    kubectl.wait(Duration::from_secs(10), &answer);
}

/// Waits until the machine is as it was, and none of the processes runs.
fn nothing_is_left(before: &Machine, up: &Up) {
    let started = Instant::now();
    loop {
        let running: Vec<_> = up.processes.iter().filter(|id| runs(**id)).collect();
        let now = Machine::now();
        if now == *before && running.is_empty() && !up.folder.exists() {
            return;
        }
        assert!(
            started.elapsed() < LIMIT,
            "of {} processes run {running:?}, the folder is there: {}\nbefore {before:#?}\nnow {now:#?}",
            up.processes.len(),
            up.folder.exists()
        );
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn started_on(before: &Machine) -> Up {
    let up = Up::start();
    // Else there would be nothing to take away, and the test could not fail.
    assert!(Machine::now().has_node() && !before.has_node());
    assert!(
        up.supervised().len() > 3,
        "a pod has a shim and two processes"
    );
    up
}

#[test]
fn nothing_is_left_by_a_node_that_is_stopped() {
    let _alone = alone();
    let before = Machine::now();
    let mut up = started_on(&before);
    up.send("INT");
    nothing_is_left(&before, &up);
}

#[test]
fn nothing_is_left_by_a_node_whose_starter_is_killed() {
    let _alone = alone();
    let before = Machine::now();
    let mut up = started_on(&before);
    up.send("KILL");
    nothing_is_left(&before, &up);
}

#[test]
fn what_is_left_when_all_are_killed_at_once_the_next_start_removes() {
    let _alone = alone();
    let before = Machine::now();
    let mut up = started_on(&before);
    let all: Vec<u32> = up.processes.iter().copied().collect();
    kill("KILL", &all);
    up.child.wait().unwrap();
    // Those of one whose network the next does not happen to take.
    e2e::abandon_control_groups();
    let mut next = started_on_whatever_is_there();
    next.send("INT");
    // An abandoned folder is removed when it is a minute old: a younger one may be of a
    // cluster that is just about to lock it.
    std::fs::remove_dir_all(&up.folder).unwrap();
    nothing_is_left(&before, &up);
    nothing_is_left(&before, &next);
}

fn started_on_whatever_is_there() -> Up {
    let up = Up::start();
    assert!(Machine::now().has_node());
    up
}

#[test]
fn without_root_it_says_what_it_takes() {
    // Where a user can run it: a clone is often in a home that others cannot enter.
    let folder = std::env::temp_dir().join(format!("gravity-e2e-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let copy = folder.join("local-cluster");
    std::fs::copy(program("local-cluster"), &copy).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(Path::new(&copy))
        .args(["up", "--node", "real"])
        .output()
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: a real node cannot run on this machine: it takes root: run it by sudo\n"
    );
}
