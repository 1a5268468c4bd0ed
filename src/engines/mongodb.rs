//! MongoDB, always as a replica set, of one member or three: change streams and
//! transactions need one, and a set of one can grow.

use super::profile::{
    Admin, Backup, Inherits, Probes, Profile, Provisioning, Rotation, Series, Source, Start,
    Storage, Tenancy, Url, Variable,
};
use super::{File, Port};
use crate::api::app::ServerMode;

pub(super) static PROFILE: Profile = Profile {
    name: "mongodb",
    title: "MongoDB",
    aliases: &["mongo"],
    image: "mongo",
    series: &[
        Series {
            name: "6.0",
            tag: "6.0",
            default: false,
        },
        Series {
            name: "7.0",
            tag: "7.0",
            default: false,
        },
        Series {
            name: "8.0",
            tag: "8.0",
            default: true,
        },
    ],
    ports: &[Port {
        name: "mongodb",
        number: 27017,
    }],
    user: 999,
    group: 999,
    writable_root: false,
    // The image declares this very folder to be a volume: with a claim above it, what is in it
    // would be the pod's, and end with the pod.
    storage: Storage {
        mount: "/data/db",
        size: "10Gi",
    },
    scratch: &["/tmp"],
    // The keyfile is base64 of any length from 6 to 1024 (MongoDB manual, Internal
    // Authentication); letters and digits are that.
    admin: Admin {
        username: "admin",
        generated: &[("keyfile", 512)],
    },
    variables: &[
        // mongosh writes its history into the home folder, and the root is read-only.
        Variable {
            name: "HOME",
            value: Source::Text("/tmp"),
        },
        Variable {
            name: "POD_NAME",
            value: Source::PodName,
        },
    ],
    files: &[
        File {
            name: "start.sh",
            text: include_str!("scripts/mongodb-start.sh"),
        },
        File {
            name: "ready.sh",
            text: include_str!("scripts/mongodb-ready.sh"),
        },
    ],
    start: Start {
        command: &["bash", "/etc/gravity/start.sh"],
        arguments: &[],
    },
    // mongosh takes a second of a CPU to start.
    probes: Probes {
        ready: &["bash", "/etc/gravity/ready.sh"],
        period: 20,
        timeout: 15,
    },
    requests: ("250m", "512Mi"),
    memory_limit: "1Gi",
    connections: None,
    pooler: None,
    url: Url {
        schemes: &["mongodb"],
        template: "{scheme}://{username}:{password}@{members}/{database}?replicaSet={server}&authSource={database}",
        srv: Some(
            "{scheme}://{username}:{password}@{headless}.{namespace}.svc.cluster.local/{database}?replicaSet={server}&authSource={database}&tls=false",
        ),
        external: Some(
            "{scheme}://{username}:{password}@{members}/{database}?authSource={database}",
        ),
        inherits: Inherits::Parameters(&[("tls", &["ssl"]), ("replicaSet", &[])]),
    },
    provisioning: Provisioning {
        command: &["mongosh", "--nodb", "--norc", "--quiet", "--eval"],
        script: include_str!("scripts/mongodb.js"),
        variables: &[],
        revision: 1,
        rotation: Rotation::TwoLogins,
    },
    mode: ServerMode::Shared,
    external: true,
    replica_set: true,
    tenancy: Tenancy::Database,
    dns_names: false,
    events: None,
    shared_by_prefix: false,
    login_limit: 63,
    identifier_limit: 63,
    reserved: &["admin", "config", "local"],
    extensions: &[],
    cache: None,
    backup: Backup::Never(
        "Gravity does not run mongodump yet: run it by hand, with the admin Secret",
    ),
};
