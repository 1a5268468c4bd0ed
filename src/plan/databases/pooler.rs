//! A pooler in front of a server: the nodes of its login, of that login on the server, and
//! of its pods.
//!
//! Services reach the server through it; their migrations do not, for what a migration does
//! (locks and settings of a session, indexes that are made outside a transaction) is a
//! session's, and a pooled transaction has none.

mod deployment;
mod job;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service, ServiceSpec};

use super::places::Server;
use super::{
    credentials, credentials_id, disruption_budget, fill, operated, server, service, walls,
};
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::pooler::{PoolMode, Pooler};
use crate::engines::{self, File};
use crate::plan::graph::{Node, NodeId, NodeKind, PlannedObject};
use crate::plan::{Facts, meta};
use crate::validate::ValidApp;

/// An image to pull; the pooler itself starts in a moment.
const DEADLINE: Duration = Duration::from_secs(300);
/// What its objects are to the app.
const COMPONENT: &str = "pooler";

/// A pooler that Gravity runs, with the server behind it.
#[derive(Clone, Copy)]
struct Pool<'a> {
    app: &'a ValidApp,
    server: &'a Server<'a>,
    /// What the app asks for.
    wanted: &'a Pooler,
    /// What is known of the program.
    program: &'static engines::Pooler,
}

/// All nodes of the server's pooler; none where there is none.
pub(super) fn nodes(app: &ValidApp, server: &Server<'_>, facts: &Facts) -> Vec<Node> {
    let Some(wanted) = server.pooler() else {
        return Vec::new();
    };
    if let Some(operator) = server.operator {
        return vec![operated::pooler(app, server, wanted, operator)];
    }
    let Some(program) = server.profile().pooler else {
        return Vec::new();
    };
    let pool = Pool {
        app,
        server,
        wanted,
        program,
    };
    vec![login(pool), provisioning(pool, facts), pods(pool, facts)]
}

/// The id of the pooler's node, which those wait for who use it.
pub(super) fn id(server: &Server<'_>) -> Option<NodeId> {
    server.pooler()?;
    Some(NodeId::new(NodeKind::Pooler, server.pooler_name()))
}

/// What the pods of the Job are called that makes the pooler's login; none where there is none.
pub(super) fn login_job(server: &Server<'_>) -> Option<String> {
    server.pooler().filter(|_| server.operator.is_none())?;
    let name = server.pooler_name();
    Some(names::derived(&[&name, "login"], names::LABEL_LIMIT))
}

/// The Secret of the login by which it looks up others.
fn login(pool: Pool<'_>) -> Node {
    let Pool { app, server, .. } = pool;
    let name = server.pooler_name();
    let secret = Secret {
        metadata: meta::data(app, &name, names::labels(&app.name, &name, "credentials")),
        type_: Some("Opaque".to_owned()),
        ..Secret::default()
    };
    let generate = credentials::made(vec![pool.program.login.to_owned()]);
    let service = server.owner.clone();
    credentials::node(app, &name, service, &name, &secret, generate)
}

fn provisioning(pool: Pool<'_>, facts: &Facts) -> Node {
    let Pool { app, server, .. } = pool;
    let name = server.pooler_name();
    let needs = [
        credentials_id(&name),
        credentials_id(&server.name),
        server::id(server),
    ];
    let (job, deadline) = job::job(pool, facts);
    let object = job.metadata.name.clone().unwrap_or_default();
    Node {
        id: NodeId::new(NodeKind::Provisioning, name),
        service: server.owner.clone(),
        version: None,
        needs: BTreeSet::from(needs),
        objects: vec![meta::planned(app, Kind::Job, &object, &job)],
        deadline,
    }
}

fn pods(pool: Pool<'_>, facts: &Facts) -> Node {
    let Pool { app, server, .. } = pool;
    let name = server.pooler_name();
    let needs = [
        credentials_id(&name),
        NodeId::new(NodeKind::Provisioning, &name),
    ];
    let deployment = deployment::deployment(pool, facts);
    let objects = [
        walls::around_pooler(app, server),
        Some(config_map(pool)),
        Some(client(pool)),
        disruption_budget(app, server, names::selector(&app.name, &name)),
        Some(meta::planned(app, Kind::Deployment, &name, &deployment)),
    ];
    Node {
        id: NodeId::new(NodeKind::Pooler, name),
        service: server.owner.clone(),
        version: None,
        needs: BTreeSet::from(needs),
        objects: objects.into_iter().flatten().collect(),
        deadline: DEADLINE,
    }
}

/// It answers at the server's own port, so that only the host is another.
fn client(pool: Pool<'_>) -> PlannedObject {
    let Pool { app, server, .. } = pool;
    let name = server.pooler_name();
    let ports = server.profile().ports.iter().take(1);
    let service = Service {
        metadata: meta::owned(app, &name, names::labels(&app.name, &name, COMPONENT)),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(names::selector(&app.name, &name)),
            ports: Some(ports.map(service::port).collect()),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    };
    meta::planned(app, Kind::Service, &name, &service)
}

/// One pod at a time; of one pod alone there is no budget, which would block every drain.
pub(super) fn disruption_budget(
    app: &ValidApp,
    server: &Server<'_>,
    selector: BTreeMap<String, String>,
) -> Option<PlannedObject> {
    let wanted = server.pooler().filter(|pooler| pooler.pods() > 1);
    wanted?;
    let name = server.pooler_name();
    Some(disruption_budget::one_at_a_time(
        app, &name, COMPONENT, selector,
    ))
}

fn config_map(pool: Pool<'_>) -> PlannedObject {
    let Pool { app, server, .. } = pool;
    let name = server.pooler_name();
    let text = |file: &File| (file.name.to_owned(), filled(pool, file.text));
    let config = ConfigMap {
        metadata: meta::owned(app, &name, names::labels(&app.name, &name, COMPONENT)),
        data: Some(pool.program.files.iter().map(text).collect()),
        ..ConfigMap::default()
    };
    meta::planned(app, Kind::ConfigMap, &name, &config)
}

/// A text of the pooler with what is asked for in it.
fn filled(pool: Pool<'_>, text: &str) -> String {
    let Pool {
        app,
        server,
        wanted,
        program,
    } = pool;
    // Of a pool at rest a connection makes room for another login of the same database; a
    // session's does not, and the two would wait for each other for ever.
    let (mode, database_size) = match wanted.mode() {
        PoolMode::Transaction => ("transaction", wanted.pool_size()),
        PoolMode::Session => ("session", 0),
    };
    let values = [
        ("{port}", server.port().to_string()),
        ("{mode}", mode.to_owned()),
        ("{pool_size}", wanted.pool_size().to_string()),
        ("{database_size}", database_size.to_string()),
        ("{clients}", wanted.max_clients().to_string()),
        ("{reset}", program.reset.to_owned()),
        ("{login}", program.login.to_owned()),
    ];
    fill::fill(app, server, &fill::replaced(text, &values))
}
