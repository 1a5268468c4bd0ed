//! The questions that validate asks of engines, in one place.

use crate::engines::Engine;

const KNOWN: [(Engine, &str, &[&str], &[&str]); 12] = [
    (
        Engine::PostgreSQL,
        "postgresql",
        &["postgres", "pg"],
        &["13", "14", "15", "16", "17"],
    ),
    (Engine::PostGIS, "postgis", &[], &["15", "16", "17"]),
    (
        Engine::TimescaleDB,
        "timescaledb",
        &["timescale"],
        &["15", "16", "17"],
    ),
    (Engine::MySQL, "mysql", &[], &["8.0", "8.4"]),
    (Engine::MariaDB, "mariadb", &[], &["10.11", "11.4"]),
    (Engine::MongoDB, "mongodb", &["mongo"], &["6", "7", "8"]),
    (Engine::Redis, "redis", &[], &["6", "7"]),
    (Engine::RabbitMQ, "rabbitmq", &["amqp"], &["3", "4"]),
    (Engine::Kafka, "kafka", &[], &["3"]),
    (
        Engine::Elasticsearch,
        "elasticsearch",
        &["elastic"],
        &["7", "8"],
    ),
    (Engine::Consul, "consul", &[], &["1"]),
    (Engine::S3, "s3", &["minio"], &["1"]),
];

fn row(
    engine: Engine,
) -> &'static (
    Engine,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
) {
    KNOWN
        .iter()
        .find(|row| row.0 == engine)
        .unwrap_or(&KNOWN[0])
}

pub(super) fn find(name: &str) -> Option<Engine> {
    let name = name.to_ascii_lowercase();
    let found = KNOWN
        .iter()
        .find(|row| row.1 == name || row.2.contains(&name.as_str()));
    found.map(|row| row.0)
}

pub(super) fn names() -> Vec<&'static str> {
    KNOWN.iter().map(|row| row.1).collect()
}

pub(super) fn name(engine: Engine) -> &'static str {
    row(engine).1
}

pub(super) fn series(engine: Engine) -> Vec<&'static str> {
    row(engine).3.to_vec()
}

pub(super) fn default_series(engine: Engine) -> &'static str {
    row(engine).3.last().copied().unwrap_or_default()
}

pub(super) fn find_series(engine: Engine, version: &str) -> Option<&'static str> {
    let known = row(engine).3.iter().rev();
    let within = |series: &&&str| {
        version
            .strip_prefix(**series)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    known.copied().find(|series| within(&series))
}

pub(super) fn scheme(engine: Engine) -> &'static str {
    row(engine).1
}

pub(super) fn knows_scheme(engine: Engine, scheme: &str) -> bool {
    scheme.split('+').next() == Some(row(engine).1)
}

pub(super) fn schemes(engine: Engine) -> Vec<&'static str> {
    vec![row(engine).1]
}

pub(super) fn is_reserved(_: Engine, database: &str) -> bool {
    matches!(database, "postgres" | "admin")
}

pub(super) fn identifier_limit(_: Engine) -> usize {
    63
}

pub(super) fn has_extensions(engine: Engine) -> bool {
    matches!(
        engine,
        Engine::PostgreSQL | Engine::PostGIS | Engine::TimescaleDB
    )
}

pub(super) fn can_be_cache(engine: Engine) -> bool {
    engine == Engine::Redis
}

pub(super) fn is_shared_by_prefix(engine: Engine) -> bool {
    engine == Engine::Redis
}

pub(super) fn has_replica_set(engine: Engine) -> bool {
    engine == Engine::MongoDB
}
