//! `gravity`, as a person uses it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::program;

/// The command line in one namespace of one cluster.
#[derive(Clone, Debug)]
pub struct Gravity {
    kubeconfig: PathBuf,
    namespace: String,
}

impl Gravity {
    /// For a namespace.
    pub fn new(kubeconfig: &Path, namespace: &str) -> Self {
        Self {
            kubeconfig: kubeconfig.into(),
            namespace: namespace.into(),
        }
    }

    /// What the command prints. Fails the test when the command fails.
    pub fn answer(&self, arguments: &[&str]) -> String {
        let answer = self.try_answer(arguments);
        answer.unwrap_or_else(|told| panic!("gravity {arguments:?}: {told}"))
    }

    /// The command, yet to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("gravity"));
        command
            .args(arguments)
            .args(["--namespace", &self.namespace])
            .env("KUBECONFIG", &self.kubeconfig)
            .stdin(Stdio::null());
        command
    }

    /// What the command prints, or what it says when it fails. Nobody can be asked.
    pub fn try_answer(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        Err(text(&output.stdout) + &text(&output.stderr))
    }
}
