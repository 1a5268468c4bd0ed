//! The node of a server.

use std::collections::BTreeSet;
use std::time::Duration;

use super::places::Server;
use super::{
    config_map, credentials, credentials_id, disruption_budget, operated, service, stateful_set,
    walls,
};
use crate::plan::Facts;
use crate::plan::graph::{Node, NodeId, NodeKind, PlannedObject};
use crate::validate::ValidApp;

/// An image to pull, a volume to attach, a new data folder to fill.
const DEADLINE: Duration = Duration::from_secs(600);
/// The same for each member, one after another, and a copy of the data.
const OPERATED_DEADLINE: Duration = Duration::from_secs(1_800);

/// The id of the server's node.
pub(super) fn id(server: &Server<'_>) -> NodeId {
    NodeId::new(NodeKind::Server, &server.name)
}

/// The server's node; a managed server has none.
pub(super) fn node(app: &ValidApp, server: &Server<'_>, facts: &Facts) -> Option<Node> {
    if server.external.is_some() {
        return None;
    }
    let (objects, deadline) = match server.operator {
        Some(operator) => (
            std::iter::once(operated::server(app, server, operator))
                .chain(walls::operated(app, server, operator))
                .collect(),
            OPERATED_DEADLINE,
        ),
        None => (own(app, server, facts), DEADLINE),
    };
    Some(Node {
        id: id(server),
        service: server.owner.clone(),
        version: Some(server.series.clone()),
        needs: needs(server),
        objects,
        deadline,
    })
}

/// What Gravity itself makes of a server.
fn own(app: &ValidApp, server: &Server<'_>, facts: &Facts) -> Vec<PlannedObject> {
    let objects = [
        walls::own(app, server),
        config_map::config_map(app, server),
        Some(service::headless(app, server)),
        Some(service::client(app, server)),
        disruption_budget::disruption_budget(app, server),
        Some(stateful_set::stateful_set(app, server, facts)),
    ];
    objects.into_iter().flatten().collect()
}

/// The administrator's Secret; a cache also reads the logins of its services at each
/// start, for it keeps nothing itself.
fn needs(server: &Server<'_>) -> BTreeSet<NodeId> {
    let mut needs = BTreeSet::from([credentials_id(&server.name)]);
    if server.cache {
        needs.extend(server.places.iter().map(|place| {
            credentials_id(credentials::login_name(
                &place.service.name,
                &place.database.name,
            ))
        }));
    }
    needs
}
