//! Managed servers: where they answer, and what is held until that is known.

use std::collections::BTreeMap;

use super::credentials;
use super::places::Server;
use crate::plan::External;
use crate::plan::graph::Held;

/// Why nothing can be provisioned on the server, and no login stated: without its address a
/// login that is in use would lead nowhere.
pub(super) fn held(server: &Server<'_>) -> Option<Held> {
    let external = server.external.as_ref()?;
    let (secret, name) = (&external.secret, &server.name);
    match &external.found {
        Some(External::At(_)) => None,
        None => Some(Held::Reading(format!(
            "the Secret {secret} of the external server {name} is being read"
        ))),
        Some(External::Missing) => Some(Held::Unknown(format!(
            "the Secret {secret} of the external server {name} is not there: make it, with the \
             administrator's uri under the key uri"
        ))),
        Some(External::Malformed(why)) => Some(Held::Unknown(format!(
            "the Secret {secret} of the external server {name} cannot be used: {why}"
        ))),
    }
}

/// Where the logins of managed servers lead, by the logins' Secrets. Gravity's own servers
/// keep their addresses.
pub(super) fn addresses(servers: &BTreeMap<String, Server<'_>>) -> BTreeMap<String, String> {
    let external = servers.values().filter(|server| server.external.is_some());
    let places = external.flat_map(|server| server.places.iter().map(move |place| (server, place)));
    places
        .map(|(server, place)| {
            let secret = credentials::login_name(&place.service.name, &place.database.name);
            (secret, format!("{}:{}", server.host(), server.port()))
        })
        .collect()
}
