use insta::{assert_debug_snapshot, assert_snapshot};
use proptest::prelude::*;

use super::*;

/// What is said of a service with these lines.
fn refused(lines: &str) -> String {
    told(validate_service(&service(lines)))
}

/// What is said of a service whose spec was changed by hand, as an old object might be.
fn changed(change: impl FnOnce(&mut crate::api::GravityServiceSpec)) -> String {
    let mut service = service("");
    change(&mut service.spec);
    told(validate_service(&service))
}

#[test]
fn the_least_manifest_gets_every_default() {
    assert_debug_snapshot!(validate_service(&service("")).unwrap());
}

#[test]
fn a_full_manifest_keeps_what_it_says() {
    let lines = r#"
command: [uvicorn, "main:app"]
port: 8080
service: {port: 80, type: NodePort}
dependencies:
  - {name: user-service, version: ">=1.0.0, <3.0.0"}
  - {name: audit-service, optional: true, startup: Unordered, contract: ^2}
databases:
  - {name: auth_db, type: postgres, version: "15.4", extensions: [uuid-ossp], urlScheme: postgresql+asyncpg, env: DATABASE_URL}
  - {name: cache, type: redis, mode: cache, keyPrefix: "auth:"}
api: {prefix: /api/auth, contract: 2.1.0}
health: {liveness: /health, readiness: {path: /ready, periodSeconds: 5}}
migrations: {command: [alembic, upgrade, head], timeout: 1h30m, retries: 0}
scaling: {minReplicas: 2, maxReplicas: 10}
resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {cpu: 1, memory: 1Gi}}
startupTimeout: 90s
deprecated: true
"#;
    assert_debug_snapshot!(validate_service(&service(lines)).unwrap());
}

