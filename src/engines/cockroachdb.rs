//! CockroachDB, a single node, with passwords and without TLS inside the namespace. Its
//! clients are PostgreSQL's.

use super::Port;
use super::profile::{
    Admin, Backup, File, Inherits, Probes, Profile, Provisioning, Rotation, Series, Start, Storage,
    Tenancy, Url,
};
use crate::api::app::ServerMode;

pub(super) static PROFILE: Profile = Profile {
    name: "cockroachdb",
    title: "CockroachDB",
    aliases: &["cockroach", "crdb"],
    image: "cockroachdb/cockroach",
    series: &[
        Series {
            name: "23.2",
            tag: "latest-v23.2",
            default: false,
        },
        Series {
            name: "24.3",
            tag: "latest-v24.3",
            default: true,
        },
    ],
    ports: &[Port {
        name: "postgresql",
        number: 26257,
    }],
    // The image's own user is root, which nothing in it needs.
    user: 1000,
    group: 1000,
    writable_root: false,
    storage: Storage {
        mount: "/cockroach/cockroach-data",
        size: "10Gi",
    },
    scratch: &["/tmp"],
    // root logs in by certificate only, and this pod alone has one.
    admin: Admin {
        username: "gravity",
        generated: &[],
    },
    variables: &[],
    files: &[
        File {
            name: "start.sh",
            text: include_str!("scripts/cockroachdb-start.sh"),
        },
        File {
            name: "ready.sh",
            text: include_str!("scripts/cockroachdb-ready.sh"),
        },
    ],
    start: Start {
        command: &["bash", "-eu", "/etc/gravity/start.sh"],
        arguments: &[],
    },
    probes: Probes {
        ready: &["bash", "/etc/gravity/ready.sh"],
        period: 10,
        timeout: 5,
    },
    requests: ("500m", "1Gi"),
    memory_limit: "2Gi",
    connections: None,
    pooler: None,
    url: Url {
        schemes: &["postgresql", "postgres", "cockroachdb"],
        template: "{scheme}://{username}:{password}@{host}:{port}/{database}",
        srv: None,
        external: None,
        inherits: Inherits::Parameters(&[("sslmode", &[]), ("ssl", &[]), ("sslrootcert", &[])]),
    },
    provisioning: Provisioning {
        command: &["bash", "-euc"],
        script: include_str!("scripts/cockroachdb.sh"),
        variables: &[],
        revision: 1,
        rotation: Rotation::TwoLogins,
    },
    mode: ServerMode::Shared,
    external: true,
    replica_set: false,
    tenancy: Tenancy::Database,
    dns_names: false,
    events: None,
    shared_by_prefix: false,
    login_limit: 63,
    identifier_limit: 63,
    reserved: &[
        "defaultdb",
        "postgres",
        "system",
        "public",
        "admin",
        "root",
        "node",
    ],
    extensions: &[],
    cache: None,
    backup: Backup::Never(
        "its own BACKUP goes to a bucket, and Gravity does not run that yet: run it by hand",
    ),
};
