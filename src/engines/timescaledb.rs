//! TimescaleDB: PostgreSQL with time series, as an Alpine image.

use super::postgresql::{
    ADMIN, FILES, PORTS, PROBES, PROVISIONING, RESERVED, SCRATCH, START, STORAGE, URL, VARIABLES,
};
use super::profile::{Backup, Profile, Series, Tenancy};
use crate::api::app::ServerMode;

const EXTENSIONS: &[&str] = &[
    "timescaledb",
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "dblink",
    "earthdistance",
    "fuzzystrmatch",
    "hstore",
    "intarray",
    "isn",
    "lo",
    "ltree",
    "pg_stat_statements",
    "pg_trgm",
    "pgcrypto",
    "plpgsql",
    "postgres_fdw",
    "tablefunc",
    "unaccent",
    "uuid-ossp",
];

pub(super) static PROFILE: Profile = Profile {
    name: "timescaledb",
    title: "TimescaleDB",
    aliases: &["timescale"],
    image: "timescale/timescaledb",
    // The series is PostgreSQL's, for that decides whether the data files can be read.
    series: &[
        Series {
            name: "15",
            tag: "2.17.2-pg15",
            default: false,
        },
        Series {
            name: "16",
            tag: "2.17.2-pg16",
            default: false,
        },
        Series {
            name: "17",
            tag: "2.17.2-pg17",
            default: true,
        },
    ],
    ports: PORTS,
    // Alpine's PostgreSQL has another number than Debian's.
    user: 70,
    group: 70,
    // The image's own first-start script tunes postgresql.conf in the data folder, and
    // writes beside it.
    writable_root: true,
    storage: STORAGE,
    scratch: SCRATCH,
    admin: ADMIN,
    variables: VARIABLES,
    files: FILES,
    start: START,
    probes: PROBES,
    requests: ("250m", "512Mi"),
    memory_limit: "1Gi",
    connections: Some(200),
    pooler: Some(&super::pgbouncer::POOLER),
    url: URL,
    provisioning: PROVISIONING,
    mode: ServerMode::Shared,
    external: true,
    replica_set: false,
    tenancy: Tenancy::Database,
    dns_names: false,
    events: None,
    shared_by_prefix: false,
    login_limit: 63,
    identifier_limit: 63,
    reserved: RESERVED,
    extensions: EXTENSIONS,
    cache: None,
    backup: Backup::Never(
        "a restore takes steps that Gravity does not know yet: use pg_dump by hand, as its documentation says",
    ),
};
