//! What cannot be sent: what is on a server of which nobody knows where it answers, and
//! databases that would move. Another major version, another engine or a server of one's own
//! is another server, and an empty one.

use super::places::{Place, Server};
use super::{credentials, credentials_id, operated};
use crate::api::reason::Reason;
use crate::plan::graph::{Held, Node, NodeId};
use crate::plan::{Facts, Named};

/// The nodes of a server that are held, each with the reason. A server is made for those
/// only who do not stay where they are.
pub(super) fn held(server: &Server<'_>, nodes: &[Node], facts: &Facts) -> Vec<(NodeId, Held)> {
    let places = || server.places.iter();
    let moving = || places().filter_map(|place| Some((place, moves(server, place, facts)?)));
    let all = moving().count() == places().count();
    let first = || moving().map(|(_, held)| held).next().filter(|_| all);
    let hindered = unknown(server).or_else(|| unmanned(server, facts));
    if let Some(held) = hindered.or_else(first) {
        let ids = nodes.iter().map(|node| node.id.clone());
        return ids.map(|id| (id, held.clone())).collect();
    }
    let of_place = |(place, held): (&Place<'_>, Held)| {
        let Place { service, database } = place;
        let login = credentials_id(credentials::login_name(&service.name, &database.name));
        let database = operated::database_id(server, place);
        let nodes = nodes.iter().filter(move |node| {
            node.id == login || node.needs.contains(&login) || Some(&node.id) == database.as_ref()
        });
        nodes.map(move |node| (node.id.clone(), held.clone()))
    };
    moving().flat_map(of_place).collect()
}

/// Why nothing can be provisioned on the server, and no login stated: without its address a
/// login that is in use would lead nowhere.
fn unknown(server: &Server<'_>) -> Option<Held> {
    let external = server.external.as_ref()?;
    let (secret, name) = (&external.secret, &server.name);
    let secret = format!("the Secret {secret} of the external server {name}");
    let told = |message: String| Held {
        reason: Some(Reason::ServerUnknown),
        message,
    };
    match &external.found {
        None => Some(Held {
            reason: None,
            message: format!("{secret} is being read"),
        }),
        Some(Named::Missing) => Some(told(format!(
            "{secret} is not there: make it, with the administrator's uri under the key uri"
        ))),
        Some(Named::There(contents)) => {
            let why = contents.server.as_ref().err()?;
            Some(told(format!("{secret} cannot be used: {why}")))
        }
    }
}

/// Why nobody would run the server: the operator that is asked for is not there.
fn unmanned(server: &Server<'_>, facts: &Facts) -> Option<Held> {
    let operator = server.operator?;
    let mut kinds = operated::kinds(server, operator).into_iter();
    let kind = kinds.find(|kind| facts.missing_kinds.contains(kind))?;
    let (title, group, name) = (operator.title, kind.facts().group, &server.name);
    Some(Held {
        reason: Some(Reason::OperatorMissing),
        message: format!(
            "the cluster does not know {kind} ({group}), so nobody would run {name}: install \
             {title} with its CustomResourceDefinitions, or write another mode in databases.{}",
            server.engine
        ),
    })
}

/// Why the place is not provisioned on this server: its data is on another one, and a
/// service that found its database empty would be worse off than one that waits.
///
/// A cache has nothing to lose, and who names a managed server has seen to its data.
fn moves(server: &Server<'_>, place: &Place<'_>, facts: &Facts) -> Option<Held> {
    if server.cache || server.external.is_some() {
        return None;
    }
    let Place { service, database } = place;
    let secret = credentials::login_name(&service.name, &database.name);
    let home = facts
        .homes
        .get(&secret)
        .filter(|home| **home != server.host() && **home != server.pooler_name())?;
    let (service, database, name) = (&service.name, &database.name, &server.name);
    Some(Held {
        reason: Some(Reason::DatabaseMoves),
        message: format!(
            "the database {database} of {service} is on {home}, and would be empty on {name}: \
             write the version and the mode that it has now; or add a database of another name, \
             copy the data there, and then take {database} out; or, to begin empty, delete the \
             Secret {secret}"
        ),
    })
}
