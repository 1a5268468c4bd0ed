//! PostgreSQL, and what PostGIS and TimescaleDB have in common with it.

use super::profile::{
    Admin, Backup, Dump, Inherits, Probes, Profile, Provisioning, Rotation, Series, Source, Start,
    Storage, Tenancy, Url, Variable,
};
use super::{File, Port};
use crate::api::app::ServerMode;

pub(super) const PORTS: &[Port] = &[Port {
    name: "postgresql",
    number: 5432,
}];

/// The claim is mounted above the data folder in every series: a file system's root holds
/// `lost+found`, which initdb refuses, and PostgreSQL 18's image has this layout anyway
/// (docker-library/postgres, pull request 1259).
pub(super) const STORAGE: Storage = Storage {
    mount: "/var/lib/postgresql",
    size: "10Gi",
};

pub(super) const VARIABLES: &[Variable] = &[
    Variable {
        name: "PGDATA",
        value: Source::Text("/var/lib/postgresql/{series}/docker"),
    },
    Variable {
        name: "POSTGRES_USER",
        value: Source::Admin("username"),
    },
    // The image reads the password from a file, so that it is not in the environment of
    // each of the server's processes.
    Variable {
        name: "POSTGRES_PASSWORD_FILE",
        value: Source::Text("/run/gravity/admin/password"),
    },
    // Without it, local connections and those of replicas are trusted by the image.
    Variable {
        name: "POSTGRES_INITDB_ARGS",
        value: Source::Text(
            "--auth-host=scram-sha-256 --auth-local=scram-sha-256 --data-checksums",
        ),
    },
];

pub(super) const FILES: &[File] = &[];

/// 200 connections instead of 100: each costs little while idle, and ten services of two
/// pods with a pool of ten need them.
pub(super) const START: Start = Start {
    command: &[],
    arguments: &[
        "-c",
        "max_connections=200",
        "-c",
        "password_encryption=scram-sha-256",
    ],
};

/// Asked over TCP: while the image prepares a new data folder, it starts a server that
/// listens on the socket only, and that one is not ready.
pub(super) const PROBES: Probes = Probes {
    ready: &[
        "pg_isready",
        "--quiet",
        "--host=127.0.0.1",
        "--port=5432",
        "--timeout=3",
    ],
    period: 5,
    timeout: 5,
};

/// Its sockets, its temporary files, and shared memory: a container has 64 MiB of it, and
/// parallel queries fail beyond.
pub(super) const SCRATCH: &[&str] = &["/dev/shm", "/tmp", "/var/run/postgresql"];

pub(super) const ADMIN: Admin = Admin {
    username: "postgres",
    generated: &[],
};

pub(super) const URL: Url = Url {
    schemes: &["postgresql", "postgres"],
    template: "{scheme}://{username}:{password}@{host}:{port}/{database}",
    srv: None,
    external: None,
    inherits: Inherits::Parameters(&[("sslmode", &[]), ("ssl", &[]), ("sslrootcert", &[])]),
};

pub(super) const PROVISIONING: Provisioning = Provisioning {
    command: &["bash", "-euc"],
    script: include_str!("scripts/postgresql.sh"),
    variables: &[],
    revision: 2,
    rotation: Rotation::TwoLogins,
};

pub(super) const BACKUP: Backup = Backup::Dump(Dump {
    script: include_str!("scripts/postgresql-backup.sh"),
    extension: "dump",
    whole: None,
});

pub(super) const RESERVED: &[&str] = &[
    "postgres",
    "template0",
    "template1",
    "public",
    "none",
    "pg_*",
];

/// PostgreSQL's contrib modules, which the official image has.
pub(super) const CONTRIB: &[&str] = &[
    "amcheck",
    "autoinc",
    "bloom",
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "dblink",
    "dict_int",
    "dict_xsyn",
    "earthdistance",
    "file_fdw",
    "fuzzystrmatch",
    "hstore",
    "insert_username",
    "intarray",
    "isn",
    "lo",
    "ltree",
    "moddatetime",
    "pageinspect",
    "pg_buffercache",
    "pg_freespacemap",
    "pg_prewarm",
    "pg_stat_statements",
    "pg_surgery",
    "pg_trgm",
    "pg_visibility",
    "pg_walinspect",
    "pgcrypto",
    "pgrowlocks",
    "pgstattuple",
    "plpgsql",
    "postgres_fdw",
    "refint",
    "seg",
    "sslinfo",
    "tablefunc",
    "tcn",
    "tsm_system_rows",
    "tsm_system_time",
    "unaccent",
    "uuid-ossp",
    "xml2",
];

/// The tags name the Debian release: another one brings another C library, whose other
/// collation order breaks the indexes on text.
pub(super) static PROFILE: Profile = Profile {
    name: "postgresql",
    title: "PostgreSQL",
    aliases: &["postgres", "pg", "pgsql"],
    image: "postgres",
    series: &[
        Series {
            name: "14",
            tag: "14-bookworm",
            default: false,
        },
        Series {
            name: "15",
            tag: "15-bookworm",
            default: false,
        },
        Series {
            name: "16",
            tag: "16-bookworm",
            default: false,
        },
        Series {
            name: "17",
            tag: "17-bookworm",
            default: true,
        },
        Series {
            name: "18",
            tag: "18-bookworm",
            default: false,
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
    extensions: CONTRIB,
    cache: None,
    backup: BACKUP,
};
