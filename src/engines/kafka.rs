//! Kafka without ZooKeeper (KRaft), one broker that is its own controller: a login for each
//! service, with the rights that its events need.

use super::profile::{
    Admin, Backup, Events, Inherits, Probes, Profile, Provisioning, Rotation, Series, Start,
    Storage, Tenancy, Url,
};
use super::{File, Port};
use crate::api::app::ServerMode;

pub(super) static PROFILE: Profile = Profile {
    name: "kafka",
    title: "Kafka",
    aliases: &[],
    image: "apache/kafka",
    series: &[
        Series {
            name: "3",
            tag: "3.9.1",
            default: false,
        },
        Series {
            name: "4",
            tag: "4.0.0",
            default: true,
        },
    ],
    ports: &[Port {
        name: "kafka",
        number: 9092,
    }],
    user: 1000,
    group: 1000,
    writable_root: false,
    // The image declares this very folder to be a volume: with a claim above it, what is in it
    // would be the pod's, and end with the pod.
    storage: Storage {
        mount: "/var/lib/kafka/data",
        size: "10Gi",
    },
    scratch: &["/tmp"],
    // The cluster's id is 22 letters of base64; it is written into the data folder, and a
    // server with another id refuses the data.
    admin: Admin {
        username: "admin",
        generated: &[("cluster-id", 22)],
    },
    variables: &[],
    files: &[
        File {
            name: "start.sh",
            text: include_str!("scripts/kafka-start.sh"),
        },
        File {
            name: "server.properties",
            text: include_str!("scripts/kafka.properties"),
        },
        File {
            name: "ready.sh",
            text: include_str!("scripts/kafka-ready.sh"),
        },
        File {
            name: "log4j.properties",
            text: include_str!("scripts/kafka-log4j.properties"),
        },
        File {
            name: "log4j2.yaml",
            text: include_str!("scripts/kafka-log4j2.yaml"),
        },
    ],
    start: Start {
        command: &["bash", "/etc/gravity/start.sh"],
        arguments: &[],
    },
    probes: Probes {
        ready: &["bash", "-eu", "/etc/gravity/ready.sh"],
        period: 10,
        timeout: 5,
    },
    requests: ("250m", "1Gi"),
    memory_limit: "1536Mi",
    connections: None,
    pooler: None,
    url: Url {
        schemes: &["kafka"],
        template: "{scheme}://{username}:{password}@{host}:{port}",
        srv: None,
        external: None,
        inherits: Inherits::Nothing,
    },
    provisioning: Provisioning {
        command: &["bash", "-euc"],
        script: include_str!("scripts/kafka.sh"),
        variables: &[],
        revision: 3,
        rotation: Rotation::TwoLogins,
    },
    mode: ServerMode::Shared,
    external: false,
    replica_set: false,
    tenancy: Tenancy::App,
    dns_names: false,
    events: Some(Events::Groups),
    shared_by_prefix: false,
    login_limit: 63,
    identifier_limit: 249,
    reserved: &[],
    extensions: &[],
    cache: None,
    backup: Backup::Never(
        "its topics are read from the beginning, or mirrored to another cluster by MirrorMaker",
    ),
};
