//! PostGIS: PostgreSQL with maps. Its image is the PostgreSQL project's with a package more.

use super::postgresql::{
    ADMIN, BACKUP, FILES, PORTS, PROBES, PROVISIONING, RESERVED, SCRATCH, START, STORAGE, URL,
    VARIABLES,
};
use super::profile::{Profile, Series, Tenancy};
use crate::api::app::ServerMode;

/// What the image has beyond contrib comes first.
const EXTENSIONS: &[&str] = &[
    "postgis",
    "postgis_raster",
    "postgis_sfcgal",
    "postgis_tiger_geocoder",
    "postgis_topology",
    "address_standardizer",
    "address_standardizer_data_us",
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
    name: "postgis",
    title: "PostGIS",
    aliases: &[],
    image: "postgis/postgis",
    // The series is PostgreSQL's, for that decides whether the data files can be read.
    series: &[
        Series {
            name: "15",
            tag: "15-3.5",
            default: false,
        },
        Series {
            name: "16",
            tag: "16-3.5",
            default: false,
        },
        Series {
            name: "17",
            tag: "17-3.5",
            default: true,
        },
    ],
    ports: PORTS,
    user: 999,
    group: 999,
    writable_root: false,
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
    backup: BACKUP,
};
