//! MariaDB.

use super::mysql::RESERVED;
use super::profile::{
    Admin, Backup, Dump, Inherits, Probes, Profile, Provisioning, Rotation, Series, Source, Start,
    Storage, Tenancy, Url, Variable,
};
use super::{File, Port};
use crate::api::app::ServerMode;

pub(super) static PROFILE: Profile = Profile {
    name: "mariadb",
    title: "MariaDB",
    aliases: &["maria"],
    image: "mariadb",
    // The long-term series.
    series: &[
        Series {
            name: "10.6",
            tag: "10.6",
            default: false,
        },
        Series {
            name: "10.11",
            tag: "10.11",
            default: false,
        },
        Series {
            name: "11.4",
            tag: "11.4",
            default: true,
        },
        Series {
            name: "11.8",
            tag: "11.8",
            default: false,
        },
    ],
    ports: &[Port {
        name: "mysql",
        number: 3306,
    }],
    user: 999,
    group: 999,
    writable_root: false,
    storage: Storage {
        mount: "/var/lib/mysql",
        size: "10Gi",
    },
    scratch: &["/tmp", "/run/mysqld"],
    admin: Admin {
        username: "root",
        generated: &[],
    },
    variables: &[Variable {
        name: "MARIADB_ROOT_PASSWORD_FILE",
        value: Source::Text("/run/gravity/admin/password"),
    }],
    files: &[File {
        name: "ready.sh",
        text: include_str!("scripts/mariadb-ready.sh"),
    }],
    // As for MySQL: below the claim's root, all of Unicode, no look-up of names.
    start: Start {
        command: &[],
        arguments: &[
            "--datadir=/var/lib/mysql/data",
            "--character-set-server=utf8mb4",
            "--skip-name-resolve",
            "--max-connections=200",
        ],
    },
    probes: Probes {
        ready: &["bash", "/etc/gravity/ready.sh"],
        period: 10,
        timeout: 5,
    },
    requests: ("250m", "512Mi"),
    memory_limit: "1Gi",
    connections: Some(200),
    pooler: None,
    url: Url {
        schemes: &["mysql", "mariadb"],
        template: "{scheme}://{username}:{password}@{host}:{port}/{database}",
        srv: None,
        external: None,
        inherits: Inherits::Parameters(&[("ssl-mode", &["ssl_mode", "sslmode"])]),
    },
    provisioning: Provisioning {
        command: &["bash", "-euc"],
        script: concat!(
            "client=mariadb name_in_grant=@escaped\n",
            include_str!("scripts/mysql.sh")
        ),
        variables: &[],
        revision: 2,
        rotation: Rotation::TwoLogins,
    },
    mode: ServerMode::Shared,
    external: true,
    replica_set: false,
    tenancy: Tenancy::Database,
    dns_names: false,
    events: None,
    shared_by_prefix: false,
    login_limit: 32,
    identifier_limit: 64,
    reserved: RESERVED,
    extensions: &[],
    cache: None,
    backup: Backup::Dump(Dump {
        script: concat!(
            "dumper=mariadb-dump client=mariadb more=()\n",
            // Before 10.11 there is no way to take the history of system-versioned tables along.
            "case $(mariadb-dump --no-defaults --help) in\n",
            "    *--dump-history*) more=(--dump-history) ;;\nesac\n",
            include_str!("scripts/mysql-backup.sh")
        ),
        extension: "sql.gz",
        whole: None,
    }),
};
