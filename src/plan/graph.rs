//! The plan's own types: a graph whose nodes are things that become ready.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use semver::Version;
use serde_json::Value;

use super::Rotation;
use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::validate::ValidApp;

/// What shall be in the cluster, and in which order it may come.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The app that the plan is of.
    pub app: std::sync::Arc<ValidApp>,
    /// All nodes, by their id.
    pub nodes: BTreeMap<NodeId, Node>,
    /// What status says of each service, by the service's name.
    pub services: BTreeMap<String, PlannedService>,
    /// The rotations that the plan knows of, by the Secret's name.
    pub rotations: BTreeMap<String, Rotation>,
    /// The nodes that cannot be sent, for something about them is not known.
    pub held: BTreeMap<NodeId, Held>,
    /// The objects that others make and that the plan depends on.
    pub named: BTreeSet<ObjectKey>,
    /// The nodes of which nothing shall run: no pod is left of their workloads, and their Jobs
    /// are not made.
    pub stopped: BTreeSet<NodeId>,
    /// Why there is no way in though one is asked for.
    pub no_way_in: Vec<NoWayIn>,
    /// What a person should know though nothing is wrong, as a sentence each.
    pub warnings: Vec<String>,
}

impl Plan {
    /// The names of the database servers that are made.
    pub fn servers(&self) -> Vec<String> {
        let servers = self.nodes.keys().filter(|id| id.kind == NodeKind::Server);
        servers.map(|id| id.name.clone()).collect()
    }

    /// The nodes in the order in which they can start: by wave, and in a wave by id. Only
    /// for people and rendering; the operator starts each node the moment its own needs
    /// are ready.
    pub fn order(&self) -> Vec<&Node> {
        let mut left: BTreeMap<&NodeId, &Node> = self.nodes.iter().collect();
        let mut order: Vec<&Node> = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let mut wave: Vec<&Node> = left
                .values()
                .filter(|node| node.needs.iter().all(|need| !left.contains_key(need)))
                .copied()
                .collect();
            // The resolver refuses cycles; were there one, its nodes are still shown.
            if wave.is_empty() {
                wave = left.values().copied().collect();
            }
            for node in &wave {
                left.remove(&node.id);
            }
            order.extend(wave);
        }
        order
    }
}

/// A way in that is asked for and is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoWayIn {
    /// Why not.
    pub reason: Reason,
    /// To what, why, and what to do.
    pub message: String,
}

/// Why a node cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Why somebody must act; absent where what is missing is on its way.
    pub reason: Option<Reason>,
    /// What is missing, and what to do.
    pub message: String,
}

/// What a node is. The order is that of a drawing from the bottom up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// Secrets that are made once: a server's admin, or a service's login to one database.
    Credentials,
    /// The claims of a server or a service, each in the size that is wanted. Nothing waits for them: what
    /// is wrong with a size harms nothing that runs.
    Storage,
    /// A database server: StatefulSet, Services, NetworkPolicy, PodDisruptionBudget, ConfigMap.
    Server,
    /// A database as an object of the operator that runs its server.
    Database,
    /// The Job that makes a service's databases and logins on one server.
    Provisioning,
    /// The CronJob of a server's backups, and their claim. Nothing waits for them.
    Backup,
    /// What stands between services and a server, so that many share few connections.
    Pooler,
    /// What the External Secrets Operator fetches for a service.
    ExternalSecret,
    /// What a service's variables are taken from and others make. It has no object: it is
    /// ready when all of it is there.
    Values,
    /// What a service's pods need to be there: ServiceAccount, NetworkPolicy, ConfigMaps,
    /// Service, PodDisruptionBudget. Nothing waits in it, so it comes before its turn, and when the
    /// turn comes only the workload is left to send.
    Wiring,
    /// What a service mesh is told of who may call a service, and how.
    Mesh,
    /// The migration Job of a service's version.
    Migration,
    /// The Job that fills a new database with data to try things with; nothing waits for it.
    Seed,
    /// The workload: Deployment, StatefulSet, CronJob or Job, with its autoscaler.
    Service,
    /// What the routes of an app have in common.
    Gateway,
    /// The certificate of the app's hosts. Nothing waits for it.
    Certificate,
    /// A process of Gravity's own that the way in needs.
    Companion,
    /// The way in.
    Route,
}

