//! `gravity config`: what a service is configured by, and who says it.

mod layers;

use std::process::ExitCode;

use clap::Args;
use layers::Layers;
use serde::Serialize;

use super::input::{Application, DEFAULT_NAMESPACE, Input, Planned};
use super::overrides::{Field, Override, Speaker};
use super::project::VerbError;
use super::table::Table;
use super::{Error, output};

/// The arguments of `gravity config`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "From the weakest to the strongest: Gravity's default, the service's manifest, the environment, the app,
a variable of the project's .env or of this process (AUTH_SERVICE_PORT=8001, AUTH_SERVICE_REPLICAS,
AUTH_SERVICE_IMAGE, AUTH_SERVICE_ENV_LOG_LEVEL), a flag. What the last two say is said to every verb
that reads the project: `gravity start` and `gravity generate` too. The values of Secrets are never
printed.

Examples:
  gravity config auth-service
  gravity config auth-service --explain
  gravity config auth-service --environment staging --port 8002"
)]
pub struct Arguments {
    /// The service
    #[arg(value_name = "SERVICE")]
    service: String,
    /// Show what was overridden, too
    #[arg(long)]
    explain: bool,
    /// Its port
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
    /// How many pods
    #[arg(long, value_name = "NUMBER")]
    replicas: Option<String>,
    /// Its image
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    #[command(flatten)]
    input: Input,
    /// The format
    #[arg(short, long, value_enum, default_value_t = output::Format::Table)]
    output: output::Format,
}

#[derive(Serialize)]
struct View {
    service: String,
    version: String,
    settings: Vec<Setting>,
}

/// A value, and who says it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Setting {
    name: String,
    value: String,
    origin: String,
    /// What weaker layers say, the strongest of them first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overridden: Vec<Said>,
}

/// What a layer says.
#[derive(Clone, Serialize)]
struct Said {
    value: String,
    origin: String,
}

/// Prints the configuration.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let flags = [
        (Field::Port, &arguments.port),
        (Field::Replicas, &arguments.replicas),
        (Field::Image, &arguments.image),
    ];
    let flags = flags.into_iter().filter_map(|(field, value)| {
        Some(Override {
            service: arguments.service.clone(),
            field,
            value: value.clone()?,
            speaker: Speaker::Flag,
        })
    });
    let raw = arguments.input.raw(None, DEFAULT_NAMESPACE)?;
    let said = arguments.input.overrides(&raw)?;
    let said: Vec<Override> = said.into_iter().chain(flags).collect();
    let mut application = raw.clone();
    super::overrides::apply(&said, &mut application)?;
    let view = view(&arguments.service, &raw, &said, &application.planned()?)?;
    output::formatted(arguments.output, &view, || {
        table(&view, arguments.explain).text(output::width())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn view(
    name: &str,
    raw: &Application,
    said: &[Override],
    planned: &Planned,
) -> Result<View, VerbError> {
    let resolution = &planned.resolution;
    let chosen = resolution
        .services
        .get(name)
        .ok_or_else(|| VerbError::NoService {
            name: name.to_owned(),
            names: resolution.services.keys().cloned().collect(),
        })?;
    let version = chosen.service.version.to_string();
    let mut services = raw.documents.services.iter().map(|it| &it.spec);
    let Some(manifest) = services.find(|spec| spec.name == name && spec.version == version) else {
        return Err(VerbError::NoService {
            name: name.to_owned(),
            names: resolution.services.keys().cloned().collect(),
        });
    };
    let spec = &raw.app.spec;
    let environment = spec.environment.as_deref();
    let layers = Layers {
        manifest,
        environment: environment.and_then(|it| Some((it, spec.environments.get(it)?))),
        app: spec.services.iter().find(|each| each.name == name),
        said: said.iter().filter(|it| it.service == name).collect(),
    };
    let mut settings = layers.settings();
    settings.extend(layers.variables(planned));
    Ok(View {
        service: name.to_owned(),
        version,
        settings,
    })
}

fn table(view: &View, explain: bool) -> Table {
    let mut table = Table::new(["SETTING", "VALUE", "FROM"]);
    for setting in &view.settings {
        let Setting {
            name,
            value,
            origin,
            overridden,
        } = setting;
        table.row([name.as_str(), value, origin].map(Into::into));
        for weaker in overridden.iter().filter(|_| explain) {
            let title = "  over".to_owned();
            table.row([title.as_str(), &weaker.value, &weaker.origin].map(Into::into));
        }
    }
    table
}
