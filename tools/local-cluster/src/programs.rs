//! How each program of the control plane is called.

use std::path::Path;

use serde_json::json;

use crate::credentials::path_for;
use crate::folder::Folder;
use crate::ports::Ports;
use crate::process::Process;
use crate::real::Network;
use crate::tools::Tools;
use crate::{Error, certificates, stages};

/// Where the services' addresses come from.
const SERVICE_RANGE: &str = "10.96.0.0/16";

/// The default of 20 requests a second would dominate every time that is measured:
/// 51 Deployments take 11.5 s with it and 1.6 s without.
const REQUESTS_PER_SECOND: u32 = 1000;
const REQUEST_BURST: u32 = 2000;

/// The file with what the API server's audit log records.
const AUDIT_POLICY: &str = "audit-policy.json";

/// Writes what the audit log records: every request at the end of it, and each watch
/// already at its start, for its end may be hours away. All bodies would fill the disk.
pub(crate) fn write_audit_policy(folder: &Folder, status: bool) -> Result<(), Error> {
    let mut rules = vec![json!({"level": "Metadata"})];
    if status {
        let of_group = |group: &str, resource: &str| json!({"group": group, "resources": [format!("{resource}/status")]});
        let resources = [
            of_group("apps", "deployments"),
            of_group("apps", "statefulsets"),
            of_group("batch", "jobs"),
            of_group("gravity.dev", "gravityapps"),
        ];
        rules.insert(0, json!({"level": "Request", "resources": resources}));
    }
    let policy = json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": rules,
    });
    folder.write(AUDIT_POLICY, &policy.to_string()).map(drop)
}

/// Starts programs of one cluster.
pub(crate) struct Starter<'a> {
    pub(crate) folder: &'a Folder,
    pub(crate) tools: &'a Tools,
    /// The network of a real node.
    pub(crate) network: Option<Network>,
}

