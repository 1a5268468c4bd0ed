//! Whole objects of each engine.

use super::*;
use crate::engines::Engine;
use crate::plan::graph::{Generated, PlannedObject};

/// All that one service with one database of the engine comes to, as one text.
fn rendered(engine: Engine) -> String {
    let mut service = service("order", &format!("[{{name: order_db, engine: {engine}}}]"));
    service.databases[0].extensions = engine
        .profile()
        .extensions
        .iter()
        .take(2)
        .map(|&it| it.to_owned())
        .collect();
    if engine.profile().events.is_some() {
        service.events = build::events(
            "{publishes: [{exchange: shop.events, keys: [order.created]}], subscribes: [{exchange: shop.events, queue: order.paid, keys: [payment.*]}]}",
        );
    }
    rendered_of(&plan(&app(), &[service], &facts()))
}

pub(super) fn rendered_of(plan: &Databases) -> String {
    let objects = plan.nodes.iter().flat_map(|node| {
        let heading = format!("# {} {:?}\n", node.id, node.version);
        std::iter::once(heading).chain(node.objects.iter().map(text))
    });
    objects.collect::<Vec<_>>().join("---\n")
}

fn text(object: &PlannedObject) -> String {
    let yaml = |value| serde_yaml::to_string(value).unwrap();
    match &object.body {
        Body::Apply(value) => yaml(value),
        Body::Create { stated, generate } => {
            let generated = generate.iter().map(|(key, value)| match value {
                Generated::Password(length) => {
                    format!("# {key}: {length} random letters and digits\n")
                }
                Generated::OneOf(choices) => format!("# {key}: {}\n", choices.join(" or ")),
                Generated::Composed(template) => format!("# {key}: {template}\n"),
            });
            yaml(stated) + &generated.collect::<String>()
        }
    }
}

#[test]
fn each_engine_as_a_whole() {
    for engine in Engine::BUILT_IN {
        insta::assert_snapshot!(engine.name(), rendered(engine));
    }
}

#[test]
fn a_cache_keeps_nothing_and_makes_its_logins_at_each_start() {
    let services = [
        service(
            "auth",
            "[{name: cache, engine: redis, mode: cache, key_prefix: 'auth:'}]",
        ),
        service(
            "user",
            "[{name: cache, engine: redis, mode: cache, key_prefix: 'user:'}]",
        ),
    ];
    insta::assert_snapshot!(
        "redis-cache",
        rendered_of(&plan(&app(), &services, &facts()))
    );
}

#[test]
fn a_replica_set_has_three_members_and_a_budget() {
    let mut app = app();
    app.databases = build::policies(
        "mongodb: {replicas: 3, storage: 50Gi, storageClassName: fast, resources: {requests: {memory: 2Gi}, limits: {memory: 2Gi}}}",
    );
    let services = [service("order", "[{name: order_db, engine: mongodb}]")];
    insta::assert_snapshot!(
        "mongodb-three",
        rendered_of(&plan(&app, &services, &facts()))
    );
}

#[test]
fn a_cache_takes_three_quarters_of_the_memory_that_the_app_gives_it() {
    let mut app = app();
    app.databases = build::policies("redis: {resources: {limits: {memory: 1Gi}}}");
    let services = [service(
        "auth",
        "[{name: cache, engine: redis, mode: cache}]",
    )];
    let plan = plan(&app, &services, &facts());
    let config = applied(&plan)
        .into_iter()
        .find_map(|value| value.pointer("/data/redis.conf")?.as_str())
        .unwrap();
    let line = config
        .lines()
        .find(|line| line.starts_with("maxmemory "))
        .unwrap();
    assert_eq!(line, "maxmemory 805306368");
}
