//! Whole manifests, from the files that people have.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::api::GravityService;
use crate::manifest::{Origin, Text, parse};
use crate::validate::validate_service;

fn proposed(files: &[(&str, &str)]) -> String {
    let (text, service) = read(files);
    validate_service(&service).unwrap();
    text
}

fn read(files: &[(&str, &str)]) -> (String, GravityService) {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let text = manifest(None, "My Service", &files.collect());
    let read = Text {
        name: "gravity-service.yaml".to_owned(),
        text: text.clone(),
        origin: Origin::Named,
    };
    let documents = parse(&[read]).unwrap_or_else(|error| unreachable!("{error}\n{text}"));
    (text, documents.services[0].clone())
}

#[test]
fn nothing_known_is_said_to_be_a_guess() {
    insta::assert_snapshot!(proposed(&[]), @r"
    # Made by `gravity init --service` from what it has seen in this folder. Review each line;
    # `gravity validate gravity-service.yaml` checks it.
    name: my-service                           # the folder's name
    version: 0.1.0                             # no file tells one
    image: registry.example.com/my-service:0.1.0 # write where your pipeline pushes it
    port: 8000                                 # no file tells one
    # api: {prefix: /api/my}                   # to be reached from outside, by the gateway
    # health: {readiness: /health}             # the path that answers 200 when it is ready
    ");
}

#[test]
fn a_python_service_with_alembic() {
    let files = [
        (
            "Dockerfile",
            "FROM python:3.11\nEXPOSE 8001/tcp\nCMD [\"uvicorn\", \"main:app\"]\n",
        ),
        (
            "pyproject.toml",
            "[project]\nname = \"Auth_Service\"\nversion = \"1.4.0\"\ndependencies = [\"fastapi\", \"asyncpg>=0.29\", \"redis[hiredis]\"]\n",
        ),
        (
            ".env.example",
            "DATABASE_URL=postgresql://u:p@localhost/auth\nUSER_SERVICE_URL=http://localhost:8002\nSECRET=x\n",
        ),
        ("alembic.ini", ""),
    ];
    insta::assert_snapshot!(proposed(&files), @r#"
    # Made by `gravity init --service` from what it has seen in this folder. Review each line;
    # `gravity validate gravity-service.yaml` checks it.
    name: auth-service                         # pyproject.toml
    version: 1.4.0                             # pyproject.toml
    image: registry.example.com/auth-service:1.4.0 # write where your pipeline pushes it
    port: 8001                                 # EXPOSE in Dockerfile
    # api: {prefix: /api/auth}                 # to be reached from outside, by the gateway
    dependencies:                              # in any version; narrow it by version: "^1"
      - name: user-service                     # USER_SERVICE_URL in .env.example
    databases:                                 # in the engine's default version, unless one is written
      - name: auth_db                          # DATABASE_URL in .env.example
        type: postgresql
        env: DATABASE_URL                      # the variable of its URL
      - name: auth_cache                       # redis in pyproject.toml
        type: redis
    # health: {readiness: /health}             # the path that answers 200 when it is ready
    migrations:
      command: [alembic, upgrade, head]        # alembic.ini
    security: {runAsUser: 10001}               # no USER in Dockerfile, and pods do not run as root
    "#);
}

#[test]
fn a_node_service_with_scripts() {
    let files = [
        (
            "package.json",
            r#"{"name": "@acme/order-service", "version": "2.0.1", "scripts": {"migrate": "knex migrate:latest", "seed": "knex seed:run"}, "dependencies": {"express": "4", "mysql2": "3", "amqplib": "0.10", "kafkajs": "2"}}"#,
        ),
        (
            ".env.example",
            "# comment\nPORT=3000\nORDERS_DB_URL=\"mysql://localhost/orders\"\n",
        ),
    ];
    insta::assert_snapshot!(proposed(&files), @r"
    # Made by `gravity init --service` from what it has seen in this folder. Review each line;
    # `gravity validate gravity-service.yaml` checks it.
    name: order-service                        # package.json
    version: 2.0.1                             # package.json
    image: registry.example.com/order-service:2.0.1 # write where your pipeline pushes it
    port: 3000                                 # PORT in .env.example
    # api: {prefix: /api/order}                # to be reached from outside, by the gateway
    databases:                                 # in the engine's default version, unless one is written
      - name: order_events                     # kafkajs in package.json
        type: kafka
      - name: order_db                         # ORDERS_DB_URL in .env.example
        type: mysql
        env: ORDERS_DB_URL                     # the variable of its URL
      - name: order_queue                      # amqplib in package.json
        type: rabbitmq
    # health: {readiness: /health}             # the path that answers 200 when it is ready
    migrations:
      command: [npm, run, migrate]             # scripts.migrate of package.json
      seed: [npm, run, seed]                   # scripts.seed of package.json
    ");
}

#[test]
fn a_page_and_other_languages() {
    let page = [(
        "package.json",
        r#"{"name": "shop-frontend", "dependencies": {"next": "15"}}"#,
    )];
    assert!(proposed(&page).contains("type: web"));
    let go = [(
        "go.mod",
        "module github.com/acme/search/v2\n\nrequire github.com/redis/go-redis/v9 v9.5.0\n",
    )];
    let text = proposed(&go);
    assert!(
        text.contains("name: search") && text.contains("type: redis"),
        "{text}"
    );
    let rust = [
        (
            "Cargo.toml",
            "[package]\nname = \"pay\"\nversion = \"0.3.0\"\n[dependencies]\nlapin = \"2\"\n",
        ),
        ("diesel.toml", ""),
    ];
    let text = proposed(&rust);
    assert!(
        text.contains("type: rabbitmq") && text.contains("[diesel, migration, run]"),
        "{text}"
    );
    let java = [(
        "pom.xml",
        "<project><parent><artifactId>base</artifactId></parent><artifactId>ledger</artifactId><version>1.0.0-SNAPSHOT</version><dependency><artifactId>mongodb-driver-sync</artifactId></dependency></project>",
    )];
    let text = proposed(&java);
    assert!(
        text.contains("name: ledger") && text.contains("type: mongodb"),
        "{text}"
    );
}

#[test]
fn a_worker_listens_on_nothing() {
    let files = [
        (
            "Dockerfile",
            "FROM python:3.12\nCMD [\"celery\", \"-A\", \"app\", \"worker\"]\n",
        ),
        ("requirements.txt", "celery==5.4\n"),
        (".env.example", "BROKER_URL=amqp://localhost\n"),
    ];
    insta::assert_snapshot!(proposed(&files), @r"
    # Made by `gravity init --service` from what it has seen in this folder. Review each line;
    # `gravity validate gravity-service.yaml` checks it.
    name: my-service                           # the folder's name
    version: 0.1.0                             # no file tells one
    type: worker                               # celery in Dockerfile
    image: registry.example.com/my-service:0.1.0 # write where your pipeline pushes it
    databases:                                 # in the engine's default version, unless one is written
      - name: my_queue                         # BROKER_URL in .env.example
        type: rabbitmq
        env: BROKER_URL                        # the variable of its URL
    security: {runAsUser: 10001}               # no USER in Dockerfile, and pods do not run as root
    ");
}

#[test]
fn what_runs_on_kubernetes_already_tells_port_and_health() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n        ports: [{containerPort: 9000}]\n        readinessProbe: {httpGet: {path: /ready, port: 9000}}\n";
    let text = proposed(&[
        ("k8s/app.yaml", deployment),
        ("k8s/values.txt", "no: [yaml"),
    ]);
    assert!(
        text.contains("port: 9000") && text.contains("readiness: /ready"),
        "{text}"
    );
}

#[test]
fn an_image_without_a_user_and_what_stands_beside_it() {
    let compose = r#"
services:
  web:
    build: {context: .}
    ports: ["8080:3000"]
    environment:
      DATABASE_URL: postgres://app:app@db/app
      SESSION_SECRET: x
    depends_on: [db, cache, users]
    healthcheck: {test: ["CMD", "curl", "-f", "http://localhost:3000/healthz"]}
  db: {image: "postgres:16-alpine"}
  cache: {image: "docker.io/library/redis:7"}
  users: {build: ../users}
  mail: {image: mailpit}
"#;
    let files = [
        (
            "package.json",
            r#"{"name": "web", "version": "1.0.0", "scripts": {"start": "node ."}}"#,
        ),
        ("Dockerfile", "FROM node:22\nCMD [\"node\", \".\"]\n"),
        ("docker-compose.yml", compose),
    ];
    insta::assert_snapshot!(proposed(&files), @r#"
    # Made by `gravity init --service` from what it has seen in this folder. Review each line;
    # `gravity validate gravity-service.yaml` checks it.
    name: web                                  # package.json
    version: 1.0.0                             # package.json
    image: registry.example.com/web:1.0.0      # write where your pipeline pushes it
    port: 3000                                 # ports in docker-compose.yml
    # api: {prefix: /api/web}                  # to be reached from outside, by the gateway
    dependencies:                              # in any version; narrow it by version: "^1"
      - name: users                            # docker-compose.yml
    databases:                                 # in the engine's default version, unless one is written
      - name: web_db                           # DATABASE_URL in docker-compose.yml
        type: postgresql
        env: DATABASE_URL                      # the variable of its URL
      - name: web_cache                        # cache in docker-compose.yml
        type: redis
    health: {readiness: /healthz}              # healthcheck in docker-compose.yml
    security: {runAsUser: 10001}               # no USER in Dockerfile, and pods do not run as root
    "#);
}

#[test]
fn a_health_check_a_port_and_a_user_of_the_dockerfile() {
    let told = |user: &str| {
        let file = format!(
            "FROM python:3.12\nENV PORT=9000\n{user}HEALTHCHECK CMD curl -f http://localhost:9000/live\n"
        );
        let text = proposed(&[("Dockerfile", &file)]);
        let lines = text.lines().filter(|line| {
            ["port", "health", "security", "# security"]
                .iter()
                .any(|word| line.starts_with(word))
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(told("USER app\n"), @r"
    port: 9000                                 # ENV PORT in Dockerfile
    health: {readiness: /live}                 # HEALTHCHECK in Dockerfile
    # security: {runAsUser: 1000}              # USER app in Dockerfile: its number, which `id -u` prints in the image
    ");
    insta::assert_snapshot!(told("USER root\n"), @r"
    port: 9000                                 # ENV PORT in Dockerfile
    health: {readiness: /live}                 # HEALTHCHECK in Dockerfile
    security: {runAsUser: 10001}               # USER root in Dockerfile, and pods do not run as it
    ");
    insta::assert_snapshot!(told("USER node:node\n"), @r"
    port: 9000                                 # ENV PORT in Dockerfile
    health: {readiness: /live}                 # HEALTHCHECK in Dockerfile
    security: {runAsUser: 1000}                # USER node in Dockerfile
    ");
    insta::assert_snapshot!(told("USER 1001\n"), @r"
    port: 9000                                 # ENV PORT in Dockerfile
    health: {readiness: /live}                 # HEALTHCHECK in Dockerfile
    ");
}

#[test]
fn without_an_image_it_could_run_from_its_source() {
    let told = |files: &[(&str, &str)]| {
        let text = proposed(files);
        let of_runtime = text.lines().filter(|line| {
            line.starts_with('#') && line.contains("mand: ") || line.contains("runtime")
        });
        of_runtime.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(told(&[("go.mod", "module acme/a\n")]), @r#"
    # runtime:                                 # in the place of image, until there is one: go.mod
    #   command: [sh, -c, "GOCACHE=/tmp/cache GOPATH=/tmp/packages go run ."]
    "#);
    let python = [("main.py", ""), ("requirements.txt", "fastapi\n")];
    insta::assert_snapshot!(told(&python), @r#"
    # runtime:                                 # in the place of image, until there is one: main.py
    #   command: [sh, -c, "pip install -q -t /tmp/packages -r requirements.txt && PYTHONPATH=/tmp/packages python main.py"]
    "#);
    let node = [("package.json", r#"{"scripts": {"start": "node ."}}"#)];
    insta::assert_snapshot!(told(&node), @r#"
    # runtime:                                 # in the place of image, until there is one: scripts.start of package.json
    #   command: [sh, -c, "npm ci --cache /tmp/packages && npm start"]
    "#);
}

#[test]
fn databases_of_many_engines_have_names_of_their_own() {
    let told = |file: &str, text: &str| {
        let text = proposed(&[(file, text)]);
        let lines = text
            .lines()
            .filter(|line| line.starts_with("  - name") || line.starts_with("version"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let node = r#"{"name": "nd", "version": "0.3", "dependencies": {"pg": "8", "mongoose": "7", "mysql2": "3"}}"#;
    insta::assert_snapshot!(told("package.json", node), @r"
    version: 0.3.0                             # 0.3 in package.json
      - name: nd_mongodb                       # mongoose in package.json
      - name: nd_mysql                         # mysql2 in package.json
      - name: nd_postgresql                    # pg in package.json
    ");
    let rust = "[package]\nname = \"pay\"\nversion = \"1.4.0-RC.1+build\"\n[dependencies]\nsqlx = {version = \"0.8\", features = [\"postgres\"]}\nrdkafka = \"0.36\"\n";
    insta::assert_snapshot!(told("Cargo.toml", rust), @r"
    version: 1.4.0-rc.1                        # 1.4.0-RC.1+build in Cargo.toml
      - name: pay_events                       # rdkafka in Cargo.toml
      - name: pay_db                           # sqlx/postgres in Cargo.toml
    ");
    let schema = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";
    insta::assert_snapshot!(told("prisma/schema.prisma", schema), @r"
    version: 0.1.0                             # no file tells one
      - name: my_db                            # prisma/postgresql in prisma/schema.prisma
    ");
    let spring = "server.port=8085\n";
    let text = proposed(&[("src/main/resources/application.properties", spring)]);
    assert!(text.contains("port: 8085"), "{text}");
}

#[test]
fn what_runs_on_kubernetes_already_keeps_its_image_and_command() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n        image: acme/pay:2.1.0\n        command: [./pay]\n        args: [--fast, 'a b']\n        env: [{name: PAY_DB, value: 'mysql://db/pay'}]\n        livenessProbe: {httpGet: {path: /live}}\n";
    insta::assert_snapshot!(proposed(&[("deploy/pay.yaml", deployment)]), @r#"
    # Made by `gravity init --service` from what it has seen in this folder. Review each line;
    # `gravity validate gravity-service.yaml` checks it.
    name: my-service                           # the folder's name
    version: 0.1.0                             # no file tells one
    image: acme/pay:2.1.0                      # deploy/pay.yaml
    command: [./pay]                           # deploy/pay.yaml
    args: [--fast, "a b"]                      # deploy/pay.yaml
    port: 8000                                 # no file tells one
    # api: {prefix: /api/my}                   # to be reached from outside, by the gateway
    databases:                                 # in the engine's default version, unless one is written
      - name: my_db                            # PAY_DB in deploy/pay.yaml
        type: mysql
        env: PAY_DB                            # the variable of its URL
    health: {readiness: /live}                 # deploy/pay.yaml
    "#);
}

proptest! {
    #[test]
    fn whatever_files_say_is_what_is_read_again(
        path in "/[ -~]{0,12}",
        image in "[a-z]{1,5}/[!-~]{1,12}",
        words in proptest::collection::vec("[ -~]{1,8}", 1..4),
        user in "[ -~]{0,6}",
    ) {
        let container = json!({
            "image": image,
            "command": words,
            "readinessProbe": {"httpGet": {"path": path}},
        });
        let object = json!({"spec": {"template": {"spec": {"containers": [container]}}}});
        let dockerfile = format!("FROM a\nUSER {user}\n");
        let files = [("k8s/a.yaml", &*object.to_string()), ("Dockerfile", &dockerfile)];
        let spec = read(&files).1.spec;
        prop_assert_eq!(spec.command, words);
        let readiness = serde_json::to_value(spec.health.unwrap().readiness).unwrap();
        prop_assert_eq!(readiness.as_str(), Some(&*path));
        if !image.contains(['$', '{', '<']) {
            prop_assert_eq!(spec.image, Some(image));
        }
    }
}

#[test]
fn what_cannot_be_read_is_passed_over() {
    let files = [
        ("package.json", "{"),
        ("pyproject.toml", "=="),
        ("pom.xml", "<"),
        ("k8s/a.yaml", "a: ["),
    ];
    assert!(proposed(&files).contains("name: my-service"));
}
