//! `gravity config`: what a service is configured by, and who says it.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::input::{Application, DEFAULT_NAMESPACE, Input, Planned};
use super::overrides::{Field, Override, Speaker};
use super::project::VerbError;
use super::table::Table;
use super::{Error, output};
use crate::api::app::{AppService, Environment};
use crate::api::names::url_variable;
use crate::api::service::{GravityServiceSpec, Resources};
use crate::plan::{Body, NodeId, NodeKind};

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

/// What the default, the manifest, the environment and the app say.
type OfFiles = [Option<String>; 4];

/// What the layers of the files say of a service, the weakest first.
struct Layers<'a> {
    manifest: &'a GravityServiceSpec,
    environment: Option<(&'a str, &'a Environment)>,
    app: Option<&'a AppService>,
    said: Vec<&'a Override>,
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

impl Layers<'_> {
    fn settings(&self) -> Vec<Setting> {
        let Self { manifest, app, .. } = self;
        let text = |text: &str| Some(text.to_owned());
        let runtime = manifest.runtime.as_ref();
        let runtime = runtime.map(|it| format!("{}, from its source", it.image));
        let number = |number: i32| number.to_string();
        let environment = self.environment.map(|(_, it)| it);
        let scaling = manifest.scaling.as_ref().map(|scaling| {
            let least = scaling.min_replicas.unwrap_or(1);
            match scaling.max_replicas {
                Some(most) if most > least => format!("{least} to {most}"),
                _ => least.to_string(),
            }
        });
        let kind = manifest
            .type_
            .map(|kind| format!("{kind:?}").to_lowercase());
        let readiness = manifest
            .health
            .as_ref()
            .and_then(|health| health.readiness.as_ref());
        let readiness = readiness.and_then(|it| serde_json::to_value(it).ok());
        let readiness = readiness.map(|it| match it.as_str().or_else(|| it["path"].as_str()) {
            Some(path) => path.to_owned(),
            None => it.to_string(),
        });
        let rows: [(&str, Option<Field>, OfFiles); 7] = [
            (
                "image",
                Some(Field::Image),
                [None, manifest.image.clone().or(runtime), None, None],
            ),
            ("type", None, [text("api"), kind, None, None]),
            (
                "port",
                Some(Field::Port),
                [text("8000"), manifest.port.map(number), None, None],
            ),
            (
                "replicas",
                Some(Field::Replicas),
                [
                    text("1"),
                    scaling,
                    environment.and_then(|it| it.replicas).map(number),
                    app.and_then(|it| it.replicas).map(number),
                ],
            ),
            (
                "startupTimeout",
                None,
                [text("10m"), manifest.startup_timeout.clone(), None, None],
            ),
            ("readiness", None, [None, readiness, None, None]),
            (
                "api.prefix",
                None,
                [
                    None,
                    manifest.api.as_ref().and_then(|api| api.prefix.clone()),
                    None,
                    None,
                ],
            ),
        ];
        let mut settings: Vec<Setting> = rows
            .into_iter()
            .filter_map(|(name, field, said)| self.setting(name, field.as_ref(), said))
            .collect();
        settings.extend(self.resources());
        settings
    }

    fn resources(&self) -> Vec<Setting> {
        let layers = [
            self.manifest.resources.as_ref(),
            self.environment.and_then(|(_, it)| it.resources.as_ref()),
            self.app.and_then(|it| it.resources.as_ref()),
        ];
        let of = |part: fn(&Resources) -> &BTreeMap<String, crate::api::IntOrText>, name: &str| {
            layers.map(|layer| {
                layer
                    .and_then(|it| part(it).get(name))
                    .map(ToString::to_string)
            })
        };
        let mut settings = Vec::new();
        for (name, default) in [("cpu", "100m"), ("memory", "128Mi")] {
            let [manifest, environment, app] = of(|it| &it.limits, name);
            let is_limited = manifest.is_some() || environment.is_some() || app.is_some();
            let limit = self.setting(
                &format!("limits.{name}"),
                None,
                [None, manifest, environment, app],
            );
            let [manifest, environment, app] = of(|it| &it.requests, name);
            // What is limited and asks for nothing asks for its limit.
            let default = (!is_limited).then(|| default.to_owned());
            let said = [default, manifest, environment, app];
            settings.extend(self.setting(&format!("requests.{name}"), None, said));
            settings.extend(limit);
        }
        settings
    }

    /// A setting of what the layers say: the default, the manifest, the environment, the app.
    fn setting(&self, name: &str, field: Option<&Field>, files: OfFiles) -> Option<Setting> {
        let environment = self.environment.map_or("", |(name, _)| name);
        let origins = [
            "the default".to_owned(),
            "the manifest".to_owned(),
            format!("the environment {environment}"),
            "the app".to_owned(),
        ];
        let files = files.into_iter().zip(origins);
        let files = files.filter_map(|(value, origin)| {
            Some(Said {
                value: value?,
                origin,
            })
        });
        let said = self.said.iter().filter(|it| Some(&it.field) == field);
        let said = said.map(|it| Said {
            value: it.value.clone(),
            origin: it.speaker.to_string(),
        });
        let mut all: Vec<Said> = files.chain(said).collect();
        let strongest = all.pop()?;
        all.reverse();
        Some(Setting {
            name: name.to_owned(),
            value: strongest.value,
            origin: strongest.origin,
            overridden: all,
        })
    }

    /// The environment variables of its pods, as they are planned.
    fn variables(&self, planned: &Planned) -> Vec<Setting> {
        let id = NodeId::new(NodeKind::Service, self.manifest.name.as_str());
        let object = planned.plan.nodes.get(&id).and_then(|node| node.primary());
        let Some(Body::Apply(body)) = object.map(|object| &object.body) else {
            return Vec::new();
        };
        let container = [
            "/spec/template/spec/containers/0/env",
            "/spec/jobTemplate/spec/template/spec/containers/0/env",
        ];
        let env = container
            .into_iter()
            .find_map(|path| body.pointer(path)?.as_array());
        let mut settings = Vec::new();
        for variable in env.into_iter().flatten() {
            let name = variable["name"].as_str().unwrap_or_default();
            let [manifest, environment, app] = self.stated(name);
            let field = Field::Env(name.to_owned());
            let title = format!("env.{name}");
            let said = [None, manifest, environment, app];
            let stated = self.setting(&title, Some(&field), said);
            settings.push(stated.unwrap_or_else(|| Setting {
                name: title,
                value: planned_value(variable),
                origin: self.given(name),
                overridden: Vec::new(),
            }));
        }
        settings.sort_by(|one, other| one.name.cmp(&other.name));
        settings
    }

    /// What the manifest, the environment and the app state of a variable.
    fn stated(&self, name: &str) -> [Option<String>; 3] {
        let of = |env: &BTreeMap<String, String>, from: Option<Value>| {
            env.get(name)
                .cloned()
                .or_else(|| from.map(|it| elsewhere(&it)))
        };
        let json = |from: Option<&crate::api::secrets::ValueFrom>| {
            from.and_then(|it| serde_json::to_value(it).ok())
        };
        [
            of(
                &self.manifest.env,
                json(self.manifest.env_value_from.get(name)),
            ),
            self.environment
                .and_then(|(_, it)| of(&it.env, json(it.env_value_from.get(name)))),
            self.app
                .and_then(|it| of(&it.env, json(it.env_value_from.get(name)))),
        ]
    }

    /// Why Gravity gives a variable.
    fn given(&self, name: &str) -> String {
        let mut dependencies = self.manifest.dependencies.iter();
        if let Some(it) = dependencies.find(|it| url_variable(&it.name) == name) {
            return format!("Gravity, for the dependency {}", it.name);
        }
        match name {
            "PORT" => "Gravity, for its port".to_owned(),
            _ => "Gravity, for its databases".to_owned(),
        }
    }
}

/// The value of a variable that Gravity gives; of a Secret only where it stands.
fn planned_value(variable: &Value) -> String {
    match variable["value"].as_str() {
        Some(text) => text.to_owned(),
        None => elsewhere(&variable["valueFrom"]),
    }
}

/// Where a value stands.
fn elsewhere(from: &Value) -> String {
    for (field, kind) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
        let reference = &from[field];
        if let (Some(name), Some(key)) = (reference["name"].as_str(), reference["key"].as_str()) {
            return format!("(key {key} of the {kind} {name})");
        }
    }
    match from["remoteRef"]["key"].as_str() {
        Some(key) => format!("({key} of the secret store)"),
        None => "(elsewhere)".to_owned(),
    }
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
