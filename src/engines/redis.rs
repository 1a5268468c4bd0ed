//! Redis, as a store (append-only file, on a claim) or a cache (a memory limit and
//! eviction, nothing on disk).

use super::profile::{
    Admin, Backup, Cache, Dump, Inherits, Probes, Profile, Provisioning, Rotation, Series, Source,
    Start, Storage, Tenancy, Url, Variable,
};
use super::{File, Port};
use crate::api::app::ServerMode;

const START_FILE: File = File {
    name: "start.sh",
    text: include_str!("scripts/redis-start.sh"),
};
const READY_FILE: File = File {
    name: "ready.sh",
    text: include_str!("scripts/redis-ready.sh"),
};

pub(super) static PROFILE: Profile = Profile {
    name: "redis",
    title: "Redis",
    aliases: &[],
    image: "redis",
    // A newer server reads an older one's files within a major version. Before 7, redis-cli
    // could not fail when the server refuses.
    series: &[
        Series {
            name: "7",
            tag: "7-bookworm",
            default: true,
        },
        Series {
            name: "8",
            tag: "8-bookworm",
            default: false,
        },
    ],
    ports: &[Port {
        name: "redis",
        number: 6379,
    }],
    user: 999,
    group: 999,
    writable_root: false,
    storage: Storage {
        mount: "/data",
        size: "1Gi",
    },
    scratch: &["/tmp"],
    admin: Admin {
        username: "default",
        generated: &[],
    },
    variables: &[Variable {
        name: "HOME",
        value: Source::Text("/tmp"),
    }],
    files: &[
        START_FILE,
        READY_FILE,
        File {
            name: "redis.conf",
            text: include_str!("scripts/redis-store.conf"),
        },
    ],
    start: Start {
        command: &["bash", "/etc/gravity/start.sh"],
        arguments: &[],
    },
    probes: Probes {
        ready: &["bash", "/etc/gravity/ready.sh"],
        period: 5,
        timeout: 5,
    },
    requests: ("50m", "64Mi"),
    memory_limit: "256Mi",
    connections: Some(10_000),
    pooler: None,
    url: Url {
        schemes: &["redis"],
        template: "{scheme}://{username}:{password}@{host}:{port}/0",
        srv: None,
        external: None,
        inherits: Inherits::Scheme("redis", "rediss"),
    },
    provisioning: Provisioning {
        command: &["bash", "-euc"],
        script: include_str!("scripts/redis.sh"),
        variables: &[],
        revision: 2,
        rotation: Rotation::TwoLogins,
    },
    // Services whose keys have no common prefix cannot be walled off from one another.
    mode: ServerMode::Dedicated,
    external: true,
    replica_set: false,
    tenancy: Tenancy::Keys,
    dns_names: false,
    events: None,
    shared_by_prefix: true,
    login_limit: 63,
    identifier_limit: 63,
    reserved: &[],
    extensions: &[],
    cache: Some(Cache {
        files: &[
            START_FILE,
            READY_FILE,
            File {
                name: "redis.conf",
                text: include_str!("scripts/redis-cache.conf"),
            },
        ],
    }),
    backup: Backup::Dump(Dump {
        script: include_str!("scripts/redis-backup.sh"),
        extension: "rdb",
        whole: Some("0"),
    }),
};
