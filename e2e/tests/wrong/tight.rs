//! A server whose disk is full, and then grows.

use e2e::{Bed, Kubectl};
use local_cluster::LocalCluster;

use crate::{PSQL, apply, is_ready, run, says};

/// A server on a volume that is small, and full.
pub struct Tight<'a> {
    kubectl: &'a Kubectl,
    cluster: &'a LocalCluster,
    path: String,
}

impl<'a> Tight<'a> {
    /// The volume is memory of the node, which is as large as it says.
    pub fn begin(kubectl: &'a Kubectl, cluster: &'a LocalCluster) -> Self {
        let path = cluster.folder().join("tight").display().to_string();
        std::fs::create_dir(&path).unwrap();
        let options = "--options=size=192m,mode=0777";
        let mount = ["--types=tmpfs", options, "tmpfs", &path];
        cluster.run_on_node("mount", &mount).unwrap();
        let file = Bed::app("tight.yaml");
        apply(
            kubectl,
            &file.replace("PATH", &path).replace("SIZE", "192Mi"),
        );
        Self {
            kubectl,
            cluster,
            path,
        }
    }

    /// Fills the disk, and then writes to the log of the database, without which it cannot be.
    pub fn fills_up(&self) {
        is_ready(self.kubectl, "full");
        let server = "full-postgresql-15-0";
        run(
            self.kubectl,
            server,
            &format!("{PSQL} hoard_db"),
            "CREATE TABLE kept AS SELECT 7 AS value",
        );
        let fill = "dd if=/dev/zero of=/var/lib/postgresql/filler bs=1M 2>/dev/null || true";
        self.kubectl
            .answer(&["exec", server, "--", "bash", "-c", fill], "");
        let write = "SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000)) FROM generate_series(1, 100)";
        let script = format!("{PSQL} -c \"{write}\"");
        let told = self
            .kubectl
            .try_answer(&["exec", server, "--", "bash", "-c", &script], "");
        assert!(told.is_err(), "there was room for more: {told:?}");
    }

    /// As the condition says; the test is the driver of the volume.
    pub fn grows(&self) {
        let words = [
            "No space left on device",
            "; raise the storage of databases.<engine>, or make room on it",
        ];
        says(self.kubectl, "full", "DatabasesReady", &words);
        let patch = |kind: &str, name: &str, more: &[&str], body: &str| {
            let patch = ["patch", kind, name, "--type=merge", "--patch", body];
            self.kubectl.answer(&[&patch[..], more].concat(), "");
        };
        let app = r#"{"spec": {"databases": {"postgresql": {"storage": "384Mi"}}}}"#;
        patch("gravityapp", "full", &[], app);
        let claim = "data-full-postgresql-15-0";
        says(
            self.kubectl,
            "full",
            "DatabasesReady",
            &["grows from 192Mi to 384Mi"],
        );
        let remount = ["--options=remount,size=384m", self.path.as_str()];
        self.cluster.run_on_node("mount", &remount).unwrap();
        patch(
            "pv",
            "tight",
            &[],
            r#"{"spec": {"capacity": {"storage": "384Mi"}}}"#,
        );
        let done = r#"{"status": {"capacity": {"storage": "384Mi"}}}"#;
        patch("pvc", claim, &["--subresource=status"], done);
        is_ready(self.kubectl, "full");
        let read = format!("{PSQL} hoard_db -At -c 'TABLE kept'");
        let exec = ["exec", "full-postgresql-15-0", "--", "bash", "-c", &read];
        assert_eq!(self.kubectl.answer(&exec, "").trim(), "7");
    }
}
