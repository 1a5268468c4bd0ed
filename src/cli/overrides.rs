//! What this machine says over the files of a project: variables, as `AUTH_SERVICE_PORT=8001` in
//! `.env` or the environment of the process, and flags, as `--set auth-service.port=8002`.
//!
//! A flag is stronger than a variable, one of the process stronger than one of `.env`, and all of
//! them are stronger than the files. Only a project has variables: what is named by -f is taken
//! as it is, but for flags.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use super::input::Application;
use crate::api::app::AppService;

/// The file of variables, in the project's folder.
const ENV_FILE: &str = ".env";

/// What can be said of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The port that its container listens on.
    Port,
    /// A fixed number of pods.
    Replicas,
    /// The image.
    Image,
    /// An environment variable of its own.
    Env(String),
}

impl Field {
    /// The field of a flag, as `port` or `env.LOG_LEVEL`.
    fn of_flag(text: &str) -> Option<Self> {
        match text {
            "port" => Some(Self::Port),
            "replicas" => Some(Self::Replicas),
            "image" => Some(Self::Image),
            text => text
                .strip_prefix("env.")
                .map(|name| Self::Env(name.to_owned())),
        }
    }

    /// The field of a variable without the service's name, as `PORT` or `ENV_LOG_LEVEL`.
    fn of_variable(text: &str) -> Option<Self> {
        match text {
            "PORT" => Some(Self::Port),
            "REPLICAS" => Some(Self::Replicas),
            "IMAGE" => Some(Self::Image),
            text => text
                .strip_prefix("ENV_")
                .map(|name| Self::Env(name.to_owned())),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port => formatter.write_str("port"),
            Self::Replicas => formatter.write_str("replicas"),
            Self::Image => formatter.write_str("image"),
            Self::Env(name) => write!(formatter, "env.{name}"),
        }
    }
}

/// Who says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaker {
    /// A variable of `.env`.
    File(String),
    /// A variable of the process.
    Process(String),
    /// A flag.
    Flag,
}

impl fmt::Display for Speaker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => write!(formatter, "{name} of {ENV_FILE}"),
            Self::Process(name) => write!(formatter, "the variable {name}"),
            Self::Flag => formatter.write_str("the flag"),
        }
    }
}

/// One thing that is said over the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Of which service.
    pub service: String,
    /// Of what of it.
    pub field: Field,
    /// What.
    pub value: String,
    /// By whom.
    pub speaker: Speaker,
}

/// Why something cannot be said.
#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    /// A flag that is none.
    #[error(
        "--set {text}: write SERVICE.FIELD=VALUE, with port, replicas, image or env.NAME as the field, as auth-service.port=8002"
    )]
    Flag {
        /// What was written.
        text: String,
    },
    /// A service that is not there.
    #[error("--set {service}.{field}: there is no service {service} in the files: there is {}", names.join(", "))]
    NoService {
        /// The service.
        service: String,
        /// The field.
        field: Field,
        /// Those that there are.
        names: Vec<String>,
    },
    /// A value that the field cannot have.
    #[error("{speaker} says {value:?} for the {field} of {service}: {wanted}")]
    Value {
        /// Who says it.
        speaker: Speaker,
        /// The value.
        value: String,
        /// The field.
        field: Field,
        /// The service.
        service: String,
        /// What it can be.
        wanted: &'static str,
    },
    /// A file that cannot be read.
    #[error("{file} cannot be read: {message}")]
    File {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
}

/// Reads a flag.
///
/// # Errors
/// It is none.
pub fn flag(text: &str) -> Result<Override, OverrideError> {
    let wrong = || OverrideError::Flag {
        text: text.to_owned(),
    };
    let (place, value) = text.split_once('=').ok_or_else(wrong)?;
    let (service, field) = place.split_once('.').ok_or_else(wrong)?;
    Ok(Override {
        service: service.to_owned(),
        field: Field::of_flag(field).ok_or_else(wrong)?,
        value: value.to_owned(),
        speaker: Speaker::Flag,
    })
}

/// What the variables say, the weaker first. `folder` is the project's.
///
/// # Errors
/// The file cannot be read.
pub fn variables(services: &[String], folder: &Path) -> Result<Vec<Override>, OverrideError> {
    let of_file = of_file(&folder.join(ENV_FILE))?;
    let mut all = said(services, &of_file, Speaker::File);
    let of_process: BTreeMap<String, String> = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        // In a pod Kubernetes says of each Service where it is, by names like these.
        .filter(|(_, value)| !value.starts_with("tcp://") && !value.starts_with("udp://"))
        .collect();
    let louder = said(services, &of_process, Speaker::Process);
    all.retain(|weak| {
        let same = |strong: &Override| strong.service == weak.service && strong.field == weak.field;
        !louder.iter().any(same)
    });
    all.extend(louder);
    Ok(all)
}

fn of_file(path: &Path) -> Result<BTreeMap<String, String>, OverrideError> {
    let wrong = |message: String| OverrideError::File {
        file: path.display().to_string(),
        message,
    };
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        answer => answer.map_err(|error| wrong(error.to_string()))?,
    };
    // What stands in the line may be a password.
    let told = |error| match error {
        dotenvy::Error::LineParse(line, _) => wrong(match number(&text, &line) {
            Some(number) => format!("line {number} of it is not NAME=VALUE"),
            None => "a line of it is not NAME=VALUE".to_owned(),
        }),
        error => wrong(error.to_string()),
    };
    let lines = dotenvy::from_read_iter(text.as_bytes());
    lines.collect::<Result<_, _>>().map_err(told)
}

