//! Who may have what on a server: nobody gets what is another's, or the engine's own.

use std::collections::BTreeMap;

use super::places::{Place, Server};
use crate::engines::{self, Tenancy};
use crate::plan::PlanError;
use crate::validate::ValidApp;

/// Checks every server.
pub(super) fn check(
    app: &ValidApp,
    servers: &BTreeMap<String, Server<'_>>,
) -> Result<(), PlanError> {
    for server in servers.values() {
        for (index, place) in server.places.iter().enumerate() {
            reserved(app, server, place)?;
            found_by_srv(server, place)?;
            for earlier in &server.places[..index] {
                no_login_is_an_owner(server, earlier, place)?;
                if overlap(app, server, earlier, place) {
                    return Err(twice(app, server, earlier, place));
                }
            }
        }
    }
    Ok(())
}

fn reserved(app: &ValidApp, server: &Server<'_>, place: &Place<'_>) -> Result<(), PlanError> {
    let database = place.name_on_server(app);
    let profile = server.profile();
    let operator = server.operator;
    let of_operator = operator.filter(|operator| operator.reserved.contains(&database.as_str()));
    let of_engine = profile.tenancy == Tenancy::Database && profile.is_reserved(&database);
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
fn no_login_is_an_owner(
    server: &Server<'_>,
    one: &Place<'_>,
    other: &Place<'_>,
) -> Result<(), PlanError> {
    let (first, second) = (one.owner(), other.owner());
    let logs_in_as = |login: &str, owner: &str| {
        ["_a", "_b"]
            .iter()
            .any(|end| format!("{owner}{end}") == login)
    };
    let clash = logs_in_as(&second, &first) || logs_in_as(&first, &second);
    if server.profile().tenancy != Tenancy::Database || !clash {
        return Ok(());
    }
    Err(PlanError::LoginIsOwner {
        server: server.name.clone(),
        first: format!("{} of {}", one.database.name, one.service.name),
        second: format!("{} of {}", other.database.name, other.service.name),
    })
}

fn overlap(app: &ValidApp, server: &Server<'_>, one: &Place<'_>, other: &Place<'_>) -> bool {
    let (one, other) = (one.name_on_server(app), other.name_on_server(app));
    match server.profile().tenancy {
        Tenancy::Database => one == other,
        // Who has a prefix reads all that begins with it; no prefix is all keys.
        Tenancy::Keys => one.starts_with(&other) || other.starts_with(&one),
        Tenancy::App => false,
    }
}

fn twice(app: &ValidApp, server: &Server<'_>, one: &Place<'_>, other: &Place<'_>) -> PlanError {
    if server.profile().tenancy == Tenancy::Keys {
        return PlanError::KeysClaimedTwice {
            server: server.name.clone(),
            first: format!("{} of {}", one.database.name, one.service.name),
            second: format!("{} of {}", other.database.name, other.service.name),
        };
    }
    PlanError::DatabaseClaimedTwice {
        database: one.name_on_server(app),
        server: server.name.clone(),
        first: one.service.name.clone(),
        second: other.service.name.clone(),
    }
}
