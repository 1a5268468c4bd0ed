//! Who may have what on a server: nobody gets what is another's, or the engine's own.

use std::collections::BTreeMap;

use super::places::{Place, Server};
use super::queues;
use crate::engines::{self, Tenancy};
use crate::plan::PlanError;
use crate::validate::ValidApp;

/// A database, and the server that it is on.
type On<'a> = (&'a Server<'a>, &'a Place<'a>);

/// Checks every server.
pub(super) fn check(
    app: &ValidApp,
    servers: &BTreeMap<String, Server<'_>>,
) -> Result<(), PlanError> {
    let mut earlier: BTreeMap<String, Vec<On<'_>>> = BTreeMap::new();
    for server in servers.values() {
        let same = earlier.entry(whereabouts(server)).or_default();
        for place in &server.places {
            reserved(app, server, place)?;
            found_by_srv(server, place)?;
            for one in same.iter() {
                no_login_is_an_owner(*one, (server, place))?;
                queues::check(server, one.1.service, place.service)?;
                if overlap(app, *one, (server, place)) {
                    return Err(twice(app, *one, (server, place)));
                }
            }
            same.push((server, place));
        }
    }
    Ok(())
}

/// What tells one server from another. Two engines, two versions or two Secrets may lead to
/// one managed server, which is known by its address; until that was read, by its Secret.
fn whereabouts(server: &Server<'_>) -> String {
    let Some(external) = &server.external else {
        return server.name.clone();
    };
    match external.address() {
        Some(address) => format!("{}:{}", address.host, server.port()),
        None => format!("Secret/{}", external.secret),
    }
}

fn reserved(app: &ValidApp, server: &Server<'_>, place: &Place<'_>) -> Result<(), PlanError> {
    let database = place.name_on_server(app);
    let profile = server.profile();
    let operator = server.operator;
    let of_operator = operator.filter(|operator| operator.reserved.contains(&database.as_str()));
    let of_engine = profile.tenancy.is_named() && profile.is_reserved(&database);
    let of_pooler = profile.pooler.filter(|pooler| pooler.login == database);
    let others = [
        of_engine.then_some(profile.title),
        of_operator.map(|operator| operator.title),
        of_pooler.map(|pooler| pooler.title),
    ];
    let Some(whose) = others.into_iter().flatten().next() else {
        return Ok(());
    };
    Err(PlanError::DatabaseReserved {
        service: place.service.name.clone(),
        engine: whose.to_owned(),
        database,
    })
}

/// The records are those of a headless Service, which only Gravity's own servers have.
fn found_by_srv(server: &Server<'_>, place: &Place<'_>) -> Result<(), PlanError> {
    let Place { service, database } = place;
    let own = server.external.is_none() && server.operator.is_none();
    if own || !engines::is_srv(&database.url_scheme) {
        return Ok(());
    }
    Err(PlanError::NoSrvRecords {
        service: service.name.clone(),
        database: database.name.clone(),
        scheme: database.url_scheme.clone(),
        server: server.name.clone(),
    })
}

/// An owner role has the name of its database, and its logins end in `_a` and `_b`: of `shop`
/// and `shop_a`, a login of the first would be the owner of the second.
fn no_login_is_an_owner(one: On<'_>, other: On<'_>) -> Result<(), PlanError> {
    let ((_, first), (server, second)) = (one, other);
    let owners = (first.owner(), second.owner());
    let logs_in_as = |login: &str, owner: &str| {
        ["_a", "_b"]
            .iter()
            .any(|end| format!("{owner}{end}") == login)
    };
    let clash = logs_in_as(&owners.0, &owners.1) || logs_in_as(&owners.1, &owners.0);
    if !server.profile().tenancy.is_named() || !clash {
        return Ok(());
    }
    Err(PlanError::LoginIsOwner {
        server: server.name.clone(),
        first: first.told(),
        second: second.told(),
    })
}

fn overlap(app: &ValidApp, one: On<'_>, other: On<'_>) -> bool {
    let tenancy = other.0.profile().tenancy;
    let (one, other) = ((one.1).name_on_server(app), (other.1).name_on_server(app));
    match tenancy {
        Tenancy::Database => one == other,
        Tenancy::Indices => one == other || goes_on(&one, &other) || goes_on(&other, &one),
        // Who has a prefix reads all that begins with it; no prefix is all keys.
        Tenancy::Keys => one.starts_with(&other) || other.starts_with(&one),
        Tenancy::App => false,
    }
}

/// Whether the name is the other with a hyphen and more.
fn goes_on(name: &str, other: &str) -> bool {
    name.strip_prefix(other)
        .is_some_and(|rest| rest.starts_with('-'))
}

fn twice(app: &ValidApp, one: On<'_>, other: On<'_>) -> PlanError {
    let ((first_on, first), (server, second)) = (one, other);
    let on = server.name.clone();
    match server.profile().tenancy {
        Tenancy::Keys => PlanError::KeysClaimedTwice {
            server: on,
            first: first.told(),
            second: second.told(),
        },
        Tenancy::Indices => PlanError::IndicesClaimedTwice {
            server: on,
            first: first.told(),
            second: second.told(),
        },
        Tenancy::Database | Tenancy::App => PlanError::DatabaseClaimedTwice {
            database: first.name_on_server(app),
            server: if first_on.name == on {
                on
            } else {
                format!("{} and {on}, which are one server", first_on.name)
            },
            first: first.service.name.clone(),
            second: second.service.name.clone(),
        },
    }
}
