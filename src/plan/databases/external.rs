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
            (secret, address(server, &place.database.url_scheme))
        })
        .collect()
}

/// How services reach the server, as far as that can change.
fn address(server: &Server<'_>, scheme: &str) -> String {
    let place = format!("{}:{}", server.service_host(), server.port());
    let (used, parameters) = server.connection(scheme);
    match (used == scheme, parameters.is_empty()) {
        (true, true) => place,
        _ => format!("{used}://{place}?{parameters}"),
    }
}
