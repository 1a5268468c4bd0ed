//! Services of catalogues: found, looked at, and taken into a project.

use std::fs;

use serde_json::Value;

use super::Workplace;
use crate::repositories::Repository;

const SEARCH: &str = "apiVersion: gravity.dev/v1alpha1
kind: GravityService
metadata:
  name: NAME-VERSION
  annotations: {gravity.dev/summary: What NAME is, gravity.dev/stars: '7'}
spec: {name: NAME, version: VERSION, image: 'acme/NAME:VERSION'REST}
";

/// A catalogue of a team's own, in a repository.
fn team(workplace: &Workplace) -> Repository {
    let repository = workplace.repository("team");
    let entry = |name: &str, version: &str, rest: &str| {
        let text = SEARCH
            .replace("NAME", name)
            .replace("VERSION", version)
            .replace("REST", rest);
        repository.file(&format!("search/{name}/{version}.yaml"), text);
    };
    entry(
        "finder",
        "1.0.0",
        ", dependencies: [{name: store, version: ^1}]",
    );
    entry(
        "finder",
        "2.0.0",
        ", dependencies: [{name: store, version: ^2}]",
    );
    entry(
        "store",
        "1.5.0",
        ", databases: [{name: store_db, type: postgresql}]",
    );
    entry(
        "store",
        "2.1.0",
        ", databases: [{name: store_db, type: postgresql}]",
    );
    repository.file("search/finder/README.md", "# finder\n\nFinds.\n");
    let made = workplace.run("team", &["generate", "index"]);
    let told = "Wrote ./index.yaml: 2 services in 4 versions\n";
    assert_eq!(made.answer(), told);
    repository.commit();
    repository
}

fn url(repository: &Repository) -> String {
    format!("file://{}", repository.0.display())
}

