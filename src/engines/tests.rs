use super::*;
use crate::api::names::digest8;

fn series(engine: Engine, version: &str) -> Option<&'static str> {
    engine
        .profile()
        .find_series(version)
        .map(|series| series.name)
}

#[test]
fn a_version_finds_its_series() {
    let cases = [
        (Engine::PostgreSQL, "15", Some("15")),
        (Engine::PostgreSQL, "15.4", Some("15")),
        (Engine::PostgreSQL, "1", None),
        (Engine::PostgreSQL, "150", None),
        (Engine::PostgreSQL, "9.6", None),
        (Engine::PostgreSQL, "latest", None),
        (Engine::PostgreSQL, "", None),
        (Engine::PostgreSQL, "15.", None),
        (Engine::MySQL, "8.0", Some("8.0")),
        (Engine::MySQL, "8.0.36", Some("8.0")),
        (Engine::MySQL, "8", Some("8.4")),
        (Engine::MariaDB, "10", Some("10.11")),
        (Engine::MongoDB, "7", Some("7.0")),
        (Engine::Redis, "7.2", Some("7")),
        (Engine::Elasticsearch, "8.11", Some("8")),
    ];
    for (engine, version, expected) in cases {
        assert_eq!(series(engine, version), expected, "{engine} {version}");
    }
}

#[test]
fn names_and_aliases_find_one_engine_each() {
    let mut seen = std::collections::BTreeSet::new();
    for engine in Engine::BUILT_IN {
        let profile = engine.profile();
        for name in profile.aliases.iter().chain([&profile.name]) {
            assert!(seen.insert(*name), "{name} names two engines");
            assert_eq!(Engine::find(&name.to_uppercase()), Some(engine));
        }
    }
    assert_eq!(Engine::find("oracle"), None);
}

#[test]
fn an_engine_is_read_and_written_as_its_name() {
    let engine: Engine = serde_json::from_str("\"postgres\"").unwrap();
    assert_eq!(serde_json::to_string(&engine).unwrap(), "\"postgresql\"");
    insta::assert_snapshot!(
        serde_json::from_str::<Engine>("\"oracle\"").unwrap_err(),
        @"oracle is no engine that is known: write one of postgresql, postgis, timescaledb, cockroachdb, mysql, mariadb, mongodb, redis, rabbitmq, kafka, elasticsearch, consul, s3"
    );
}

#[test]
fn each_engine_has_one_default_series_and_sound_facts() {
    for engine in Engine::BUILT_IN {
        let profile = engine.profile();
        let defaults = profile
            .series
            .iter()
            .filter(|series| series.default)
            .count();
        assert_eq!(defaults, 1, "{engine}");
        assert!(profile.user > 0, "{engine} would run as root");
        assert!(
            profile.ports.iter().all(|port| port.name.len() <= 15),
            "{engine}"
        );
        assert!(profile.scratch.contains(&"/tmp"), "{engine}");
        assert!(profile.knows_scheme(profile.scheme()), "{engine}");
        let word = profile
            .name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        assert!(word, "{engine} is part of objects' names");
    }
}

/// A runtime puts an empty volume over a folder that the image declares to be one, unless
/// something is mounted at that very folder: what is written there ends with the pod.
#[test]
fn no_data_is_where_the_image_has_a_volume_of_its_own() {
    let declared = [
        (Engine::PostgreSQL, "/var/lib/postgresql/data"),
        (Engine::PostGIS, "/var/lib/postgresql/data"),
        (Engine::TimescaleDB, "/var/lib/postgresql/data"),
        (Engine::MySQL, "/var/lib/mysql"),
        (Engine::MariaDB, "/var/lib/mysql"),
        (Engine::MongoDB, "/data/db"),
        (Engine::Redis, "/data"),
        (Engine::RabbitMQ, "/var/lib/rabbitmq"),
        (Engine::Kafka, "/var/lib/kafka/data"),
        (Engine::Consul, "/consul/data"),
    ];
    for (engine, volume) in declared {
        let profile = engine.profile();
        let texts = profile.variables.iter().filter_map(|it| match it.value {
            Source::Text(text) => Some(text),
            Source::Admin(_) | Source::PodName | Source::PodAddress => None,
        });
        let files = profile.files.iter().map(|file| file.text);
        let start = profile.start.command.iter().chain(profile.start.arguments);
        let mut texts = texts.chain(files).chain(start.copied());
        let is_used = texts.any(|text| text.contains(volume));
        assert!(profile.storage.mount == volume || !is_used, "{engine}");
    }
}

