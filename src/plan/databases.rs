//! Databases of an app: which servers there are, what is provisioned on them, and the
//! variables by which services reach them.
//!
//! In: the app's policy for each engine, the services with their databases, the facts of
//! the cluster. Out: the nodes `credentials/…`, `server/…` and `provisioning/…`, and what
//! each service gets from them. The facts of the engines are in `engines/`.

mod backup;
mod claims;
mod config_map;
mod credentials;
mod disruption_budget;
mod events;
mod external;
mod fill;
mod held;
mod operated;
mod places;
mod pod;
mod pooler;
mod probes;
mod provisioning;
mod queues;
mod server;
mod service;
mod stateful_set;
mod storage;
mod walls;
mod warnings;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::api::core::v1::EnvVar;
use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;

use self::places::{ExternalServer, Server};
use super::graph::{Held, Node, NodeId, NodeKind};
use super::ownership::{Holds, Ownership};
use super::{Facts, PlanError, meta};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::engines::Tenancy;
use crate::validate::{ValidApp, ValidService};

/// What the databases of all services come to.
#[derive(Clone, Debug, Default)]
pub struct Databases {
    /// The nodes of credentials, servers and provisioning.
    pub nodes: Vec<Node>,
    /// By the service's name, what it gets.
    pub services: BTreeMap<String, Bindings>,
    /// The logins, by their service and database.
    pub logins: BTreeMap<(String, String), Login>,
    /// The nodes on servers of which nobody knows yet where they answer.
    pub held: BTreeMap<NodeId, Held>,
    /// The Secrets of external servers.
    pub named: BTreeSet<ObjectKey>,
    /// What the Secrets and claims hold that are made or named for all this.
    pub ownership: Ownership,
    /// What a person should know though nothing is wrong.
    pub warnings: Vec<String>,
}

/// Where a service's login to a database is, and where it leads.
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    /// Its Secret.
    pub secret: String,
    /// The host of the server.
    pub host: String,
    /// The port of the server.
    pub port: i32,
    /// What a service owns on the server.
    pub tenancy: Tenancy,
    /// The way there, for pods with a wall.
    pub reaches: Vec<NetworkPolicyEgressRule>,
}

/// What one service gets from its databases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bindings {
    /// The variables, each from a Secret.
    pub variables: Vec<EnvVar>,
    /// The variables that a migration has instead: they lead past a pooler.
    pub direct: Vec<EnvVar>,
    /// What its pods may reach: the servers that its databases are on.
    pub reaches: Vec<NetworkPolicyEgressRule>,
    /// The ports of these.
    pub ports: BTreeSet<i32>,
    /// The nodes that must be ready before its migration and its pods.
    pub needs: BTreeSet<NodeId>,
    /// Changes when one of its credentials does: the pods then roll once. `None` without
    /// databases.
    pub credentials: Option<String>,
}

/// Plans servers, credentials and provisioning of all services.
///
/// # Errors
/// Two services that claim one database of a server, a database that the engine has for
/// itself, an external server without its Secret.
pub fn databases(
    app: &ValidApp,
    services: &BTreeMap<String, Arc<ValidService>>,
    facts: &Facts,
) -> Result<Databases, PlanError> {
    let servers = places::servers(app, services, facts)?;
    claims::check(app, &servers)?;
    let mut planned = Databases {
        warnings: warnings::warnings(app, services, &servers, facts),
        ..Databases::default()
    };
    for server in servers.values() {
        let before = planned.nodes.len();
        planned.nodes.extend(credentials::admin(app, server));
        planned.nodes.extend(storage::node(app, server));
        planned.nodes.extend(server::node(app, server, facts));
        planned.nodes.extend(operated::databases(app, server));
        planned.nodes.extend(pooler::nodes(app, server, facts));
        for (service, places) in server.by_service() {
            let job = provisioning::node(app, server, service, &places, facts);
            for place in &places {
                planned
                    .nodes
                    .push(credentials::login(app, server, place, facts));
            }
            let bindings = planned.services.entry(service.to_owned()).or_default();
            bindings.needs.insert(job.id.clone());
            bindings.needs.extend(pooler::id(server));
            bindings.reaches.extend(walls::reaches(app, server));
            bindings.ports.insert(server.port());
            planned.nodes.push(job);
        }
        planned.nodes.extend(backup::node(app, server));
        let held = held::held(server, &planned.nodes[before..], facts);
        planned.held.extend(held);
        own(server, &mut planned.ownership);
        planned.logins.extend(logins(app, server));
        let external = server.external.as_ref();
        let secret = |external: &ExternalServer| meta::key(app, Kind::Secret, &external.secret);
        planned.named.extend(external.map(secret));
    }
    bind(services, &servers, facts, &mut planned);
    Ok(planned)
}