#[test]
fn the_catalogue_that_is_built_in_is_found_without_a_word_of_where() {
    let workplace = Workplace::new();
    insta::assert_snapshot!(workplace.shop(&["search", "auth"]).answer(), @r"
    NAME          VERSION  CATEGORY  SUMMARY
    auth-service  1.0.0    platform  OAuth2, JWT, RBAC
    keycloak      26.0.7   identity  Sign-on for users: OpenID Connect, OAuth 2, SAML
    ");
    insta::assert_snapshot!(workplace.shop(&["marketplace", "search", "traces"]).answer(), @r"
    NAME                     VERSION  CATEGORY       SUMMARY
    grafana                  11.4.0   observability  Dashboards for metrics, logs and traces
    jaeger                   1.62.0   observability  Traces: collects, keeps and shows them (all in one)
    opentelemetry-collector  0.116.1  observability  Takes traces, metrics and logs of services and hands them on
    tempo                    2.6.1    observability  Traces: keeps many of them cheaply, for Grafana
    zipkin                   3.4.1    observability  Traces in Zipkin's format, with a page
    ");
    let none = workplace.shop(&["search", "no such thing"]);
    assert_eq!(none.code, 0);
    insta::assert_snapshot!(none.stderr, @"No service fits; `gravity search` prints all of them.");
    let shown = workplace
        .shop(&["show", "keycloak", "--output", "json"])
        .answer();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["catalog"], "built in");
    assert_eq!(shown["databases"][0], "postgresql (keycloak_db)");
    assert!(shown["readme"].as_str().unwrap().starts_with("# "));
    assert_eq!(shown["versions"].as_array().unwrap().len(), 2);
    let wrong = workplace.shop(&["show", "keycloack"]);
    assert_eq!(wrong.code, 1);
    insta::assert_snapshot!(wrong.stderr, @"error: no catalogue has keycloack, did you mean keycloak?: `gravity search WORD` looks for services, and --catalog names another catalogue");
}

#[test]
fn an_entry_comes_in_with_what_it_needs_and_the_resolver_chooses() {
    let workplace = Workplace::new();
    let catalogue = url(&team(&workplace));
    let flags = ["--catalog", catalogue.as_str()];
    let run = |arguments: &[&str]| workplace.shop(&[arguments, &flags].concat());
    insta::assert_snapshot!(run(&["search", "finder"]).answer(), @r"
    NAME    VERSION  CATEGORY  SUMMARY
    finder  2.0.0    search    What finder is
    ");
    insta::assert_snapshot!(run(&["show", "store"]).answer().replace(&catalogue, "URL"), @r"
    store  What store is
    versions   2.1.0, 1.5.0
    image      acme/store:2.1.0
    category   search
    stars      7
    databases  postgresql (store_db)
    needed by  finder
    catalogue  file:///work/team
    ");
    insta::assert_snapshot!(run(&["install", "finder@^1"]).answer(), @r"
    NAME    VERSION  WAVE  REQUIRED BY
    store   1.5.0    0     finder ^1
    finder  1.0.0    1     shop ^1

    shop in namespace shop: 2 services, 1 database on shop-postgresql-17, 16 objects

    Comes in: finder 1.0.0, store 1.5.0
    ");
    assert_eq!(
        workplace.services(),
        ["finder-1.0.0.yaml", "store-1.5.0.yaml"]
    );
    let app = workplace.app();
    assert!(
        app.contains("name: finder") && app.contains("^1") && !app.contains("name: store"),
        "{app}"
    );
    let file = fs::read_to_string(workplace.path("shop/services/store-1.5.0.yaml")).unwrap();
    assert!(file.contains("1.5.0.yaml@git+file://"), "{file}");
    // What is there already does not come in twice.
    let again = run(&["install", "finder@^1"]).answer();
    assert!(
        again.contains("Nothing that the project does not have already"),
        "{again}"
    );
    let conflict = run(&["install", "store@^2"]);
    assert_eq!(conflict.code, 1);
    insta::assert_snapshot!(conflict.stderr, @r"
    error: shop asks for store ^2, and finder 1.0.0 needs store ^1: no version is both.
      store exists as 1.5.0, 2.1.0
    To mend it, do one of these:
      - let GravityApp shop/shop ask for store ^1.5.0, which gives store 1.5.0
      - release a version of finder that works with store 2.1.0
    ");
    assert_eq!(
        workplace.services(),
        ["finder-1.0.0.yaml", "store-1.5.0.yaml"]
    );
}

#[test]
fn what_came_from_the_catalogue_is_brought_up_to_date_from_there() {
    let workplace = Workplace::new();
    workplace.shop(&["install", "grafana@^10"]).answer();
    assert_eq!(workplace.services(), ["grafana-10.4.7.yaml"]);
    insta::assert_snapshot!(workplace.shop(&["outdated"]).answer(), @r"
    SERVICE  CHOSEN  FITS    NEWEST
    grafana  10.4.7  10.4.7  11.4.0
    ");
    insta::assert_snapshot!(workplace.shop(&["update"]).answer(), @r"
    SERVICE  VERSION  CHANGE  FILE
    grafana  11.4.0   added   services/grafana-11.4.0.yaml
    ");
    assert_eq!(
        workplace.services(),
        ["grafana-10.4.7.yaml", "grafana-11.4.0.yaml"]
    );
}

/// What is told of newer versions, of `update` and of all services, after another catalogue has
/// released one.
fn brought_up_to_date(is_folder: bool) -> String {
    let workplace = Workplace::new();
    let repository = team(&workplace);
    let source = match is_folder {
        true => "../team".to_owned(),
        false => url(&repository),
    };
    let install = ["install", "finder@^1", "--catalog", &source];
    workplace.shop(&install).answer();
    let file = fs::read_to_string(workplace.path("shop/services/finder-1.0.0.yaml")).unwrap();
    let noted = match is_folder {
        true => "gravity.dev/source: catalog+search/finder/1.0.0.yaml@path+../team\n",
        false => "gravity.dev/source: catalog+search/finder/1.0.0.yaml@git+file://",
    };
    assert!(file.contains(noted), "{file}");
    // What is released after it is found there, without a word of where.
    let newer = SEARCH.replace("NAME", "store").replace("REST", "");
    let newer = newer.replace("VERSION", "1.6.0");
    repository.file("search/store/1.6.0.yaml", newer);
    workplace.run("team", &["generate", "index"]).answer();
    repository.commit();
    let verbs: [&[&str]; 3] = [&["outdated"], &["update", "store"], &["list"]];
    let answers = verbs.map(|verb| workplace.shop(verb).answer());
    answers.join("\n")
}

#[test]
fn what_came_from_a_repository_of_a_catalogue_is_brought_up_to_date_from_there() {
    insta::assert_snapshot!(brought_up_to_date(false), @r"
    SERVICE  CHOSEN  FITS   NEWEST
    finder   1.0.0   1.0.0  2.0.0
    store    1.5.0   1.6.0  2.1.0

    SERVICE  VERSION  CHANGE  FILE
    store    2.1.0    added   services/store-2.1.0.yaml
    store    1.6.0    added   services/store-1.6.0.yaml

    NAME    VERSION  TYPE  STATUS       SOURCE
    finder  1.0.0    api   chosen       catalogue /work/team 26aebd6
    store   1.5.0    api   passed over  catalogue /work/team 26aebd6
    store   1.6.0    api   chosen       catalogue /work/team 07ade61
    store   2.1.0    api   passed over  catalogue /work/team 07ade61
    ");
}

#[test]
fn what_came_from_the_folder_of_a_catalogue_is_brought_up_to_date_from_there() {
    insta::assert_snapshot!(brought_up_to_date(true), @r"
    SERVICE  CHOSEN  FITS   NEWEST
    finder   1.0.0   1.0.0  2.0.0
    store    1.5.0   1.6.0  2.1.0

    SERVICE  VERSION  CHANGE  FILE
    store    2.1.0    added   services/store-2.1.0.yaml
    store    1.6.0    added   services/store-1.6.0.yaml

    NAME    VERSION  TYPE  STATUS       SOURCE
    finder  1.0.0    api   chosen       catalogue ../team
    store   1.5.0    api   passed over  catalogue ../team
    store   1.6.0    api   chosen       catalogue ../team
    store   2.1.0    api   passed over  catalogue ../team
    ");
}

#[test]
fn a_preset_is_a_whole_application() {
    let workplace = Workplace::new();
    let made = workplace.run(
        ".",
        &[
            "init",
            "diary",
            "--preset",
            "blog",
            "--host",
            "diary.example.com",
            "--gateway",
            "ingress",
        ],
    );
    assert_eq!(made.code, 0, "{}", made.stderr);
    insta::assert_snapshot!(made.stderr, @"warning: umami waits for a Secret umami-keys in namespace diary: `gravity show umami` has the line that makes it");
    insta::assert_snapshot!(made.stdout, @r"
    Made diary/.gravity/gravityapp.jsonschema
    Made diary/services/.gitkeep
    Made diary/.gitignore
    Made diary/README.md
    Made diary/gravity.yaml
    Took 3 services of the catalogue into services/

    Next: cd diary && gravity install
    ");
    let app = fs::read_to_string(workplace.path("diary/gravity.yaml")).unwrap();
    assert!(app.contains("  name: diary\n  namespace: diary\n"), "{app}");
    assert!(
        app.contains("class: Ingress\n    host: diary.example.com\n"),
        "{app}"
    );
    assert!(app.starts_with("# yaml-language-server: "), "{app}");
    assert!(
        app.contains("env: {url: \"http://diary.example.com\"}\n"),
        "{app}"
    );
    workplace.run("diary", &["install"]).answer();
    let wrong = workplace.run(".", &["init", "other", "--preset", "blgo"]);
    assert_eq!(wrong.code, 1);
    insta::assert_snapshot!(wrong.stderr, @"error: there is no preset blgo: there is analytics, bank, blog, booking, chat, cms, ecommerce, helpdesk, iot, learning, saas, streaming");
    assert!(!workplace.path("other").exists());
    let flags = ["init", "late", "--preset", "blog", "--catalog", "nowhere"];
    assert_eq!(workplace.run(".", &flags).code, 1);
    assert!(!workplace.path("late/gravity.yaml").exists());
    workplace.run(".", &flags[..4]);
    assert!(workplace.path("late/services/ghost-5.118.1.yaml").is_file());
}

#[test]
fn a_service_is_named_once_and_has_a_name() {
    let workplace = Workplace::new();
    let told = |names: &[&str]| workplace.shop(&[&["install"], names].concat()).failure();
    insta::assert_snapshot!(told(&["grafana@"]), @r#"error: grafana@: the range is empty: write one as ">=1.0.0, <3.0.0", "^1.4", "~1.4.2", "=1.4.0" or "*", or take the line out for any version; write NAME or NAME@RANGE, as grafana@^11"#);
}

#[test]
fn what_is_no_catalogue_is_told() {
    let workplace = Workplace::new();
    let told = |arguments: &[&str]| {
        let outcome = workplace.shop(arguments);
        assert_eq!(outcome.code, 1, "{}", outcome.stdout);
        outcome.stderr
    };
    fs::create_dir_all(workplace.path("bare/a/b")).unwrap();
    insta::assert_snapshot!(told(&["search", "--catalog", "../bare"]), @"error: --catalog or GRAVITY_CATALOG names ../bare: ../bare is no catalogue, for it has no index.yaml: `gravity generate index FOLDER` writes it; `gravity add` takes services from a repository without one");
    insta::assert_snapshot!(told(&["search", "--catalog", "../nowhere"]), @"error: --catalog or GRAVITY_CATALOG names ../nowhere: there is no file or folder ../nowhere");
    insta::assert_snapshot!(told(&["generate", "index", "../bare"]), @"error: ../bare has no GravityService, as <category>/<name>/<version>.yaml, to make an index of");
    fs::write(workplace.path("bare/index.yaml"), "entries: [").unwrap();
    insta::assert_snapshot!(told(&["search", "--catalog", "../bare"]), @"error: --catalog or GRAVITY_CATALOG names ../bare: ../bare/index.yaml is no index of a catalogue: expected mapping start at line 1, column 10; `gravity generate index FOLDER` writes it anew");
    let outside =
        "entries: {x: {summary: X, versions: [{version: 1.0.0, path: ../../shop/gravity.yaml}]}}";
    fs::write(workplace.path("bare/index.yaml"), outside).unwrap();
    insta::assert_snapshot!(told(&["install", "x", "--catalog", "../bare"]), @"error: the catalogue's index names ../../shop/gravity.yaml, which leads out of the catalogue: it is not read");
    let stale = "entries: {x: {summary: X, versions: [{version: 1.0.0, path: a/x/1.0.0.yaml}]}}";
    fs::write(workplace.path("bare/index.yaml"), stale).unwrap();
    insta::assert_snapshot!(told(&["install", "x", "--catalog", "../bare"]), @"error: the index of ../bare names a/x/1.0.0.yaml, which is not there: `gravity generate index FOLDER` writes it anew");
    let text = SEARCH
        .replace("NAME", "x")
        .replace("VERSION", "1.0.0")
        .replace("REST", "");
    fs::write(workplace.path("bare/a/b/1.0.0.yaml"), text).unwrap();
    insta::assert_snapshot!(told(&["generate", "index", "../bare"]), @"error: a/b/1.0.0.yaml holds x 1.0.0: a catalogue has it as a/x/1.0.0.yaml");
    assert_eq!(workplace.services(), Vec::<String>::new());
    insta::assert_snapshot!(told(&["install", "grafana@11.x.^"]), @r#"error: grafana@11.x.^: "11.x.^" is no range that can be read (unexpected character after wildcard in version req): write one as ">=1.0.0, <3.0.0", "^1.4", "~1.4.2", "=1.4.0" or "*"; write NAME or NAME@RANGE, as grafana@^11"#);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_a_catalogue_is_not_followed() {
    let workplace = Workplace::new();
    fs::create_dir_all(workplace.path("linked/a/x")).unwrap();
    let index = "entries: {x: {summary: X, versions: [{version: 1.0.0, path: a/x/1.0.0.yaml}]}}";
    fs::write(workplace.path("linked/index.yaml"), index).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", workplace.path("linked/a/x/1.0.0.yaml")).unwrap();
    let told = workplace.shop(&["install", "x", "--catalog", "../linked"]);
    assert_eq!(told.code, 1);
    insta::assert_snapshot!(told.stderr, @"error: ../linked/a/x/1.0.0.yaml is a symbolic link, which is not followed: it could lead out of the repository; put the manifest itself there");
}

/// The index in this repository is what its manifests say.
#[test]
fn the_index_of_the_catalogue_is_as_it_should_be() {
    let workplace = Workplace::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog");
    workplace
        .shop(&["generate", "index", folder, "--check"])
        .answer();
}
