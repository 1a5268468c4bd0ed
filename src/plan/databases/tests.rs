//! Whole objects by snapshot, and what must hold for any names by properties.

mod backup;
mod build;
mod objects;
mod operated;
mod pooler;
mod properties;
mod queues;
mod restricted;
mod same_server;
mod servers;
mod urls;
mod walls;

use super::*;
use crate::plan::graph::Body;
use crate::validate::Scaling;
use build::{app, facts, service};

fn plan(app: &ValidApp, services: &[ValidService], facts: &Facts) -> Databases {
    databases(app, &build::all(services), facts).unwrap()
}

fn problem(services: &[ValidService]) -> String {
    databases(&app(), &build::all(services), &facts())
        .unwrap_err()
        .to_string()
}

fn node<'a>(plan: &'a Databases, id: &str) -> &'a Node {
    let found = plan.nodes.iter().find(|node| node.id.to_string() == id);
    found.unwrap_or_else(|| panic!("no {id} in {:?}", ids(plan)))
}

fn ids(plan: &Databases) -> Vec<String> {
    plan.nodes.iter().map(|node| node.id.to_string()).collect()
}

fn applied(plan: &Databases) -> Vec<&serde_json::Value> {
    let objects = plan.nodes.iter().flat_map(|node| &node.objects);
    objects
        .filter_map(|object| match &object.body {
            Body::Apply(value) => Some(value),
            Body::Create { .. } => None,
        })
        .collect()
}

