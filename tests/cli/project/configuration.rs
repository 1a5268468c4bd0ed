//! What a service is configured by, from the default to the flag, and what that changes.

use std::fs;

use super::Workplace;
use crate::run::outcome;

const MANIFEST: &str = "name: auth-service
version: 1.0.0
image: acme/auth:1.0.0
port: 8000
databases: [{name: auth_db, type: postgresql, env: DATABASE_URL}]
scaling: {minReplicas: 2, maxReplicas: 5}
resources: {requests: {cpu: 50m}, limits: {memory: 256Mi}}
env: {LOG_LEVEL: info, REGION: eu}
";

const APP: &str = "apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {name: shop, namespace: shop}
spec:
  services:
    - name: auth-service
      env: {LOG_LEVEL: warn}
      resources: {requests: {cpu: 200m}}
      envValueFrom: {SIGNING_KEY: {secretKeyRef: {name: keys, key: signing}}}
  environment: staging
  environments:
    staging: {replicas: 1, env: {LOG_LEVEL: debug, STAGE: staging}, host: staging.example.com}
";

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    fs::write(workplace.path("auth.yaml"), MANIFEST).unwrap();
    workplace.shop(&["add", "../auth.yaml"]).answer();
    fs::write(workplace.path("shop/gravity.yaml"), APP).unwrap();
    workplace
}

