//! What evidence comes to: tables of what people use, and what each means for a manifest.

use std::collections::BTreeMap;

use super::dockerfile;
use super::evidence::Evidence;
use super::{Database, Files, Kind, Runtime, Seen, User};

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
const PACKAGES: [(&str, &str); 51] = [
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
    ("aiokafka", "kafka"),
    ("confluent-kafka", "kafka"),
    ("rdkafka", "kafka"),
    ("kafka-clients", "kafka"),
    ("spring-kafka", "kafka"),
    ("github.com/segmentio/kafka-go", "kafka"),
    ("sqlx/postgres", "postgresql"),
    ("sqlx/mysql", "mysql"),
    ("diesel/postgres", "postgresql"),
    ("diesel/mysql", "mysql"),
    ("prisma/postgresql", "postgresql"),
    ("prisma/mysql", "mysql"),
    ("prisma/mongodb", "mongodb"),
    ("prisma/cockroachdb", "cockroachdb"),
];

/// The images of engines, by the last part of their names.
const IMAGES: [(&str, &str); 16] = [
    ("postgres", "postgresql"),
    ("postgresql", "postgresql"),
    ("postgis", "postgresql"),
    ("mysql", "mysql"),
    ("mariadb", "mariadb"),
    ("mongo", "mongodb"),
    ("mongodb", "mongodb"),
    ("redis", "redis"),
    ("valkey", "redis"),
    ("rabbitmq", "rabbitmq"),
    ("kafka", "kafka"),
    ("cp-kafka", "kafka"),
    ("kafka-native", "kafka"),
    ("elasticsearch", "elasticsearch"),
    ("cockroach", "cockroachdb"),
    ("consul", "consul"),
];

/// The users that images of languages have, by their numbers there.
const USERS: [(&str, u32); 3] = [("node", 1000), ("nobody", 65_534), ("nonroot", 65_532)];

/// Whom a pod runs as whose image has nobody but root.
const NOBODY: u32 = 10_001;

/// How a language runs its source: the file that tells, the image, and what a shell does in it.
/// Only /tmp and the source itself can be written to.
const RUNTIMES: [(&str, &str, &str); 6] = [
    (
        "go.mod",
        "golang:1.26",
        "GOCACHE=/tmp/cache GOPATH=/tmp/packages go run .",
    ),
    (
        "Cargo.toml",
        "rust:1",
        "CARGO_HOME=/tmp/packages cargo run --release",
    ),
    (
        "pom.xml",
        "maven:3",
        "mvn -q -Dmaven.repo.local=/tmp/packages spring-boot:run",
    ),
    (
        "manage.py",
        PYTHON,
        "python manage.py runserver 0.0.0.0:$PORT",
    ),
    ("main.py", PYTHON, "python main.py"),
    ("app.py", PYTHON, "python app.py"),
];

/// The image in which a Python service's packages are fetched before it runs.
const PYTHON: &str = "python:3.11";

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
    for (image, place) in evidence.images() {
        let Some(engine) = of_image(image) else {
            continue;
        };
        let database = database(service, engine, None);
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
    let mut all: Vec<Seen<Database>> = found.into_values().collect();
    tell_apart(service, &mut all);
    all
}

/// Databases of one name are called by their engines.
fn tell_apart(service: &str, all: &mut [Seen<Database>]) {
    let names: Vec<String> = all.iter().map(|it| it.value.name.clone()).collect();
    for each in all {
        let same = names.iter().filter(|name| **name == each.value.name);
        if same.count() > 1 {
            let suffix = each.value.engine;
            each.value.name = format!("{}_{suffix}", stem(service));
        }
    }
}

fn stem(service: &str) -> String {
    let stem = service.strip_suffix("-service").unwrap_or(service);
    stem.replace('-', "_")
}

fn of_url(value: &str) -> Option<&'static str> {
    let (scheme, _) = value.split_once("://")?;
    let scheme = scheme.split('+').next()?;
    let found = SCHEMES.iter().find(|(known, _)| *known == scheme);
    found.map(|(_, engine)| *engine)
}

fn of_image(image: &str) -> Option<&'static str> {
    let name = image.rsplit('/').next()?.split([':', '@']).next()?;
    let found = IMAGES.iter().find(|(known, _)| *known == name);
    found.map(|(_, engine)| *engine)
}

/// Whom the image runs as, where that is root or has a name: a pod has to know a number.
pub(super) fn user(evidence: &Evidence) -> Option<Seen<User>> {
    let made = evidence.made.as_ref()?;
    let file = made.file;
    let place = |user: &str| format!("USER {user} in {file}");
    match made.user.as_deref() {
        None => {
            let place = format!("no USER in {file}, and pods do not run as root");
            Some(Seen::new(User::Number(NOBODY), place))
        }
        Some("root" | "0") => {
            let place = format!("{}, and pods do not run as it", place("root"));
            Some(Seen::new(User::Number(NOBODY), place))
        }
        Some(user) if user.parse::<u32>().is_ok() => None,
        Some(user) => match USERS.iter().find(|(known, _)| *known == user) {
            Some((_, number)) => Some(Seen::new(User::Number(*number), place(user))),
            None => {
                let place = format!(
                    "{}: its number, which `id -u` prints in the image",
                    place(user)
                );
                Some(Seen::new(User::Named, place))
            }
        },
    }
}

/// How it would run from its source, where nothing makes an image.
pub(super) fn runtime(files: &Files, evidence: &Evidence) -> Option<Seen<Runtime>> {
    if dockerfile::is_there(files) || evidence.image().is_some() {
        return None;
    }
    if evidence.has_script("start") {
        let runtime = Runtime {
            image: "node:22",
            command: "npm ci --cache /tmp/packages && npm start".to_owned(),
        };
        return Some(Seen::new(runtime, "scripts.start of package.json"));
    }
    let (file, image, command) = RUNTIMES
        .into_iter()
        .find(|(file, ..)| files.contains_key(*file))?;
    let packages = match image {
        PYTHON => python_packages(files),
        _ => None,
    };
    let command = packages.map_or_else(
        || command.to_owned(),
        |from| {
            format!("pip install -q -t /tmp/packages {from} && PYTHONPATH=/tmp/packages {command}")
        },
    );
    Some(Seen::new(Runtime { image, command }, file))
}

/// Where pip finds what a Python service needs.
fn python_packages(files: &Files) -> Option<&'static str> {
    let all = [
        ("requirements.txt", "-r requirements.txt"),
        ("pyproject.toml", "."),
    ];
    let found = all.into_iter().find(|(file, _)| files.contains_key(*file));
    found.map(|(_, from)| from)
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
    let stem = stem(service);
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
pub(super) fn kind(evidence: &Evidence) -> Option<Seen<Kind>> {
    let works = |command: &str| command.contains("celery") && command.contains("worker");
    if let Some(made) = evidence.made.as_ref().filter(|it| works(&it.command)) {
        return Some(Seen::new(Kind::Worker, format!("celery in {}", made.file)));
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