#[test]
fn a_driver_may_follow_a_scheme() {
    let profile = Engine::PostgreSQL.profile();
    assert!(profile.knows_scheme("postgresql+asyncpg"));
    assert!(!profile.knows_scheme("mysql+asyncpg"));
}

#[test]
fn an_engine_keeps_its_own_databases() {
    let cases = [
        (Engine::PostgreSQL, "postgres", true),
        (Engine::PostgreSQL, "pg_stats", true),
        (Engine::PostgreSQL, "page_db", false),
        (Engine::MySQL, "MySQL", true),
        (Engine::MongoDB, "local", true),
        (Engine::Redis, "postgres", false),
    ];
    for (engine, name, expected) in cases {
        assert_eq!(
            engine.profile().is_reserved(name),
            expected,
            "{engine} {name}"
        );
    }
}

/// What each provisioning script was when its revision was last thought of.
const SCRIPTS: &[(&str, u32, &str)] = &[
    ("postgresql", 2, "71e7b156"),
    ("postgis", 2, "71e7b156"),
    ("timescaledb", 2, "71e7b156"),
    ("cockroachdb", 1, "bfc99154"),
    ("mysql", 2, "e7c45247"),
    ("mariadb", 2, "6e5cd193"),
    ("mongodb", 1, "9d104776"),
    ("redis", 2, "3a1a8f0f"),
    ("rabbitmq", 2, "7300c451"),
    ("kafka", 3, "995dd80b"),
    ("elasticsearch", 1, "398b2249"),
    ("consul", 1, "f6a75e58"),
    ("s3", 1, "26a6a0a1"),
    ("pgbouncer", 1, "754eafe1"),
];

/// A database that is there already gets what a script has learned only when the revision is
/// another: without it no Job is run again.
#[test]
fn a_script_changes_with_its_revision_or_knowingly_without() {
    let engines = Engine::BUILT_IN.map(|engine| (engine.name(), &engine.profile().provisioning));
    let pooler = ("pgbouncer", &pgbouncer::POOLER.provisioning);
    let line =
        |name: &str, revision: u32, digest: &str| format!("({name:?}, {revision}, {digest:?}),");
    let now = engines
        .into_iter()
        .chain([pooler])
        .map(|(name, it)| line(name, it.revision, &digest8(it.script.as_bytes())));
    let pinned = SCRIPTS
        .iter()
        .map(|&(name, revision, digest)| line(name, revision, digest));
    let now: Vec<_> = now.collect();
    assert!(
        pinned.eq(now.iter().cloned()),
        "a provisioning script has changed. Where databases that are there already need the change, raise `revision` in the file of each engine that runs it; then let SCRIPTS have\n{}",
        now.join("\n")
    );
}

/// One row of the table in docs/engines.md.
fn row(engine: Engine) -> String {
    let profile = engine.profile();
    let names = std::iter::once(&profile.name).chain(profile.aliases);
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    let series = profile.series.iter().map(|series| {
        let name = series.name;
        if series.default {
            format!("**{name}**")
        } else {
            name.to_owned()
        }
    });
    format!(
        "| {} ({}) | {} | `{}` | {} | {:?} | {} |",
        profile.title,
        names.join(", "),
        series.collect::<Vec<_>>().join(", "),
        profile.image_of(profile.default_series().name),
        profile.port(),
        profile.mode,
        profile.storage.size,
    )
}

#[test]
fn the_documentation_has_each_engine_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/engines.md");
    let text = std::fs::read_to_string(path).unwrap();
    let written: Vec<_> = text.lines().filter(|line| line.starts_with("| ")).collect();
    for engine in Engine::BUILT_IN {
        let row = row(engine);
        assert!(
            written.contains(&row.as_str()),
            "docs/engines.md lacks\n{row}"
        );
    }
}
