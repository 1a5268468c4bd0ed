//! One cluster for all tests of this program, each in a namespace of its own. The
//! definitions are installed after it was seen what is told without them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use local_cluster::{LocalCluster, Options};
use tokio::runtime::Runtime;

use crate::run::{Outcome, feed, outcome, program};

/// The cluster, and what was told before Gravity was installed.
pub struct Cluster {
    local: LocalCluster,
    kubectl: PathBuf,
    runtime: Runtime,
    pub status_without_definitions: Outcome,
    pub plan_without_definitions: Outcome,
    pub start_without_definitions: Outcome,
    pub doctor_without_definitions: Outcome,
}

pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(start)
}

fn start() -> Cluster {
    let runtime = Runtime::new().unwrap();
    let local = runtime
        .block_on(LocalCluster::start(Options::default()))
        .unwrap();
    let kubectl = local.kubectl().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = program(arguments);
        outcome(
            command
                .env("KUBECONFIG", local.kubeconfig())
                .output()
                .unwrap(),
        )
    };
    let cluster = Cluster {
        status_without_definitions: run(&["status"]),
        start_without_definitions: run(&["start", "-f", "pair"]),
        doctor_without_definitions: run(&["doctor"]),
        plan_without_definitions: run(&["plan", "-f", "pair", "--exit-code"]),
        kubectl,
        runtime,
        local,
    };
    let definitions = cluster.gravity(&["crds"]).answer();
    cluster.apply(&definitions);
    let established = ["wait", "--for=condition=Established", "crd", "--all"];
    cluster.kubectl(&established, "").answer();
    cluster
}

impl Cluster {
    /// Runs the program as an administrator.
    pub fn gravity(&self, arguments: &[&str]) -> Outcome {
        self.gravity_as(self.local.kubeconfig(), arguments)
    }

    /// Runs the program with a kubeconfig.
    pub fn gravity_as(&self, kubeconfig: &Path, arguments: &[&str]) -> Outcome {
        outcome(
            program(arguments)
                .env("KUBECONFIG", kubeconfig)
                .output()
                .unwrap(),
        )
    }

    /// Runs the program with something to read.
    pub fn gravity_of(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut command = program(arguments);
        command.env("KUBECONFIG", self.local.kubeconfig());
        feed(command, input)
    }

    /// What the API server was asked so far in a namespace, as `list statefulsets`.
    pub fn asked_in(&self, namespace: &str) -> Vec<String> {
        let log = std::fs::read_to_string(self.local.audit_log().unwrap()).unwrap();
        let events = log.lines().filter(|line| line.contains(namespace));
        let events = events.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let own = events.filter(|event| {
            event["objectRef"]["namespace"] == namespace && event["stage"] == "ResponseComplete"
        });
        let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        own.map(|event| {
            format!(
                "{} {}",
                word(&event["verb"]),
                word(&event["objectRef"]["resource"])
            )
        })
        .collect()
    }

    /// Runs kubectl.
    pub fn kubectl(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut command = Command::new(&self.kubectl);
        command.args(arguments).envs(self.local.environment());
        feed(command, input)
    }

    /// Applies objects as another tool than Gravity would.
    pub fn apply(&self, objects: &str) {
        self.kubectl(&["apply", "--server-side", "-f", "-"], objects)
            .answer();
    }

    /// Makes a namespace, with the app of the fixture `pair` rendered for it.
    pub fn rendered_pair(&self, namespace: &str) {
        self.namespace(namespace);
        let objects = self
            .gravity(&["render", "-f", "pair", "-n", namespace])
            .answer();
        self.apply(&objects);
    }

    pub fn namespace(&self, name: &str) {
        self.kubectl(&["create", "namespace", name], "").answer();
    }

    /// A kubeconfig for a new service account that may list everything, and nothing else.
    pub fn who_may_list(&self, namespace: &str) -> PathBuf {
        let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n\
                    metadata: {name: may-list}\n\
                    rules: [{apiGroups: ['*'], resources: ['*'], verbs: [list]}]\n";
        self.apply(role);
        let account = format!("--serviceaccount={namespace}:reader");
        self.kubectl(&["-n", namespace, "create", "serviceaccount", "reader"], "")
            .answer();
        let bind = [
            "create",
            "clusterrolebinding",
            namespace,
            "--clusterrole=may-list",
            &account,
        ];
        self.kubectl(&bind, "").answer();
        self.kubeconfig_of(namespace, "reader")
    }

    /// A kubeconfig of a service account.
    pub fn kubeconfig_of(&self, namespace: &str, account: &str) -> PathBuf {
        let kubeconfig = self
            .local
            .kubeconfig_for_service_account(namespace, account);
        self.runtime.block_on(kubeconfig).unwrap()
    }

    /// The text with the API server's address, which differs from run to run, left out.
    pub fn without_address(&self, text: &str) -> String {
        text.replace(self.local.server().trim_end_matches('/'), "https://SERVER")
    }
}