#[test]
fn every_value_says_where_it_comes_from() {
    let workplace = workplace();
    insta::assert_snapshot!(workplace.shop(&["config", "auth-service"]).answer(), @r"
    SETTING           VALUE                                         FROM
    image             acme/auth:1.0.0                               the manifest
    type              api                                           the default
    port              8000                                          the manifest
    replicas          1                                             the environment staging
    startupTimeout    10m                                           the default
    requests.cpu      200m                                          the app
    limits.memory     256Mi                                         the manifest
    env.DATABASE_URL  (key uri of the Secret auth-service-auth-db)  Gravity, for its databases
    env.LOG_LEVEL     warn                                          the app
    env.PORT          8000                                          Gravity, for its port
    env.REGION        eu                                            the manifest
    env.SIGNING_KEY   (key signing of the Secret keys)              the app
    env.STAGE         staging                                       the environment staging
    ");
}

#[test]
fn what_was_overridden_is_shown_when_it_is_asked_for() {
    let workplace = workplace();
    fs::write(
        workplace.path("shop/.env"),
        "AUTH_SERVICE_PORT=8001\nAUTH_SERVICE_ENV_LOG_LEVEL=trace\n",
    )
    .unwrap();
    let told = workplace
        .shop(&["config", "auth-service", "--explain", "--port", "8002"])
        .answer();
    insta::assert_snapshot!(told, @r"
    SETTING           VALUE                                         FROM
    image             acme/auth:1.0.0                               the manifest
    type              api                                           the default
    port              8002                                          the flag
      over            8001                                          AUTH_SERVICE_PORT of .env
      over            8000                                          the manifest
      over            8000                                          the default
    replicas          1                                             the environment staging
      over            2 to 5                                        the manifest
      over            1                                             the default
    startupTimeout    10m                                           the default
    requests.cpu      200m                                          the app
      over            50m                                           the manifest
      over            100m                                          the default
    limits.memory     256Mi                                         the manifest
    env.DATABASE_URL  (key uri of the Secret auth-service-auth-db)  Gravity, for its databases
    env.LOG_LEVEL     trace                                         AUTH_SERVICE_ENV_LOG_LEVEL of .env
      over            warn                                          the app
      over            debug                                         the environment staging
      over            info                                          the manifest
    env.PORT          8002                                          Gravity, for its port
    env.REGION        eu                                            the manifest
    env.SIGNING_KEY   (key signing of the Secret keys)              the app
    env.STAGE         staging                                       the environment staging
    ");
    let view = workplace
        .shop(&["config", "auth-service", "--output", "json"])
        .answer();
    let view: serde_json::Value = serde_json::from_str(&view).unwrap();
    let settings = view["settings"].as_array().unwrap();
    let port = settings.iter().find(|it| it["name"] == "port").unwrap();
    insta::assert_snapshot!(port.to_string(), @r#"{"name":"port","origin":"AUTH_SERVICE_PORT of .env","overridden":[{"origin":"the manifest","value":"8000"},{"origin":"the default","value":"8000"}],"value":"8001"}"#);
}

#[test]
fn variables_and_flags_are_in_force_and_told() {
    let workplace = workplace();
    fs::write(
        workplace.path("shop/.env"),
        "AUTH_SERVICE_PORT=8001\nAUTH_SERVICE_REPLICAS=4\n",
    )
    .unwrap();
    let rendered = workplace.shop(&["render", "--set", "auth-service.image=acme/auth:dev"]);
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    assert!(
        rendered.stdout.contains("containerPort: 8001"),
        "{}",
        rendered.stdout
    );
    assert!(rendered.stdout.contains("replicas: 4"));
    assert!(rendered.stdout.contains("image: acme/auth:dev"));
    insta::assert_snapshot!(rendered.stderr, @r"
    AUTH_SERVICE_PORT of .env sets port of auth-service to 8001.
    AUTH_SERVICE_REPLICAS of .env sets replicas of auth-service to 4.
    ");
    // A variable of the process is louder than the file, and a flag louder than both.
    let mut command = crate::run::program(&["render", "--set", "auth-service.replicas=6"]);
    command
        .current_dir(workplace.path("shop"))
        .env("AUTH_SERVICE_PORT", "9001");
    let rendered = outcome(command.output().unwrap());
    assert!(
        rendered.stdout.contains("containerPort: 9001"),
        "{}",
        rendered.stdout
    );
    assert!(rendered.stdout.contains("replicas: 6"));
    // What is named by -f is taken as it is.
    let files = ["render", "-f", "gravity.yaml", "-f", "services"];
    let plain = workplace.shop(&files).answer();
    assert!(plain.contains("containerPort: 8000"), "{plain}");
    // The project's files are as they were.
    assert_eq!(workplace.app(), APP);
}

#[test]
fn what_cannot_be_said_is_refused() {
    let workplace = workplace();
    let told = |arguments: &[&str]| {
        let outcome = workplace.shop(arguments);
        assert_eq!(outcome.code, 1, "{}", outcome.stdout);
        outcome.stderr
    };
    insta::assert_snapshot!(told(&["config", "auth"]), @"error: there is no service auth in this project: there is auth-service");
    insta::assert_snapshot!(told(&["render", "--set", "auth-service.port"]), @"error: --set auth-service.port: write SERVICE.FIELD=VALUE, with port, replicas, image or env.NAME as the field, as auth-service.port=8002");
    insta::assert_snapshot!(told(&["render", "--set", "auth-service.colour=red"]), @"error: --set auth-service.colour=red: write SERVICE.FIELD=VALUE, with port, replicas, image or env.NAME as the field, as auth-service.port=8002");
    insta::assert_snapshot!(told(&["render", "--set", "other.port=1"]), @"error: --set other.port: there is no service other in the files: there is auth-service");
    insta::assert_snapshot!(told(&["config", "auth-service", "--port", "70000"]), @r#"error: the flag says "70000" for the port of auth-service: a port is a number from 1 to 65535"#);
    fs::write(workplace.path("shop/.env"), "AUTH_SERVICE_REPLICAS=many\n").unwrap();
    insta::assert_snapshot!(told(&["install"]), @r#"error: AUTH_SERVICE_REPLICAS of .env says "many" for the replicas of auth-service: a number of pods is from 1 to 1000"#);
    fs::write(workplace.path("shop/.env"), "AUTH SERVICE\n").unwrap();
    insta::assert_snapshot!(told(&["install"]), @"error: /work/shop/.env cannot be read: line 1 of it is not NAME=VALUE");
}

/// A setting is no wish to have a service.
#[test]
fn a_variable_brings_no_service_in_that_nobody_needs() {
    let workplace = workplace();
    let other = MANIFEST
        .replace("auth-service", "nightly")
        .replace("auth_db", "night_db");
    fs::write(workplace.path("nightly.yaml"), other).unwrap();
    workplace
        .shop(&["add", "../nightly.yaml", "--as-dependency"])
        .answer();
    fs::write(workplace.path("shop/.env"), "NIGHTLY_REPLICAS=2\n").unwrap();
    let chosen = workplace.shop(&["resolve"]);
    assert!(!chosen.stdout.contains("nightly"), "{}", chosen.stdout);
    // What Kubernetes says to each pod of a namespace is none of ours.
    let mut command = crate::run::program(&["resolve"]);
    command
        .current_dir(workplace.path("shop"))
        .env("AUTH_SERVICE_PORT", "tcp://10.0.0.1:80");
    assert_eq!(outcome(command.output().unwrap()).code, 0);
}

/// What ends has no port and no number of pods, and none is made up.
#[test]
fn a_cron_has_no_more_than_it_has() {
    let workplace = workplace();
    let nightly =
        "name: nightly\nversion: 1.0.0\nimage: acme/nightly:1\ntype: cron\nschedule: '0 3 * * *'\n";
    fs::write(workplace.path("nightly.yaml"), nightly).unwrap();
    workplace.shop(&["add", "../nightly.yaml"]).answer();
    insta::assert_snapshot!(workplace.shop(&["config", "nightly"]).answer(), @r"
    SETTING          VALUE           FROM
    image            acme/nightly:1  the manifest
    type             cron            the manifest
    startupTimeout   10m             the default
    requests.cpu     100m            the default
    requests.memory  128Mi           the default
    env.LOG_LEVEL    debug           the environment staging
    env.STAGE        staging         the environment staging
    ");
}
