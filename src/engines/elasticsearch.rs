//! Elasticsearch, a single node, with passwords and without TLS inside the namespace.

use super::Port;
use super::profile::{
    Admin, Backup, File, Inherits, Probes, Profile, Provisioning, Rotation, Series, Source, Start,
    Storage, Tenancy, Url, Variable,
};
use crate::api::app::ServerMode;

pub(super) static PROFILE: Profile = Profile {
    name: "elasticsearch",
    title: "Elasticsearch",
    aliases: &["elastic", "es"],
    image: "elasticsearch",
    series: &[
        Series {
            name: "7",
            tag: "7.17.28",
            default: false,
        },
        Series {
            name: "8",
            tag: "8.17.4",
            default: true,
        },
        Series {
            name: "9",
            tag: "9.0.1",
            default: false,
        },
    ],
    ports: &[Port {
        name: "http",
        number: 9200,
    }],
    user: 1000,
    // The image's files belong to group 0.
    group: 0,
    // The start writes a keystore into its folder of configuration.
    writable_root: true,
    storage: Storage {
        mount: "/usr/share/elasticsearch/data",
        size: "20Gi",
    },
    scratch: &["/tmp", "/usr/share/elasticsearch/logs"],
    admin: Admin {
        username: "elastic",
        generated: &[],
    },
    variables: &[
        Variable {
            name: "discovery.type",
            value: Source::Text("single-node"),
        },
        Variable {
            name: "cluster.name",
            value: Source::Text("{server}"),
        },
        Variable {
            name: "path.data",
            value: Source::Text("/usr/share/elasticsearch/data/nodes-{series}"),
        },
        Variable {
            name: "xpack.security.enabled",
            value: Source::Text("true"),
        },
        Variable {
            name: "xpack.security.http.ssl.enabled",
            value: Source::Text("false"),
        },
        // Memory-mapped files need a setting of the node (vm.max_map_count), which a
        // restricted pod cannot make.
        Variable {
            name: "node.store.allow_mmap",
            value: Source::Text("false"),
        },
        Variable {
            name: "ES_JAVA_OPTS",
            value: Source::Text("-Xms1g -Xmx1g"),
        },
        // A file would have to be unreadable to the group, and a Secret's never is.
        Variable {
            name: "ELASTIC_PASSWORD",
            value: Source::Admin("password"),
        },
    ],
    files: &[File {
        name: "ready.sh",
        text: include_str!("scripts/elasticsearch-ready.sh"),
    }],
    start: Start {
        command: &[],
        arguments: &[],
    },
    probes: Probes {
        ready: &["bash", "/etc/gravity/ready.sh"],
        period: 10,
        timeout: 10,
    },
    requests: ("500m", "2Gi"),
    memory_limit: "2Gi",
    connections: None,
    pooler: None,
    url: Url {
        schemes: &["http", "elasticsearch"],
        template: "{scheme}://{username}:{password}@{host}:{port}",
        srv: None,
        external: None,
        inherits: Inherits::Scheme("http", "https"),
    },
    provisioning: Provisioning {
        command: &["bash", "-euc"],
        script: include_str!("scripts/elasticsearch.sh"),
        variables: &[],
        revision: 1,
        rotation: Rotation::TwoLogins,
    },
    mode: ServerMode::Shared,
    external: true,
    replica_set: false,
    tenancy: Tenancy::Indices,
    dns_names: false,
    events: None,
    shared_by_prefix: false,
    login_limit: 63,
    identifier_limit: 200,
    // What agents and the engine itself write to, as logs-*-*.
    reserved: &["logs", "metrics", "profiling", "synthetics", "traces"],
    extensions: &[],
    cache: None,
    backup: Backup::Never(
        "its snapshots take a repository of its own: make one by its API, and a policy for it",
    ),
};
