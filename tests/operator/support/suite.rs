//! A cluster and the operator beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use local_cluster::{LocalCluster, Operator, OperatorOptions, Options};
use tokio::sync::{Mutex, OnceCell};

use super::space::make_namespace;

/// A cluster with the chart in it, and the operator under its service account's rights.
pub struct Suite {
    pub cluster: LocalCluster,
    /// Only the tests of faults ask for it; the others must leave it running.
    pub operator: Mutex<Operator>,
    pub log: PathBuf,
    pub kubectl: PathBuf,
}

impl Suite {
    /// Starts both, and waits until the operator leads.
    pub async fn start(options: Options) -> Arc<Self> {
        Self::start_with(options, &[], &[]).await
    }

    /// The same with values of the chart, and the namespaces that these name: the chart
    /// grants rights in them, so they are there before it.
    pub async fn start_with(options: Options, values: &[&str], namespaces: &[&str]) -> Arc<Self> {
        let cluster = LocalCluster::start(options).await.unwrap();
        let client = cluster.client().await.unwrap();
        for name in namespaces {
            make_namespace(&client, name).await;
        }
        let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/gravity");
        let mut options = OperatorOptions::new(env!("CARGO_BIN_EXE_gravity"), chart);
        options.values = values.iter().map(ToString::to_string).collect();
        let mut operator = Operator::install(&cluster, options).await.unwrap();
        operator.leading().await.unwrap();
        Arc::new(Self {
            log: operator.log().to_owned(),
            kubectl: cluster.kubectl().unwrap(),
            operator: Mutex::new(operator),
            cluster,
        })
    }

    /// The last lines of the operator's log.
    pub fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(25)..].join("\n")
    }

    /// Everything that the audit log has so far.
    pub fn audit(&self) -> String {
        std::fs::read_to_string(self.cluster.audit_log().unwrap()).unwrap()
    }

    /// What kubectl prints; a failure fails the test.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let (code, out, told) = self.kubectl_told(arguments);
        assert_eq!(code, 0, "kubectl {arguments:?}: {told}");
        out
    }

    /// The exit code of kubectl, and what it prints to each of its outputs.
    pub fn kubectl_told(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = std::process::Command::new(&self.kubectl)
            .args(arguments)
            .envs(self.cluster.environment())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        (code, text(&output.stdout), text(&output.stderr))
    }
}

/// The cluster and the operator that all tests of a program share.
pub async fn shared() -> Arc<Suite> {
    static SHARED: OnceCell<Arc<Suite>> = OnceCell::const_new();
    let options = Options {
        gateway_api_crds: true,
        cert_manager_crds: true,
        istio_crds: true,
        cloudnativepg_crds: true,
        external_secrets_crd: true,
        ..Options::default()
    };
    SHARED.get_or_init(|| Suite::start(options)).await.clone()
}
