//! CloudNativePG (cloudnative-pg.io, "API Reference", version 1.28): PostgreSQL with
//! replicas and fail-over.
//!
//! Roles and databases are its to keep. Passwords are not: a rotation needs two logins whose
//! passwords are both right, of which one is in no Secret of its own, so the provisioning
//! Job sets them, and a role without `passwordSecret` keeps the one that it has. Extensions
//! are the Job's, too: an object of a database adds none that another one needs, and
//! updates none.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Engine;
use super::operator::{
    AdminSecret, Custom, Operator, Served, Sign, Status, WantedDatabase, WantedPooler, WantedRole,
    WantedServer,
};
use crate::api::app::ServerMode;
use crate::api::objects::Kind;
use crate::api::pooler::PoolMode;
use crate::api::service::Resources;

pub(super) static OPERATOR: Operator = Operator {
    title: "CloudNativePG",
    mode: ServerMode::CloudNativePG,
    serves: &[
        Served {
            engine: Engine::PostgreSQL,
            catalog: "postgresql",
        },
        Served {
            engine: Engine::PostGIS,
            catalog: "postgis",
        },
    ],
    suffix: "cnpg",
    // Its webhook refuses longer ones.
    name_limit: 50,
    write_host: "{server}-rw",
    read_host: "{server}-ro",
    admin: AdminSecret {
        type_: "kubernetes.io/basic-auth",
        // Without it a new password is taken over only when something else happens.
        labels: &[("cnpg.io/reload", "true")],
    },
    // Of these `-superuser` is made only where no other Secret is named, and `-pooler` with a
    // pooler.
    secrets: &[
        "{server}-ca",
        "{server}-server",
        "{server}-replication",
        "{server}-superuser",
        "{server}-app",
        "{server}-pooler",
    ],
    claims: "{server}",
    reserved: &[BOOTSTRAP, "streaming_replica", "cnpg_pooler_pgbouncer"],
    server: Custom {
        kind: Kind::Cluster,
        spec: cluster,
    },
    database: Custom {
        kind: Kind::Database,
        spec: database,
    },
    pooler: Custom {
        kind: Kind::Pooler,
        spec: pooler,
    },
    pooler_label: "cnpg.io/poolerName",
    server_label: "cnpg.io/cluster",
    own_label: ("app.kubernetes.io/name", "cloudnative-pg"),
    // Its manual's "Networking" names these two.
    asked_at: &[8_000, 5_432],
    // Of PostgreSQL, and of PgBouncer.
    metrics_at: &[9_187, 9_127],
    statuses: &[
        Status {
            kind: Kind::Cluster,
            ready: Sign::Condition("Ready"),
            says: &["/status/phase", "/status/phaseReason"],
            stuck: &[
                (
                    "Cluster is unrecoverable and needs manual intervention",
                    "see kubectl cnpg status, and recover it as its manual says",
                ),
                (
                    "Cluster has incomplete or invalid image catalog",
                    "install that ClusterImageCatalog, or name another by imageCatalog, or an image",
                ),
                (
                    "Unable to create required cluster objects",
                    "its operator's log and the object's events say more",
                ),
            ],
            image: Some("/status/image"),
            members: Some(("/status/readyInstances", "/spec/instances")),
        },
        // What it could not apply it tries again, so nothing of it is stuck.
        Status {
            kind: Kind::Database,
            ready: Sign::Flag("/status/applied"),
            says: &["/status/message"],
            stuck: &[],
            image: None,
            members: None,
        },
        Status {
            kind: Kind::Pooler,
            ready: Sign::Count("/status/instances", "/spec/instances"),
            says: &[],
            stuck: &[],
            image: None,
            members: None,
        },
    ],
};

/// The database that a new server always has, and its owner. Nobody uses it; were it called
/// `app`, as it is by default, a service could have no database of that name.
const BOOTSTRAP: &str = "gravity";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cluster<'a> {
    instances: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_catalog_ref: Option<CatalogReference<'a>>,
    enable_superuser_access: bool,
    superuser_secret: Reference<'a>,
    bootstrap: Bootstrap,
    storage: Storage<'a>,
    resources: &'a Value,
    postgresql: Configuration,
    managed: Managed<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CatalogReference<'a> {
    api_group: &'static str,
    kind: &'static str,
    name: &'a str,
    major: u32,
}

