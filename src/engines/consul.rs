//! Consul, one server.
//!
//! Its clients log in by nothing yet: what walls it off is the namespace. docs/engines.md
//! says so.

use super::Port;
use super::profile::{
    Admin, Backup, File, Inherits, Probes, Profile, Provisioning, Rotation, Series, Source, Start,
    Storage, Tenancy, Url, Variable,
};
use crate::api::app::ServerMode;

pub(super) static PROFILE: Profile = Profile {
    name: "consul",
    title: "Consul",
    aliases: &[],
    image: "hashicorp/consul",
    series: &[Series {
        name: "1",
        tag: "1.20",
        default: true,
    }],
    ports: &[
        Port {
            name: "http",
            number: 8500,
        },
        Port {
            name: "dns",
            number: 8600,
        },
    ],
    user: 100,
    group: 1000,
    writable_root: false,
    storage: Storage {
        mount: "/consul/data",
        size: "1Gi",
    },
    scratch: &["/tmp"],
    admin: Admin {
        username: "admin",
        generated: &[],
    },
    variables: &[Variable {
        name: "POD_IP",
        value: Source::PodAddress,
    }],
    files: &[
        File {
            name: "start.sh",
            text: include_str!("scripts/consul-start.sh"),
        },
        File {
            name: "ready.sh",
            text: include_str!("scripts/consul-ready.sh"),
        },
    ],
    start: Start {
        command: &["sh", "/etc/gravity/start.sh"],
        arguments: &[],
    },
    probes: Probes {
        ready: &["sh", "/etc/gravity/ready.sh"],
        period: 10,
        timeout: 5,
    },
    requests: ("100m", "128Mi"),
    memory_limit: "256Mi",
    connections: None,
    pooler: None,
    url: Url {
        schemes: &["http", "consul"],
        template: "{scheme}://{host}:{port}",
        srv: None,
        external: None,
        inherits: Inherits::Scheme("http", "https"),
    },
    provisioning: Provisioning {
        command: &["sh", "-euc"],
        script: include_str!("scripts/consul.sh"),
        variables: &[],
        revision: 1,
        rotation: Rotation::Never("it has no logins"),
    },
    mode: ServerMode::Shared,
    external: true,
    replica_set: false,
    tenancy: Tenancy::App,
    dns_names: false,
    events: None,
    shared_by_prefix: false,
    login_limit: 63,
    identifier_limit: 63,
    reserved: &[],
    extensions: &[],
    cache: None,
    backup: Backup::Never(
        "its data is taken by `consul snapshot save`, which Gravity does not run yet",
    ),
};
