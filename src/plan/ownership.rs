//! Secrets and claims that no service may have but the one that they were made for. A service
//! that had the login of a server's administrator, or mounted the server's data, could read
//! what is every other's.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::settings::settings;
use super::{PlanError, external_secret, meta};
use crate::api::objects::Kind;
use crate::validate::{ValidApp, ValidService, ValueSource};

/// What a Secret opens, or a claim keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The login to everything on that server.
    Server(String),
    /// The logins of everybody on that server: it is its pooler's.
    Logins(String),
    /// What another operator has for itself on that server.
    Operator {
        /// The operator, as people write it.
        operator: &'static str,
        /// The server.
        server: String,
    },
    /// The key to the backups of that server.
    BackupKey(String),
    /// The login to one database of one service.
    Database {
        /// The service.
        service: String,
        /// The database, as its manifest names it.
        database: String,
    },
    /// What the service takes from the app's secret store.
    Remote(String),
    /// The data of that server.
    Data(String),
    /// The backups of that server.
    Backups(String),
    /// The files of that service.
    Files(String),
}

/// What the Secrets and claims hold that are made, or named, for the app.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ownership {
    objects: BTreeMap<(Kind, String), Holds>,
    /// The claims of a StatefulSet's pods, by their name without the pod's number: there may
    /// be more of them than pods, for a claim outlives its pod.
    of_pods: BTreeMap<String, Holds>,
}

impl Ownership {
    /// A Secret.
    pub fn secret(&mut self, name: impl Into<String>, holds: Holds) {
        self.objects.insert((Kind::Secret, name.into()), holds);
    }

    /// A claim.
    pub fn claim(&mut self, name: impl Into<String>, holds: Holds) {
        let key = (Kind::PersistentVolumeClaim, name.into());
        self.objects.insert(key, holds);
    }

    /// The claims whose names are this one, a hyphen and a number.
    pub fn claims_of_pods(&mut self, name: impl Into<String>, holds: Holds) {
        self.of_pods.insert(name.into(), holds);
    }

    /// The claims of the files that a service keeps itself.
    pub fn files(&mut self, service: &ValidService) {
        for storage in &service.storage {
            let name = format!("{}-{}", storage.name, service.name);
            self.claims_of_pods(name, Holds::Files(service.name.clone()));
        }
    }

    /// The Secret of what a service takes from the app's secret store. Another operator makes
    /// it, and would empty one that has its name.
    pub(super) fn remote(
        &mut self,
        app: &ValidApp,
        service: &ValidService,
    ) -> Result<(), PlanError> {
        let settings = settings(app, service);
        if settings.remote().is_empty() {
            return Ok(());
        }
        let name = external_secret::name(&service.name);
        if let Some(holds) = self.objects.get(&(Kind::Secret, name.clone())) {
            return Err(PlanError::NameTwice {
                object: meta::key(app, Kind::Secret, &name).to_string(),
                first: holds.whose(),
                second: format!("what {} takes from the secret store", service.name),
            });
        }
        self.secret(name, Holds::Remote(service.name.clone()));
        Ok(())
    }

    /// Whether the Secret of that name is one that Gravity makes.
    pub(super) fn is_planned(&self, secret: &str) -> bool {
        let holds = self.objects.get(&(Kind::Secret, secret.to_owned()));
        matches!(holds, Some(Holds::Database { .. }))
    }

    fn of(&self, object: &Reference<'_>) -> Option<&Holds> {
        let exact = self.objects.get(&(object.kind, object.name.to_owned()));
        exact.or_else(|| self.of_pods.get(without_number(object)?))
    }

    /// Refuses a service that names a Secret or a claim of another: of a server, its pooler,
    /// its backups, or another service.
    pub(super) fn check(&self, app: &ValidApp, service: &ValidService) -> Result<(), PlanError> {
        let references = references(service).into_iter();
        for object in references.chain(of_app(app, service)) {
            let Some(holds) = self.of(&object).filter(|holds| !holds.is_of(service)) else {
                continue;
            };
            return Err(PlanError::ObjectOfAnother {
                service: service.name.clone(),
                field: object.field,
                of_app: object.of_app,
                object: format!("{} {}, {}", object.kind, object.name, holds.whose()),
                instead: holds.instead(),
            });
        }
        Ok(())
    }
}

/// A claim's name without the number of its pod.
fn without_number<'a>(object: &Reference<'a>) -> Option<&'a str> {
    let (name, number) = object.name.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    (object.kind == Kind::PersistentVolumeClaim && is_number).then_some(name)
}

/// An object that a manifest names, and where.
struct Reference<'a> {
    field: String,
    /// Whether it is the app that names it, for the service.
    of_app: bool,
    kind: Kind,
    name: &'a str,
}

impl<'a> Reference<'a> {
    const fn in_manifest(field: String, kind: Kind, name: &'a str) -> Self {
        Self {
            field,
            of_app: false,
            kind,
            name,
        }
    }
}

