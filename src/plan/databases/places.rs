//! Which server each database is on.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::app::{DatabaseServer, ServerMode};
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::pooler::Pooler;
use crate::api::service::DatabaseMode;
use crate::engines::{Engine, Operator, Profile, Tenancy};
use crate::plan::callers::{self, Guests};
use crate::plan::{Address, Facts, Named, PlanError, meta};
use crate::validate::{Database, ValidApp, ValidService};

/// A server, and what is on it.
pub(super) struct Server<'a> {
    /// The name of its StatefulSet and Service.
    pub name: String,
    /// Its engine.
    pub engine: Engine,
    /// Its series.
    pub series: String,
    /// Its image: the one that runs, or else the policy's, or else the engine's.
    pub image: String,
    /// Whether it is a cache.
    pub cache: bool,
    /// How many members run; 0 where none does.
    pub live_members: i32,
    /// What the app says of the engine's servers.
    pub policy: DatabaseServer,
    /// The service that has it for itself.
    pub owner: Option<String>,
    /// A managed server.
    pub external: Option<ExternalServer>,
    /// The operator that runs it in Gravity's place.
    pub operator: Option<&'static Operator>,
    /// The databases on it, by service, each in the order of the manifest.
    pub places: Vec<Place<'a>>,
    /// Who comes to it beside the services of these.
    pub guests: Guests,
}

/// A managed server.
pub(super) struct ExternalServer {
    /// The Secret of its administrator.
    pub secret: String,
    /// What that says; nothing until it has been read.
    pub found: Option<Named>,
}

impl ExternalServer {
    /// Where it answers, once that is known.
    pub fn address(&self) -> Option<&Address> {
        match self.found.as_ref()? {
            Named::There(contents) => contents.server.as_ref().ok(),
            Named::Missing => None,
        }
    }
}

/// A database on a server.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Whose it is.
    pub service: &'a ValidService,
    /// What is asked for.
    pub database: &'a Database,
}

impl Server<'_> {
    /// The engine's facts.
    pub fn profile(&self) -> &'static Profile {
        self.engine.profile()
    }

    /// The Service that gives each member a name of its own.
    pub fn headless(&self) -> String {
        names::derived(&[&self.name, "headless"], names::LABEL_LIMIT)
    }

    /// The Secret of the administrator.
    pub fn admin_secret(&self) -> String {
        match &self.external {
            Some(external) => external.secret.clone(),
            None => names::derived(&[&self.name, "admin"], names::LABEL_LIMIT),
        }
    }

    /// How many members there are. Two of a replica set could not agree when one is away,
    /// so more than one means three; and three stay three, for one that is left alone of them
    /// has no majority.
    pub fn members(&self) -> i32 {
        let wanted = self.policy.replicas.unwrap_or(1);
        if self.operator.is_some() {
            wanted
        } else if self.profile().replica_set && (wanted > 1 || self.live_members > 1) {
            3
        } else {
            1
        }
    }

    /// How many members a set of Gravity's own has, where it has more than one.
    pub fn grown_members(&self) -> Option<i32> {
        let set = self.profile().replica_set && self.operator.is_none();
        Some(self.members()).filter(|members| set && *members > 1)
    }

    /// The host that takes writes.
    pub fn host(&self) -> String {
        match (&self.external, self.operator) {
            // A name that can never resolve (RFC 6761), until the Secret has been read.
            (Some(external), _) => external
                .address()
                .map_or("external.invalid", |it| &it.host)
                .to_owned(),
            (None, Some(operator)) => operator.write_host(&self.name),
            (None, None) => self.name.clone(),
        }
    }

    /// The pooler in front of it, where one is asked for.
    pub fn pooler(&self) -> Option<&Pooler> {
        let can = self.profile().pooler.is_some() && self.external.is_none();
        self.policy.pooler.as_ref().filter(|_| can)
    }

    /// The name of the pooler in front of it, and of its Service.
    pub fn pooler_name(&self) -> String {
        names::derived(&[&self.name, "pooler"], names::LABEL_LIMIT)
    }

    /// The host that services use: the pooler's where there is one.
    pub fn service_host(&self) -> String {
        match self.pooler() {
            Some(_) => self.pooler_name(),
            None => self.host(),
        }
    }

    /// The host of the members that only read, where there are any.
    pub fn replica_host(&self) -> Option<String> {
        let operator = self.operator?;
        (self.members() > 1).then(|| operator.read_host(&self.name))
    }

    /// The size of each member's claim.
    pub fn storage_size(&self) -> String {
        let stated = self.policy.storage.as_ref().map(ToString::to_string);
        stated.unwrap_or_else(|| self.profile().storage.size.to_owned())
    }

    /// The port that clients use.
    pub fn port(&self) -> i32 {
        let known = self
            .external
            .as_ref()
            .and_then(|external| external.address()?.port);
        known.unwrap_or_else(|| self.profile().port())
    }

    /// The scheme and the parameters of a URL that would have this scheme: on a server of others
    /// they follow its administrator's.
    pub fn connection(&self, scheme: &str) -> (String, String) {
        let known = self.external.as_ref().and_then(ExternalServer::address);
        let Some(address) = known else {
            return (scheme.to_owned(), String::new());
        };
        let inherits = &self.profile().url.inherits;
        (
            inherits.scheme(scheme, &address.scheme),
            inherits.parameters(scheme, &address.parameters),
        )
    }

    /// The databases of each service.
    pub fn by_service(&self) -> BTreeMap<&str, Vec<Place<'_>>> {
        let mut services: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
        for place in &self.places {
            services
                .entry(&place.service.name)
                .or_default()
                .push(*place);
        }
        services
    }
}

