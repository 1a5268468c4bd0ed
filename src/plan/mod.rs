//! plan: [`ValidApp`](crate::validate::ValidApp) + [`Resolution`](crate::resolve::Resolution)
//! + [`Facts`] → [`Plan`], a graph of nodes with their objects.
//!
//! Pure, and it leaves nothing to decide: what a node holds is what is sent.

mod assemble;
mod autoscaler;
mod callers;
mod claim;
mod companion;
mod config_map;
mod cron_job;
mod databases;
mod deployment;
mod disruption_budget;
mod environment;
mod error;
mod external_secret;
mod foreign;
mod graph;
mod job;
mod mesh;
pub(crate) mod meta;
mod migration;
mod network_policy;
mod nodes;
mod ownership;
mod pod;
mod pod_patch;
mod probes;
mod rest;
mod route;
mod security;
mod service;
mod service_account;
mod settings;
mod source;
mod stateful_set;
#[cfg(test)]
mod tests;
mod unknown_fields;
mod values;
mod vault;
mod volumes;
mod wall;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use error::PlanError;
pub use graph::{
    Body, Generated, Held, NoWayIn, Node, NodeId, NodeKind, Plan, PlannedObject, PlannedService,
};
pub use route::places_of;
pub use source::{SOURCE_CONTAINER, SOURCE_VOLUME};

use self::assemble::Assembly;
use self::databases::{Bindings, Databases, databases};
use self::ownership::Ownership;
use self::route::Front;
use self::values::Values;
use self::wanted::Wanted;
use crate::api::objects::{Kind, ObjectKey};
use crate::resolve::{Resolution, Resolved};
use crate::validate::ValidApp;

/// Plans everything that shall be in the cluster for `app` with the versions of
/// `resolution`.
///
/// # Errors
/// Two services, databases or variables that would have one name or one prefix, a Secret or a
/// claim that is another's, a source that nobody has said, or a `podTemplate` that cannot be
/// merged.
pub fn plan(
    app: &Arc<ValidApp>,
    resolution: &Resolution,
    facts: &Facts,
) -> Result<Plan, PlanError> {
    let services = resolution
        .services
        .iter()
        .map(|(name, resolved)| (name.clone(), Arc::clone(&resolved.service)))
        .collect();
    let databases = databases(app, &services, facts)?;
    plan_services(app, resolution, facts, databases)
}

/// Plans the services beside their databases.
fn plan_services(
    app: &Arc<ValidApp>,
    resolution: &Resolution,
    facts: &Facts,
    databases: Databases,
) -> Result<Plan, PlanError> {
    route::check_prefixes(app, resolution)?;
    let mut front = Front::new(app, resolution, &databases, facts)?;
    let authenticator = companion::authenticator(&front, &databases, facts)?;
    let ownership = ownership(app, resolution, databases.ownership)?;
    let mut assembly = Assembly::default();
    assembly.warn(databases.warnings);
    let no_way_in = route::missing_kinds(app, resolution, facts);
    let (mut held, mut named) = (databases.held, databases.named);
    assembly.add_all(authenticator)?;
    assembly.add_all(companion::health(&front, resolution, facts))?;
    assembly.add_all(databases.nodes)?;
    let none = Bindings::default();
    let services = resolution.services.values().map(|it| it.service.as_ref());
    let callers = callers::callers(app, services);
    let mut planned = BTreeMap::new();
    for (name, resolved) in &resolution.services {
        let bindings = databases.services.get(name).unwrap_or(&none);
        let (wanted, warnings) = Wanted::new(app, resolved, bindings, resolution, &callers)?;
        let values = Values::of(&wanted, &ownership);
        let wanted = Wanted {
            values: values.digest(facts),
            ..wanted
        };
        assembly.warn(warnings);
        assembly.add_all(nodes::nodes(&wanted, &values, facts, &mut front)?)?;
        held.extend(nodes::held(&wanted, &values, facts));
        named.extend(values.objects());
        planned.insert(name.clone(), planned_service(&wanted, resolved, &front));
    }
    let by_routes = route::named(
        app,
        resolution.services.values().map(|it| it.service.as_ref()),
    );
    // Where there is no way in for want of its kinds, these may be of one of them.
    if front.kind.is_some() {
        named.extend(by_routes.objects());
    }
    let mut no_way_in: Vec<NoWayIn> = no_way_in.into_iter().collect();
    no_way_in.extend(by_routes.told(facts));
    no_way_in.append(&mut front.closed);
    assembly.warn(no_way_in.iter().map(|told| told.message.clone()));
    assembly.warn(std::mem::take(&mut front.warnings));
    assembly.add_all(route::shared(front))?;
    let plan = assembly.finish(Arc::clone(app), planned, facts.rotations.clone());
    held.extend(mesh::held(&plan, facts));
    let plan = Plan {
        held,
        named,
        no_way_in,
        ..plan
    };
    Ok(rest::rest(plan, facts))
}

/// Refuses a service that names what is another's: on servers, or of another service.
fn ownership(
    app: &ValidApp,
    resolution: &Resolution,
    mut all: Ownership,
) -> Result<Ownership, PlanError> {
    let services = || resolution.services.values().map(|it| &it.service);
    services().for_each(|service| all.files(service));
    services().try_for_each(|service| all.remote(app, service))?;
    services().try_for_each(|service| all.check(app, service))?;
    Ok(all)
}

