//! Secrets that no service may have but the one that they were made for. A service that had
//! the login of a server's administrator could read what is every other's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::PlanError;
use crate::validate::ValidService;

/// What a Secret opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opens {
    /// Everything on that server.
    Server(String),
    /// The logins of everybody on that server: it is its pooler's.
    Logins(String),
    /// The backups of that server.
    Backups(String),
    /// One database of one service.
    Database {
        /// The service.
        service: String,
        /// The database, as its manifest names it.
        database: String,
    },
}

/// Refuses a service that names a Secret of another: of a server, its pooler, its backups, or
/// another service.
pub(super) fn check(
    service: &ValidService,
    secrets: &BTreeMap<String, Opens>,
) -> Result<(), PlanError> {
    let mut named = Vec::new();
    for (index, from) in service.env_from.iter().enumerate() {
        let field = format!("envFrom[{index}].secret");
        named.extend(
            from.secret
                .iter()
                .map(|secret| (field.clone(), secret.as_str())),
        );
    }
    if let Some(patch) = &service.pod_template {
        find(patch, "podTemplate", "", &mut named);
    }
    for (field, secret) in named {
        if let Some(opens) = secrets.get(secret).filter(|opens| !opens.is_of(service)) {
            return Err(PlanError::SecretOfAnother {
                service: service.name.clone(),
                field,
                secret: secret.to_owned(),
                whose: opens.whose(),
                instead: opens.instead(),
            });
        }
    }
    Ok(())
}

/// Every Secret that a part of a pod names, with the field. In the Kubernetes API that is
/// either `secretName`, or the `name` of an object, or of a list's item, that has "secret" in
/// its own field's name, as `secretKeyRef` and `imagePullSecrets`.
fn find<'a>(value: &'a Value, path: &str, field: &str, named: &mut Vec<(String, &'a str)>) {
    match value {
        Value::Object(object) => {
            let of_secret = field.to_ascii_lowercase().contains("secret");
            for (name, value) in object {
                let path = format!("{path}.{name}");
                match value.as_str() {
                    Some(secret) if name == "secretName" || (of_secret && name == "name") => {
                        named.push((path, secret));
                    }
                    _ => find(value, &path, name, named),
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

impl Opens {
    fn is_of(&self, wanted: &ValidService) -> bool {
        matches!(self, Self::Database { service, .. } if *service == wanted.name)
    }

    fn whose(&self) -> String {
        match self {
            Self::Server(server) => format!("the login of the administrator of {server}"),
            Self::Logins(server) => format!("the login of the pooler of {server}"),
            Self::Backups(server) => format!("the key to the backups of {server}"),
            Self::Database { service, database } => {
                format!("the login of {service} to its database {database}")
            }
        }
    }

    fn instead(&self) -> String {
        match self {
            Self::Server(_) | Self::Logins(_) => {
                "declare in databases what the service needs, and it gets a login of its own".into()
            }
            Self::Backups(_) => {
                "make another Secret for the service, with a key that reaches no backups".into()
            }
            Self::Database { service, .. } => format!(
                "declare a database of its own in databases, or call {service} for what is there"
            ),
        }
    }
}
