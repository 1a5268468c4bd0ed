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