/// What status says of the service.
fn planned_service(wanted: &Wanted, resolved: &Resolved, front: &Front) -> PlannedService {
    let workload = wanted.workload();
    PlannedService {
        version: wanted.service.version.clone(),
        databases: wanted
            .service
            .databases
            .iter()
            .map(|database| database.name.clone())
            .collect(),
        url: route::url(wanted, front),
        replicas: match workload {
            Kind::CronJob => 0,
            Kind::Job => 1,
            _ => wanted.settings.replicas.least(),
        },
        wave: resolved.wave,
        workload,
        credentials: wanted.bindings.credentials.clone(),
        source: (
            wanted.service.namespace.clone(),
            wanted.service.object.clone(),
        ),
    }
}

/// What of the cluster the plan depends on. Time and existing objects come in as data;
/// offline everything here is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The servers that run, by their StatefulSet's name: a server's image and series
    /// stay as they are, so that an upgrade of Gravity restarts no database.
    pub servers: BTreeMap<String, LiveServer>,
    /// How many pods each StatefulSet of a service shall have, by its name.
    pub pods: BTreeMap<String, i32>,
    /// Which set of credentials each Secret holds, by the Secret's name: an opaque word
    /// that changes when the credentials do. Provisioning and consumers follow it.
    pub credentials: BTreeMap<String, String>,
    /// Where the rotation of credentials stands, by the Secret's name; absent where there
    /// never was one.
    pub rotations: BTreeMap<String, Rotation>,
    /// The host that each login has been used at, by its Secret's name.
    pub homes: BTreeMap<String, String>,
    /// The seeds that have run, by their Jobs' names, as the Secrets of logins say.
    pub seeded: BTreeSet<String>,
    /// The Jobs of seeds that are there and have ended well.
    pub seeds: BTreeSet<String>,
    /// Whether pods of services are there though the app is stopped: its servers wait for them.
    pub serving: bool,
    /// Gravity's own image, for its companions; what a build of this version is called when
    /// absent.
    pub image: Option<String>,
    /// The hosts and paths of this app's services that another app has, with who has them.
    pub taken: BTreeMap<String, String>,
    /// What the objects say that the app names and does not make; absent until that was read.
    pub named: BTreeMap<ObjectKey, Named>,
    /// The kinds that may be missing and are.
    pub missing_kinds: Vec<Kind>,
}

impl Facts {
    /// The image of Gravity's companions.
    pub fn own_image(&self) -> &str {
        const BUILT: &str = concat!("gravity:", env!("CARGO_PKG_VERSION"));
        self.image.as_deref().unwrap_or(BUILT)
    }

    /// Whether a plan of these facts may be kept now that there are others: a server runs in
    /// the image that the plan gave it, and new credentials can wait until somebody needs
    /// them. Credentials that have gone are made anew, and until then nothing follows from it.
    pub fn suffice_for(&self, now: &Self) -> bool {
        let changed = |old: &BTreeMap<String, String>, now: &BTreeMap<String, String>| {
            old.iter()
                .any(|(name, text)| now.get(name).is_some_and(|other| other != text))
        };
        let same = |(name, server): (&String, &LiveServer)| now.servers.get(name) == Some(server);
        self.servers.iter().all(same)
            && !changed(&self.credentials, &now.credentials)
            && !changed(&self.homes, &now.homes)
            && self.pods == now.pods
            && self.rotations == now.rotations
            && self.seeded == now.seeded
            && self.seeds == now.seeds
            && self.image == now.image
            && self.serving == now.serving
            && self.taken == now.taken
            && self.named == now.named
            && self.missing_kinds == now.missing_kinds
    }
}

/// A server that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveServer {
    /// Its image.
    pub image: String,
    /// Its series, as 15 or 8.4.
    pub series: String,
    /// How many members it shall have.
    pub members: i32,
}

/// Where the rotation of a Secret's credentials stands, and what is asked of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// What the Secret itself asks for: another word for each request.
    pub asked: Option<String>,
    /// What was last begun: the word of the app and that of the Secret, with a dot between.
    pub done: Option<String>,
    /// The other login, while it is of use.
    pub beside: Option<Beside>,
    /// The password is a person's, and not Gravity's to replace.
    pub given: bool,
}

/// The login that a Secret does not name, while it is of use beside the one that it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    /// It is made, and is the next that is used: these are its credentials.
    Next(String),
    /// It was in use, and somebody may still have it: these are its credentials.
    Previous(String),
}

/// What an object says that the app names, and that a person or another operator has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// It is there.
    There(Contents),
    /// It is not.
    Missing,
}

/// What is kept of a Secret or a ConfigMap that the app names: no value of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// A word for each key, which changes when its value does. That of a Secret's value tells
    /// nothing of a weak one.
    pub keys: BTreeMap<String, String>,
    /// Who makes it and writes it anew, as `ExternalSecret web-remote`.
    pub controller: Option<String>,
    /// Where the server answers whose administrator's `uri` it has; or why that cannot be used.
    pub server: Result<Address, String>,
    /// Whether it has a certificate with its key; or why not.
    pub certificate: Result<(), String>,
}

/// Where a managed server answers, and how it is spoken to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Its host.
    pub host: String,
    /// Its port; the engine's own where it is not stated.
    pub port: Option<i32>,
    /// The scheme of its URI.
    pub scheme: String,
    /// What its URI says of how to connect, by parameter; nothing of who does.
    pub parameters: BTreeMap<String, String>,
    /// Changes when the Secret does, and with it what is provisioned by its login.
    pub revision: String,
}
