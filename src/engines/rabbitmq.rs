//! RabbitMQ: one virtual host for the app, and a login for each service with the rights
//! that its events need.

use super::profile::{
    Admin, Backup, Events, Inherits, Probes, Profile, Provisioning, Rotation, Series, Source,
    Start, Storage, Tenancy, Url, Variable,
};
use super::{File, Port};
use crate::api::app::ServerMode;

pub(super) static PROFILE: Profile = Profile {
    name: "rabbitmq",
    title: "RabbitMQ",
    aliases: &["rabbit", "amqp"],
    image: "rabbitmq",
    series: &[
        Series {
            name: "3",
            tag: "3.13",
            default: false,
        },
        Series {
            name: "4",
            tag: "4.1",
            default: true,
        },
    ],
    ports: &[
        Port {
            name: "amqp",
            number: 5672,
        },
        Port {
            name: "epmd",
            number: 4369,
        },
        Port {
            name: "distribution",
            number: 25672,
        },
        Port {
            name: "prometheus",
            number: 15692,
        },
    ],
    user: 999,
    group: 999,
    writable_root: false,
    storage: Storage {
        mount: "/var/lib/rabbitmq",
        size: "5Gi",
    },
    scratch: &["/tmp", "/var/log/rabbitmq"],
    admin: Admin {
        username: "admin",
        generated: &[("cookie", 48)],
    },
    variables: &[
        Variable {
            name: "POD_NAME",
            value: Source::PodName,
        },
        // The node's name is where its data is, so it must not follow the pod's address;
        // the provisioning reaches it by that name.
        Variable {
            name: "RABBITMQ_USE_LONGNAME",
            value: Source::Text("true"),
        },
        Variable {
            name: "RABBITMQ_NODENAME",
            value: Source::Text("rabbit@$(POD_NAME).{headless}.{namespace}.svc"),
        },
        Variable {
            name: "RABBITMQ_CONFIG_FILES",
            value: Source::Text("/etc/gravity/rabbitmq.conf"),
        },
        Variable {
            name: "RABBITMQ_ENABLED_PLUGINS_FILE",
            value: Source::Text("/etc/gravity/enabled_plugins"),
        },
        Variable {
            name: "RABBITMQ_DEFAULT_USER",
            value: Source::Admin("username"),
        },
        // The image takes no file for it since 3.9.
        Variable {
            name: "RABBITMQ_DEFAULT_PASS",
            value: Source::Admin("password"),
        },
    ],
    files: &[
        File {
            name: "start.sh",
            text: include_str!("scripts/rabbitmq-start.sh"),
        },
        File {
            name: "rabbitmq.conf",
            text: include_str!("scripts/rabbitmq.conf"),
        },
        File {
            name: "enabled_plugins",
            text: "[rabbitmq_prometheus].\n",
        },
    ],
    start: Start {
        command: &["bash", "/etc/gravity/start.sh"],
        arguments: &[],
    },
    // The client is an Erlang machine of its own: asked rarely, with time to answer
    // (RabbitMQ, "Monitoring", on the cost of health checks).
    probes: Probes {
        ready: &["rabbitmq-diagnostics", "--quiet", "check_port_connectivity"],
        period: 30,
        timeout: 20,
    },
    requests: ("250m", "512Mi"),
    memory_limit: "1Gi",
    connections: None,
    pooler: None,
    url: Url {
        schemes: &["amqp"],
        template: "{scheme}://{username}:{password}@{host}:{port}/{database}",
        srv: None,
        external: None,
        inherits: Inherits::Nothing,
    },
    provisioning: Provisioning {
        command: &["bash", "-euc"],
        script: include_str!("scripts/rabbitmq.sh"),
        variables: &[
            ("ADMIN_COOKIE", "admin:cookie"),
            (
                "SERVER_NODE",
                "rabbit@{server}-0.{headless}.{namespace}.svc",
            ),
        ],
        revision: 2,
        rotation: Rotation::TwoLogins,
    },
    mode: ServerMode::Shared,
    external: false,
    replica_set: false,
    tenancy: Tenancy::App,
    dns_names: false,
    events: Some(Events::Queues),
    shared_by_prefix: false,
    login_limit: 63,
    identifier_limit: 255,
    reserved: &[],
    extensions: &[],
    cache: None,
    backup: Backup::Never(
        "its users, exchanges and queues are provisioned anew, and messages are on their way and not kept",
    ),
};
