//! An example as its Compose file and as the cluster's objects.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

/// An application as its Compose file, as Compose has understood it.
pub struct Composed {
    pub folder: TempDir,
    pub project: Value,
    pub warnings: String,
}

pub fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().join("app.yaml").is_file());
    let mut names: Vec<String> = folders
        .map(|it| it.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 20, "{names:?}");
    names
}

pub fn gravity(arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gravity"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    (stdout, stderr)
}

pub fn load(folder: &Path) -> Result<Value, String> {
    let output = Command::new(local_cluster::compose_program().unwrap())
        .arg(folder.join("compose.yaml"))
        .output()
        .unwrap();
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).unwrap()),
        false => Err(String::from_utf8(output.stderr).unwrap()),
    }
}

impl Composed {
    pub fn of(example: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let warnings = generate(example, folder.path());
        let project = load(folder.path()).unwrap_or_else(|told| panic!("{example}: {told}"));
        Self {
            folder,
            project,
            warnings,
        }
    }

    pub fn service(&self, name: &str) -> &Value {
        let service = &self.project["services"][name];
        assert!(service.is_object(), "{name}");
        service
    }

    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

pub fn generate(example: &str, folder: &Path) -> String {
    let source = format!("examples/{example}");
    let folder = folder.to_str().unwrap();
    gravity(&["generate", "compose", "-f", &source, "--output", folder]).1
}

/// What the cluster would get.
pub fn objects(example: &str) -> Vec<Value> {
    let (text, _) = gravity(&["render", "-f", &format!("examples/{example}")]);
    let documents = serde_yaml::from_multiple::<Option<Value>>(&text).unwrap();
    documents.into_iter().flatten().collect()
}

pub fn of_kind<'a>(objects: &'a [Value], kind: &str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["kind"] == kind)
}

pub fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

#[derive(Deserialize)]
pub struct Manifest {
    pub name: String,
    #[serde(default)]
    pub dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    #[serde(default)]
    pub startup: Option<String>,
}

pub fn manifests(example: &str) -> Vec<Manifest> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/{example}/services"));
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let texts = entries.map(|path| fs::read_to_string(path.join("gravity-service.yaml")).unwrap());
    texts
        .map(|text| serde_yaml::from_str(&text).unwrap())
        .collect()
}
