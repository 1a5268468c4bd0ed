//! What evidence comes to: tables of what people use, and what each means for a manifest.

use std::collections::BTreeMap;

use super::evidence::Evidence;
use super::{Database, Files, Kind, Seen};

/// The schemes of URLs, and the engine of each.
const SCHEMES: [(&str, &str); 10] = [
    ("postgres", "postgresql"),
    ("postgresql", "postgresql"),
    ("mysql", "mysql"),
    ("mariadb", "mariadb"),
    ("mongodb", "mongodb"),
    ("redis", "redis"),
    ("amqp", "rabbitmq"),
    ("kafka", "kafka"),
    ("elasticsearch", "elasticsearch"),
    ("cockroachdb", "cockroachdb"),
];

/// The packages of languages by which code speaks to an engine. One that ends in `/` stands
/// for all below it.
const PACKAGES: [(&str, &str); 37] = [
    ("psycopg", "postgresql"),
    ("psycopg2", "postgresql"),
    ("psycopg2-binary", "postgresql"),
    ("asyncpg", "postgresql"),
    ("pg", "postgresql"),
    ("postgres", "postgresql"),
    ("tokio-postgres", "postgresql"),
    ("github.com/lib/pq", "postgresql"),
    ("github.com/jackc/pgx/", "postgresql"),
    ("postgresql", "postgresql"),
    ("pymysql", "mysql"),
    ("mysqlclient", "mysql"),
    ("aiomysql", "mysql"),
    ("mysql", "mysql"),
    ("mysql2", "mysql"),
    ("mysql_async", "mysql"),
    ("github.com/go-sql-driver/mysql", "mysql"),
    ("mysql-connector-j", "mysql"),
    ("mariadb", "mariadb"),
    ("mariadb-java-client", "mariadb"),
    ("pymongo", "mongodb"),
    ("motor", "mongodb"),
    ("mongodb", "mongodb"),
    ("mongoose", "mongodb"),
    ("go.mongodb.org/mongo-driver/", "mongodb"),
    ("mongodb-driver-sync", "mongodb"),
    ("redis", "redis"),
    ("ioredis", "redis"),
    ("github.com/redis/go-redis/", "redis"),
    ("jedis", "redis"),
    ("pika", "rabbitmq"),
    ("aio-pika", "rabbitmq"),
    ("amqplib", "rabbitmq"),
    ("lapin", "rabbitmq"),
    ("github.com/rabbitmq/amqp091-go", "rabbitmq"),
    ("kafkajs", "kafka"),
    ("kafka-python", "kafka"),
];

/// What an engine's database is called, after the service.
const SUFFIXES: [(&str, &str); 4] = [
    ("redis", "cache"),
    ("rabbitmq", "queue"),
    ("kafka", "events"),
    ("elasticsearch", "search"),
];

/// The files of tools that migrate, and the command of each.
const MIGRATIONS: [(&str, &[&str]); 5] = [
    ("alembic.ini", &["alembic", "upgrade", "head"]),
    ("manage.py", &["python", "manage.py", "migrate"]),
    (
        "prisma/schema.prisma",
        &["npx", "prisma", "migrate", "deploy"],
    ),
    ("knexfile.js", &["npx", "knex", "migrate:latest"]),
    ("diesel.toml", &["diesel", "migration", "run"]),
];

/// Packages of those that make pages, and those that answer requests as well.
const PAGES: [&str; 5] = ["next", "nuxt", "@angular/core", "vue", "react"];
const SERVERS: [&str; 4] = ["express", "fastify", "@nestjs/core", "koa"];

/// The databases: first what variables have URLs of, then what packages speak to.
pub(super) fn databases(service: &str, evidence: &Evidence) -> Vec<Seen<Database>> {
    let mut found = BTreeMap::<&'static str, Seen<Database>>::new();
    for (name, value, file) in evidence.variables() {
        let Some(engine) = of_url(value) else {
            continue;
        };
        let variable = Some(name.to_owned());
        let database = database(service, engine, variable);
        let place = format!("{name} in {file}");
        found
            .entry(engine)
            .or_insert_with(|| Seen::new(database, place));
    }
    for (package, file) in evidence.packages() {
        let Some(engine) = of_package(&package) else {
            continue;
        };
        let place = format!("{package} in {file}");
        let database = database(service, engine, None);
        found
            .entry(engine)
            .or_insert_with(|| Seen::new(database, place));
    }
    found.into_values().collect()
}

fn of_url(value: &str) -> Option<&'static str> {
    let (scheme, _) = value.split_once("://")?;
    let scheme = scheme.split('+').next()?;
    let found = SCHEMES.iter().find(|(known, _)| *known == scheme);
    found.map(|(_, engine)| *engine)
}

fn of_package(package: &str) -> Option<&'static str> {
    let fits = |known: &str| match known.strip_suffix('/') {
        Some(stem) => package == stem || package.starts_with(known),
        None => package == known,
    };
    let found = PACKAGES.iter().find(|(known, _)| fits(known));
    found.map(|(_, engine)| *engine)
}

fn database(service: &str, engine: &'static str, variable: Option<String>) -> Database {
    let stem = service
        .strip_suffix("-service")
        .unwrap_or(service)
        .replace('-', "_");
    let suffix = SUFFIXES.iter().find(|(known, _)| *known == engine);
    let suffix = suffix.map_or("db", |(_, suffix)| suffix);
    let name = format!("{stem}_{suffix}");
    // The variable that the name would give needs no word.
    let variable =
        variable.filter(|variable| *variable != format!("{}_URL", name.to_ascii_uppercase()));
    Database {
        name,
        engine,
        variable,
    }
}

/// What kind of service it is: what its container runs tells a worker, its packages a page.
pub(super) fn kind(files: &Files, evidence: &Evidence) -> Option<Seen<Kind>> {
    let works = |name: &&str| {
        let text = files.get(*name).map_or("", String::as_str);
        let mut runs = text.lines().filter(|line| {
            let line = line.trim_start();
            line.starts_with("CMD") || line.starts_with("ENTRYPOINT")
        });
        runs.any(|line| line.contains("celery") && line.contains("worker"))
    };
    if let Some(name) = ["Dockerfile", "Containerfile"].into_iter().find(works) {
        return Some(Seen::new(Kind::Worker, format!("celery in {name}")));
    }
    web(evidence)
}

/// Whether it makes pages, and does not answer requests itself.
fn web(evidence: &Evidence) -> Option<Seen<Kind>> {
    let packages = evidence.packages();
    if SERVERS.iter().any(|server| packages.contains_key(*server)) {
        return None;
    }
    let page = PAGES.iter().find(|page| packages.contains_key(**page))?;
    Some(Seen::new(Kind::Web, format!("{page} in package.json")))
}

/// The command of a migration: a script of the repository's own, or that of its tool.
pub(super) fn migration(files: &Files, evidence: &Evidence) -> Option<Seen<Vec<String>>> {
    let script = evidence
        .script("migrate")
        .or_else(|| evidence.script("db:migrate"));
    script.or_else(|| {
        let (file, words) = MIGRATIONS
            .iter()
            .find(|(file, _)| files.contains_key(*file))?;
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Some(Seen::new(words, *file))
    })
}
