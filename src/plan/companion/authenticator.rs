//! The authenticator of an app: one for all of its policies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use k8s_openapi::api::core::v1::{
    EnvVar, EnvVarSource, SecretKeySelector, SecretVolumeSource, Volume, VolumeMount,
};
use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;

use super::deployment::mount;
use super::{Companion, FOLDER, json};
use crate::api::names;
use crate::companion::authenticator::{
    ApiKey, BlacklistSettings, Jwt, Key, Policy, Settings, TokenCheck,
};
use crate::plan::databases::Databases;
use crate::plan::graph::{Node, NodeId};
use crate::plan::route::{Front, keys_of};
use crate::plan::{Facts, PlanError, wall};
use crate::validate::{self, Access, OWNER_HEADER};

/// What it is to the app, and its verb.
pub(in crate::plan) const ROLE: &str = "authenticator";
/// Nobody comes in without one, so there is always a second.
const REPLICAS: i32 = 2;
/// The key of a Secret that has the key of signatures.
const KEY: &str = "key";

/// Whether who may come in is asked of the authenticator.
pub(in crate::plan) fn is_asked(access: &Access) -> bool {
    match access {
        Access::Jwt(_) | Access::TokenCheck(_) | Access::ApiKey(_) => true,
        Access::Everybody | Access::Forward(_) | Access::Basic(_) => false,
    }
}

/// What the policies come to beside their settings.
#[derive(Default)]
struct Needs {
    policies: BTreeMap<String, Policy>,
    secrets: BTreeSet<String>,
    variables: BTreeMap<String, EnvVar>,
    nodes: BTreeSet<NodeId>,
    follows: Vec<String>,
    egress: Vec<NetworkPolicyEgressRule>,
    ports: BTreeSet<i32>,
}

/// The nodes of the authenticator; none where no request is asked about.
///
/// # Errors
/// A blacklist that is no Redis of a service of the app.
pub(in crate::plan) fn authenticator(
    front: &Front,
    databases: &Databases,
    facts: &Facts,
) -> Result<Vec<Node>, PlanError> {
    let mut needs = Needs::default();
    for (name, access) in front.checked() {
        let who = name.split('.').nth(1).unwrap_or("GravityApp");
        needs.egress.extend(way(front, access));
        let policy = needs.policy(front, access, who, databases, facts)?;
        needs.policies.extend(policy.map(|policy| (name, policy)));
    }
    if front.asks_of_everybody() {
        let open = super::OPEN.to_owned();
        needs.policies.insert(open, Policy::Open);
    }
    if needs.policies.is_empty() {
        return Ok(Vec::new());
    }
    let companion = Companion {
        app: front.app,
        role: ROLE,
        settings: json(&Settings {
            policies: needs.policies,
        }),
        replicas: REPLICAS,
        image: facts.own_image(),
        variables: needs.variables.into_values().collect(),
        volumes: needs.secrets.iter().map(|secret| volume(secret)).collect(),
        follows: needs.follows,
        egress: needs.egress,
        past_mesh: &needs.ports - &front.dialled(),
    };
    Ok(companion.nodes(needs.nodes))
}

impl Needs {
    fn policy(
        &mut self,
        front: &Front,
        access: &Access,
        who: &str,
        databases: &Databases,
        facts: &Facts,
    ) -> Result<Option<Policy>, PlanError> {
        Ok(match access {
            Access::Everybody | Access::Forward(_) | Access::Basic(_) => None,
            Access::Jwt(jwt) => Some(Policy::Jwt(self.jwt(jwt, who, databases, facts)?)),
            Access::TokenCheck(check) => Some(Policy::TokenCheck(TokenCheck {
                url: front.url(&check.service, &check.path),
                token_field: check.token_field.clone(),
                valid_field: check.valid_field.clone(),
                headers: check.headers.clone(),
            })),
            Access::ApiKey(keys) => Some(Policy::ApiKey(ApiKey {
                folder: self.folder(&keys.secret),
                header: keys.header.clone(),
                owner_header: OWNER_HEADER.to_owned(),
            })),
        })
    }

    fn jwt(
        &mut self,
        jwt: &validate::Jwt,
        who: &str,
        databases: &Databases,
        facts: &Facts,
    ) -> Result<Jwt, PlanError> {
        let blacklist = jwt.blacklist.as_ref();
        let blacklist = blacklist.map(|each| self.blacklist(each, who, databases, facts));
        Ok(Jwt {
            key: match &jwt.key {
                validate::SigningKey::Jwks(url) => Key::Jwks(url.clone()),
                validate::SigningKey::Secret(secret) => Key::File(self.folder(secret).join(KEY)),
            },
            algorithms: jwt.algorithms.clone(),
            issuer: jwt.issuer.clone(),
            audiences: jwt.audiences.clone(),
            headers: jwt.headers.clone(),
            required: jwt.required.clone(),
            blacklist: blacklist.transpose()?,
            cookie: jwt.cookie.clone(),
        })
    }

