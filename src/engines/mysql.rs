//! MySQL. MariaDB is an engine of its own: the two share a protocol, not their files.

use super::profile::{
    Admin, Backup, Dump, Inherits, Probes, Profile, Provisioning, Rotation, Series, Source, Start,
    Storage, Tenancy, Url, Variable,
};
use super::{File, Port};
use crate::api::app::ServerMode;

pub(super) const RESERVED: &[&str] = &["information_schema", "mysql", "performance_schema", "sys"];

pub(super) static PROFILE: Profile = Profile {
    name: "mysql",
    title: "MySQL",
    aliases: &[],
    image: "mysql",
    // 8.0 and 8.4 cannot read one another's files both ways.
    series: &[
        Series {
            name: "8.0",
            tag: "8.0",
            default: false,
        },
        Series {
            name: "8.4",
            tag: "8.4",
            default: true,
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
    scratch: &["/tmp", "/var/lib/mysql-files", "/var/run/mysqld"],
    admin: Admin {
        username: "root",
        generated: &[],
    },
    variables: &[Variable {
        name: "MYSQL_ROOT_PASSWORD_FILE",
        value: Source::Text("/run/gravity/admin/password"),
    }],
    files: &[File {
        name: "ready.sh",
        text: include_str!("scripts/mysql-ready.sh"),
    }],
    // The folder of the data is below the claim's root, which holds lost+found: MySQL
    // would take that for a database. The character set is the one that holds all of
    // Unicode; names are not looked up, for a slow DNS would slow every login.
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
        schemes: &["mysql"],
        template: "{scheme}://{username}:{password}@{host}:{port}/{database}",
        srv: None,
        external: None,
        inherits: Inherits::Parameters(&[("ssl-mode", &["ssl_mode", "sslmode"])]),
    },
    provisioning: Provisioning {
        command: &["bash", "-euc"],
        // With partial revokes a grant's database has no pattern letters (the MySQL manual,
        // "Privilege Restriction Using Partial Revokes").
        script: concat!(
            "client=mysql name_in_grant='IF(@@partial_revokes, @name, @escaped)'\n",
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
            "dumper=mysqldump client=mysql more=(--set-gtid-purged=OFF --no-tablespaces)\n",
            include_str!("scripts/mysql-backup.sh")
        ),
        extension: "sql.gz",
        whole: None,
    }),
};
