//! Two policies of one app that lead to the same managed server.

use super::build::{self, app, facts, service};
use crate::plan::databases::databases;
use crate::plan::{Address, Facts, Named};
use crate::validate::ValidService;

const SAME: &str = "postgresql: {mode: External, secretName: rds}";

fn refused(policies: &str, services: &[ValidService], facts: &Facts) -> Option<String> {
    let mut app = app();
    app.databases = build::policies(policies);
    let refused = databases(&app, &build::all(services), facts).err()?;
    Some(refused.to_string())
}

fn at(host: &str, port: Option<i32>) -> Named {
    build::says(Ok(Address {
        host: host.to_owned(),
        port,
        ..Address::default()
    }))
}

#[test]
fn one_database_of_two_versions() {
    let services = [
        service("auth", "[{name: main, engine: postgresql, series: '15'}]"),
        service("user", "[{name: main, engine: postgresql, series: '16'}]"),
    ];
    insta::assert_snapshot!(refused(SAME, &services, &facts()).unwrap(), @"auth and user both claim the database main on shop-postgresql-15 and shop-postgresql-16, which are one server: give one of them another name, or make one service its owner and let the other call it");
    let services = [
        service("auth", "[{name: main, engine: postgresql, series: '15'}]"),
        service("user", "[{name: main_a, engine: postgresql, series: '16'}]"),
    ];
    insta::assert_snapshot!(refused(SAME, &services, &facts()).unwrap(), @"main of auth and main_a of user cannot both be on shop-postgresql-16: a login has its database's name and _a or _b, and one of them would own the other's database: give one of the two another name");
}

#[test]
fn two_engines_and_two_secrets_of_one_address() {
    let policies = "{postgresql: {mode: External, secretName: one}, postgis: {mode: External, secretName: two}}";
    let services = [
        service("auth", "[{name: main, engine: postgresql}]"),
        service("user", "[{name: main, engine: postgis}]"),
    ];
    let with = |one: Named, two: Named| Facts {
        named: [(build::secret("one"), one), (build::secret("two"), two)].into(),
        ..facts()
    };
    // Until both were read nobody can know it, and nothing is sent.
    assert_eq!(refused(policies, &services, &facts()), None);
    let same = with(at("db.example.com", None), at("db.example.com", Some(5432)));
    insta::assert_snapshot!(refused(policies, &services, &same).unwrap(), @"user and auth both claim the database main on shop-postgis-17 and shop-postgresql-17, which are one server: give one of them another name, or make one service its owner and let the other call it");
    let other = with(at("db.example.com", None), at("db.example.com", Some(5433)));
    assert_eq!(refused(policies, &services, &other), None);
}

/// Of two apps a plan sees one only, so the server is told whose its databases are.
#[test]
fn a_managed_server_is_told_which_app_a_database_is_of() {
    let services = [service("auth", "[{name: main, engine: postgresql}]")];
    let told = |policies: &str| {
        let mut app = app();
        app.databases = build::policies(policies);
        let plan = databases(&app, &build::all(&services), &facts()).unwrap();
        let job = format!(
            "{:?}",
            super::node(&plan, "provisioning/auth-shop-postgresql-17")
        );
        job.contains("DATABASE_APP") && job.contains("store/shop")
    };
    assert!(told(SAME));
    assert!(!told("{}"));
}

/// A service's role covers its index and what has its name and a hyphen before it.
#[test]
fn indices_of_which_one_begins_as_the_other() {
    let of = |name: &str| {
        let services = [
            service("audit", "[{name: orders-log, engine: elasticsearch}]"),
            service(
                "shop",
                &format!("[{{name: {name}, engine: elasticsearch}}]"),
            ),
        ];
        refused("{}", &services, &facts())
    };
    insta::assert_snapshot!(of("orders").unwrap(), @"orders-log of audit and orders of shop cannot both be on shop-elasticsearch-8, for a service owns the index of its name and those whose names go on with a hyphen: give one of the two another name");
    assert_eq!(of("order"), None);
    assert_eq!(of("orderslog"), None);
}