#[derive(Serialize)]
struct Reference<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Bootstrap {
    initdb: InitDb,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitDb {
    database: &'static str,
    owner: &'static str,
    data_checksums: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Storage<'a> {
    size: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class: Option<&'a str>,
}

#[derive(Serialize)]
struct Configuration {
    parameters: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Managed<'a> {
    roles: Vec<Role<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Role<'a> {
    name: &'a str,
    /// Its webhook takes a `false` out, which would look as if somebody had changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    in_roles: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Database<'a> {
    cluster: Reference<'a>,
    name: &'a str,
    owner: &'a str,
    // Another template may have another encoding, which a database cannot leave.
    template: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale_collate: Option<&'a str>,
    #[serde(rename = "localeCType", skip_serializing_if = "Option::is_none")]
    locale_ctype: Option<&'a str>,
    database_reclaim_policy: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PoolerSpec<'a> {
    cluster: Reference<'a>,
    instances: i32,
    #[serde(rename = "type")]
    type_: &'static str,
    pgbouncer: PgBouncer,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Template<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PgBouncer {
    pool_mode: &'static str,
    parameters: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Template<'a> {
    spec: PodSpec<'a>,
}

#[derive(Serialize)]
struct PodSpec<'a> {
    containers: [PoolerContainer<'a>; 1],
}

#[derive(Serialize)]
struct PoolerContainer<'a> {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<&'a Resources>,
}

/// The superuser can log in, for the provisioning Job alone: what keeps one service out of
/// another's database is no field of these objects.
fn cluster(wanted: &WantedServer) -> Value {
    let image = wanted.image.as_deref();
    let connections = wanted.connections.iter();
    value(&Cluster {
        instances: wanted.members,
        image_name: image,
        image_catalog_ref: image.is_none().then(|| CatalogReference {
            api_group: "postgresql.cnpg.io",
            kind: "ClusterImageCatalog",
            name: &wanted.catalog,
            // Every series of PostgreSQL is a number.
            major: wanted.series.parse().unwrap_or_default(),
        }),
        enable_superuser_access: true,
        superuser_secret: Reference {
            name: &wanted.admin_secret,
        },
        bootstrap: Bootstrap {
            initdb: InitDb {
                database: BOOTSTRAP,
                owner: BOOTSTRAP,
                data_checksums: true,
            },
        },
        storage: Storage {
            size: &wanted.storage,
            storage_class: wanted.storage_class.as_deref(),
        },
        resources: &wanted.resources,
        postgresql: Configuration {
            parameters: connections
                .map(|number| ("max_connections", number.to_string()))
                .collect(),
        },
        managed: Managed {
            roles: wanted.roles.iter().map(role).collect(),
        },
    })
}

fn role(wanted: &WantedRole) -> Role<'_> {
    Role {
        name: &wanted.name,
        login: wanted.member_of.is_some().then_some(true),
        in_roles: wanted.member_of.as_deref().into_iter().collect(),
    }
}

/// The database outlives its object: what a service leaves behind is data.
fn database(wanted: &WantedDatabase) -> Value {
    value(&Database {
        cluster: Reference {
            name: &wanted.server,
        },
        name: &wanted.name,
        owner: &wanted.owner,
        template: "template0",
        encoding: wanted.charset.as_deref(),
        locale_collate: wanted.collation.as_deref(),
        locale_ctype: wanted.collation.as_deref(),
        database_reclaim_policy: "retain",
    })
}

/// Its login, and the function by which it looks up others, are that operator's own.
fn pooler(wanted: &WantedPooler) -> Value {
    let WantedPooler { server, wanted } = wanted;
    let mode = match wanted.mode() {
        PoolMode::Transaction => "transaction",
        PoolMode::Session => "session",
    };
    let mut parameters = BTreeMap::from([
        ("default_pool_size", wanted.pool_size().to_string()),
        ("max_client_conn", wanted.max_clients().to_string()),
        ("max_prepared_statements", "200".to_owned()),
    ]);
    if wanted.mode() == PoolMode::Transaction {
        parameters.insert("max_db_connections", wanted.pool_size().to_string());
    }
    let (image, resources) = (wanted.image.as_deref(), wanted.resources.as_ref());
    let container = PoolerContainer {
        name: "pgbouncer",
        image,
        resources,
    };
    let is_stated = image.is_some() || resources.is_some();
    value(&PoolerSpec {
        cluster: Reference { name: server },
        instances: wanted.pods(),
        type_: "rw",
        pgbouncer: PgBouncer {
            pool_mode: mode,
            parameters,
        },
        template: is_stated.then_some(Template {
            spec: PodSpec {
                containers: [container],
            },
        }),
    })
}

/// These have only text keys, so nothing can fail; were it otherwise, the API server would
/// refuse the object by name.
fn value(spec: &impl Serialize) -> Value {
    serde_json::to_value(spec).unwrap_or(Value::Null)
}
