//! `gravity init`: a folder for a new application, or a manifest for a service.

mod service;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use service::Template;

use super::{VerbError, shown};
use crate::api::gateway::GatewayClass;
use crate::cli::{Error, namespace, output};
use crate::project::{NewProject, create};
use crate::validate::app_name;

/// The arguments of `gravity init`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "The folder is ready for Git, and for Argo CD and Flux. What is there already stays.

Examples:
  gravity init shop
  gravity init shop --host shop.example.com --gateway ingress
  cd shop && gravity init                      in this folder, by its name"
)]
pub struct Arguments {
    /// The application's name, and that of its folder; without it this folder's. With --service
    /// the service's name
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The namespace that the application will be in; its name when absent
    #[arg(short, long, value_name = "NAME", value_parser = namespace::parse)]
    namespace: Option<String>,
    /// The host that the gateway answers for
    #[arg(long, value_name = "HOST", default_value = "localhost")]
    host: String,
    /// The gateway that requests come in by
    #[arg(long, value_enum, default_value_t = Gateway::Traefik)]
    gateway: Gateway,
    /// Make a gravity-service.yaml for the service of this folder, by looking at its files
    #[arg(long, conflicts_with_all = ["namespace", "host", "gateway"])]
    service: bool,
    /// Begin from a template, instead of looking
    #[arg(long, value_enum, requires = "service")]
    template: Option<Template>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
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

/// Makes the folder.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    if arguments.service {
        let told = service::write(arguments.name.as_deref(), arguments.template)?;
        output::plain(&told)?;
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
    let new = NewProject {
        name: &name,
        namespace: arguments.namespace.as_ref().unwrap_or(&name),
        gateway: arguments.gateway.into(),
        host: &arguments.host,
    };
    let (_, files) = create(&folder, &new)?;
    let mut text = String::new();
    for file in files {
        text += &format!("Made {}\n", shown(&file));
    }
    let enter = arguments
        .name
        .as_ref()
        .map_or(String::new(), |name| format!("cd {name} && "));
    text += &format!(
        "\nNext: {enter}gravity add SOURCE, a Git repository or a folder with a gravity-service.yaml\n"
    );
    output::plain(&text)?;
    Ok(ExitCode::SUCCESS)
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