#[test]
fn services_share_a_server_and_a_redis_is_nobody_elses() {
    let services = [
        service(
            "auth",
            "[{name: auth_db, engine: postgresql, series: '15'}, {name: auth_cache, engine: redis, mode: cache}]",
        ),
        service(
            "user",
            "[{name: user_db, engine: postgresql, series: '15'}]",
        ),
    ];
    let plan = plan(&app(), &services, &facts());
    insta::assert_yaml_snapshot!(ids(&plan), @r#"
- credentials/shop-auth-redis-7-cache
- server/shop-auth-redis-7-cache
- credentials/auth-auth-cache
- provisioning/auth-shop-auth-redis-7-cache
- credentials/shop-postgresql-15
- storage/shop-postgresql-15
- server/shop-postgresql-15
- credentials/auth-auth-db
- provisioning/auth-shop-postgresql-15
- credentials/user-user-db
- provisioning/user-shop-postgresql-15
    "#);
}

#[test]
fn a_server_waits_for_its_credentials_and_provisioning_for_both() {
    let services = [service(
        "auth",
        "[{name: auth_db, engine: postgresql, series: '15'}]",
    )];
    let plan = plan(&app(), &services, &facts());
    let needs = |id: &str| {
        let needs = node(&plan, id).needs.iter().map(ToString::to_string);
        needs.collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(needs("server/shop-postgresql-15"), @"credentials/shop-postgresql-15");
    insta::assert_snapshot!(needs("provisioning/auth-shop-postgresql-15"), @"credentials/auth-auth-db credentials/shop-postgresql-15 server/shop-postgresql-15");
}

#[test]
fn a_service_gets_its_urls_and_waits_for_its_provisioning() {
    let services = [service(
        "auth",
        "[{name: auth_db, engine: postgresql, env: DATABASE_URL}, {name: auth_cache, engine: redis}]",
    )];
    let plan = plan(&app(), &services, &facts());
    insta::assert_debug_snapshot!(plan.services["auth"]);
}

#[test]
fn a_service_without_databases_has_nothing_to_wait_for() {
    let plan = plan(&app(), &[service("web", "[]")], &facts());
    assert_eq!(plan.services["web"], Bindings::default());
}

#[test]
fn a_running_server_keeps_its_image() {
    let services = [service(
        "auth",
        "[{name: auth_db, engine: postgresql, series: '15'}]",
    )];
    let live = crate::plan::LiveServer {
        image: "postgres:15.2".to_owned(),
        series: "15".to_owned(),
        members: 1,
    };
    let mut facts = facts();
    facts.servers.insert("shop-postgresql-15".to_owned(), live);
    let plan = plan(&app(), &services, &facts);
    let images: Vec<_> = applied(&plan)
        .into_iter()
        .filter_map(|value| value.pointer("/spec/template/spec/containers/0/image"))
        .collect();
    assert_eq!(images, ["postgres:15.2", "postgres:15.2"]);
}

#[test]
fn two_services_cannot_have_one_database() {
    let database = "[{name: main, engine: postgresql}]";
    insta::assert_snapshot!(problem(&[service("auth", database), service("user", database)]), @"auth and user both claim the database main on shop-postgresql-17: give one of them another name, or make one service its owner and let the other call it");
}

#[test]
fn no_login_of_a_database_is_the_owner_of_another() {
    let shop = service("shop", "[{name: shop, engine: postgresql}]");
    let audit = service("audit", "[{name: shop_a, engine: postgresql}]");
    insta::assert_snapshot!(problem(&[shop, audit]), @"shop_a of audit and shop of shop cannot both be on shop-postgresql-17: a login has its database's name and _a or _b, and one of them would own the other's database: give one of the two another name");
}

#[test]
fn databases_of_one_name_on_two_servers_are_two() {
    let services = [
        service("auth", "[{name: main, engine: postgresql, series: '15'}]"),
        service("user", "[{name: main, engine: postgresql, series: '16'}]"),
    ];
    assert_eq!(ids(&plan(&app(), &services, &facts())).len(), 10);
}

#[test]
fn prefixes_of_a_shared_redis_must_not_overlap() {
    insta::assert_snapshot!(problem(&[
        service("auth", "[{name: cache, engine: redis, key_prefix: 'user:'}]"),
        service("user", "[{name: cache, engine: redis, key_prefix: 'user:session:'}]"),
    ]), @"cache of auth and cache of user would have the same keys on shop-redis-7: give each of them a keyPrefix that is no beginning of the other's");
    insta::assert_snapshot!(problem(&[
        service("auth", "[{name: one, engine: redis}, {name: two, engine: redis}]"),
    ]), @"one of auth and two of auth would have the same keys on shop-auth-redis-7: give each of them a keyPrefix that is no beginning of the other's");
}

#[test]
fn an_engines_own_databases_are_refused() {
    insta::assert_snapshot!(problem(&[service("auth", "[{name: postgres, engine: postgresql}]")]), @"auth claims the database postgres, which PostgreSQL has for itself: give it another name");
}

#[test]
fn an_external_server_has_no_node_and_names_its_secret() {
    let mut app = app();
    app.databases = build::policies("postgresql: {mode: External, secretName: rds}");
    let services = [service("auth", "[{name: auth_db, engine: postgresql}]")];
    let offline = plan(&app, &services, &facts());
    insta::assert_yaml_snapshot!(ids(&offline), @r#"
- credentials/auth-auth-db
- provisioning/auth-shop-postgresql-17
    "#);
    insta::assert_yaml_snapshot!(offline.warnings, @r#"- "shop-postgresql-17: the address of the external server is not known until the Secret rds with its uri is there""#);
    let mut facts = facts();
    let address = crate::plan::Address {
        host: "db.example.com".to_owned(),
        port: Some(5433),
        ..crate::plan::Address::default()
    };
    facts.named.extend(build::managed("rds", Ok(address)));
    let known = plan(&app, &services, &facts);
    insta::assert_snapshot!(build::uri(node(&known, "credentials/auth-auth-db")), @"postgresql://{username}:{password}@db.example.com:5433/auth_db");
    assert_eq!(known.warnings, Vec::<String>::new());
}

#[test]
fn what_is_on_an_external_server_is_held_until_its_address_is_known() {
    let mut app = app();
    app.databases = build::policies("postgresql: {mode: External, secretName: rds}");
    let services = [
        service("auth", "[{name: auth_db, engine: postgresql}]"),
        service("user", "[{name: user_db, engine: mysql}]"),
    ];
    let with = |found: Option<Named>| {
        let found = found.map(|found| (build::secret("rds"), found));
        let facts = Facts {
            named: found.into_iter().collect(),
            ..facts()
        };
        let plan = plan(&app, &services, &facts);
        assert_eq!(plan.named, BTreeSet::from([build::secret("rds")]));
        let held = plan
            .held
            .iter()
            .map(|(id, held)| format!("{id}: {:?} {}", held.reason, held.message));
        held.collect::<Vec<_>>().join("\n")
    };
    use crate::plan::Named;
    insta::assert_snapshot!(with(None), @"
    credentials/auth-auth-db: None the Secret rds of the external server shop-postgresql-17 is being read
    provisioning/auth-shop-postgresql-17: None the Secret rds of the external server shop-postgresql-17 is being read
    ");
    insta::assert_snapshot!(with(Some(Named::Missing)), @"
    credentials/auth-auth-db: Some(ServerUnknown) the Secret rds of the external server shop-postgresql-17 is not there: make it, with the administrator's uri under the key uri
    provisioning/auth-shop-postgresql-17: Some(ServerUnknown) the Secret rds of the external server shop-postgresql-17 is not there: make it, with the administrator's uri under the key uri
    ");
    insta::assert_snapshot!(with(Some(build::says(Err("it has no key uri".to_owned())))), @"
    credentials/auth-auth-db: Some(ServerUnknown) the Secret rds of the external server shop-postgresql-17 cannot be used: it has no key uri
    provisioning/auth-shop-postgresql-17: Some(ServerUnknown) the Secret rds of the external server shop-postgresql-17 cannot be used: it has no key uri
    ");
    let address = |host: &str| {
        build::says(Ok(crate::plan::Address {
            host: host.to_owned(),
            ..crate::plan::Address::default()
        }))
    };
    assert_eq!(with(Some(address("db"))), "");
    // Another address is nothing that running pods could know.
    let digest = |host: &str| {
        let named = BTreeMap::from([(build::secret("rds"), address(host))]);
        let facts = Facts { named, ..facts() };
        plan(&app, &services, &facts).services["auth"]
            .credentials
            .clone()
    };
    assert_eq!(digest("db"), digest("db"));
    assert_ne!(digest("db"), digest("other"));
}

#[test]
fn a_database_stays_on_the_server_that_has_its_data() {
    let services = [
        service(
            "auth",
            "[{name: auth_db, engine: postgresql, series: '16'}]",
        ),
        service(
            "user",
            "[{name: user_db, engine: postgresql, series: '16'}]",
        ),
    ];
    let home = |host: &str| BTreeMap::from([("auth-auth-db".to_owned(), host.to_owned())]);
    let with = |host: &str| {
        let facts = Facts {
            homes: home(host),
            ..facts()
        };
        plan(&app(), &services, &facts)
    };
    assert_eq!(with("shop-postgresql-16").held, BTreeMap::new());
    let held = with("shop-postgresql-15").held;
    let ids: Vec<_> = held.keys().map(ToString::to_string).collect();
    assert_eq!(
        ids,
        [
            "credentials/auth-auth-db",
            "provisioning/auth-shop-postgresql-16"
        ]
    );
    insta::assert_snapshot!(held.values().next().unwrap().message, @"the database auth_db of auth is on shop-postgresql-15, and would be empty on shop-postgresql-16: write the version and the mode that it has now; or add a database of another name, copy the data there, and then take auth_db out; or, to begin empty, delete the Secret auth-auth-db");
}

#[test]
fn the_connections_are_counted_for_the_replicas_of_the_environment() {
    let many = ValidService {
        scaling: Scaling {
            min: 1,
            max: 30,
            metrics: Vec::new(),
        },
        ..service("auth", "[{name: auth_db, engine: postgresql}]")
    };
    let warnings = |replicas: Option<i32>| {
        let mut app = app();
        app.overlay.replicas = replicas;
        plan(&app, std::slice::from_ref(&many), &facts())
            .warnings
            .len()
    };
    assert_eq!((warnings(None), warnings(Some(2))), (1, 0));
    assert_eq!(warnings(Some(40)), 1);
}

#[test]
fn an_external_server_without_a_secret_is_refused() {
    let mut app = app();
    app.databases = build::policies("mysql: {mode: External}");
    let services = [service("auth", "[{name: auth_db, engine: mysql}]")];
    let refused = databases(&app, &build::all(&services), &facts()).unwrap_err();
    insta::assert_snapshot!(refused, @"databases.mysql.mode is External, but no secretName is given: name the Secret that holds the uri of the server's administrator");
}

#[test]
fn a_replica_set_of_two_is_told_to_be_one_of_three() {
    let mut app = app();
    app.databases = build::policies("{mongodb: {replicas: 2}}");
    let services = [service("order", "[{name: order_db, engine: mongodb}]")];
    let warnings = plan(&app, &services, &facts()).warnings;
    insta::assert_yaml_snapshot!(warnings, @r#"- "shop-mongodb-8-0: databases.mongodb.replicas is 2, but a MongoDB replica set of Gravity has 1 or 3 members: 3 are made; write 3, or 1""#);
    for whole in [1, 3] {
        app.databases = build::policies(&format!("{{mongodb: {{replicas: {whole}}}}}"));
        let warnings = plan(&app, &services, &facts()).warnings;
        assert_eq!(warnings, Vec::<String>::new());
    }
}

/// One of three that is left alone has no majority, and would take no writes.
#[test]
fn a_set_grows_and_does_not_shrink() {
    let services = [service("order", "[{name: order_db, engine: mongodb}]")];
    let with = |replicas: i32, members: i32| {
        let mut app = app();
        app.databases = build::policies(&format!("{{mongodb: {{replicas: {replicas}}}}}"));
        let live = crate::plan::LiveServer {
            image: "mongo:8.0".to_owned(),
            series: "8.0".to_owned(),
            members,
        };
        let mut facts = facts();
        facts.servers.insert("shop-mongodb-8-0".to_owned(), live);
        let plan = plan(&app, &services, &facts);
        let set = applied(&plan)
            .into_iter()
            .find(|it| it["kind"] == "StatefulSet");
        let job = node(&plan, "provisioning/order-shop-mongodb-8-0");
        let job = job.objects[0].key.name.clone();
        let replicas = set.unwrap()["spec"]["replicas"].clone();
        (replicas, job, plan.warnings)
    };
    let (one, before, none) = with(1, 1);
    let (three, after, _) = with(3, 1);
    assert_eq!((one, three), (1.into(), 3.into()));
    assert_ne!(before, after, "the Job that adds the members is another");
    assert_eq!(none, Vec::<String>::new());
    let (kept, same, warnings) = with(1, 3);
    assert_eq!((kept, same), (3.into(), after));
    insta::assert_yaml_snapshot!(warnings, @r#"- "shop-mongodb-8-0: databases.mongodb.replicas is 1, and its 3 members stay, for one of them alone could elect no primary: write 3; or copy the data to a database of another name on a server of one""#);
}

#[test]
fn what_a_person_should_know_is_told() {
    let mut orders = service(
        "order",
        "[{name: order_db, engine: mysql}, {name: jobs, engine: redis}]",
    );
    orders.scaling.max = 21;
    orders.events =
        build::events("{publishes: [{exchange: shop}], subscribes: [{exchange: payment}]}");
    let mut app = app();
    app.databases = build::policies("{mysql: {replicas: 3}, redis: {mode: Shared}}");
    insta::assert_yaml_snapshot!(plan(&app, &[orders], &facts()).warnings, @r#"
- "shop-mysql-8-4: at their most replicas the services may open 210 connections (10 for each pod and database), and the server takes 200: lower maxReplicas or the pools, or set databases.mysql.mode: Dedicated before the first start"
- "shop-mysql-8-4: databases.mysql.replicas is 3, but a MySQL server of Gravity has 1: replicas and fail-over come with a managed server (mode: External)"
- "order: it has events but no broker: add a database of type rabbitmq or kafka to its manifest"
- "order: it subscribes to payment, and no service of the app publishes there"
- "order: jobs gets a server of its own though databases.redis.mode is Shared: give it a keyPrefix, or its keys cannot be told from those of others"
    "#);
}
