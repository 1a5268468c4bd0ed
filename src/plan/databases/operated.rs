//! Servers that another operator runs: the objects that it takes for a server and for a
//! database. What it has no field for (passwords, rights, extensions) stays with the
//! provisioning Job, which finds roles and database there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::Value;

use super::places::{Place, Server};
use super::{credentials, pod, pooler, server};
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::pooler::Pooler;
use crate::engines::{Operator, WantedDatabase, WantedPooler, WantedRole, WantedServer};
use crate::plan::graph::{Node, NodeId, NodeKind, PlannedObject};
use crate::plan::meta;
use crate::plan::ownership::{Holds, Ownership};
use crate::validate::ValidApp;

/// A database is made in a second, once its server is there; what is refused is tried again.
const DATABASE_DEADLINE: Duration = Duration::from_secs(600);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: Value,
}

/// The kinds that the cluster must know for the server.
pub(super) fn kinds(server: &Server<'_>, operator: &Operator) -> Vec<Kind> {
    let pooler = server.pooler().map(|_| operator.pooler.kind);
    let kinds = [operator.server.kind, operator.database.kind];
    kinds.into_iter().chain(pooler).collect()
}

/// The Secrets and claims that the operator makes for the server.
pub(super) fn own(server: &Server<'_>, operator: &Operator, all: &mut Ownership) {
    let name = || server.name.clone();
    for secret in operator.secrets_of(&server.name) {
        let operator = operator.title;
        let server = name();
        all.secret(secret, Holds::Operator { operator, server });
    }
    all.claims_of_pods(operator.claims_of(&server.name), Holds::Data(name()));
}

/// The node of a pooler that the operator runs.
pub(super) fn pooler(
    app: &ValidApp,
    server: &Server<'_>,
    wanted: &Pooler,
    operator: &Operator,
) -> Node {
    let name = server.pooler_name();
    let spec = (operator.pooler.spec)(&WantedPooler {
        server: server.name.clone(),
        wanted: wanted.clone(),
    });
    let metadata = meta::owned(app, &name, names::labels(&app.name, &name, "pooler"));
    let object = object(app, operator.pooler.kind, metadata, spec);
    let selector = BTreeMap::from([(operator.pooler_label.to_owned(), name.clone())]);
    let budget = pooler::disruption_budget(app, server, selector);
    Node {
        id: NodeId::new(NodeKind::Pooler, name),
        service: server.owner.clone(),
        version: None,
        needs: BTreeSet::from([server::id(server)]),
        objects: std::iter::once(object).chain(budget).collect(),
        deadline: DATABASE_DEADLINE,
    }
}

/// The object of the server. It is data: the claims of its members go when it goes.
pub(super) fn server(app: &ValidApp, server: &Server<'_>, operator: &Operator) -> PlannedObject {
    let mut labels = names::labels(&app.name, &server.name, "database");
    labels.insert(names::VERSION_LABEL.to_owned(), server.series.clone());
    labels.insert(names::SERIES_LABEL.to_owned(), server.series.clone());
    let metadata = meta::data(app, &server.name, labels);
    let spec = (operator.server.spec)(&wanted(server, operator));
    PlannedObject {
        data: true,
        ..object(app, operator.server.kind, metadata, spec)
    }
}

/// The nodes of the server's databases.
pub(super) fn databases(app: &ValidApp, server: &Server<'_>) -> Vec<Node> {
    let Some(operator) = server.operator else {
        return Vec::new();
    };
    let node = |place: &Place<'_>| database(app, server, place, operator);
    server.places.iter().map(node).collect()
}

/// The id of the node of a database; `None` where no object stands for it.
pub(super) fn database_id(server: &Server<'_>, place: &Place<'_>) -> Option<NodeId> {
    let name = credentials::login_name(&place.service.name, &place.database.name);
    server
        .operator
        .map(|_| NodeId::new(NodeKind::Database, name))
}

fn database(app: &ValidApp, server: &Server<'_>, place: &Place<'_>, operator: &Operator) -> Node {
    let Place { service, database } = place;
    let name = credentials::login_name(&service.name, &database.name);
    let spec = (operator.database.spec)(&WantedDatabase {
        server: server.name.clone(),
        name: place.name_on_server(app),
        owner: place.owner(),
        charset: database.charset.clone(),
        collation: database.collation.clone(),
    });
    let labels = names::labels(&app.name, &service.name, "database");
    let metadata = meta::owned(app, &name, labels);
    Node {
        id: NodeId::new(NodeKind::Database, name),
        service: Some(service.name.clone()),
        version: None,
        needs: BTreeSet::from([server::id(server)]),
        objects: vec![object(app, operator.database.kind, metadata, spec)],
        deadline: DATABASE_DEADLINE,
    }
}

fn wanted(server: &Server<'_>, operator: &Operator) -> WantedServer {
    let policy = &server.policy;
    let served = operator.serves(server.engine);
    let catalog = policy.image_catalog.clone();
    WantedServer {
        series: server.series.clone(),
        members: server.members(),
        image: policy.image.clone(),
        catalog: catalog
            .or_else(|| served.map(|served| served.catalog.to_owned()))
            .unwrap_or_default(),
        storage: server.storage_size(),
        storage_class: policy.storage_class_name.clone(),
        resources: meta::value(&pod::resources(server)),
        admin_secret: server.admin_secret(),
        connections: server.profile().connections,
        roles: roles(server),
    }
}

/// The roles of all services, owners first: who becomes a member of a role needs it.
fn roles(server: &Server<'_>) -> Vec<WantedRole> {
    let owners: BTreeSet<String> = server.places.iter().map(Place::owner).collect();
    let owner = |name: &String| WantedRole {
        name: name.clone(),
        member_of: None,
    };
    let logins = |owner: &String| {
        ["a", "b"].map(|letter| WantedRole {
            name: format!("{owner}_{letter}"),
            member_of: Some(owner.clone()),
        })
    };
    let owned = owners.iter().map(owner);
    owned.chain(owners.iter().flat_map(logins)).collect()
}

fn object(app: &ValidApp, kind: Kind, metadata: ObjectMeta, spec: Value) -> PlannedObject {
    let name = metadata.name.clone().unwrap_or_default();
    let object = Object {
        api_version: kind.api_version(),
        kind: kind.to_string(),
        metadata,
        spec,
    };
    meta::planned(app, kind, &name, &object)
}
