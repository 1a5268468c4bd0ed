//! What the program prints: for people, or for scripts.

use std::io::{self, Write as _};

use local_cluster::{LocalCluster, Operator};

/// How the ready cluster is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A few lines for people.
    #[default]
    Text,
    /// One line of JSON for scripts.
    Json,
}

/// Tells where the ready cluster is.
pub(crate) fn ready(
    cluster: &LocalCluster,
    operator: Option<&Operator>,
    format: Format,
) -> io::Result<()> {
    let text = match format {
        Format::Text => text(cluster),
        Format::Json => json(cluster, operator),
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// For people, beside what a script reads from standard output.
pub(crate) fn say(line: &str) {
    // Where nobody reads standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "{line}");
}

fn text(cluster: &LocalCluster) -> String {
    format!(
        "The cluster is ready at {}. Ctrl-C ends it.\n\n  export KUBECONFIG={}\n\n  logs  {}",
        cluster.server(),
        cluster.kubeconfig().display(),
        cluster.logs().display(),
    )
}

fn json(cluster: &LocalCluster, operator: Option<&Operator>) -> String {
    serde_json::json!({
        "server": cluster.server(),
        "kubeconfig": cluster.kubeconfig(),
        "folder": cluster.folder(),
        "logs": cluster.logs(),
        "auditLog": cluster.audit_log().ok(),
        "operator": operator.map(|operator| serde_json::json!({"pid": operator.pid(), "log": operator.log()})),
        "kubectl": cluster.kubectl().ok(),
    })
    .to_string()
}
