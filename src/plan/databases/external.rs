//! Logins that do not lead to a server of Gravity's itself: to a managed one, or to a pooler.

use std::collections::BTreeMap;

use super::credentials;
use super::places::Server;

/// Where they lead, by the logins' Secrets. All others lead to their server, which keeps its
/// address.
pub(super) fn addresses(servers: &BTreeMap<String, Server<'_>>) -> BTreeMap<String, String> {
    let elsewhere = servers
        .values()
        .filter(|server| server.external.is_some() || server.pooler().is_some());
    let places =
        elsewhere.flat_map(|server| server.places.iter().map(move |place| (server, place)));
    places
        .map(|(server, place)| {
            let secret = credentials::login_name(&place.service.name, &place.database.name);
            (
                secret,
                format!("{}:{}", server.service_host(), server.port()),
            )
        })
        .collect()
}