impl NodeKind {
    /// All kinds.
    pub const ALL: [Self; 18] = [
        Self::Credentials,
        Self::Storage,
        Self::Server,
        Self::Database,
        Self::Provisioning,
        Self::Backup,
        Self::Pooler,
        Self::ExternalSecret,
        Self::Values,
        Self::Wiring,
        Self::Mesh,
        Self::Migration,
        Self::Seed,
        Self::Service,
        Self::Gateway,
        Self::Certificate,
        Self::Companion,
        Self::Route,
    ];

    /// The word that stands before the name in an id.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Storage => "storage",
            Self::Server => "server",
            Self::Database => "database",
            Self::Provisioning => "provisioning",
            Self::Backup => "backup",
            Self::Pooler => "pooler",
            Self::ExternalSecret => "external-secret",
            Self::Values => "values",
            Self::Wiring => "wiring",
            Self::Mesh => "mesh",
            Self::Migration => "migration",
            Self::Seed => "seed",
            Self::Service => "service",
            Self::Gateway => "gateway",
            Self::Certificate => "certificate",
            Self::Companion => "companion",
            Self::Route => "route",
        }
    }
}

/// Names a node: `service/auth-service`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// What the node is.
    pub kind: NodeKind,
    /// The name of the service, the server, or `<service>-<server>` for provisioning.
    pub name: String,
}

impl NodeId {
    /// The id of the node of that kind and name.
    pub fn new(kind: NodeKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.kind.word(), self.name)
    }
}

/// A thing that becomes ready.
#[derive(Clone, Debug)]
pub struct Node {
    /// The node's id.
    pub id: NodeId,
    /// The service that the node belongs to; absent for a shared server.
    pub service: Option<String>,
    /// The version meant: a change of it waits for `needs` again. It is the value of the
    /// version label of the objects that become ready; absent where the node has none.
    pub version: Option<String>,
    /// The nodes that must be ready before this one is first made or changes its version.
    pub needs: BTreeSet<NodeId>,
    /// What is sent, in this order.
    pub objects: Vec<PlannedObject>,
    /// How long the node may take to become ready once it was sent.
    pub deadline: Duration,
}

impl Node {
    /// The object that tells whether the node was made before: its workload, or its first.
    pub fn primary(&self) -> Option<&PlannedObject> {
        let workload = |object: &&PlannedObject| object.key.kind.is_workload();
        self.objects
            .iter()
            .find(workload)
            .or_else(|| self.objects.first())
    }
}

/// One object of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedObject {
    /// Which object.
    pub key: ObjectKey,
    /// What is sent.
    pub body: Body,
    /// Data carries no owner reference, is never pruned, and is known by its annotation
    /// `gravity.dev/app`. What is not data has an owner reference to the app.
    pub data: bool,
    /// The number of replicas to state once, when the object is made, because an
    /// autoscaler owns it afterwards; the body then has no `replicas`.
    pub initial_replicas: Option<i32>,
}

/// What is sent for an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// The whole object, applied server-side.
    Apply(Value),
    /// A Secret whose values are made once, by the operating system's random source.
    /// `stated` is the whole Secret (metadata, type, `stringData`) without them.
    Create {
        /// The Secret with what is known of it.
        stated: Value,
        /// The keys that are made, and from what.
        generate: BTreeMap<String, Generated>,
    },
}

/// How a value of a Secret is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Generated {
    /// So many letters and digits: they need no escaping in a URL, a shell or SQL.
    Password(usize),
    /// The one of these that is there, or else the first.
    OneOf(Vec<String>),
    /// Text in which `{key}` stands for the value of another key of the same Secret,
    /// percent-encoded, as
    /// `postgresql://{username}:{password}@shop-postgresql-15:5432/auth_db`.
    Composed(String),
}

/// What status says of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedService {
    /// The version.
    pub version: Version,
    /// The names of its databases, as the manifest has them.
    pub databases: Vec<String>,
    /// Where the gateway answers for it.
    pub url: Option<String>,
    /// The pods wanted at the least; 0 for a CronJob.
    pub replicas: i32,
    /// The wave in which it starts, for people.
    pub wave: usize,
    /// The kind of its workload.
    pub workload: Kind,
    /// Which credentials its pods are started with; `None` without databases.
    pub credentials: Option<String>,
    /// The namespace and name of the GravityService it comes from.
    pub source: (String, String),
}
