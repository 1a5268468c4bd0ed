//! `gravity generate compose`: the application for a machine without Kubernetes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Folder, VerbError};
use crate::api::GravityApp;
use crate::api::app::ServerMode;
use crate::api::gateway::{Gateway, GatewayClass};
use crate::api::names::SOURCE_ANNOTATION;
use crate::apply::password;
use crate::cli::input::{DEFAULT_NAMESPACE, Input};
use crate::cli::project::{here, relative};
use crate::cli::{Error, host, output};
use crate::generate::compose::{self, COMPOSE_FILE, ENV_FILE, Source, reloading, workdir};
use crate::plan::Plan;
use crate::repository::Origin;

/// Where code is in an image that does not say it.
const WORKDIR: &str = "/app";

/// The arguments of `gravity generate compose`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity generate compose && docker compose --file compose/compose.yaml up --wait
  gravity generate compose --dev          each service's folder is mounted, and its changes followed")]
pub struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The folder that is written
    #[arg(short, long, value_name = "FOLDER", default_value = "compose")]
    output: PathBuf,
    /// Write into a folder that holds other files, too
    #[arg(long)]
    force: bool,
    /// Mount the folder of each service that came from one, and run a command that follows changes
    #[arg(long)]
    dev: bool,
    /// The host that the gateway answers for
    #[arg(long, value_name = "HOST", value_parser = host::parse, default_value = "localhost")]
    host: String,
}

/// Writes the files. Passwords that were made before stay.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    let folder = Folder {
        output: arguments.output.clone(),
        force: arguments.force,
    };
    folder.is_none_or_one()?;
    let mut application = arguments.input.read(None, DEFAULT_NAMESPACE)?;
    laptop(&mut application.app, &arguments.host);
    let plan = application.plan()?;
    let file = arguments.output.join(ENV_FILE);
    let env = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(VerbError::Secrets {
                file: file.display().to_string(),
                message: error.to_string(),
            }
            .into());
        }
    };
    let sources = match arguments.dev {
        true => sources(&plan, &arguments.output)?,
        false => BTreeMap::new(),
    };
    let made = compose::files(&plan, &env, &sources, &mut password);
    let (files, told) = made.map_err(|error| VerbError::Passwords(error.to_string()))?;
    folder.write(&files, COMPOSE_FILE)?;
    output::warnings(&told.notes);
    if !told.to_fill.is_empty() {
        output::warnings(&[format!(
            "{} of {ENV_FILE} for you to fill: {}",
            output::count(told.to_fill.len(), "line is left", "lines are left"),
            told.to_fill.join(", ")
        )]);
    }
    output::hint(&format!(
        "Next: docker compose --file {} up --wait, then http://{}:8080",
        arguments.output.join(COMPOSE_FILE).display(),
        arguments.host
    ));
    Ok(())
}

/// What is of a cluster and not of the application is left out.
fn laptop(app: &mut GravityApp, host: &str) {
    let spec = &mut app.spec;
    let own = spec.gateway.take().unwrap_or_default();
    let none = own.class == Some(GatewayClass::None);
    spec.gateway = Some(Gateway {
        class: Some(if none {
            GatewayClass::None
        } else {
            GatewayClass::Traefik
        }),
        host: Some(host.to_owned()).filter(|_| !none),
        traffic: own.traffic,
        authentication: own.authentication,
        ..Gateway::default()
    });
    for environment in spec.environments.values_mut() {
        environment.host = None;
    }
    spec.mesh = None;
    spec.stopped = None;
    for server in spec.databases.values_mut() {
        // Another operator's servers are none of the files'.
        if server.mode == Some(ServerMode::CloudNativePG) {
            server.mode = None;
            server.image_catalog = None;
            server.replicas = None;
        }
        server.backup = None;
    }
}

/// The folders that services came from, as they are seen from the Compose file.
fn sources(plan: &Plan, output: &Path) -> Result<BTreeMap<String, Source>, Error> {
    let project = here()?;
    let mut sources = BTreeMap::new();
    for kept in project.services()? {
        let spec = &kept.service.spec;
        let origin = kept.service.metadata.annotations.as_ref();
        let origin = origin.and_then(|all| all.get(SOURCE_ANNOTATION)?.parse().ok());
        let Some(Origin::Folder(path)) = origin else {
            continue;
        };
        let chosen = plan.services.get(&spec.name);
        if chosen.is_none_or(|it| it.version.to_string() != spec.version) {
            continue;
        }
        let manifest = project.folder().join(path);
        let folder = if manifest.is_file() {
            manifest.parent().unwrap_or(&manifest)
        } else {
            &manifest
        };
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let dockerfile = read("Dockerfile");
        let own: Vec<String> = spec.command.iter().chain(&spec.args).cloned().collect();
        let place = dockerfile.as_deref().and_then(workdir);
        sources.insert(
            spec.name.clone(),
            Source {
                folder: relative(folder, output).display().to_string(),
                dockerfile: dockerfile.is_some(),
                workdir: place.unwrap_or_else(|| WORKDIR.to_owned()),
                command: reloading(&own, read("package.json").as_deref()),
            },
        );
    }
    Ok(sources)
}
