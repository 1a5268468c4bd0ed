//! A new project.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{APP_FILE, Project, ProjectError, Readers, SERVICES, write};
use crate::api::gateway::GatewayClass;
use crate::manifest::{editor, yaml};

/// The schema of the application's file, for editors.
/// It is not named .json, or it would be taken for an object where the folder is applied.
const APP_SCHEMA: &str = ".gravity/gravityapp.jsonschema";

/// What a new project is made of.
#[derive(Clone, Debug)]
pub struct NewProject<'a> {
    /// The application's name.
    pub name: &'a str,
    /// The namespace that it will be in.
    pub namespace: &'a str,
    /// The gateway that its requests come in by.
    pub gateway: GatewayClass,
    /// The host that the gateway answers for.
    pub host: &'a str,
    /// A GravityApp that the file is made of, in the place of one that asks for nothing yet.
    pub preset: Option<&'a str>,
}

/// Makes a project in a folder, and the folder where there is none; gives the files made.
/// What is there already stays.
///
/// # Errors
/// There is a project already, or something cannot be written.
pub fn create(folder: &Path, new: &NewProject) -> Result<(Project, Vec<PathBuf>), ProjectError> {
    let file = folder.join(APP_FILE);
    if file.exists() {
        return Err(ProjectError::Exists { file });
    }
    write::folder(&folder.join(SERVICES))?;
    write::folder(&folder.join(".gravity"))?;
    let schema = serde_json::to_string_pretty(&editor::app()).unwrap_or_default() + "\n";
    let files = [
        (APP_SCHEMA, schema),
        // Git keeps no empty folder.
        ("services/.gitkeep", String::new()),
        (
            ".gitignore",
            "# Passwords.\n.env\nsecrets.yaml\n".to_owned(),
        ),
        ("README.md", readme(new)),
        // The last one makes it a project.
        (APP_FILE, app(new)),
    ];
    let mut made = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        if !path.exists() {
            write::replace(&path, &text, Readers::Usual)?;
            made.push(path);
        }
    }
    let project = Project {
        folder: folder.to_owned(),
    };
    Ok((project, made))
}

fn app(new: &NewProject) -> String {
    let NewProject {
        name,
        namespace,
        gateway,
        host,
        preset,
    } = new;
    let text = |words: &str| yaml::to_string(&Value::from(words)).trim_end().to_owned();
    let (name, namespace, bare, host) = (text(name), text(namespace), host, text(host));
    let class = serde_json::to_value(gateway).unwrap_or_default();
    let class = class.as_str().unwrap_or_default();
    if let Some(preset) = preset {
        return filled(preset, &name, &namespace, class, (bare, &host));
    }
    format!(
        "# yaml-language-server: $schema={APP_SCHEMA}
# The application: which services it is made of, and how they are run.
# `gravity add SOURCE` adds a service here, and its manifest to {SERVICES}/.
apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata:
  name: {name}
  namespace: {namespace}
spec:
  # The dependencies of these come along, and need no line of their own.
  services: []
  gateway:
    class: {class}
    host: {host}
"
    )
}

/// A preset with what is of this application. Its comments stay, and so a line is exchanged
/// and not the whole text written anew.
fn filled(
    preset: &str,
    name: &str,
    namespace: &str,
    class: &str,
    (bare, host): (&str, &str),
) -> String {
    let mut text = format!("# yaml-language-server: $schema={APP_SCHEMA}\n");
    let own = preset
        .lines()
        .find_map(|line| line.strip_prefix("    host: "));
    for line in preset.lines() {
        // Software that has to know its own address is told it.
        let line = &match own {
            Some(own) => line.replace(&format!("//{own}"), &format!("//{bare}")),
            None => line.to_owned(),
        };
        text += &match line {
            line if line.starts_with("  name: ") => {
                format!("  name: {name}\n  namespace: {namespace}")
            }
            line if line.starts_with("    class: ") => format!("    class: {class}"),
            line if line.starts_with("    host: ") => format!("    host: {host}"),
            line => line.clone(),
        };
        text.push('\n');
    }
    text
}

fn readme(new: &NewProject) -> String {
    let NewProject {
        name, namespace, ..
    } = new;
    format!(
        "# {name}

An application of independent services, run by Gravity.

- `{APP_FILE}` says which services it is made of, and how they are run. Edit it by hand.
- `{SERVICES}/` holds the manifest of each service in each version. `gravity add` and
  `gravity update` write these files; commit them, and do not edit them.

```
gravity add SOURCE    add a service: a Git repository, or a folder
gravity install       choose the versions, check all, and show what will be made
gravity start         apply it to the cluster, and wait until it runs
gravity status        how it is
```

Argo CD and Flux can apply this folder as it is. By hand:
`kubectl apply --namespace {namespace} --filename {APP_FILE} --filename {SERVICES}/`
"
    )
}