/// Which line of a text that is, from 1. A value may go over several, and the first is meant.
fn number(text: &str, wrong: &str) -> Option<usize> {
    let first = wrong.lines().next()?.trim();
    let found = text.lines().position(|line| line.trim() == first)?;
    Some(found.saturating_add(1))
}

fn said(
    services: &[String],
    variables: &BTreeMap<String, String>,
    speaker: fn(String) -> Speaker,
) -> Vec<Override> {
    let mut all = Vec::new();
    for (name, value) in variables {
        // Of `auth` and `auth-service` the longer name is meant.
        let mut fitting: Vec<(&String, Field)> = services
            .iter()
            .filter_map(|service| {
                let rest = name.strip_prefix(&prefix(service))?;
                Some((service, Field::of_variable(rest)?))
            })
            .collect();
        fitting.sort_by_key(|(service, _)| service.len());
        if let Some((service, field)) = fitting.pop() {
            all.push(Override {
                service: service.clone(),
                field,
                value: value.clone(),
                speaker: speaker(name.clone()),
            });
        }
    }
    all
}

/// What the variables of a service begin with, as `AUTH_SERVICE_`.
fn prefix(service: &str) -> String {
    service.to_ascii_uppercase().replace('-', "_") + "_"
}

/// Puts it over what was read.
///
/// # Errors
/// A value that the field cannot have, and a service that is not there.
pub fn apply(all: &[Override], application: &mut Application) -> Result<(), OverrideError> {
    for each in all {
        one(each, application)?;
    }
    Ok(())
}

fn one(said: &Override, application: &mut Application) -> Result<(), OverrideError> {
    let wrong = |wanted| OverrideError::Value {
        speaker: said.speaker.clone(),
        value: said.value.clone(),
        field: said.field.clone(),
        service: said.service.clone(),
        wanted,
    };
    let names = application.documents.services.iter();
    let names: BTreeSet<String> = names.map(|it| it.spec.name.clone()).collect();
    if !names.contains(&said.service) {
        return Err(OverrideError::NoService {
            service: said.service.clone(),
            field: said.field.clone(),
            names: names.into_iter().collect(),
        });
    }
    let number = |wanted: &'static str, most: i32| {
        let number: Option<i32> = said.value.trim().parse().ok();
        number
            .filter(|it| (1..=most).contains(it))
            .ok_or_else(|| wrong(wanted))
    };
    match &said.field {
        Field::Port => {
            let port = number("a port is a number from 1 to 65535", 65_535)?;
            manifests(application, &said.service, |spec| spec.port = Some(port));
        }
        Field::Image => {
            if said.value.trim().is_empty() {
                return Err(wrong("an image has a name"));
            }
            manifests(application, &said.service, |spec| {
                spec.image = Some(said.value.clone());
                // What has an image needs no source.
                spec.runtime = None;
            });
        }
        Field::Replicas => {
            let replicas = number("a number of pods is from 1 to 1000", 1_000)?;
            if let Some(entry) = entry(application, &said.service) {
                entry.replicas = Some(replicas);
            }
        }
        Field::Env(name) => {
            if let Some(entry) = entry(application, &said.service) {
                entry.env_value_from.remove(name);
                entry.env.insert(name.clone(), said.value.clone());
            }
        }
    }
    Ok(())
}

fn manifests(
    application: &mut Application,
    service: &str,
    change: impl Fn(&mut crate::api::service::GravityServiceSpec),
) {
    let services = application.documents.services.iter_mut();
    let own = services.filter(|it| it.spec.name == service);
    own.for_each(|it| change(&mut it.spec));
}

/// The app's entry for a service. One is made for what comes along with the others; a service
/// that nobody needs has none, for a setting is no wish to have it.
fn entry<'a>(application: &'a mut Application, service: &str) -> Option<&'a mut AppService> {
    let is_wanted = is_needed(application, service);
    let services = &mut application.app.spec.services;
    let index = services.iter().position(|each| each.name == service);
    let index = match index {
        Some(index) => index,
        None if is_wanted => {
            services.push(AppService {
                name: service.to_owned(),
                ..AppService::default()
            });
            services.len().saturating_sub(1)
        }
        None => return None,
    };
    services.get_mut(index)
}

/// Whether somebody cannot do without it.
fn is_needed(application: &Application, service: &str) -> bool {
    let roots = application.app.spec.services.iter();
    let mut open: Vec<&str> = roots.map(|root| root.name.as_str()).collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if name == service {
            return true;
        }
        if !seen.insert(name) {
            continue;
        }
        let all = application.documents.services.iter().map(|it| &it.spec);
        let needed = all
            .filter(|spec| spec.name == name)
            .flat_map(|spec| &spec.dependencies)
            .filter(|it| it.optional != Some(true));
        open.extend(needed.map(|it| it.name.as_str()));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_of_the_service_with_the_longest_name() {
        let services = ["auth".to_owned(), "auth-service".to_owned()];
        let variables = [
            ("AUTH_SERVICE_PORT", "8001"),
            ("AUTH_REPLICAS", "2"),
            ("AUTH_SERVICE_ENV_LOG_LEVEL", "debug"),
            ("AUTH_SERVICE_URL", "not ours"),
            ("PORT", "80"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let found = said(&services, &variables.into(), Speaker::File);
        let told: Vec<String> = found
            .iter()
            .map(|it| format!("{}.{}={} by {}", it.service, it.field, it.value, it.speaker))
            .collect();
        assert_eq!(
            told,
            [
                "auth.replicas=2 by AUTH_REPLICAS of .env",
                "auth-service.env.LOG_LEVEL=debug by AUTH_SERVICE_ENV_LOG_LEVEL of .env",
                "auth-service.port=8001 by AUTH_SERVICE_PORT of .env",
            ]
        );
    }
}
