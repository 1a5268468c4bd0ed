//! detect: the files of a repository without a manifest → a manifest to be reviewed.
//!
//! ```text
//! Files ──evidence──▶ names, versions, packages, variables ──rules──▶ Proposal ──write──▶ text
//! ```
//! Pure over names and texts. Each value of the text says where it was seen, for a guess that
//! looks like knowledge does harm.

mod compose;
mod dockerfile;
mod evidence;
mod packages;
mod rules;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

use evidence::Evidence;

/// The files that tell something; all of them at the top of a repository, but for the last.
pub const TELLING: [&str; 25] = [
    "Dockerfile",
    "Containerfile",
    "pyproject.toml",
    "requirements.txt",
    "package.json",
    "Cargo.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    ".env.example",
    ".env.sample",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "main.py",
    "app.py",
    "alembic.ini",
    "manage.py",
    "knexfile.js",
    "diesel.toml",
    "gradlew",
    "src/main/resources/application.properties",
    "src/main/resources/application.yml",
    "prisma/schema.prisma",
];

/// The folders whose YAML may be of Kubernetes.
pub const MANIFEST_FOLDERS: [&str; 5] = ["k8s", "kubernetes", "deploy", "manifests", "deployment"];

/// Files by their path within the repository.
pub type Files = BTreeMap<String, String>;

/// Something that was seen, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen<T> {
    value: T,
    place: String,
}

impl<T> Seen<T> {
    fn new(value: T, place: impl Into<String>) -> Self {
        Self {
            value,
            place: place.into(),
        }
    }
}

/// What a manifest could say.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Proposal {
    name: Seen<String>,
    version: Seen<String>,
    kind: Option<Seen<Kind>>,
    image: Option<Seen<String>>,
    runtime: Option<Seen<Runtime>>,
    command: Option<Seen<Vec<String>>>,
    args: Option<Seen<Vec<String>>>,
    port: Option<Seen<u16>>,
    databases: Vec<Seen<Database>>,
    dependencies: Vec<Seen<String>>,
    health: Option<Seen<String>>,
    migration: Option<Seen<Vec<String>>>,
    seed: Option<Seen<Vec<String>>>,
    user: Option<Seen<User>>,
}

/// How it would run from its source, until there is an image.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Runtime {
    image: &'static str,
    /// What a shell is told.
    command: String,
}

/// Whom its image runs as, where that is nobody whom a pod may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum User {
    /// That number will do.
    Number(u32),
    /// One with a name, of which no number is known.
    Named,
}

/// What kind of service it seems to be, where it is no API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Web,
    Worker,
}

/// A database that the code seems to use.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Database {
    name: String,
    engine: &'static str,
    /// The variable that its URL is read from.
    variable: Option<String>,
}

/// A manifest for a repository with these files. Without a `name` that a person has said, it is
/// that of the package, or else of the folder.
pub fn manifest(name: Option<&str>, folder: &str, files: &Files) -> String {
    let evidence = Evidence::new(files);
    let name = match name {
        Some(name) => Seen::new(name.to_owned(), "as you said"),
        None => evidence.name(folder),
    };
    let databases = rules::databases(&name.value, &evidence);
    let proposal = Proposal {
        version: evidence.version(),
        kind: rules::kind(&evidence),
        image: evidence.image(),
        runtime: rules::runtime(files, &evidence),
        command: evidence.words("command"),
        args: evidence.words("args"),
        user: rules::user(&evidence),
        port: evidence.port(),
        dependencies: evidence.dependencies(&name.value),
        health: evidence.health(),
        migration: rules::migration(files, &evidence),
        seed: evidence.script("seed"),
        databases,
        name,
    };
    write::text(&proposal)
}

/// The text of a file; empty where it is not there.
fn text<'a>(files: &'a Files, name: &str) -> &'a str {
    files.get(name).map_or("", String::as_str)
}
