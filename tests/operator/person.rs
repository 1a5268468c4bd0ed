//! A person with a project: what is typed in its folder, and what comes of it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::Space;

pub const API: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: hello_db, type: postgresql, version: '16'}]
api: {prefix: /api}
";

pub const WEB: &str = "
name: web
version: 1.0.0
type: web
image: web:1
dependencies: [{name: api, version: ^1}]
scaling: {minReplicas: 2, maxReplicas: 4}
";

/// A service whose pods never become ready.
pub const STUCK: &str = "
name: stuck
version: 1.0.0
image: stuck:1
podTemplate: {metadata: {annotations: {local-cluster.gravity.dev/ready: 'false'}}}
";

/// A folder with a project, and the cluster that its namespace is in.
pub struct Person<'a> {
    pub space: &'a Space,
    pub folder: TempDir,
}

pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    pub fn answer(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self.stdout
    }
}

impl<'a> Person<'a> {
    /// With an application of the namespace's name.
    pub fn new(space: &'a Space, manifests: &[&str]) -> Self {
        let person = Self {
            space,
            folder: TempDir::new().unwrap(),
        };
        let host = format!("{}.example.com", space.name);
        let project = person.path("");
        let init = ["init", &space.name, "--host", &host];
        let mut command = person.program(&init);
        command.current_dir(person.folder.path()).output().unwrap();
        for (index, manifest) in manifests.iter().enumerate() {
            let file = person.folder.path().join(format!("{index}.yaml"));
            fs::write(&file, manifest).unwrap();
            person.gravity(&["add", file.to_str().unwrap()]);
        }
        assert!(project.join("gravity.yaml").is_file());
        person
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(&self.space.name).join(path)
    }

    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gravity"));
        command
            .args(arguments)
            .current_dir(self.path(""))
            .env_remove("CLICOLOR_FORCE")
            .env("KUBECONFIG", self.space.suite.cluster.kubeconfig())
            .stdin(Stdio::null());
        command
    }

    pub fn gravity(&self, arguments: &[&str]) -> Outcome {
        let output = self.program(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.replace(&self.folder.path().display().to_string(), "/work")
        };
        Outcome {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}
