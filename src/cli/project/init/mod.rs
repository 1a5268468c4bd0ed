//! `gravity init`: a folder for a new application, or a manifest for a service.

mod ask;
mod service;

use std::env;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kube::ResourceExt;
use serde::Serialize;

use service::Template;

use super::{VerbError, shown};
use crate::api::gateway::GatewayClass;
use crate::catalog::{Preset, presets};
use crate::cli::catalog::{Catalogs, ShelfError, Shelves, take};
use crate::cli::{Error, host, namespace, output};
use crate::project::{NewProject, Project, create};
use crate::validate::app_name;

/// The host of an application that is not told another one.
const HOST: &str = "localhost";

/// The arguments of `gravity init`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "The folder is ready for Git, and for Argo CD and Flux. What is there already stays. A preset is a
whole application of the catalogue's services, to be changed. On a terminal what was not said is
asked; a script gets localhost, Traefik and no preset.

Examples:
  gravity init shop
  gravity init shop --host shop.example.com --gateway ingress
  gravity init shop --preset ecommerce
  gravity init --service                       a manifest for the service of this folder"
)]
pub struct Arguments {
    /// The application's name, and that of its folder; without it this folder's. With --service
    /// the service's name
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The namespace that the application will be in; its name when absent
    #[arg(short, long, value_name = "NAME", value_parser = namespace::parse)]
    namespace: Option<String>,
    /// The host that the gateway answers for; localhost when absent
    #[arg(long, value_name = "HOST", value_parser = host::parse)]
    host: Option<String>,
    /// The gateway that requests come in by; Traefik when absent
    #[arg(long, value_enum)]
    gateway: Option<Gateway>,
    /// Begin with a whole application: analytics, blog, ecommerce, saas, …
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Make a gravity-service.yaml for the service of this folder, by looking at its files
    #[arg(long, conflicts_with_all = ["namespace", "host", "gateway", "preset"])]
    service: bool,
    /// Begin from a template, instead of looking
    #[arg(long, value_enum, requires = "service", conflicts_with = "preset")]
    template: Option<Template>,
    /// Ask nothing
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    catalogs: Catalogs,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

/// What was made.
#[derive(Serialize)]
struct View {
    files: Vec<String>,
    /// The services of a preset.
    services: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(clippy::enum_variant_names, reason = "the API has that name")]
enum Gateway {
    /// Traefik, as k3s has it
    Traefik,
    /// Whatever serves Ingress
    Ingress,
    /// The Gateway API
    GatewayApi,
    /// None: services are reached from inside only
    None,
}

impl From<Gateway> for GatewayClass {
    fn from(gateway: Gateway) -> Self {
        match gateway {
            Gateway::Traefik => Self::Traefik,
            Gateway::Ingress => Self::Ingress,
            Gateway::GatewayApi => Self::GatewayAPI,
            Gateway::None => Self::None,
        }
    }
}

/// What a new application is to be, when all has been said or asked.
struct Wish {
    host: String,
    gateway: Gateway,
    preset: Option<Preset>,
}

/// Makes the folder.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    if arguments.service {
        let (file, told) = service::write(arguments.name.as_deref(), arguments.template)?;
        let view = View {
            files: vec![file],
            services: Vec::new(),
        };
        output::formatted(arguments.output, &view, || told)?;
        return Ok(ExitCode::SUCCESS);
    }
    let here = env::current_dir().map_err(Error::Output)?;
    let folder = match &arguments.name {
        Some(name) => here.join(name),
        None => here.clone(),
    };
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => own_name(&folder)?,
    };
    app_name(&name).map_err(VerbError::Name)?;
    let wish = ask::wish(arguments)?;
    let new = NewProject {
        name: &name,
        namespace: arguments.namespace.as_ref().unwrap_or(&name),
        gateway: wish.gateway.into(),
        host: &wish.host,
        preset: wish.preset.map(|preset| preset.text),
    };
    // What cannot be had is told before anything is made.
    let shelves = match wish.preset {
        Some(_) => Some(arguments.catalogs.open()?),
        None => None,
    };
    let (project, files) = create(&folder, &new)?;
    let filled = shelves.map(|shelves| fill(&project, &shelves));
    let filled = filled.transpose().inspect_err(|_| {
        for file in &files {
            // What was made a moment ago is nobody's yet.
            let _ = fs::remove_file(file);
        }
    })?;
    let files: Vec<String> = files.iter().map(|file| shown(file)).collect();
    let made = files.iter().map(|file| format!("Made {file}\n"));
    let mut text: String = made.collect();
    let enter = arguments
        .name
        .as_ref()
        .map_or(String::new(), |name| format!("cd {name} && "));
    text += &match &filled {
        Some(services) => format!(
            "Took {} of the catalogue into services/

Next: {enter}gravity install
",
            output::count(services.len(), "service", "services")
        ),
        None => format!(
            "\nNext: {enter}gravity add SOURCE, a Git repository, image or folder with a gravity-service.yaml\n"
        ),
    };
    let view = View {
        files,
        services: filled.unwrap_or_default(),
    };
    output::formatted(arguments.output, &view, || text)?;
    Ok(ExitCode::SUCCESS)
}

/// Brings the services of a preset, and gives their names.
fn fill(project: &Project, shelves: &Shelves) -> Result<Vec<String>, Error> {
    let taken = take(project, &[], shelves)?;
    taken.write(project)?;
    output::warnings(&taken.missing_secrets());
    let names = taken.additions.iter().map(|it| it.service.name_any());
    Ok(names.collect())
}

/// The preset of that name.
fn preset(name: &str) -> Result<Preset, ShelfError> {
    let found = presets().find(|preset| preset.name == name);
    found.ok_or_else(|| ShelfError::NoPreset {
        name: name.to_owned(),
        names: presets().map(|preset| preset.name.to_owned()).collect(),
    })
}

/// The folder's name, if an application can have it.
fn own_name(folder: &Path) -> Result<String, Error> {
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    app_name(&name).map_err(|problem| {
        VerbError::Name(format!("this folder cannot lend its name: {problem}: name the application, as in `gravity init shop`"))
    })?;
    Ok(name)
}
