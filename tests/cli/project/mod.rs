//! A project's folder: made, filled from repositories, and emptied again.

mod catalogues;
mod configuration;
mod harm;
mod images;
mod making;
mod services;
mod sources;
mod terminal;
mod versions;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::repositories::Repository;
use crate::run::{Outcome, outcome, program};

/// A folder of this test's own, with a project in `shop/` and a cache.
struct Workplace {
    folder: TempDir,
}

impl Workplace {
    fn new() -> Self {
        let workplace = Self {
            folder: TempDir::new().unwrap(),
        };
        workplace.run(".", &["init", "shop"]).answer();
        workplace
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn run(&self, folder: &str, arguments: &[&str]) -> Outcome {
        let mut command = program(arguments);
        command
            .current_dir(self.path(folder))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        self.plain(outcome(command.output().unwrap()))
    }

    /// In the project's folder.
    fn shop(&self, arguments: &[&str]) -> Outcome {
        self.run("shop", arguments)
    }

    /// Without what differs from run to run.
    fn plain(&self, outcome: Outcome) -> Outcome {
        let folder = self.folder.path().display().to_string();
        Outcome {
            code: outcome.code,
            stdout: outcome.stdout.replace(&folder, "/work"),
            stderr: outcome.stderr.replace(&folder, "/work"),
        }
    }

    fn repository(&self, name: &str) -> Repository {
        Repository::new(&self.path(name))
    }

    fn app(&self) -> String {
        fs::read_to_string(self.path("shop/gravity.yaml")).unwrap()
    }

    /// The files of the services.
    fn services(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("shop/services")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }
}

fn auth(workplace: &Workplace) -> Repository {
    let repository = workplace.repository("auth");
    let needs = "dependencies: [{name: user-service, version: \">=1.0.0\"}]\n";
    repository.manifest("gravity-service.yaml", "auth-service", "1.4.0", needs);
    repository
}