#[test]
fn all_problems_are_told_in_the_order_of_the_fields() {
    let told = changed(|spec| {
        spec.name = "Auth_Service".to_owned();
        spec.version = "v1.4".to_owned();
        spec.image = Some("Auth Service".to_owned());
        spec.port = Some(0);
    });
    assert_snapshot!(told, @r#"
    GravityService auth-service-1.4.0: spec.name: "Auth_Service" is no DNS label (lower-case letters, digits and hyphens, a letter first and no hyphen last): write auth-service
    GravityService auth-service-1.4.0: spec.version: "v1.4" is no version (three numbers, as 1.4.0): write 1.4.0
    GravityService auth-service-1.4.0: spec.image: "Auth Service" has a space in it: write an image as registry.example.com/auth-service:1.4.0
    GravityService auth-service-1.4.0: spec.port: 0 is no port: write 1 to 65535
    "#);
}

#[test]
fn versions() {
    let version = |version: &str| changed(|spec| spec.version = version.to_owned());
    assert_snapshot!(version("1.4.0+build.7"), @"GravityService auth-service-1.4.0: spec.version: 1.4.0+build.7 has build metadata (+build.7), which orders no versions: write 1.4.0, or 1.4.0-build.7");
    assert_snapshot!(version("1.4.0-RC.1"), @"GravityService auth-service-1.4.0: spec.version: 1.4.0-RC.1 has upper case, which no object's name can have: write 1.4.0-rc.1");
    assert_snapshot!(version("01.4.0"), @r#"GravityService auth-service-1.4.0: spec.version: "01.4.0" is no version (three numbers, as 1.4.0): write 1.4.0"#);
    assert_snapshot!(version("latest"), @r#"GravityService auth-service-1.4.0: spec.version: "latest" is no version: write three numbers, as 1.4.0, or 1.4.0-rc.1 for a pre-release"#);
}

#[test]
fn ranges() {
    let range = |range: &str| {
        refused(&format!(
            "dependencies: [{{name: b, version: {range:?}}}]\n"
        ))
    };
    assert_snapshot!(range(">=1.0 <2.0"), @r#"GravityService auth-service-1.4.0: spec.dependencies[0].version: ">=1.0 <2.0" is no range that can be read (expected comma after minor version number, found '<'): write ">=1.0, <2.0""#);
    assert_snapshot!(range("^1.0 || ^2.0"), @r#"GravityService auth-service-1.4.0: spec.dependencies[0].version: "^1.0 || ^2.0" is no range that can be read (expected comma after minor version number, found '|'): write one as ">=1.0.0, <3.0.0", "^1.4", "~1.4.2", "=1.4.0" or "*""#);
    assert_snapshot!(range("==1.2.3"), @r#"GravityService auth-service-1.4.0: spec.dependencies[0].version: "==1.2.3" is no range that can be read (unexpected character '=' while parsing major version number): write "=1.2.3""#);
    assert_snapshot!(range("~> 1.2"), @r#"GravityService auth-service-1.4.0: spec.dependencies[0].version: "~> 1.2" is no range that can be read (unexpected character '>' while parsing major version number): write "~1.2""#);
    assert_snapshot!(range("latest"), @r#"GravityService auth-service-1.4.0: spec.dependencies[0].version: "latest" is no range that can be read (unexpected character 'l' while parsing major version number): write "*""#);
    assert_snapshot!(range("1.0 - 2.0"), @r#"GravityService auth-service-1.4.0: spec.dependencies[0].version: "1.0 - 2.0" is no range that can be read (expected comma after minor version number, found '-'): write ">=1.0, <=2.0""#);
    assert_snapshot!(range("newest"), @r#"GravityService auth-service-1.4.0: spec.dependencies[0].version: "newest" is no range that can be read (unexpected character 'n' while parsing major version number): write one as ">=1.0.0, <3.0.0", "^1.4", "~1.4.2", "=1.4.0" or "*""#);
    assert_snapshot!(range(" "), @r#"GravityService auth-service-1.4.0: spec.dependencies[0].version: the range is empty: write one as ">=1.0.0, <3.0.0", "^1.4", "~1.4.2", "=1.4.0" or "*", or take the line out for any version"#);
}

#[test]
fn dependencies() {
    assert_snapshot!(refused("dependencies: [{name: b}, {name: auth-service}, {name: b, contract: two}]\n"), @r#"
    GravityService auth-service-1.4.0: spec.dependencies[2].name: b is in spec.dependencies[0] already: take one of the two out, or give one of them another name
    GravityService auth-service-1.4.0: spec.dependencies[1].name: auth-service depends on itself: take this entry out
    GravityService auth-service-1.4.0: spec.dependencies[2].contract: "two" is no range that can be read (unexpected character 't' while parsing major version number): write one as ">=1.0.0, <3.0.0", "^1.4", "~1.4.2", "=1.4.0" or "*"
    "#);
}

#[test]
fn databases() {
    let lines = r#"
databases:
  - {name: auth_db, type: postgresql, version: "9.6"}
  - {name: auth_db, type: postgrsql}
  - {name: 1st, type: redis, extensions: [a], urlScheme: "redis://"}
  - {name: b, type: mysql, mode: cache, keyPrefix: x, env: 1A, urlScheme: postgresql}
  - {name: c, type: postgresql, extensions: ["a b"], collation: "C'; drop", urlScheme: Postgres}
  - {name: d, type: redis, keyPrefix: "a*"}
"#;
    assert_snapshot!(refused(lines), @r#"
    GravityService auth-service-1.4.0: spec.databases[1].name: auth_db is in spec.databases[0] already: take one of the two out, or give one of them another name
    GravityService auth-service-1.4.0: spec.databases[0].version: "9.6" is no version of postgresql that is known: write one of "14", "15", "16", "17", "18"
    GravityService auth-service-1.4.0: spec.databases[1].type: "postgrsql" is no engine that is known, did you mean postgresql? (there are postgresql, postgis, timescaledb, cockroachdb, mysql, mariadb, mongodb, redis, rabbitmq, kafka, elasticsearch, consul, s3)
    GravityService auth-service-1.4.0: spec.databases[2].name: "1st" can be no database's name: write letters, digits, underscores and hyphens, a letter or an underscore first, at most 63, as auth_db
    GravityService auth-service-1.4.0: spec.databases[2].extensions: redis has no extensions: take the list out
    GravityService auth-service-1.4.0: spec.databases[2].urlScheme: "redis://" is no URL scheme: write it in lower case and without ://, as postgresql+asyncpg
    GravityService auth-service-1.4.0: spec.databases[3].env: "1A" can be no variable's name: write letters, digits and underscores, no digit first, as LOG_LEVEL
    GravityService auth-service-1.4.0: spec.databases[3].urlScheme: "postgresql" is no scheme of mysql: write one of mysql, perhaps with a driver after a plus, as mysql+driver
    GravityService auth-service-1.4.0: spec.databases[3].mode: mysql has no modes, they are for redis: take the line out
    GravityService auth-service-1.4.0: spec.databases[3].keyPrefix: mysql has no key prefixes, they are for redis: take the line out
    GravityService auth-service-1.4.0: spec.databases[4].extensions[0]: "a b" can be no extension's name: write letters, digits, hyphens and underscores, as uuid-ossp
    GravityService auth-service-1.4.0: spec.databases[4].collation: "C'; drop" is no such name: write letters, digits, hyphens, dots and underscores, as utf8mb4 or en_US.utf8
    GravityService auth-service-1.4.0: spec.databases[4].urlScheme: "Postgres" is no URL scheme: write it in lower case and without ://, as postgresql+asyncpg
    GravityService auth-service-1.4.0: spec.databases[5].keyPrefix: "a*" can be no prefix of keys: write it without spaces, quotes and wildcards, as auth:
    "#);
}

#[test]
fn an_engine_that_is_like_none_gets_the_list() {
    assert_snapshot!(refused("databases: [{name: a, type: postgre}, {name: b, type: mongdo}]\n"), @r#"
    GravityService auth-service-1.4.0: spec.databases[0].type: "postgre" is no engine that is known, did you mean postgres? (there are postgresql, postgis, timescaledb, cockroachdb, mysql, mariadb, mongodb, redis, rabbitmq, kafka, elasticsearch, consul, s3)
    GravityService auth-service-1.4.0: spec.databases[1].type: "mongdo" is no engine that is known, did you mean mongo? (there are postgresql, postgis, timescaledb, cockroachdb, mysql, mariadb, mongodb, redis, rabbitmq, kafka, elasticsearch, consul, s3)
    "#);
    assert_snapshot!(refused("databases: [{name: a, type: oracle}]\n"), @r#"GravityService auth-service-1.4.0: spec.databases[0].type: "oracle" is no engine that is known (there are postgresql, postgis, timescaledb, cockroachdb, mysql, mariadb, mongodb, redis, rabbitmq, kafka, elasticsearch, consul, s3)"#);
}

#[test]
fn paths() {
    let prefix = |prefix: &str| refused(&format!("api: {{prefix: {prefix:?}}}\n"));
    assert_snapshot!(prefix("api/auth"), @r#"GravityService auth-service-1.4.0: spec.api.prefix: "api/auth" does not begin with a slash: write /api/auth"#);
    assert_snapshot!(prefix("/api/auth/"), @r#"GravityService auth-service-1.4.0: spec.api.prefix: "/api/auth/" ends in a slash: write /api/auth, which takes what is below it too"#);
    assert_snapshot!(prefix("/api//auth"), @r#"GravityService auth-service-1.4.0: spec.api.prefix: "/api//auth" is no plain path: write single slashes, and no ? or #, as /api/auth"#);
    assert_snapshot!(prefix("/api auth"), @r#"GravityService auth-service-1.4.0: spec.api.prefix: "/api auth" has ' ' in it, which no path can have: take it out, or write it in percent-encoding"#);
    assert_snapshot!(prefix("/a`) || Host(`x"), @r#"GravityService auth-service-1.4.0: spec.api.prefix: "/a`) || Host(`x" has '`' in it, which no path can have: take it out, or write it in percent-encoding"#);
}

#[test]
fn health() {
    let lines = "health:\n  liveness: {path: health, periodSeconds: 0, successThreshold: 2}\n  readiness: ready\n";
    assert_snapshot!(refused(lines), @r#"
    GravityService auth-service-1.4.0: spec.health.liveness.path: "health" does not begin with a slash: write /health
    GravityService auth-service-1.4.0: spec.health.liveness.periodSeconds: 0 is too small: write 1 or more
    GravityService auth-service-1.4.0: spec.health.liveness.successThreshold: 2 is for readiness only: write 1, or take the line out
    GravityService auth-service-1.4.0: spec.health.readiness: "ready" does not begin with a slash: write /ready
    "#);
    assert_snapshot!(refused("type: worker\nhealth: {liveness: /health}\n"), @"GravityService auth-service-1.4.0: spec.health: there is no port to ask at: add port, or take health out");
}

#[test]
fn a_probe_that_is_none_is_refused_and_stops_no_watch() {
    let json = serde_json::json!({
        "apiVersion": "gravity.dev/v1alpha1", "kind": "GravityService", "metadata": {"name": "a-1.0.0", "namespace": "shop"},
        "spec": {"name": "a", "version": "1.0.0", "image": "a:1", "health": {"liveness": {"pth": 1}}},
    });
    let service: GravityService = serde_json::from_value(json).unwrap();
    assert_snapshot!(told(validate_service(&service)), @r#"GravityService shop/a-1.0.0: spec.health.liveness: {"pth":1} is no probe: write a path, as /health, or a map of path, initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold and successThreshold"#);
}

#[test]
fn scaling() {
    assert_snapshot!(refused("scaling: {minReplicas: 5, maxReplicas: 2}\n"), @"GravityService auth-service-1.4.0: spec.scaling.minReplicas: 5 is above maxReplicas (2): write 2 or less, or raise maxReplicas");
    let lines = r#"
scaling:
  minReplicas: 1
  maxReplicas: 3
  metrics:
    - {type: cpu, target: 70%}
    - {type: cpu, target: 0%}
    - {type: memory, target: 512m}
    - {type: http_requests_per_second, target: 70%}
    - {type: "a b", target: 1}
    - {type: rps, target: 0}
"#;
    assert_snapshot!(refused(lines), @r#"
    GravityService auth-service-1.4.0: spec.scaling.metrics[1].type: cpu is in spec.scaling.metrics[0] already: take one of the two out, or give one of them another type
    GravityService auth-service-1.4.0: spec.scaling.metrics[1].target: 0% is no share: write 1% to 1000%, as 70%
    GravityService auth-service-1.4.0: spec.scaling.metrics[2].target: 512m of memory is 512 thousandths of a byte: write 512Mi, or a share of what is requested, as 70%
    GravityService auth-service-1.4.0: spec.scaling.metrics[3].target: 70% is a share of what is requested, and nobody requests http_requests_per_second: write the average for each pod, as 1000
    GravityService auth-service-1.4.0: spec.scaling.metrics[4].type: "a b" is no metric: write cpu, memory, or the name of a Pods metric, as http_requests_per_second
    GravityService auth-service-1.4.0: spec.scaling.metrics[5].target: 0 can be no target: write what a pod should have on average
    "#);
    let target = |target: &str| {
        refused(&format!(
            "scaling: {{maxReplicas: 3, metrics: [{{type: {target}}}]}}\n"
        ))
    };
    assert_snapshot!(target("cpu, target: 70"), @"GravityService auth-service-1.4.0: spec.scaling.metrics[0].target: 70 is 70 cores for each pod: write 70% for a share of what is requested, or else thousandths of a core, as 20000m");
    assert_snapshot!(target("cpu, target: '16.5'"), @"GravityService auth-service-1.4.0: spec.scaling.metrics[0].target: 16.5 is 16.5 cores for each pod: write 70% for a share of what is requested, or else thousandths of a core, as 20000m");
    assert_snapshot!(target("cpu, target: 5000"), @"GravityService auth-service-1.4.0: spec.scaling.metrics[0].target: 5000 is 5000 cores for each pod: write 70% for a share of what is requested, or else thousandths of a core, as 20000m");
    assert_snapshot!(target("memory, target: 512"), @"GravityService auth-service-1.4.0: spec.scaling.metrics[0].target: 512 is 512 bytes for each pod: write 70% for a share of what is requested, or else a number with its unit, as 512Mi");
    assert_snapshot!(target("memory, target: 5000"), @"GravityService auth-service-1.4.0: spec.scaling.metrics[0].target: 5000 is 5000 bytes for each pod: write 70% for a share of what is requested, or else a number with its unit, as 512Mi");
    for fine in [
        "cpu, target: 16",
        "cpu, target: 64000m",
        "memory, target: 1048576",
        "memory, target: 1k",
        "rps, target: 70",
    ] {
        let scaling = format!("scaling: {{maxReplicas: 3, metrics: [{{type: {fine}}}]}}\n");
        assert!(validate_service(&service(&scaling)).is_ok(), "{fine}");
    }
    let unread = |type_: &str, target: &str| {
        changed(|spec| {
            spec.scaling = Some(crate::api::service::Scaling {
                max_replicas: Some(3),
                metrics: vec![crate::api::service::ScalingMetric {
                    type_: type_.to_owned(),
                    target: crate::api::IntOrText::Text(target.to_owned()),
                }],
                ..Default::default()
            });
        })
    };
    assert_snapshot!(unread("cpu", "70 percent"), @r#"GravityService auth-service-1.4.0: spec.scaling.metrics[0].target: "70 percent" is no quantity: write cores, as 1, or thousandths of one, as 250m, or a share of what is requested, as 70%"#);
    assert_snapshot!(unread("memory", "512MB"), @r#"GravityService auth-service-1.4.0: spec.scaling.metrics[0].target: "512MB" is no quantity: write 512Mi, or a share of what is requested, as 70%"#);
    assert_snapshot!(refused("scaling: {minReplicas: 3, metrics: [{type: cpu, target: 70%}]}\n"), @"GravityService auth-service-1.4.0: spec.scaling.metrics: there is nothing to scale between 3 and 3: raise maxReplicas, or take the metrics out");
    assert_snapshot!(changed(|spec| spec.scaling = Some(crate::api::service::Scaling { min_replicas: Some(0), ..Default::default() })), @"GravityService auth-service-1.4.0: spec.scaling.minReplicas: 0 is out of range: write 1 to 1000");
}

/// Half a request a second is a target; half a byte is nothing.
#[test]
fn thousandths_are_refused_of_what_is_counted_in_bytes_only() {
    let metric = "scaling: {minReplicas: 1, maxReplicas: 3, metrics: [{type: http_requests_per_second, target: 500m}]}\n";
    assert!(validate_service(&service(metric)).is_ok());
    assert_snapshot!(refused("resources: {limits: {ephemeral-storage: 500m}}\n"), @"GravityService auth-service-1.4.0: spec.resources.limits.ephemeral-storage: 500m of ephemeral-storage is 500 thousandths of a byte: write 500Mi");
    assert_snapshot!(refused("storage: [{name: data, mountPath: /data, size: 500m}]\n"), @"GravityService auth-service-1.4.0: spec.storage[0].size: 500m of storage is 500 thousandths of a byte: write 500Mi");
}

#[test]
fn resources() {
    let lines = r#"
resources:
  requests: {cpu: 2, memory: 1Gi, memroy: 1, ephemeral-storage: 10GB}
  limits: {cpu: 1500m, memory: 512m, nvidia.com/gpu: one}
"#;
    assert_snapshot!(refused(lines), @r#"
    GravityService auth-service-1.4.0: spec.resources.requests.ephemeral-storage: "10GB" is no quantity: write 10Gi
    GravityService auth-service-1.4.0: spec.resources.requests.memroy: memroy is no resource of a pod: write memory
    GravityService auth-service-1.4.0: spec.resources.limits.memory: 512m of memory is 512 thousandths of a byte: write 512Mi
    GravityService auth-service-1.4.0: spec.resources.limits.nvidia.com/gpu: "one" is no quantity: write a number with its unit, as 512Mi or 10Gi
    GravityService auth-service-1.4.0: spec.resources.requests.cpu: 2 is above the limit of 1500m: write 1500m or less, or raise the limit
    "#);
    assert_snapshot!(refused("resources: {requests: {cpu: 500Mi, memory: 1Gi}, limits: {memory: 1000Mi}}\n"), @"
    GravityService auth-service-1.4.0: spec.resources.requests.cpu: 500Mi of CPU is counted as for memory: write cores, as 1, or thousandths of one, as 250m
    GravityService auth-service-1.4.0: spec.resources.requests.memory: 1Gi is above the limit of 1000Mi: write 1000Mi or less, or raise the limit
    ");
}

#[test]
fn surroundings() {
    let lines = r#"
env: {LOG-LEVEL: info, "1A": x}
envFrom: [{secret: a, configMap: b}, {optional: true}, {secret: A_B, prefix: a-}]
config:
  - {mountPath: etc/auth, files: {a/b: x}}
  - {mountPath: /data, files: {}}
storage:
  - {name: data, mountPath: /data/, size: 0}
  - {name: data, mountPath: /more, size: 10GB, storageClassName: "A B"}
events:
  publishes: [{exchange: "a b", keys: [" "]}]
  subscribes: [{exchange: a, queue: "q\n"}]
"#;
    assert_snapshot!(refused(lines), @r#"
    GravityService auth-service-1.4.0: spec.env.1A: "1A" can be no variable's name: write letters, digits and underscores, no digit first, as LOG_LEVEL
    GravityService auth-service-1.4.0: spec.env.LOG-LEVEL: "LOG-LEVEL" can be no variable's name: write letters, digits and underscores, no digit first, as LOG_LEVEL
    GravityService auth-service-1.4.0: spec.envFrom[0]: names a secret and a configMap: make two entries of them
    GravityService auth-service-1.4.0: spec.envFrom[1]: names nothing: write secret or configMap, and the name of one
    GravityService auth-service-1.4.0: spec.envFrom[2].secret: "A_B" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls
    GravityService auth-service-1.4.0: spec.envFrom[2].prefix: "a-" can be no variable's name: write letters, digits and underscores, no digit first, as A_
    GravityService auth-service-1.4.0: spec.config[0].mountPath: "etc/auth" can be no folder to mount at: write a full path other than /, without a colon, as /etc/auth-service
    GravityService auth-service-1.4.0: spec.config[0].files.a/b: "a/b" can be no file of a ConfigMap: write letters, digits, hyphens, dots and underscores, and put other folders into further entries of config
    GravityService auth-service-1.4.0: spec.config[1].files: has no file: write a name and its content, or take the entry out
    GravityService auth-service-1.4.0: spec.storage[1].name: data is in spec.storage[0] already: take one of the two out, or give one of them another name
    GravityService auth-service-1.4.0: spec.storage[0].size: 0 is no size: write one as 10Gi
    GravityService auth-service-1.4.0: spec.storage[1].size: "10GB" is no quantity: write 10Gi
    GravityService auth-service-1.4.0: spec.storage[1].storageClassName: "A B" can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls
    GravityService auth-service-1.4.0: spec.storage[0].mountPath: /data/ is the folder of spec.config[1] already: write another one, or join the two
    GravityService auth-service-1.4.0: spec.events.publishes[0].exchange: "a b" can be no exchange, topic or queue: write letters, digits, dots, hyphens and underscores, as gravity.events
    GravityService auth-service-1.4.0: spec.events.publishes[0].keys[0]: " " is no routing key: write words with dots between them, as order.created
    GravityService auth-service-1.4.0: spec.events.subscribes[0].queue: "q\n" can be no exchange, topic or queue: write letters, digits, dots, hyphens and underscores, as gravity.events
    "#);
}

#[test]
fn a_configuration_that_no_config_map_holds() {
    let told = changed(|spec| {
        let files = ["a", "b", "c"].map(|name| (name.to_owned(), "x".repeat(400_000)));
        spec.config = vec![crate::api::service::ConfigFiles {
            mount_path: "/etc/a".to_owned(),
            files: files.into(),
            reload: None,
        }];
    });
    assert_snapshot!(told, @"GravityService auth-service-1.4.0: spec.config[0].files: has 1200003 bytes, and a ConfigMap holds 1000000: put large files into the image or a volume");
}

#[test]
fn types() {
    assert_snapshot!(refused("type: cron\n"), @r#"GravityService auth-service-1.4.0: spec.schedule: is missing, and a service of type cron needs one: write schedule: "*/5 * * * *""#);
    assert_snapshot!(refused("schedule: '@daily'\n"), @"GravityService auth-service-1.4.0: spec.schedule: is for services of type cron: write type: cron, or take the schedule out");
    assert_snapshot!(refused("type: worker\napi: {prefix: /a}\nservice: {port: 80}\n"), @"
    GravityService auth-service-1.4.0: spec.api: is for services of type api or web, for workers and jobs take no requests: take it out, or change the type
    GravityService auth-service-1.4.0: spec.service: there is no port to send requests to: add port, or take service out
    ");
    assert_snapshot!(refused("type: job\nscaling: {minReplicas: 2}\nstorage: [{name: a, mountPath: /a, size: 1Gi}]\n"), @"
    GravityService auth-service-1.4.0: spec.scaling: is for services that keep running, and a cron or job ends: take it out, or change the type
    GravityService auth-service-1.4.0: spec.storage: is for services that keep running, and a cron or job ends: take it out, or change the type
    ");
}

#[test]
fn schedules() {
    let schedule = |schedule: &str| refused(&format!("type: cron\nschedule: {schedule:?}\n"));
    assert_snapshot!(schedule("* * * *"), @r#"GravityService auth-service-1.4.0: spec.schedule: "* * * *" has 4 fields, and a schedule has five: minute, hour, day of the month, month, day of the week, as "*/5 * * * *""#);
    assert_snapshot!(schedule("0 */5 * * * *"), @r#"GravityService auth-service-1.4.0: spec.schedule: "0 */5 * * * *" has 6 fields, and a schedule has five: minute, hour, day of the month, month, day of the week (Kubernetes has no field for seconds), as "*/5 * * * *""#);
    assert_snapshot!(schedule("60 * * * *"), @r#"GravityService auth-service-1.4.0: spec.schedule: "60 * * * *": the minute 60: "60" is out of range: write 0 to 59"#);
    assert_snapshot!(schedule("0 0 * * 7"), @r#"GravityService auth-service-1.4.0: spec.schedule: "0 0 * * 7": the day of the week 7: "7" is out of range: write 0 to 6, or sun to sat, Sunday is 0"#);
    assert_snapshot!(schedule("0 0 31-1 * *"), @r#"GravityService auth-service-1.4.0: spec.schedule: "0 0 31-1 * *": the day of the month 31-1: 31-1 runs backwards: write 1-31, or two ranges with a comma between them"#);
    assert_snapshot!(schedule("*/0 * * * *"), @r#"GravityService auth-service-1.4.0: spec.schedule: "*/0 * * * *": the minute */0: the step "0" is none: write a number from 1 to 59"#);
    assert_snapshot!(schedule("0 0 * jam *"), @r#"GravityService auth-service-1.4.0: spec.schedule: "0 0 * jam *": the month jam: "jam" is out of range: write 1 to 12, or jan to dec"#);
    assert_snapshot!(schedule("@dayly"), @r#"GravityService auth-service-1.4.0: spec.schedule: "@dayly" is no schedule: write @daily, @every 1h30m, or five fields, as "*/5 * * * *""#);
}

#[test]
fn durations() {
    assert_snapshot!(refused("startupTimeout: 10 minutes\nmigrations: {command: [a], timeout: 25h, retries: 0}\n"), @r#"
    GravityService auth-service-1.4.0: spec.migrations.timeout: 25h is out of range: write a duration from 1s to 24h
    GravityService auth-service-1.4.0: spec.startupTimeout: "10 minutes" is no duration: write hours, minutes and seconds in this order, as 90s, 10m or 1h30m
    "#);
    assert_snapshot!(refused("startupTimeout: 0s\n"), @"GravityService auth-service-1.4.0: spec.startupTimeout: 0s is out of range: write a duration from 1s to 24h");
    assert_snapshot!(changed(|spec| spec.startup_timeout = Some("1s1h".to_owned())), @r#"GravityService auth-service-1.4.0: spec.startupTimeout: "1s1h" is no duration: write hours, minutes and seconds in this order, as 90s, 10m or 1h30m"#);
}

#[test]
fn security() {
    assert_snapshot!(refused("security: {runAsUser: 0}\n"), @"GravityService auth-service-1.4.0: spec.security.runAsUser: 0 is root: write another user, or runAsRoot: true if the image cannot do without");
    assert_snapshot!(refused("security: {runAsUser: 5, runAsRoot: true}\n"), @"GravityService auth-service-1.4.0: spec.security.runAsUser: 5 is not root, and runAsRoot is true: take one of the two out");
}

#[test]
fn names_at_their_limits() {
    let long = |length: usize| {
        let mut service = service("");
        service.spec.name = "a".repeat(length);
        validate_service(&service)
    };
    assert!(long(40).is_ok());
    assert_snapshot!(told(long(41)), @"GravityService auth-service-1.4.0: spec.name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa has 41 characters, and 40 are the most, for the names of its objects are derived from it: shorten it");
}

proptest! {
    /// Whatever stands in the fields, there is a result, and each problem has a field and
    /// a sentence.
    #[test]
    fn no_text_is_too_strange(name in ".{0,60}", version in ".{0,50}", image in ".{0,80}", path in ".{0,20}", schedule in ".{0,20}", size in ".{0,12}", range in ".{0,20}") {
        let mut service = service("databases: [{name: a, type: redis}]\ndependencies: [{name: b}]\napi: {prefix: /}\n");
        service.spec.name = name;
        service.spec.version = version;
        service.spec.image = Some(image.clone());
        service.spec.schedule = Some(schedule);
        service.spec.dependencies[0].version = Some(range);
        service.spec.api.as_mut().unwrap().prefix = Some(path);
        service.spec.resources = Some(crate::api::service::Resources { requests: [("memory".to_owned(), crate::api::IntOrText::Text(size))].into(), ..Default::default() });
        for problem in validate_service(&service).unwrap_err() {
            prop_assert!(problem.field.starts_with("spec.") && !problem.message.is_empty());
        }
    }
}
