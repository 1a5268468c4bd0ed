//! Kafka without ZooKeeper (KRaft), one broker that is its own controller.
//!
//! Its clients log in by nothing yet: what walls it off is the namespace. docs/engines.md
//! says so.

use super::profile::{
    Admin, Backup, Probes, Profile, Provisioning, Rotation, Series, Source, Start, Storage,
    Tenancy, Url, Variable,
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
    ports: &[
        Port {
            name: "kafka",
            number: 9092,
        },
        Port {
            name: "controller",
            number: 9093,
        },
    ],
    user: 1000,
    group: 1000,
    writable_root: false,
    storage: Storage {
        mount: "/var/lib/kafka",
        size: "10Gi",
    },
    scratch: &["/opt/kafka/logs", "/tmp"],
    // The cluster's id is 22 letters of base64; it is written into the data folder, and a
    // server with another id refuses the data.
    admin: Admin {
        username: "admin",
        generated: &[("cluster-id", 22)],
    },
    variables: &[
        Variable {
            name: "CLUSTER_ID",
            value: Source::Admin("cluster-id"),
        },
        Variable {
            name: "KAFKA_HEAP_OPTS",
            value: Source::Text("-Xms512m -Xmx512m"),
        },
        Variable {
            name: "LOG_DIR",
            value: Source::Text("/tmp/logs"),
        },
    ],
    files: &[
        File {
            name: "start.sh",
            text: include_str!("scripts/kafka-start.sh"),
        },
        File {
            name: "server.properties",
            text: include_str!("scripts/kafka.properties"),
        },
    ],
    start: Start {
        command: &["bash", "/etc/gravity/start.sh"],
        arguments: &[],
    },
    // The client is a Java machine of its own: asked rarely, with time to answer.
    probes: Probes {
        ready: &[
            "/opt/kafka/bin/kafka-broker-api-versions.sh",
            "--bootstrap-server=127.0.0.1:9092",
        ],
        period: 30,
        timeout: 20,
    },
    requests: ("250m", "1Gi"),
    memory_limit: "1536Mi",
    connections: None,
    pooler: None,
    url: Url {
        schemes: &["kafka"],
        template: "{scheme}://{host}:{port}",
        srv: None,
    },
    provisioning: Provisioning {
        command: &["bash", "-euc"],
        script: include_str!("scripts/kafka.sh"),
        variables: &[],
        revision: 1,
        rotation: Rotation::Never("it has no logins"),
    },
    mode: ServerMode::Shared,
    external: true,
    replica_set: false,
    tenancy: Tenancy::App,
    dns_names: false,
    events: true,
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
