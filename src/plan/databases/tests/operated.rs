//! Servers that another operator runs.

use super::objects::rendered_of;
use super::*;
use crate::api::objects::Kind;

fn with(policy: &str) -> ValidApp {
    ValidApp {
        databases: build::policies(policy),
        ..app()
    }
}

fn services() -> [ValidService; 2] {
    [
        service(
            "auth",
            "[{name: auth_db, engine: postgresql, series: '16', extensions: [citext], charset: UTF8, collation: C}]",
        ),
        service(
            "user",
            "[{name: user_db, engine: postgresql, series: '16', env: DATABASE_URL}]",
        ),
    ]
}

#[test]
fn a_server_its_roles_and_databases_are_objects_of_the_operator() {
    let app = with(
        "postgresql: {mode: CloudNativePG, replicas: 3, storage: 20Gi, storageClassName: fast}",
    );
    let plan = plan(&app, &services(), &facts());
    insta::assert_snapshot!("cloudnativepg", rendered_of(&plan));
    let needs = |id: &str| {
        let needs = node(&plan, id).needs.iter().map(ToString::to_string);
        needs.collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(needs("provisioning/auth-shop-postgresql-16-cnpg"), @"credentials/auth-auth-db credentials/shop-postgresql-16-cnpg server/shop-postgresql-16-cnpg database/auth-auth-db");
    insta::assert_snapshot!(needs("database/auth-auth-db"), @"server/shop-postgresql-16-cnpg");
}

/// The garbage collector must never take it: its claims go with it.
#[test]
fn the_object_of_a_server_is_data_and_those_of_databases_are_not() {
    let app = with("postgresql: {mode: CloudNativePG}");
    let plan = plan(&app, &services(), &facts());
    let objects = plan.nodes.iter().flat_map(|node| &node.objects);
    for object in objects {
        let Body::Apply(body) = &object.body else {
            continue;
        };
        let owners = body["metadata"].get("ownerReferences");
        match object.key.kind {
            Kind::Cluster => {
                assert!(object.data && owners.is_none());
                assert_eq!(body["metadata"]["annotations"]["gravity.dev/app"], "shop");
            }
            kind => assert!(!object.data && owners.is_some(), "{kind}"),
        }
    }
}

#[test]
fn a_service_reads_from_the_replicas_where_there_are_any() {
    let variables = |policy: &str| {
        let plan = plan(&with(policy), &services(), &facts());
        let of = |name: &str| {
            let variables = plan.services[name].variables.iter();
            variables.map(|it| it.name.clone()).collect::<Vec<_>>()
        };
        [of("auth"), of("user")].concat().join(" ")
    };
    insta::assert_snapshot!(variables("postgresql: {mode: CloudNativePG, replicas: 2}"), @"AUTH_DB_URL AUTH_DB_REPLICA_URL DATABASE_URL DATABASE_REPLICA_URL");
    insta::assert_snapshot!(variables("postgresql: {mode: CloudNativePG}"), @"AUTH_DB_URL DATABASE_URL");
}

#[test]
fn the_image_is_the_apps_or_a_catalogues() {
    let spec = |policy: &str, engine: &str| {
        let service = service(
            "auth",
            &format!("[{{name: auth_db, engine: {engine}, series: '16'}}]"),
        );
        let plan = plan(&with(policy), &[service], &facts());
        let cluster = applied(&plan)
            .into_iter()
            .find(|it| it["kind"] == "Cluster");
        let spec = &cluster.unwrap()["spec"];
        format!("{} {}", spec["imageName"], spec["imageCatalogRef"])
    };
    insta::assert_snapshot!(spec("postgis: {mode: CloudNativePG}", "postgis"), @r#"null {"apiGroup":"postgresql.cnpg.io","kind":"ClusterImageCatalog","major":16,"name":"postgis"}"#);
    insta::assert_snapshot!(spec("postgresql: {mode: CloudNativePG, imageCatalog: standard}", "postgresql"), @r#"null {"apiGroup":"postgresql.cnpg.io","kind":"ClusterImageCatalog","major":16,"name":"standard"}"#);
    insta::assert_snapshot!(spec("postgresql: {mode: CloudNativePG, image: 'registry.example.com/postgresql:16.4'}", "postgresql"), @r#""registry.example.com/postgresql:16.4" null"#);
}

#[test]
fn without_the_operators_kinds_its_server_is_held_and_nothing_else() {
    let app = with("postgresql: {mode: CloudNativePG}");
    let services = [
        service(
            "auth",
            "[{name: auth_db, engine: postgresql, series: '16'}]",
        ),
        service("user", "[{name: user_db, engine: mysql}]"),
    ];
    let missing = Facts {
        missing_kinds: vec![Kind::Cluster, Kind::Database],
        ..facts()
    };
    let held = plan(&app, &services, &missing).held;
    insta::assert_yaml_snapshot!(held.keys().map(ToString::to_string).collect::<Vec<_>>(), @r#"
    - credentials/auth-auth-db
    - credentials/shop-postgresql-16-cnpg
    - server/shop-postgresql-16-cnpg
    - database/auth-auth-db
    - provisioning/auth-shop-postgresql-16-cnpg
    "#);
    let first = held.values().next().unwrap();
    assert_eq!(
        first.reason,
        Some(crate::api::reason::Reason::OperatorMissing)
    );
    insta::assert_snapshot!(first.message, @"the cluster does not know Cluster (postgresql.cnpg.io), so nobody would run shop-postgresql-16-cnpg: install CloudNativePG with its CustomResourceDefinitions, or write another mode in databases.postgresql");
    assert_eq!(plan(&app, &services, &facts()).held, BTreeMap::new());
}

/// It is another server, and an empty one.
#[test]
fn a_database_does_not_move_to_the_operator_by_itself() {
    let facts = Facts {
        homes: BTreeMap::from([("auth-auth-db".to_owned(), "shop-postgresql-16".to_owned())]),
        ..facts()
    };
    let app = with("postgresql: {mode: CloudNativePG}");
    let held = plan(&app, &services(), &facts).held;
    let told: Vec<_> = held.values().map(|held| held.reason).collect();
    assert_eq!(told, [Some(crate::api::reason::Reason::DatabaseMoves); 3]);
    insta::assert_snapshot!(held.values().next().unwrap().message, @"the database auth_db of auth is on shop-postgresql-16, and would be empty on shop-postgresql-16-cnpg: write the version and the mode that it has now; or add a database of another name, copy the data there, and then take auth_db out; or, to begin empty, delete the Secret auth-auth-db");
}

#[test]
fn what_the_operator_has_for_itself_is_refused() {
    let app = with("postgresql: {mode: CloudNativePG}");
    let services = build::all(&[service("auth", "[{name: gravity, engine: postgresql}]")]);
    let refused = databases(&app, &services, &facts()).unwrap_err();
    insta::assert_snapshot!(refused, @"auth claims the database gravity, which CloudNativePG has for itself: give it another name");
}

/// A superuser's Secret that the operator reads has the shape that it asks for.
#[test]
fn the_administrators_secret_has_the_operators_shape() {
    let app = with("postgresql: {mode: CloudNativePG}");
    let plan = plan(&app, &services(), &facts());
    let Body::Create { stated, generate } =
        &node(&plan, "credentials/shop-postgresql-16-cnpg").objects[0].body
    else {
        panic!("credentials are created")
    };
    assert_eq!(stated["type"], "kubernetes.io/basic-auth");
    assert_eq!(stated["metadata"]["labels"]["cnpg.io/reload"], "true");
    assert!(generate.contains_key("username") && generate.contains_key("password"));
}