/// Every Secret and claim that a service names.
fn references(service: &ValidService) -> Vec<Reference<'_>> {
    let mut named = Vec::new();
    for (index, from) in service.env_from.iter().enumerate() {
        let field = || format!("envFrom[{index}].secret");
        let secrets = from.secret.iter();
        named.extend(secrets.map(|name| Reference::in_manifest(field(), Kind::Secret, name)));
    }
    let secrets = secrets_of(&service.env_value_from);
    named.extend(secrets.map(|(field, name)| Reference::in_manifest(field, Kind::Secret, name)));
    if let Some(patch) = &service.pod_template {
        find(patch, "podTemplate", "", &mut named);
    }
    named
}

/// Every Secret that the app names for a service.
fn of_app<'a>(app: &'a ValidApp, service: &ValidService) -> Vec<Reference<'a>> {
    let environment = app.environment.as_deref().unwrap_or_default();
    let overlay = (format!("environments.{environment}"), &app.overlay);
    let entry = app.services.get(&service.name);
    let entry = entry.map(|layer| (format!("services[{}]", service.name), layer));
    let layers = std::iter::once(overlay).chain(entry);
    layers
        .flat_map(|(at, layer)| {
            secrets_of(&layer.env_value_from).map(move |(field, name)| Reference {
                field: format!("{at}.{field} of the app"),
                of_app: true,
                kind: Kind::Secret,
                name,
            })
        })
        .collect()
}

/// The Secrets among the sources of variables, each with its field.
fn secrets_of(values: &BTreeMap<String, ValueSource>) -> impl Iterator<Item = (String, &str)> {
    values.iter().filter_map(|(variable, source)| match source {
        ValueSource::Secret(key) => {
            let field = format!("envValueFrom.{variable}.secretKeyRef.name");
            Some((field, key.name.as_str()))
        }
        ValueSource::ConfigMap(_) | ValueSource::Remote(_) => None,
    })
}

/// Those that a part of a pod names, with the field.
fn find<'a>(value: &'a Value, path: &str, field: &str, named: &mut Vec<Reference<'a>>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = format!("{path}.{key}");
                match (value.as_str(), kind(object, field, key)) {
                    (Some(name), Some(kind)) => {
                        named.push(Reference::in_manifest(path, kind, name));
                    }
                    _ => find(value, &path, key, named),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let key = item.get("name").and_then(Value::as_str);
                let key = key.map_or_else(|| index.to_string(), str::to_owned);
                find(item, &format!("{path}[{key}]"), field, named);
            }
        }
        _ => {}
    }
}

/// Of which kind the object is whose name stands under `key`, in the `object` that is the value
/// of `field`. In the Kubernetes API a Secret is either `secretName`, or the `name` of an
/// object, or of a list's item, that has "secret" in its own field's name, as `secretKeyRef`
/// and `imagePullSecrets`. A claim is `claimName`, or what a new claim is a copy of.
fn kind(object: &Map<String, Value>, field: &str, key: &str) -> Option<Kind> {
    let of_secret = || field.to_ascii_lowercase().contains("secret");
    let is_copied = || {
        let kind = object.get("kind").and_then(Value::as_str);
        field.starts_with("dataSource") && kind == Some("PersistentVolumeClaim")
    };
    match key {
        "secretName" => Some(Kind::Secret),
        "name" if of_secret() => Some(Kind::Secret),
        "claimName" => Some(Kind::PersistentVolumeClaim),
        "name" if is_copied() => Some(Kind::PersistentVolumeClaim),
        _ => None,
    }
}

impl Holds {
    fn is_of(&self, wanted: &ValidService) -> bool {
        match self {
            Self::Database { service, .. } | Self::Files(service) | Self::Remote(service) => {
                *service == wanted.name
            }
            _ => false,
        }
    }

    fn whose(&self) -> String {
        match self {
            Self::Server(server) => format!("the login of the administrator of {server}"),
            Self::Logins(server) => format!("the login of the pooler of {server}"),
            Self::Operator { operator, server } => format!("{operator}'s own for {server}"),
            Self::BackupKey(server) => format!("the key to the backups of {server}"),
            Self::Database { service, database } => {
                format!("the login of {service} to its database {database}")
            }
            Self::Remote(service) => format!("what {service} takes from the secret store"),
            Self::Data(server) => format!("the data of {server}"),
            Self::Backups(server) => format!("the backups of {server}"),
            Self::Files(service) => format!("the files of {service}"),
        }
    }

    fn instead(&self) -> String {
        match self {
            Self::Server(_) | Self::Logins(_) | Self::Operator { .. } | Self::Data(_) => {
                "declare in databases what the service needs, and it gets a login of its own".into()
            }
            Self::BackupKey(_) => {
                "make another Secret for the service, with a key that reaches no backups".into()
            }
            Self::Remote(_) => "name what it needs of the secret store by remoteRef".into(),
            Self::Backups(_) => {
                "bring a backup into its database by gravity restore, or copy it elsewhere".into()
            }
            Self::Database { service, .. } => format!(
                "declare a database of its own in databases, or call {service} for what is there"
            ),
            Self::Files(service) => format!(
                "declare a claim of its own in storage, or call {service} for what is there"
            ),
        }
    }
}