/// All servers of the app, by name.
pub(super) fn servers<'a>(
    app: &ValidApp,
    services: &'a BTreeMap<String, Arc<ValidService>>,
    facts: &Facts,
) -> Result<BTreeMap<String, Server<'a>>, PlanError> {
    let readers = callers::readers(app, services.values().map(AsRef::as_ref));
    let mut servers: BTreeMap<String, Server<'a>> = BTreeMap::new();
    for service in services.values() {
        for database in &service.databases {
            let place = Place { service, database };
            let mode = mode(app, database);
            let name = name(app, place, mode);
            if !servers.contains_key(&name) {
                let server = server(app, place, mode, name.clone(), facts)?;
                servers.insert(name.clone(), server);
            }
            if let Some(server) = servers.get_mut(&name) {
                server.places.push(place);
                let place = (service.name.as_str(), database.name.as_str());
                let guests = readers.get(&place);
                guests.into_iter().for_each(|it| server.guests.join(it));
            }
        }
    }
    Ok(servers)
}

fn server<'a>(
    app: &ValidApp,
    place: Place<'a>,
    mode: ServerMode,
    name: String,
    facts: &Facts,
) -> Result<Server<'a>, PlanError> {
    let Place { service, database } = place;
    let policy = app
        .databases
        .get(&database.engine)
        .cloned()
        .unwrap_or_default();
    let operator = Operator::of(mode);
    let live = facts.servers.get(&name).filter(|_| operator.is_none());
    let series = live.map_or_else(|| database.series.clone(), |live| live.series.clone());
    let image = live
        .map(|live| live.image.clone())
        .or_else(|| policy.image.clone());
    Ok(Server {
        image: image.unwrap_or_else(|| database.engine.profile().image_of(&series)),
        external: external(app, mode, &policy, database.engine, facts)?,
        operator,
        owner: (mode == ServerMode::Dedicated).then(|| service.name.clone()),
        cache: is_cache(database),
        live_members: live.map_or(0, |live| live.members),
        engine: database.engine,
        places: Vec::new(),
        guests: Guests::default(),
        name,
        series,
        policy,
    })
}

fn external(
    app: &ValidApp,
    mode: ServerMode,
    policy: &DatabaseServer,
    engine: Engine,
    facts: &Facts,
) -> Result<Option<ExternalServer>, PlanError> {
    if mode != ServerMode::External {
        return Ok(None);
    }
    let Some(secret) = policy.secret_name.clone() else {
        let engine = engine.name().to_owned();
        return Err(PlanError::ExternalWithoutSecret { engine });
    };
    let key = meta::key(app, Kind::Secret, &secret);
    let found = facts.named.get(&key).cloned();
    Ok(Some(ExternalServer { secret, found }))
}

/// Whose server the database is on. Services whose keys have no prefix cannot share.
pub(super) fn mode(app: &ValidApp, database: &Database) -> ServerMode {
    let profile = database.engine.profile();
    let asked = app
        .databases
        .get(&database.engine)
        .and_then(|policy| policy.mode);
    let prefixed = database.key_prefix.is_some();
    match asked {
        Some(ServerMode::Shared) if profile.shared_by_prefix && !prefixed => ServerMode::Dedicated,
        Some(asked) => asked,
        None if profile.shared_by_prefix && prefixed => ServerMode::Shared,
        None => profile.mode,
    }
}

/// The server's name: from what its data files depend on and from nothing else.
fn name(app: &ValidApp, place: Place<'_>, mode: ServerMode) -> String {
    let Place { service, database } = place;
    let series = database.series.replace('.', "-");
    let mut parts = vec![app.name.as_str()];
    if mode == ServerMode::Dedicated {
        parts.push(&service.name);
    }
    parts.extend([database.engine.name(), &series]);
    if is_cache(database) {
        parts.push("cache");
    }
    let operator = Operator::of(mode);
    parts.extend(operator.map(|operator| operator.suffix));
    let limit = operator.map_or(names::WORKLOAD_LIMIT, |operator| operator.name_limit);
    names::derived(&parts, limit)
}

fn is_cache(database: &Database) -> bool {
    database.engine.profile().cache.is_some() && database.mode == DatabaseMode::Cache
}

impl Place<'_> {
    /// The database as a message names it.
    pub fn told(&self) -> String {
        format!("{} of {}", self.database.name, self.service.name)
    }

    /// What the database is called on its server.
    pub fn name_on_server(&self, app: &ValidApp) -> String {
        let profile = self.database.engine.profile();
        match profile.tenancy {
            Tenancy::App => app.name.clone(),
            Tenancy::Keys => self.database.key_prefix.clone().unwrap_or_default(),
            Tenancy::Database | Tenancy::Indices if profile.dns_names => dns(&self.database.name),
            Tenancy::Database | Tenancy::Indices => self.database.name.clone(),
        }
    }

    /// The role that owns it. A database has one owner on a server, so its own name will
    /// do; what is shared needs the service's name in it.
    pub fn owner(&self) -> String {
        let profile = self.database.engine.profile();
        // Two letters are left for `_a` and `_b`.
        let limit = profile.login_limit - 2;
        match profile.tenancy {
            Tenancy::Database | Tenancy::Indices => names::derived(&[&self.database.name], limit),
            Tenancy::Keys | Tenancy::App => {
                names::derived(&[&self.service.name, &dns(&self.database.name)], limit)
            }
        }
    }
}

/// The name as a DNS label has it: `auth_db` becomes `auth-db`. A name of which nothing is
/// left, as `_`, is told by its digest.
pub(super) fn dns(name: &str) -> String {
    let lower: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    match lower.trim_matches('-') {
        "" => names::digest8(name.as_bytes()),
        label => label.to_owned(),
    }
}
