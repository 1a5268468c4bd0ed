//! What a person should know of the databases though nothing is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::places::{Place, Server, mode};
use super::{backup, credentials};
use crate::api::app::ServerMode;
use crate::api::names;
use crate::api::pooler::Pooler;
use crate::engines::Rotation;
use crate::plan::Facts;
use crate::plan::settings::settings;
use crate::validate::{ValidApp, ValidService};

/// Connections that a pod's pool opens at the most, for want of a better figure: the
/// default of many libraries (SQLAlchemy 5 and 10 over, HikariCP 10, Django none).
const POOL: i64 = 10;

/// All warnings, in a fixed order.
pub(super) fn warnings(
    app: &ValidApp,
    services: &BTreeMap<String, Arc<ValidService>>,
    servers: &BTreeMap<String, Server<'_>>,
    facts: &Facts,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for server in servers.values() {
        warnings.extend(connections(app, server));
        warnings.extend(members(server));
        warnings.extend(unknown_address(server));
        warnings.extend(backup::warning(server));
        let places = server.places.iter();
        warnings.extend(places.filter_map(|place| not_rotated(app, server, place, facts)));
    }
    for service in services.values() {
        warnings.extend(events_without_broker(service));
        warnings.extend(no_publisher(service, services));
        warnings.extend(cannot_share(app, service));
    }
    warnings
}

fn connections(app: &ValidApp, server: &Server<'_>) -> Option<String> {
    let limit = i64::from(server.profile().connections?);
    let pods = server
        .places
        .iter()
        .map(|place| i64::from(settings(app, place.service).replicas.most()));
    if let Some(pooler) = server.pooler() {
        return pooled(server, pooler, limit);
    }
    let wanted = pods.sum::<i64>() * POOL;
    let pooled = match server.profile().pooler {
        Some(_) => format!("set databases.{}.pooler: {{}}, or ", server.engine),
        None => String::new(),
    };
    (wanted > limit).then(|| {
        format!(
            "{}: at their most replicas the services may open {wanted} connections ({POOL} for each pod and database), and the server takes {limit}: {pooled}lower maxReplicas or the pools, or set databases.{}.mode: Dedicated before the first start",
            server.name, server.engine
        )
    })
}

/// What the pooler opens, whatever its clients do.
fn pooled(server: &Server<'_>, pooler: &Pooler, limit: i64) -> Option<String> {
    let databases = i64::try_from(server.places.len()).unwrap_or(i64::MAX);
    let wanted = pooler.connections().saturating_mul(databases);
    (wanted > limit).then(|| {
        format!(
            "{}: its pooler may open {wanted} connections ({} for each of {databases} databases), and the server takes {limit}: lower the pooler's poolSize or replicas",
            server.name,
            pooler.connections()
        )
    })
}

fn members(server: &Server<'_>) -> Option<String> {
    let wanted = server.policy.replicas.unwrap_or(1);
    let (has, title) = (server.members(), server.profile().title);
    if server.operator.is_some() {
        return None;
    }
    if server.profile().replica_set && has > wanted && server.live_members > 1 {
        return Some(format!(
            "{}: databases.{}.replicas is {wanted}, and its {has} members stay, for one of them alone could elect no primary: write {has}; or copy the data to a database of another name on a server of one",
            server.name, server.engine
        ));
    }
    if server.profile().replica_set {
        return (wanted != has).then(|| {
            format!(
                "{}: databases.{}.replicas is {wanted}, but a {title} replica set of Gravity has 1 or 3 members: {has} are made; write {has}, or 1",
                server.name, server.engine
            )
        });
    }
    (wanted != has).then(|| {
        format!(
            "{}: databases.{}.replicas is {wanted}, but a {title} server of Gravity has {has}: replicas and fail-over come with a managed server (mode: External)",
            server.name, server.engine
        )
    })
}

fn unknown_address(server: &Server<'_>) -> Option<String> {
    let external = server.external.as_ref()?;
    external.found.is_none().then(|| {
        format!(
            "{}: the address of the external server is not known until the Secret {} with its uri is there",
            server.name, external.secret
        )
    })
}

/// A rotation that is asked for and cannot be.
fn not_rotated(
    app: &ValidApp,
    server: &Server<'_>,
    place: &Place<'_>,
    facts: &Facts,
) -> Option<String> {
    let Place { service, database } = place;
    let secret = credentials::login_name(&service.name, &database.name);
    let rotation = facts.rotations.get(&secret);
    let asked = app.rotation.is_some() || rotation.is_some_and(|it| it.asked.is_some());
    let why = match server.profile().provisioning.rotation {
        Rotation::Never(why) => format!("{}: {why}", server.profile().title),
        Rotation::TwoLogins if rotation.is_some_and(|it| it.given) => {
            "its password was given, so change it there".to_owned()
        }
        Rotation::TwoLogins => return None,
    };
    asked.then(|| {
        format!(
            "the credentials in Secret {secret} are not rotated as {} asks: {why}",
            names::ROTATE_ANNOTATION
        )
    })
}

fn events_without_broker(service: &ValidService) -> Option<String> {
    let events = &service.events;
    let broker = service
        .databases
        .iter()
        .any(|it| it.engine.profile().events.is_some());
    let none = events.publishes.is_empty() && events.subscribes.is_empty();
    (!none && !broker).then(|| {
        format!(
            "{}: it has events but no broker: add a database of type rabbitmq or kafka to its manifest",
            service.name
        )
    })
}

fn no_publisher(
    service: &ValidService,
    services: &BTreeMap<String, Arc<ValidService>>,
) -> Option<String> {
    let published: BTreeSet<_> = services
        .values()
        .flat_map(|it| it.events.publishes.iter().map(|it| it.exchange.as_str()))
        .collect();
    let wanted = service
        .events
        .subscribes
        .iter()
        .map(|it| it.exchange.as_str());
    let missing: BTreeSet<_> = wanted.filter(|it| !published.contains(it)).collect();
    (!missing.is_empty()).then(|| {
        let names: Vec<_> = missing.into_iter().collect();
        format!(
            "{}: it subscribes to {}, and no service of the app publishes there",
            service.name,
            names.join(", ")
        )
    })
}

fn cannot_share(app: &ValidApp, service: &ValidService) -> Option<String> {
    let refused = service.databases.iter().find(|database| {
        let asked = app
            .databases
            .get(&database.engine)
            .and_then(|policy| policy.mode);
        asked == Some(ServerMode::Shared) && mode(app, database) != ServerMode::Shared
    })?;
    Some(format!(
        "{}: {} gets a server of its own though databases.{}.mode is Shared: give it a keyPrefix, or its keys cannot be told from those of others",
        service.name, refused.name, refused.engine
    ))
}
