//! What a cluster should be like.

use std::path::PathBuf;
use std::time::Duration;

/// When a simulated pod becomes ready, and a Job's pod completes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readiness {
    /// In the moment it is scheduled.
    #[default]
    Instant,
    /// So long after it was started; until then it runs without being ready.
    After(Duration),
}

/// What runs the pods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Node {
    /// Nothing: they stay pending.
    Absent,
    /// A simulated node: they become ready without being run.
    #[default]
    Simulated,
    /// This machine, which takes Linux, root and some packages; with the images of these
    /// archives (of Docker's or the OCI's layout), for no registry is asked.
    Real {
        /// The archives.
        images: Vec<PathBuf>,
    },
}

/// What a cluster should be like; `Options::default()` is what most tests want.
#[derive(Clone, Debug)]
pub struct Options {
    /// When simulated pods become ready.
    pub readiness: Readiness,
    /// Where everything is written; a temporary folder when it is not given.
    /// What is in a given folder stays there and is taken up by the next start.
    pub folder: Option<PathBuf>,
    /// Whether Traefik's custom resources are installed.
    pub traefik_crds: bool,
    /// Whether the Gateway API's standard resources are installed.
    pub gateway_api_crds: bool,
    /// Whether the Prometheus operator's ServiceMonitor is installed.
    pub service_monitor_crd: bool,
    /// Whether CloudNativePG's custom resources are installed; nothing acts on them.
    pub cloudnativepg_crds: bool,
    /// Whether cert-manager's custom resources are installed; nothing acts on them.
    pub cert_manager_crds: bool,
    /// Whether Istio's custom resources are installed; nothing acts on them.
    pub istio_crds: bool,
    /// Whether the ExternalSecret of the External Secrets Operator is installed; nothing acts
    /// on it.
    pub external_secrets_crd: bool,
    /// What runs the pods.
    pub node: Node,
    /// Whether the audit log holds the bodies of what is written to a status, which tell
    /// when an object became ready to the microsecond.
    pub audit_status: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readiness: Readiness::Instant,
            folder: None,
            traefik_crds: true,
            gateway_api_crds: false,
            service_monitor_crd: false,
            cloudnativepg_crds: false,
            cert_manager_crds: false,
            istio_crds: false,
            external_secrets_crd: false,
            node: Node::Simulated,
            audit_status: false,
        }
    }
}
