//! Managed servers: where their logins lead.

use std::collections::BTreeMap;

use super::credentials;
use super::places::Server;
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
