//! engines: the facts of each database, cache, queue and object store. One file an
//! engine, one table from which everything is derived.

/// A kind of server that services keep data in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is the engine of that name")]
pub enum Engine {
    PostgreSQL,
    PostGIS,
    TimescaleDB,
    MySQL,
    MariaDB,
    MongoDB,
    Redis,
    RabbitMQ,
    Kafka,
    Elasticsearch,
    Consul,
    S3,
}
