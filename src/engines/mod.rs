//! engines: the facts of each database, cache, queue and object store. One file an
//! engine, one table from which everything is derived.
//!
//! Adding an engine is one file with its [`Profile`], and one line in each of the three
//! places of this file: the module, the enum and its list, the `match`. One that is added
//! without a build is [`Stated`] by a file and registered at the start. Nothing outside
//! this folder asks which engine it has before it.

mod added;
mod cloudnativepg;
mod cockroachdb;
mod complaint;
mod consul;
mod elasticsearch;
mod kafka;
mod mariadb;
mod mongodb;
mod mysql;
mod operator;
mod pgbouncer;
mod pooler;
mod postgis;
mod postgresql;
mod profile;
mod rabbitmq;
mod redis;
mod s3;
mod timescaledb;
mod url;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use added::{Added, Stated, Wrong, register};
pub use complaint::{Complaint, complaint};
pub use operator::{
    AdminSecret, Custom, Operator, Served, Sign, Status, WantedDatabase, WantedPooler, WantedRole,
    WantedServer,
};
pub use pooler::Pooler;
pub use profile::{
    Admin, Backup, Cache, Dump, Events, File, Port, Probes, Profile, Provisioning, Rotation,
    Series, Source, Start, Storage, Tenancy, Url, Variable, is_srv,
};

use crate::api::app::ServerMode;

/// A kind of server that services keep data in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is the engine of that name")]
pub enum Engine {
    PostgreSQL,
    PostGIS,
    TimescaleDB,
    CockroachDB,
    MySQL,
    MariaDB,
    MongoDB,
    Redis,
    RabbitMQ,
    Kafka,
    Elasticsearch,
    Consul,
    S3,
    Added(Added),
}

impl Engine {
    /// Those that need no file, in the order in which they are listed.
    pub const BUILT_IN: [Self; 13] = [
        Self::PostgreSQL,
        Self::PostGIS,
        Self::TimescaleDB,
        Self::CockroachDB,
        Self::MySQL,
        Self::MariaDB,
        Self::MongoDB,
        Self::Redis,
        Self::RabbitMQ,
        Self::Kafka,
        Self::Elasticsearch,
        Self::Consul,
        Self::S3,
    ];

    /// All that are known: those of files come last.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::BUILT_IN.into_iter().chain(added::added())
    }

    /// The engine's facts.
    pub const fn profile(self) -> &'static Profile {
        match self {
            Self::PostgreSQL => &postgresql::PROFILE,
            Self::PostGIS => &postgis::PROFILE,
            Self::TimescaleDB => &timescaledb::PROFILE,
            Self::CockroachDB => &cockroachdb::PROFILE,
            Self::MySQL => &mysql::PROFILE,
            Self::MariaDB => &mariadb::PROFILE,
            Self::MongoDB => &mongodb::PROFILE,
            Self::Redis => &redis::PROFILE,
            Self::RabbitMQ => &rabbitmq::PROFILE,
            Self::Kafka => &kafka::PROFILE,
            Self::Elasticsearch => &elasticsearch::PROFILE,
            Self::Consul => &consul::PROFILE,
            Self::S3 => &s3::PROFILE,
            Self::Added(added) => added.profile(),
        }
    }

    /// Whose servers its databases can be on, as the app may say.
    pub fn modes(self) -> Vec<ServerMode> {
        let own = [ServerMode::Shared, ServerMode::Dedicated];
        let external = self.profile().external.then_some(ServerMode::External);
        let operators = Operator::serving(self).map(|operator| operator.mode);
        own.into_iter().chain(external).chain(operators).collect()
    }

    /// The one lower-case word that names the engine in manifests and in objects' names.
    pub const fn name(self) -> &'static str {
        self.profile().name
    }

    /// The engine of that name or alias; capitals do not matter.
    pub fn find(name: &str) -> Option<Self> {
        let wanted = name.to_ascii_lowercase();
        Self::all().find(|engine| {
            engine.name() == wanted || engine.profile().aliases.contains(&wanted.as_str())
        })
    }
}

impl fmt::Display for Engine {
    /// The engine's canonical name.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Engine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Engine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::find(&name).ok_or_else(|| {
            let known: Vec<_> = Self::all().map(Self::name).collect();
            de::Error::custom(format!(
                "{name} is no engine that is known: write one of {}",
                known.join(", ")
            ))
        })
    }
}

#[cfg(test)]
mod tests;
