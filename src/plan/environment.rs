//! The variables of a service, in an order that never changes by itself: the URLs of its
//! databases, those of its dependencies, its port, then what the layers take from elsewhere,
//! then the texts that they state, so that a text can be built from any of the others, as
//! `$(AUTH_DB_URL)?sslmode=disable`.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ConfigMapEnvSource, ConfigMapKeySelector, EnvFromSource, EnvVar, EnvVarSource, SecretEnvSource,
    SecretKeySelector,
};

use super::databases::Bindings;
use super::settings::{Settings, Source, Value};
use super::wanted::address;
use super::{PlanError, external_secret};
use crate::api::names;
use crate::api::service::EnvFrom;
use crate::resolve::Resolution;
use crate::validate::{ValidService, ValueSource};

/// A variable that Gravity gives, and where it comes from.
struct Given {
    variable: EnvVar,
    source: String,
}

/// All variables of the service, and what a person should know of them.
///
/// A URL that Gravity gives can be replaced in the app or the environment, by that of a
/// server outside; a warning tells it. In the manifest the same is a mistake: its author
/// has named two things alike.
pub(super) fn variables(
    service: &ValidService,
    settings: &Settings,
    bindings: &Bindings,
    resolution: &Resolution,
) -> Result<(Vec<EnvVar>, Vec<String>), PlanError> {
    let mut given = from_databases(service, bindings);
    given.extend(from_dependencies(service, resolution));
    given.extend(port(service, settings));
    refuse_twice(service, &given)?;
    let mut variables = Vec::new();
    let mut warnings = Vec::new();
    for Given { variable, source } in given {
        match settings.env.get(&variable.name) {
            None => variables.push(variable),
            Some(stated) if stated.source == Source::Manifest => {
                let field = stated.value.field();
                let second = stated.to_string();
                return Err(twice(service, &variable.name, &source, &second, field));
            }
            Some(stated) => warnings.push(format!(
                "{}: {} comes from {stated}, not from {source}",
                service.name, variable.name
            )),
        }
    }
    variables.extend(stated(service, settings));
    Ok((variables, warnings))
}

/// What the layers state, texts last.
fn stated(service: &ValidService, settings: &Settings) -> Vec<EnvVar> {
    let (mut elsewhere, mut texts) = (Vec::new(), Vec::new());
    for (name, stated) in &settings.env {
        match &stated.value {
            Value::Text(text) => texts.push(plain(name, text)),
            Value::From(source) => elsewhere.push(from(service, name, source)),
        }
    }
    elsewhere.extend(texts);
    elsewhere
}

/// A variable whose value stands somewhere else.
fn from(service: &ValidService, name: &str, source: &ValueSource) -> EnvVar {
    let remote = external_secret::name(&service.name);
    let (secret_key_ref, config_map_key_ref) = match source {
        ValueSource::Secret(key) => (Some(of_secret(&key.name, &key.key, key.optional)), None),
        ValueSource::Remote(_) => (Some(of_secret(&remote, name, false)), None),
        ValueSource::ConfigMap(key) => {
            let selector = ConfigMapKeySelector {
                name: key.name.clone(),
                key: key.key.clone(),
                optional: key.optional.then_some(true),
            };
            (None, Some(selector))
        }
    };
    EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            secret_key_ref,
            config_map_key_ref,
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    }
}

fn of_secret(name: &str, key: &str, optional: bool) -> SecretKeySelector {
    SecretKeySelector {
        name: name.to_owned(),
        key: key.to_owned(),
        optional: optional.then_some(true),
    }
}

/// The Secrets and ConfigMaps whose keys become variables.
pub(super) fn sources(service: &ValidService) -> Option<Vec<EnvFromSource>> {
    let sources: Vec<_> = service.env_from.iter().map(source).collect();
    (!sources.is_empty()).then_some(sources)
}

fn source(from: &EnvFrom) -> EnvFromSource {
    EnvFromSource {
        prefix: from.prefix.clone(),
        secret_ref: from.secret.clone().map(|name| SecretEnvSource {
            name,
            optional: from.optional,
        }),
        config_map_ref: from.config_map.clone().map(|name| ConfigMapEnvSource {
            name,
            optional: from.optional,
        }),
    }
}

/// The variables of databases come in the order of the databases, so of two that are
/// named alike each is told by its own.
fn from_databases(service: &ValidService, bindings: &Bindings) -> Vec<Given> {
    let mut databases: Vec<_> = service.databases.iter().collect();
    let given = bindings.variables.iter().map(|variable| {
        let owner = databases
            .iter()
            .position(|database| database.env == variable.name)
            .map(|position| databases.remove(position));
        Given {
            variable: variable.clone(),
            source: owner.map_or_else(
                || "its databases".to_owned(),
                |database| format!("the database {}", database.name),
            ),
        }
    });
    given.collect()
}

/// One URL for every dependency that is there and takes requests, ordered or not.
fn from_dependencies(service: &ValidService, resolution: &Resolution) -> Vec<Given> {
    service
        .dependencies
        .keys()
        .filter_map(|name| {
            let port = address(&resolution.services.get(name)?.service)?;
            Some(Given {
                variable: plain(&names::url_variable(name), &format!("http://{name}:{port}")),
                source: format!("the dependency {name}"),
            })
        })
        .collect()
}

/// `PORT` is where most frameworks and buildpacks look for the port to listen on, so a
/// service follows its manifest's `port` without saying it twice. One that states `PORT`
/// itself keeps its own.
fn port(service: &ValidService, settings: &Settings) -> Option<Given> {
    let port = service.port?;
    (!settings.env.contains_key("PORT")).then(|| Given {
        variable: plain("PORT", &port.to_string()),
        source: "its port".to_owned(),
    })
}

fn refuse_twice(service: &ValidService, given: &[Given]) -> Result<(), PlanError> {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for Given { variable, source } in given {
        if let Some(first) = taken.insert(&variable.name, source) {
            return Err(twice(service, &variable.name, first, source, "env"));
        }
    }
    Ok(())
}

fn twice(
    service: &ValidService,
    variable: &str,
    first: &str,
    second: &str,
    field: &'static str,
) -> PlanError {
    PlanError::VariableTwice {
        service: service.name.clone(),
        variable: variable.to_owned(),
        first: first.to_owned(),
        second: second.to_owned(),
        field,
    }
}

/// An empty text is sent as none, which means the same: the API server keeps no empty
/// value, and what it does not keep would look like drift.
fn plain(name: &str, value: &str) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value: (!value.is_empty()).then(|| value.to_owned()),
        value_from: None,
    }
}
