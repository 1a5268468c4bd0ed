//! How services address a database.

use super::*;

fn of(app: &ValidApp, scheme: &str) -> Result<String, String> {
    let mut shop = service("shop", "[{name: shop_db, engine: mongodb}]");
    shop.databases[0].url_scheme = scheme.to_owned();
    let plan = databases(app, &build::all(&[shop]), &facts()).map_err(|error| error.to_string())?;
    Ok(build::uri(node(&plan, "credentials/shop-shop-db")))
}

#[test]
fn the_members_of_a_set_stand_in_the_url_or_in_records_of_the_dns() {
    let mut three = app();
    three.databases = build::policies("mongodb: {replicas: 3}");
    let urls = ["mongodb", "mongodb+srv"].map(|scheme| of(&three, scheme).unwrap());
    insta::assert_snapshot!(urls.join("\n"), @"
    mongodb://{username}:{password}@shop-mongodb-8-0-0.shop-mongodb-8-0-headless.store.svc:27017,shop-mongodb-8-0-1.shop-mongodb-8-0-headless.store.svc:27017,shop-mongodb-8-0-2.shop-mongodb-8-0-headless.store.svc:27017/shop_db?replicaSet=shop-mongodb-8-0&authSource=shop_db
    mongodb+srv://{username}:{password}@shop-mongodb-8-0-headless.store.svc.cluster.local/shop_db?replicaSet=shop-mongodb-8-0&authSource=shop_db&tls=false
    ");
}

#[test]
fn a_server_that_gravity_does_not_run_has_no_records() {
    let mut managed = app();
    managed.databases = build::policies("mongodb: {mode: External, secretName: atlas}");
    insta::assert_snapshot!(of(&managed, "mongodb+srv").unwrap_err(), @"shop: the database shop_db has urlScheme mongodb+srv, and Gravity knows no SRV records of shop-mongodb-8-0, which it does not run itself: take urlScheme out");
}

/// The URL of a database on a server of others, whose administrator's URI begins with that scheme and has
/// these parameters.
fn managed(engine: &str, own: &str, scheme: &str, parameters: &[(&str, &str)]) -> String {
    let mut managed = app();
    managed.databases = build::policies(&format!("{engine}: {{mode: External, secretName: it}}"));
    let mut shop = service("shop", &format!("[{{name: shop_db, engine: {engine}}}]"));
    shop.databases[0].url_scheme = own.to_owned();
    let pairs = parameters.iter();
    let address = crate::plan::Address {
        host: "db.example.com".to_owned(),
        scheme: scheme.to_owned(),
        parameters: pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..crate::plan::Address::default()
    };
    let named = build::managed("it", Ok(address));
    let facts = Facts { named, ..facts() };
    let plan = databases(&managed, &build::all(&[shop]), &facts).unwrap();
    build::uri(node(&plan, "credentials/shop-shop-db"))
}

#[test]
fn a_server_of_others_is_spoken_to_as_its_administrator_does() {
    let require = [("sslmode", "require"), ("tls", "true")];
    let urls = [
        managed("postgresql", "postgresql", "postgres", &require),
        managed("postgresql", "postgresql+asyncpg", "postgres", &require),
        managed("postgresql", "postgresql", "postgres", &[]),
        managed("mysql", "mysql", "mysql", &[("SSLMODE", "REQUIRED")]),
        managed(
            "mongodb",
            "mongodb",
            "mongodb",
            &[("replicaSet", "rs0"), ("tls", "true")],
        ),
        managed("redis", "redis", "rediss", &[]),
        managed("redis", "redis", "redis", &[]),
        managed("elasticsearch", "http", "https", &[]),
        managed("elasticsearch", "elasticsearch", "https", &[]),
    ];
    insta::assert_snapshot!(urls.join("\n"), @"
    postgresql://{username}:{password}@db.example.com:5432/shop_db?sslmode=require
    postgresql+asyncpg://{username}:{password}@db.example.com:5432/shop_db?ssl=require
    postgresql://{username}:{password}@db.example.com:5432/shop_db
    mysql://{username}:{password}@db.example.com:3306/shop_db?ssl-mode=REQUIRED
    mongodb://{username}:{password}@db.example.com:27017/shop_db?authSource=shop_db&tls=true&replicaSet=rs0
    rediss://{username}:{password}@db.example.com:6379/0
    redis://{username}:{password}@db.example.com:6379/0
    https://{username}:{password}@db.example.com:9200
    elasticsearch://{username}:{password}@db.example.com:9200
    ");
}
