//! What is said of a service, layer by layer, and what comes of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Said, Setting};
use crate::api::app::{AppService, Environment};
use crate::api::names::url_variable;
use crate::api::service::{GravityServiceSpec, Resources, ServiceType};
use crate::cli::input::Planned;
use crate::cli::overrides::{Field, Override};
use crate::plan::{Body, NodeId, NodeKind};

/// What the default, the manifest, the environment and the app say.
type OfFiles = [Option<String>; 4];

/// What the layers of the files say of a service, the weakest first.
pub(super) struct Layers<'a> {
    pub manifest: &'a GravityServiceSpec,
    pub environment: Option<(&'a str, &'a Environment)>,
    pub app: Option<&'a AppService>,
    pub said: Vec<&'a Override>,
}

impl Layers<'_> {
    /// What is no environment variable.
    pub fn settings(&self) -> Vec<Setting> {
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
        let kind = manifest.type_.unwrap_or(ServiceType::Api);
        let serves = matches!(kind, ServiceType::Api | ServiceType::Web);
        // What ends has no number of pods that run on.
        let runs_on = !matches!(kind, ServiceType::Cron | ServiceType::Job);
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
                [
                    text("8000").filter(|_| serves),
                    manifest.port.map(number),
                    None,
                    None,
                ],
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
            .filter(|(name, ..)| runs_on || *name != "replicas")
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
    pub fn variables(&self, planned: &Planned) -> Vec<Setting> {
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
