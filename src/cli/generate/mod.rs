//! `gravity generate`: the application as files for another tool.

mod compose;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::apply::password;
use crate::cli::input::{DEFAULT_NAMESPACE, Input};
use crate::cli::project::{VerbError, shown};
use crate::cli::{Error, output};
use crate::generate::compose::ENV_FILE;
use crate::generate::gitops::{Home, argocd, flux};
use crate::generate::helm::TEMPLATES;
use crate::generate::{Files, MARK, SECRETS_FILE, helm, kubernetes};
use crate::project::{self, Readers};
use crate::repository::Location;

/// What Git ignores: a person's lines in it stay.
const GITIGNORE: &str = ".gitignore";

/// The arguments of `gravity generate`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "k8s and helm are for those who deploy without the operator: nothing orders what starts then, so
pods restart until what they need is there, and nothing mends what is changed by hand. argocd and
flux bring the project's folder to a cluster whose operator does the rest. compose is for a machine
without Kubernetes: the same services, databases, migrations and routes, for development.

Examples:
  gravity generate k8s --output out/ && kubectl apply -k out/
  gravity generate helm --output chart/ && helm install shop chart/ -n shop --create-namespace
  gravity generate compose --dev && docker compose -f compose/compose.yaml up --wait
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
    #[command(after_long_help = "Example:
  gravity generate k8s --output out/ && kubectl apply -k out/")]
    K8s(Objects),
    /// A Helm chart; passwords are made by Helm, and kept
    #[command(after_long_help = "Example:
  gravity generate helm --output chart/ && helm install shop chart/ -n shop --create-namespace")]
    Helm(Objects),
    /// A Compose file for a machine without Kubernetes; passwords are made once, into .env
    Compose(compose::Arguments),
    /// An Application of Argo CD, printed
    #[command(after_long_help = "Example:
  gravity generate argocd --repository https://github.com/acme/shop | kubectl apply -f -")]
    Argocd(Repository),
    /// A GitRepository and a Kustomization of Flux, printed
    #[command(after_long_help = "Example:
  gravity generate flux --repository https://github.com/acme/shop --path apps/shop > flux.yaml")]
    Flux(Repository),
    /// The index.yaml of a catalogue
    Index(crate::cli::catalog::index::Arguments),
}

/// The file by which a folder of objects is known.
const KUSTOMIZATION: &str = "kustomization.yaml";

#[derive(Debug, Args)]
struct Objects {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    folder: Folder,
}

#[derive(Debug, Args)]
struct Folder {
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
        Target::K8s(Objects { input, folder }) => {
            folder.is_none_or_one()?;
            let plan = input.read(None, DEFAULT_NAMESPACE)?.plan()?;
            let made = secrets_of(&folder.output)?;
            let files = kubernetes::files(&plan, &made, &mut password);
            let files = files.map_err(|error| VerbError::Passwords(error.to_string()))?;
            let before = resources(&folder.output);
            folder.write(&files, KUSTOMIZATION)?;
            for name in before.iter().filter(|name| !files.contains_key(*name)) {
                let _ = fs::remove_file(folder.output.join(name));
            }
        }
        Target::Helm(Objects { input, folder }) => {
            let plan = input.read(None, DEFAULT_NAMESPACE)?.plan()?;
            let files = helm::files(&plan);
            folder.write(&files, "Chart.yaml")?;
            let templates = folder.output.join(TEMPLATES);
            for part in ["", "services", "servers"] {
                forget(&templates.join(part), &folder.output, &files);
            }
        }
        Target::Compose(arguments) => compose::run(arguments)?,
        Target::Argocd(repository) => output::plain(&repository.told(argocd)?)?,
        Target::Flux(repository) => output::plain(&repository.told(flux)?)?,
        Target::Index(arguments) => return crate::cli::catalog::index::run(arguments),
    }
    Ok(ExitCode::SUCCESS)
}

