use insta::{assert_debug_snapshot, assert_snapshot};

use super::*;

fn refused(lines: &str) -> String {
    told(validate_app(&app(lines)))
}

#[test]
fn the_least_app_gets_every_default() {
    assert_debug_snapshot!(validate_app(&app("")).unwrap());
}

#[test]
fn the_chosen_environment_is_laid_over_the_app() {
    let lines = r#"
services:
  - {name: auth-service, version: ">=1.0.0"}
  - {name: order-service, replicas: 3, env: {LOG_LEVEL: debug}}
environment: staging
environments:
  staging: {replicas: 1, env: {STAGE: staging}, host: staging.shop.example.com, resources: {requests: {cpu: 100m}}}
  production: {host: shop.example.com}
gateway: {host: shop.example.com, tls: {secretName: shop-tls}}
databases:
  postgres: {storage: 10Gi}
  mongodb: {replicas: 3}
updates: Automatic
deletionPolicy: Delete
suspend: true
"#;
    assert_debug_snapshot!(validate_app(&app(lines)).unwrap());
}

#[test]
fn entry_points_that_are_stated_win() {
    let valid = validate_app(&app(
        "gateway: {entryPoints: [public], tls: {secretName: a}}\n",
    ))
    .unwrap();
    assert_eq!(valid.gateway.entry_points, ["public"]);
    let valid = validate_app(&app("")).unwrap();
    assert_eq!(valid.gateway.entry_points, ["web"]);
}