    /// A Redis by the login of the service that owns it. Its password comes as a variable, which
    /// a process reads once, so new credentials start new pods.
    fn blacklist(
        &mut self,
        blacklist: &validate::Blacklist,
        who: &str,
        databases: &Databases,
        facts: &Facts,
    ) -> Result<BlacklistSettings, PlanError> {
        let (service, database) = (&blacklist.service, &blacklist.database);
        let field = "authentication.jwt.blacklist";
        let login = keys_of(databases, service, database, who, field)?;
        let variable = names::url_variable(&login.secret);
        let from = EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: login.secret.clone(),
                key: "uri".to_owned(),
                optional: None,
            }),
            ..EnvVarSource::default()
        };
        let value = EnvVar {
            name: variable.clone(),
            value_from: Some(from),
            ..EnvVar::default()
        };
        self.variables.insert(variable.clone(), value);
        let owner = databases.services.get(service);
        self.nodes.extend(
            owner
                .iter()
                .flat_map(|bindings| bindings.needs.iter().cloned()),
        );
        self.ports.insert(login.port);
        self.egress.extend(login.reaches.iter().cloned());
        self.follows
            .extend(facts.credentials.get(&login.secret).cloned());
        Ok(BlacklistSettings {
            variable,
            key: blacklist.key.clone(),
        })
    }

    /// Where the keys of a Secret are in the pod.
    fn folder(&mut self, secret: &str) -> PathBuf {
        self.secrets.insert(secret.to_owned());
        PathBuf::from(place(secret))
    }
}

/// The way to whom the authenticator asks.
fn way(front: &Front, access: &Access) -> Vec<NetworkPolicyEgressRule> {
    match access {
        Access::Everybody | Access::Forward(_) | Access::Basic(_) | Access::ApiKey(_) => Vec::new(),
        Access::TokenCheck(check) => front.ways(|service| service.name == check.service),
        Access::Jwt(jwt) => {
            let Some((host, port)) = keys_host(jwt) else {
                return Vec::new();
            };
            match front.service_of(&host) {
                Some(asked) => front.ways(|service| service.name == asked.name),
                None => elsewhere(front, &host, port),
            }
        }
    }
}

/// The ways to a host that is none of the app's. By what a policy sees, a name may be a Service
/// of any namespace that it has a part of, and may lead through the gateway of this cluster, whose
/// pods listen on ports of their own.
fn elsewhere(front: &Front, host: &str, port: i32) -> Vec<NetworkPolicyEgressRule> {
    let mut ways = vec![wall::outside(host, port)];
    if host.parse::<core::net::IpAddr>().is_ok() {
        return ways;
    }
    let walls = front.app.walls.iter();
    let gateway = walls.flat_map(|walls| walls.gateway.clone());
    let gateway: Vec<_> = gateway.collect();
    if !gateway.is_empty() {
        ways.push(wall::to(gateway, Vec::new()));
    }
    let labels: Vec<&str> = host.split('.').collect();
    match labels.as_slice() {
        [_] => ways.push(wall::to_namespace(&front.app.namespace)),
        [_, namespace] => ways.push(wall::to_namespace(namespace)),
        _ => {}
    }
    ways
}

/// The host and the port that keys of signatures are fetched from.
pub(in crate::plan) fn keys_host(jwt: &validate::Jwt) -> Option<(String, i32)> {
    let validate::SigningKey::Jwks(url) = &jwt.key else {
        return None;
    };
    let url = url.parse::<hyper::Uri>().ok()?;
    let usual = if url.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    let port = url.port_u16().unwrap_or(usual);
    // An address of IPv6 stands in brackets in a URL (RFC 3986), and in none elsewhere.
    let host = url.host()?.trim_matches(['[', ']']);
    Some((host.to_owned(), i32::from(port)))
}

fn place(secret: &str) -> String {
    format!("{FOLDER}-keys/{secret}")
}

/// A Secret as files, which change in place when it does.
fn volume(secret: &str) -> (Volume, VolumeMount) {
    let name = names::derived(&["keys", &secret.replace('.', "-")], names::LABEL_LIMIT);
    let volume = Volume {
        name: name.clone(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(secret.to_owned()),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    };
    (volume, mount(&name, &place(secret)))
}
