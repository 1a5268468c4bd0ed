//! S3, by versitygw: a gateway that keeps objects as files. A bucket and a key for each
//! service.

use super::Port;
use super::profile::{
    Admin, Backup, File, Inherits, Probes, Profile, Provisioning, Rotation, Series, Source, Start,
    Storage, Tenancy, Url, Variable,
};
use crate::api::app::ServerMode;

pub(super) static PROFILE: Profile = Profile {
    name: "s3",
    title: "S3",
    aliases: &["minio", "object-storage", "versitygw"],
    image: "versity/versitygw",
    series: &[Series {
        name: "1",
        tag: "v1.8.0",
        default: true,
    }],
    ports: &[Port {
        name: "s3",
        number: 7070,
    }],
    user: 1000,
    group: 1000,
    writable_root: false,
    storage: Storage {
        mount: "/var/lib/s3",
        size: "20Gi",
    },
    scratch: &["/tmp"],
    admin: Admin {
        username: "admin",
        generated: &[],
    },
    variables: &[
        Variable {
            name: "ROOT_ACCESS_KEY",
            value: Source::Admin("username"),
        },
        Variable {
            name: "ROOT_SECRET_KEY",
            value: Source::Admin("password"),
        },
    ],
    files: &[File {
        name: "start.sh",
        text: include_str!("scripts/s3-start.sh"),
    }],
    start: Start {
        command: &["sh", "/etc/gravity/start.sh"],
        arguments: &[],
    },
    probes: Probes {
        ready: &[
            "wget",
            "-q",
            "-O",
            "/dev/null",
            "-T",
            "3",
            "http://127.0.0.1:7070/health",
        ],
        period: 5,
        timeout: 5,
    },
    requests: ("100m", "128Mi"),
    memory_limit: "512Mi",
    connections: None,
    pooler: None,
    url: Url {
        schemes: &["s3", "s3+http"],
        template: "{scheme}://{username}:{password}@{host}:{port}/{database}",
        srv: None,
        external: None,
        inherits: Inherits::Nothing,
    },
    provisioning: Provisioning {
        command: &["sh", "-euc"],
        script: include_str!("scripts/s3.sh"),
        variables: &[],
        revision: 1,
        rotation: Rotation::Never("a bucket has one owner, so the old key would lose it at once"),
    },
    mode: ServerMode::Shared,
    external: false,
    replica_set: false,
    tenancy: Tenancy::Database,
    dns_names: true,
    events: None,
    shared_by_prefix: false,
    login_limit: 63,
    identifier_limit: 63,
    reserved: &[],
    extensions: &[],
    cache: None,
    backup: Backup::Never("copy its buckets to another S3 server, or take snapshots of its volume"),
};