impl Repository {
    fn told(&self, tell: impl Fn(&Home) -> String) -> Result<String, Error> {
        if self.input.environment().is_some() {
            return Err(VerbError::FilesOnly.into());
        }
        let repository = Location::parse(&self.repository)?.public_git()?;
        let (app, _) = self.input.read(None, DEFAULT_NAMESPACE)?.validate()?;
        Ok(tell(&Home {
            app: &app.name,
            namespace: &app.namespace,
            repository: &repository,
            revision: &self.revision,
            path: &self.path,
        }))
    }
}

impl Folder {
    /// Refuses a file that stands in the folder's place.
    fn is_none_or_one(&self) -> Result<(), VerbError> {
        match self.output.exists() && !self.output.is_dir() {
            true => Err(VerbError::NoFolder {
                file: self.output.display().to_string(),
            }),
            false => Ok(()),
        }
    }

    /// Writes the files. `mark` is the file by which a folder is known that was written before.
    fn write(&self, files: &Files, mark: &str) -> Result<(), Error> {
        self.is_none_or_one()?;
        let folder = &self.output;
        let taken = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        let known = made_before(&folder.join(mark)).is_some();
        if taken && !self.force && !known {
            return Err(VerbError::FolderTaken {
                folder: folder.display().to_string(),
            }
            .into());
        }
        let mut text = String::new();
        for (name, content) in files {
            let path = folder.join(name);
            let readers = match name.as_str() {
                SECRETS_FILE | ENV_FILE => Readers::Owner,
                _ => Readers::Usual,
            };
            let content = match name.as_str() {
                GITIGNORE => &joined(&path, content),
                _ => content,
            };
            project::write(&path, content, readers)?;
            text += &format!("Wrote {}\n", shown(&path));
        }
        output::plain(&text)
    }
}

/// The text of a file, where it is one of these.
fn made_before(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let is_ours = text.lines().next().is_some_and(|line| line.contains(MARK));
    is_ours.then_some(text)
}

/// The files of services and servers that a folder's kustomization of before names. What else is
/// in the folder is somebody's own.
fn resources(folder: &Path) -> Vec<String> {
    let text = made_before(&folder.join(KUSTOMIZATION)).unwrap_or_default();
    let file: Value = serde_yaml::from_str(&text).unwrap_or_default();
    let names = file["resources"].as_array().into_iter().flatten();
    let is_generated = |name: &&str| {
        let parts: Vec<&str> = name.split('/').collect();
        matches!(parts.as_slice(), ["services" | "servers", file] if file.ends_with(".yaml"))
    };
    let names = names.filter_map(Value::as_str).filter(is_generated);
    names.map(str::to_owned).collect()
}

/// What Git ignores, with the lines that are there already.
fn joined(file: &Path, lines: &str) -> String {
    let mut text = fs::read_to_string(file).unwrap_or_default();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in lines.lines() {
        if !text.lines().any(|it| it == line) {
            text += line;
            text.push('\n');
        }
    }
    text
}

/// Deletes generated templates of what the application no longer has.
fn forget(folder: &Path, root: &Path, files: &Files) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        if path.is_file() && !files.contains_key(&name) {
            let _ = fs::remove_file(path);
        }
    }
}

/// The Secrets that were made before, by name. Where they cannot be read none is made in their
/// place: databases have those passwords.
fn secrets_of(folder: &Path) -> Result<BTreeMap<String, Value>, VerbError> {
    let file = folder.join(SECRETS_FILE);
    if !file.exists() {
        return Ok(BTreeMap::new());
    }
    let unreadable = |message: String| VerbError::Secrets {
        file: file.display().to_string(),
        message,
    };
    let text = fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?;
    let secrets: Result<Vec<Value>, _> = serde_yaml::from_multiple(&text);
    let secrets = secrets.map_err(|error| {
        let told = error.without_snippet().to_string();
        unreadable(told.lines().next().unwrap_or_default().to_owned())
    })?;
    let named = secrets
        .into_iter()
        .map(|secret| match secret["metadata"]["name"].as_str() {
            Some(name) => Ok((name.to_owned(), secret.clone())),
            None => Err(unreadable("a document in it has no name".to_owned())),
        });
    named.collect()
}
