//! `gravity generate`: the application as files for another tool.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::input::{DEFAULT_NAMESPACE, Input};
use super::project::{VerbError, shown};
use super::{Error, output};
use crate::apply::password;
use crate::generate::gitops::{Home, argocd, flux};
use crate::generate::helm::TEMPLATES;
use crate::generate::{Files, SECRETS_FILE, helm, kubernetes};
use crate::project::{self, Readers};

/// The arguments of `gravity generate`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "k8s and helm are for those who deploy without the operator: nothing orders what starts then, so
pods restart until what they need is there, and nothing mends what is changed by hand. argocd and
flux bring the project's folder to a cluster whose operator does the rest.

Examples:
  gravity generate k8s --output out/ && kubectl apply -k out/
  gravity generate helm --output chart/ && helm install shop chart/ -n shop --create-namespace
  gravity generate argocd --repository https://github.com/acme/shop | kubectl apply -f -
  gravity generate flux --repository https://github.com/acme/shop --path apps/shop"
)]
pub struct Arguments {
    #[command(subcommand)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Target {
    /// Objects with a kustomization; passwords are made once, into secrets.yaml
    K8s(Folder),
    /// A Helm chart; passwords are made by Helm, and kept
    Helm(Folder),
    /// An Application of Argo CD, printed
    Argocd(Repository),
    /// A GitRepository and a Kustomization of Flux, printed
    Flux(Repository),
}

#[derive(Debug, Args)]
struct Folder {
    #[command(flatten)]
    input: Input,
    /// The folder that is written
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Write into a folder that holds other files, too
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
struct Repository {
    #[command(flatten)]
    input: Input,
    /// The URL of the Git repository that holds the project
    #[arg(long, value_name = "URL")]
    repository: String,
    /// The branch, tag or revision
    #[arg(long, value_name = "NAME", default_value = "HEAD")]
    revision: String,
    /// The project's folder in the repository
    #[arg(long, value_name = "PATH", default_value = ".")]
    path: String,
}

/// Writes or prints the files.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    match &arguments.target {
        Target::K8s(folder) => {
            let plan = folder.input.read(None, DEFAULT_NAMESPACE)?.plan()?;
            let made = secrets_of(&folder.output);
            let files = kubernetes::files(&plan, &made, &mut password);
            let files = files.map_err(|error| VerbError::Random(error.to_string()))?;
            folder.write(&files, "kustomization.yaml")?;
        }
        Target::Helm(folder) => {
            let plan = folder.input.read(None, DEFAULT_NAMESPACE)?.plan()?;
            folder.write(&helm::files(&plan), "Chart.yaml")?;
        }
        Target::Argocd(repository) => output::plain(&repository.told(argocd)?)?,
        Target::Flux(repository) => output::plain(&repository.told(flux)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Repository {
    fn told(&self, tell: impl Fn(&Home) -> String) -> Result<String, Error> {
        let (app, _) = self.input.read(None, DEFAULT_NAMESPACE)?.validate()?;
        Ok(tell(&Home {
            app: &app.name,
            namespace: &app.namespace,
            repository: &self.repository,
            revision: &self.revision,
            path: &self.path,
        }))
    }
}

impl Folder {
    /// Writes the files, and takes templates away that there are no more. `mark` is the file
    /// by which a folder is known that was written before.
    fn write(&self, files: &Files, mark: &str) -> Result<(), Error> {
        let folder = &self.output;
        let taken = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if taken && !self.force && !folder.join(mark).is_file() {
            return Err(VerbError::FolderTaken {
                folder: folder.display().to_string(),
            }
            .into());
        }
        forget(&folder.join(TEMPLATES), files);
        let mut text = String::new();
        for (name, content) in files {
            let path = folder.join(name);
            let readers = match name.as_str() {
                SECRETS_FILE => Readers::Owner,
                _ => Readers::Usual,
            };
            project::write(&path, content, readers)?;
            text += &format!("Wrote {}\n", shown(&path));
        }
        output::plain(&text)
    }
}

/// Deletes generated templates of what the application no longer has.
fn forget(folder: &Path, files: &Files) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !files.contains_key(&format!("{TEMPLATES}/{name}")) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The Secrets that were made before, by name. What cannot be read was not made here.
fn secrets_of(folder: &Path) -> BTreeMap<String, Value> {
    let text = fs::read_to_string(folder.join(SECRETS_FILE)).unwrap_or_default();
    let secrets: Vec<Value> = serde_yaml::from_multiple(&text).unwrap_or_default();
    let named = secrets.into_iter().filter_map(|secret| {
        let name = secret["metadata"]["name"].as_str()?.to_owned();
        Some((name, secret))
    });
    named.collect()
}