impl Starter<'_> {
    fn start(&self, program: &'static str, arguments: &[String]) -> Result<Process, Error> {
        Process::start(
            program,
            self.tools.path(program)?,
            arguments,
            &self.folder.logs(),
        )
    }

    /// Nothing here has to survive a power cut, so nothing waits for the disk.
    pub(crate) fn etcd(&self, ports: Ports) -> Result<Process, Error> {
        let (client, peer) = (ports.etcd_url(), ports.etcd_peer_url());
        let arguments = [
            flag("data-dir", self.folder.path().join("etcd")),
            flag("listen-client-urls", &client),
            flag("advertise-client-urls", &client),
            flag("listen-peer-urls", &peer),
            flag("initial-advertise-peer-urls", &peer),
            flag("initial-cluster", format!("default={peer}")),
            "--unsafe-no-fsync".into(),
            flag("log-level", "warn"),
        ];
        self.start("etcd", &arguments)
    }

    pub(crate) fn server(&self, ports: Ports) -> Result<Process, Error> {
        let certificate = |name| self.folder.certificate(name);
        let policy = self.folder.path().join(AUDIT_POLICY);
        let mut arguments = vec![
            flag("etcd-servers", ports.etcd_url()),
            flag("bind-address", ports.host.to_string()),
            // Else it looks for a default route, which a machine that is offline lacks.
            flag("advertise-address", ports.host.to_string()),
            flag("secure-port", ports.server.to_string()),
            // Its default is /var/run/kubernetes, which needs root.
            flag("cert-dir", self.folder.path().join("certificates")),
            flag("tls-cert-file", certificate("server.crt")),
            flag("tls-private-key-file", certificate("server.key")),
            flag("client-ca-file", certificate("ca.crt")),
            flag("token-auth-file", self.folder.path().join("tokens.csv")),
            flag("authorization-mode", "RBAC"),
            flag(
                "service-account-issuer",
                "https://kubernetes.default.svc.cluster.local",
            ),
            flag(
                "service-account-key-file",
                certificate("service-account.pub"),
            ),
            flag(
                "service-account-signing-key-file",
                certificate("service-account.key"),
            ),
            flag("allow-privileged", "true"),
            flag("audit-policy-file", policy),
            flag("audit-log-path", self.folder.path().join("audit.log")),
            // Who reads the log counts on all of it being in one file.
            flag("audit-log-maxsize", "0"),
        ];
        arguments.extend(match self.network {
            Some(network) => self.server_of_real_node(network),
            None => vec![
                flag("service-cluster-ip-range", SERVICE_RANGE),
                // An Endpoints object may not hold a loopback address.
                flag("endpoint-reconciler-type", "none"),
            ],
        });
        self.start("kube-apiserver", &arguments)
    }

    /// How the API server reaches the kubelet, and who extends it.
    fn server_of_real_node(&self, network: Network) -> Vec<String> {
        let of = |name: &str, kind: &str| self.folder.certificate(&format!("{name}.{kind}"));
        let (kubelet, aggregator) = (certificates::KUBELET_CLIENT, certificates::AGGREGATOR);
        vec![
            flag("service-cluster-ip-range", network.services()),
            flag("kubelet-client-certificate", of(kubelet, "crt")),
            flag("kubelet-client-key", of(kubelet, "key")),
            flag("kubelet-preferred-address-types", "InternalIP"),
            flag("requestheader-client-ca-file", of("ca", "crt")),
            flag("requestheader-allowed-names", aggregator),
            flag("requestheader-username-headers", "X-Remote-User"),
            flag("requestheader-group-headers", "X-Remote-Group"),
            flag("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
            flag("proxy-client-cert-file", of(aggregator, "crt")),
            flag("proxy-client-key-file", of(aggregator, "key")),
        ]
    }

    pub(crate) fn controllers(&self) -> Result<Process, Error> {
        let certificate = |name| self.folder.certificate(name);
        let arguments = [
            flag(
                "kubeconfig",
                path_for(self.folder, "system:kube-controller-manager"),
            ),
            flag("leader-elect", "false"),
            flag("secure-port", "0"),
            flag(
                "service-account-private-key-file",
                certificate("service-account.key"),
            ),
            flag("root-ca-file", certificate("ca.crt")),
            flag("cluster-signing-cert-file", certificate("ca.crt")),
            flag("cluster-signing-key-file", certificate("ca.key")),
            flag("kube-api-qps", REQUESTS_PER_SECOND.to_string()),
            flag("kube-api-burst", REQUEST_BURST.to_string()),
        ];
        self.start("kube-controller-manager", &arguments)
    }

    pub(crate) fn scheduler(&self) -> Result<Process, Error> {
        let configuration = json!({
            "apiVersion": "kubescheduler.config.k8s.io/v1",
            "kind": "KubeSchedulerConfiguration",
            "leaderElection": {"leaderElect": false},
            "clientConnection": {
                "kubeconfig": path_for(self.folder, "system:kube-scheduler"),
                "qps": REQUESTS_PER_SECOND,
                "burst": REQUEST_BURST,
            },
        });
        let configuration = self
            .folder
            .write("scheduler.json", &configuration.to_string())?;
        self.start(
            "kube-scheduler",
            &[flag("config", configuration), flag("secure-port", "0")],
        )
    }

    /// The stages are read once at the start: other stages mean another start.
    pub(crate) fn kwok(&self) -> Result<Process, Error> {
        let mut arguments = vec![
            flag("kubeconfig", path_for(self.folder, "system:simulated-node")),
            flag("manage-all-nodes", "true"),
            // See stages/node-heartbeat.yaml.
            flag("node-lease-duration-seconds", "0"),
        ];
        arguments.extend(
            stages::files(self.folder)
                .into_iter()
                .map(|file| flag("config", file)),
        );
        self.start("kwok", &arguments)
    }
}

/// An argument with a value.
pub(crate) fn flag(name: &str, value: impl AsRef<Path>) -> String {
    format!("--{name}={}", value.as_ref().display())
}