#[test]
fn roots() {
    let lines = "services:\n- {name: a, version: one}\n- {name: a, replicas: 3, env: {A-B: x}}\n- {name: B, resources: {requests: {cpu: 2}, limits: {cpu: 1}}}\n";
    assert_snapshot!(refused(lines), @r#"
    GravityApp shop/shop: spec.services[1].name: a is in spec.services[0] already: take one of the two out, or give one of them another name
    GravityApp shop/shop: spec.services[0].version: "one" is no range that can be read (unexpected character 'o' while parsing major version number): write one as ">=1.0.0, <3.0.0", "^1.4", "~1.4.2", "=1.4.0" or "*"
    GravityApp shop/shop: spec.services[1].env.A-B: "A-B" can be no variable's name: write letters, digits and underscores, no digit first, as A_B
    GravityApp shop/shop: spec.services[2].name: "B" is no DNS label (lower-case letters, digits and hyphens, a letter first and no hyphen last): write b
    GravityApp shop/shop: spec.services[2].resources.requests.cpu: 2 is above the limit of 1: write 1 or less, or raise the limit
    "#);
}

#[test]
fn locks() {
    let lines = "updates: Automatic\nlock: {a: 1.4.0, B: 1.0.0, c: ^1}\n";
    assert_snapshot!(refused(lines), @r#"
    GravityApp shop/shop: spec.lock: keeps versions and updates: Automatic moves them: take one of the two out
    GravityApp shop/shop: spec.lock.B: "B" is no DNS label (lower-case letters, digits and hyphens, a letter first and no hyphen last): write b
    GravityApp shop/shop: spec.lock.c: "^1" is no version: write three numbers, as 1.4.0, or 1.4.0-rc.1 for a pre-release
    "#);
}

#[test]
fn an_app_without_roots() {
    let mut app = app("");
    app.spec.services.clear();
    app.spec.environment = Some("staging".to_owned());
    assert_snapshot!(told(validate_app(&app)), @"
    GravityApp shop/shop: spec.services: is empty: name at least one service, as - name: auth-service
    GravityApp shop/shop: spec.environment: staging is no environment, for there are none: add it under environments
    ");
}

#[test]
fn environments() {
    assert_snapshot!(refused("environment: stagin\nenvironments: {staging: {}, production: {}}\n"), @"GravityApp shop/shop: spec.environment: stagin is no environment, did you mean staging? (there are production, staging)");
    assert_snapshot!(refused("environment: night\nenvironments: {staging: {}, production: {}}\n"), @"GravityApp shop/shop: spec.environment: night is no environment: write one of production, staging, or add it under environments");
    assert_snapshot!(refused("environments: {Staging: {host: 'https://shop.example.com/a', env: {a b: x}}}\n"), @r#"
    GravityApp shop/shop: spec.environments.Staging: "Staging" is no DNS label (lower-case letters, digits and hyphens, a letter first and no hyphen last): write staging
    GravityApp shop/shop: spec.environments.Staging.env.a b: "a b" can be no variable's name: write letters, digits and underscores, no digit first, as A_B
    GravityApp shop/shop: spec.environments.Staging.host: "https://shop.example.com/a" is more than a host: write shop.example.com
    "#);
}

#[test]
fn gateways() {
    assert_snapshot!(refused("gateway: {class: Ingress, entryPoints: [web], host: shop_a, tls: {secretName: A}}\n"), @r#"
    GravityApp shop/shop: spec.gateway.host: "shop_a" is no host: write a name as shop.example.com
    GravityApp shop/shop: spec.gateway.entryPoints: are Traefik's: write class: Traefik, or take them out
    GravityApp shop/shop: spec.gateway.tls.secretName: "A" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls
    "#);
    assert_snapshot!(refused("gateway: {ingressClassName: nginx, entryPoints: ['a b']}\n"), @r#"
    GravityApp shop/shop: spec.gateway.ingressClassName: is for class: Ingress: write that class, or take the line out
    GravityApp shop/shop: spec.gateway.entryPoints[0]: "a b" is no entry point: write a name as web or websecure
    "#);
}

#[test]
fn servers() {
    let lines = r#"
databases:
  pg: {mode: External}
  postgresql: {secretName: a, storage: 10GB}
  redis: {replicas: 3, image: "Redis:7", storageClassName: A}
  mongo: {replicas: 3, resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}}
  sqlite: {}
  mysql: {mode: CloudNativePG, imageCatalog: a}
  mariadb: {imageCatalog: A}
  postgis: {replicas: 2, pooler: {image: 'A:1'}}
  s3: {pooler: {}}
  timescaledb: {mode: External, secretName: a, pooler: {}}
"#;
    assert_snapshot!(refused(lines), @r#"
    GravityApp shop/shop: spec.databases.mariadb.imageCatalog: "A" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls
    GravityApp shop/shop: spec.databases.mariadb.imageCatalog: is for mode: CloudNativePG: write that mode, or take the line out
    GravityApp shop/shop: spec.databases.mongo.resources.requests.memory: 2Gi is above the limit of 1Gi: write 1Gi or less, or raise the limit
    GravityApp shop/shop: spec.databases.mysql.mode: CloudNativePG does not run MySQL: write Shared or Dedicated or External
    GravityApp shop/shop: spec.databases.pg.secretName: is missing, and mode: External needs it: name the Secret that holds the managed server's admin uri
    GravityApp shop/shop: spec.databases.postgis.pooler.image: "A:1" has upper case in its path: write a:1
    GravityApp shop/shop: spec.databases.postgis.replicas: postgis runs as one server: take replicas out, or use mode: CloudNativePG or mode: External for a highly available one
    GravityApp shop/shop: spec.databases.postgresql.secretName: is for mode: External: write that mode, or take the line out
    GravityApp shop/shop: spec.databases.postgresql.storage: "10GB" is no quantity: write 10Gi
    GravityApp shop/shop: spec.databases.postgresql: postgresql is the same engine as pg, which is here too: join the two under postgresql
    GravityApp shop/shop: spec.databases.redis.storageClassName: "A" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls
    GravityApp shop/shop: spec.databases.redis.replicas: redis runs as one server: take replicas out, or use mode: External for a highly available one
    GravityApp shop/shop: spec.databases.redis.image: "Redis:7" has upper case in its path: write redis:7
    GravityApp shop/shop: spec.databases.s3.pooler: s3 has no pooler, they are for postgresql, postgis, timescaledb: take it out
    GravityApp shop/shop: spec.databases.sqlite: "sqlite" is no engine that is known (there are postgresql, postgis, timescaledb, cockroachdb, mysql, mariadb, mongodb, redis, rabbitmq, kafka, elasticsearch, consul, s3)
    GravityApp shop/shop: spec.databases.timescaledb.pooler: is for servers that run in the cluster: take it out, or write another mode
    "#);
}

#[test]
fn a_name_at_its_limit() {
    let mut app = app("");
    app.metadata.name = Some("a".repeat(40));
    assert!(validate_app(&app).is_ok());
    app.metadata.name = Some("a".repeat(41));
    assert_snapshot!(told(validate_app(&app)), @"GravityApp shop/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: metadata.name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa has 41 characters, and 40 are the most, for the names of its objects are derived from it: shorten it");
}

#[test]
fn a_mode_that_the_engine_does_not_have() {
    let external = "databases:\n  rabbitmq: {mode: External, secretName: mq}\n  s3: {mode: External, secretName: bucket, replicas: 2}\n  mysql: {mode: CloudNativePG}\n";
    assert_snapshot!(refused(external), @"
    GravityApp shop/shop: spec.databases.mysql.mode: CloudNativePG does not run MySQL: write Shared or Dedicated or External
    GravityApp shop/shop: spec.databases.rabbitmq.mode: Gravity can provision nothing yet on a server of RabbitMQ that others run: write Shared or Dedicated
    GravityApp shop/shop: spec.databases.s3.mode: Gravity can provision nothing yet on a server of S3 that others run: write Shared or Dedicated
    GravityApp shop/shop: spec.databases.s3.replicas: s3 runs as one server: take replicas out
    ");
}