/// The logins to the server.
fn logins<'a>(
    app: &'a ValidApp,
    server: &'a Server<'_>,
) -> impl Iterator<Item = ((String, String), Login)> + 'a {
    server.places.iter().map(|place| {
        let (service, database) = (&place.service.name, &place.database.name);
        let login = Login {
            secret: credentials::login_name(service, database),
            host: server.service_host(),
            port: server.port(),
            tenancy: server.profile().tenancy,
            reaches: walls::reaches(app, server),
        };
        ((service.clone(), database.clone()), login)
    })
}

/// What each Secret and claim holds that has to do with the server.
fn own(server: &Server<'_>, all: &mut Ownership) {
    let name = || server.name.clone();
    all.secret(server.admin_secret(), Holds::Server(name()));
    if server.pooler().is_some() && server.operator.is_none() {
        all.secret(server.pooler_name(), Holds::Logins(name()));
    }
    if let Some(secret) = backup::bucket_secret(server) {
        all.secret(secret, Holds::BackupKey(name()));
    }
    if let Some(claim) = backup::claim_name(server) {
        all.claim(claim, Holds::Backups(name()));
    }
    if let Some(claims) = storage::claim_name(server) {
        all.claims_of_pods(claims, Holds::Data(name()));
    }
    if let Some(operator) = server.operator {
        operated::own(server, operator, all);
    }
    for place in &server.places {
        let (service, database) = (place.service.name.clone(), place.database.name.clone());
        let secret = credentials::login_name(&service, &database);
        all.secret(secret, Holds::Database { service, database });
    }
}

/// Gives each service the variables of its databases, in the order of its manifest.
fn bind(
    services: &BTreeMap<String, Arc<ValidService>>,
    servers: &BTreeMap<String, Server<'_>>,
    facts: &Facts,
    planned: &mut Databases,
) {
    let addresses = external::addresses(servers);
    let replicas = secrets_of(servers, |server| server.replica_host().is_some());
    let pooled = secrets_of(servers, |server| server.pooler().is_some());
    for (name, service) in services {
        let bindings = planned.services.entry(name.clone()).or_default();
        let mut secrets = BTreeSet::new();
        for database in &service.databases {
            let secret = credentials::login_name(name, &database.name);
            let variable = pod::from_secret(&database.env, &secret, credentials::URI);
            bindings.variables.push(variable);
            if pooled.contains(&secret) {
                let variable = pod::from_secret(&database.env, &secret, credentials::DIRECT_URI);
                bindings.direct.push(variable);
            }
            if replicas.contains(&secret) {
                let name = names::replica_variable(&database.env);
                let variable = pod::from_secret(&name, &secret, credentials::REPLICA_URI);
                bindings.variables.push(variable);
            }
            secrets.insert(secret);
        }
        bindings.credentials = (!secrets.is_empty()).then(|| digest(&secrets, &addresses, facts));
    }
}

/// The Secrets of logins to these servers.
fn secrets_of(
    servers: &BTreeMap<String, Server<'_>>,
    which: impl Fn(&Server<'_>) -> bool,
) -> BTreeSet<String> {
    let servers = servers.values().filter(|server| which(server));
    let places = servers.flat_map(|server| &server.places);
    places
        .map(|place| credentials::login_name(&place.service.name, &place.database.name))
        .collect()
}

/// Changes when one of the Secrets holds another set of credentials, or leads elsewhere.
fn digest(
    secrets: &BTreeSet<String>,
    addresses: &BTreeMap<String, String>,
    facts: &Facts,
) -> String {
    let id = |secret: &String| {
        let id = credential(facts, secret);
        let address = addresses.get(secret);
        address.map_or_else(|| id.to_owned(), |address| format!("{id}@{address}"))
    };
    let ids: Vec<_> = secrets.iter().map(|secret| (secret, id(secret))).collect();
    names::digest8(meta::value(&ids).to_string().as_bytes())
}

/// Which set of credentials a Secret holds; offline, and before it is there, the first one.
fn credential<'a>(facts: &'a Facts, secret: &str) -> &'a str {
    let id = facts.credentials.get(secret);
    id.map_or(names::FIRST_CREDENTIALS, String::as_str)
}

/// The node of the credentials in that Secret.
fn credentials_id(name: impl Into<String>) -> NodeId {
    NodeId::new(NodeKind::Credentials, name)
}
