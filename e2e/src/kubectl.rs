//! `kubectl`, as a person uses it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::feed::feed;

/// How often a wait looks again.
const INTERVAL: Duration = Duration::from_millis(500);

/// `kubectl` in one namespace of one cluster.
#[derive(Clone, Debug)]
pub struct Kubectl {
    program: PathBuf,
    environment: Vec<(&'static str, PathBuf)>,
    namespace: String,
}

impl Kubectl {
    /// For a namespace, which need not be there yet, of the cluster that the environment names.
    pub fn new(
        program: &Path,
        environment: impl Into<Vec<(&'static str, PathBuf)>>,
        namespace: &str,
    ) -> Self {
        Self {
            program: program.into(),
            environment: environment.into(),
            namespace: namespace.into(),
        }
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What the command prints. Fails the test when the command fails.
    pub fn answer(&self, arguments: &[&str], input: &str) -> String {
        let answer = self.try_answer(arguments, input);
        answer.unwrap_or_else(|told| panic!("kubectl {arguments:?}: {told}"))
    }

    /// What the command prints, or what it says when it fails.
    pub fn try_answer(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let output = self.run(arguments, input);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(text);
        }
        Err(text + &String::from_utf8_lossy(&output.stderr))
    }

    /// An object as the API server has it.
    pub fn get(&self, kind: &str, name: &str) -> Value {
        serde_json::from_str(&self.answer(&["get", kind, name, "--output=json"], "")).unwrap()
    }

    /// A key of a Secret, decoded by the API server's client.
    pub fn secret(&self, name: &str, key: &str) -> String {
        let template = format!("--template={{{{index .data \"{key}\" | base64decode}}}}");
        self.answer(&["get", "secret", name, &template], "")
    }

    /// Waits until `arguments` succeed; tells of the whole namespace when they do not.
    pub fn wait(&self, limit: Duration, arguments: &[&str]) -> Duration {
        let started = Instant::now();
        loop {
            let Err(told) = self.try_answer(arguments, "") else {
                return started.elapsed();
            };
            assert!(
                started.elapsed() < limit,
                "kubectl {arguments:?} did not succeed in {limit:?}: {told}\n{}",
                self.story()
            );
            std::thread::sleep(INTERVAL);
        }
    }

    /// What there is, what happened, and what pods say: for a test that fails.
    pub fn story(&self) -> String {
        let told = |arguments: &[&str]| self.try_answer(arguments, "").unwrap_or_else(|told| told);
        let conditions = "--output=jsonpath={range .items[*].status.conditions[*]}{.type}={.status} {.message}{\"\\n\"}{end}";
        let parts = [
            told(&["get", "gravityapps", conditions]),
            told(&["get", "pods,jobs,persistentvolumeclaims", "--output=wide"]),
            told(&["get", "events", "--field-selector=type=Warning"]),
            told(&[
                "logs",
                "--selector=app.kubernetes.io/managed-by=gravity",
                "--tail=15",
                "--prefix",
            ]),
        ];
        parts.join("\n")
    }

    /// The command, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--namespace", &self.namespace])
            .args(arguments)
            .envs(self.environment.iter().cloned());
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        feed(&mut self.command(arguments), input)
    }
}
