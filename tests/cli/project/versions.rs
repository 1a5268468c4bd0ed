//! Versions are locked, and move when they are asked to.

use std::fs;

use super::Workplace;
use crate::repositories::manifest;

#[test]
fn versions_are_locked_and_move_when_they_are_asked_to() {
    let workplace = Workplace::new();
    let repository = workplace.repository("web");
    repository
        .manifest("gravity-service.yaml", "web", "1.0.0", "")
        .tag("v1.0.0");
    workplace
        .shop(&["add", &repository.url(), "--versions"])
        .answer();
    insta::assert_snapshot!(workplace.shop(&["lock", "--check"]).failure(), @r"
    error: the versions are not locked as they are chosen: `gravity lock` writes them:
      web 1.0.0 is chosen and not locked
    ");
    insta::assert_snapshot!(workplace.shop(&["lock"]).answer(), @r"
    SERVICE  FROM  TO
    web      -     1.0.0
    ");
    insta::assert_snapshot!(workplace.shop(&["lock", "--check"]).answer(), @"The versions are locked as they are chosen.");
    insta::assert_snapshot!(workplace.shop(&["outdated"]).answer(), @"All services are at their newest version.");

    repository
        .manifest("gravity-service.yaml", "web", "1.1.0", "")
        .tag("v1.1.0");
    insta::assert_snapshot!(workplace.shop(&["outdated"]).answer(), @r"
    SERVICE  CHOSEN  FITS   NEWEST
    web      1.0.0   1.1.0  1.1.0
    ");
    insta::assert_snapshot!(workplace.shop(&["outdated", "--offline"]).answer(), @"All services are at their newest version.");
    // A new version beside the locked one changes nothing by itself.
    workplace
        .shop(&["add", &repository.url(), "--versions"])
        .answer();
    let chosen = workplace.shop(&["resolve"]).answer();
    assert!(
        chosen.contains("1.0.0") && !chosen.contains("1.1.0"),
        "{chosen}"
    );
    insta::assert_snapshot!(workplace.shop(&["outdated"]).answer(), @r"
    SERVICE  CHOSEN  FITS   NEWEST
    web      1.0.0   1.1.0  1.1.0
    ");
    insta::assert_snapshot!(workplace.shop(&["update"]).answer(), @r"
    SERVICE  VERSION  CHANGE  FILE
    web      1.1.0    locked  gravity.yaml
    ");
    insta::assert_snapshot!(workplace.shop(&["update", "web"]).answer(), @"All is as it was.");
    insta::assert_snapshot!(workplace.shop(&["update", "wob"]).failure(), @"error: there is no service wob in this project: there is web");
    insta::assert_snapshot!(workplace.shop(&["lock", "--remove"]).answer(), @r"
    SERVICE  FROM   TO
    web      1.1.0  -
    ");
    assert!(!workplace.app().contains("lock"), "{}", workplace.app());
}

#[test]
fn what_came_from_a_branch_or_a_folder_is_read_again() {
    let workplace = Workplace::new();
    let repository = workplace.repository("web");
    repository.manifest("gravity-service.yaml", "web", "1.0.0", "");
    workplace
        .repository("mail")
        .manifest("gravity-service.yaml", "mail", "1.0.0", "");
    workplace.shop(&["add", &repository.url()]).answer();
    workplace.shop(&["add", "../mail"]).answer();
    insta::assert_snapshot!(workplace.shop(&["update"]).answer(), @"All is as it was.");
    repository.manifest("gravity-service.yaml", "web", "1.1.0", "");
    fs::write(
        workplace.path("mail/gravity-service.yaml"),
        manifest("mail", "1.0.0", "port: 25\n"),
    )
    .unwrap();
    insta::assert_snapshot!(workplace.shop(&["update"]).answer(), @r"
    SERVICE  VERSION  CHANGE   FILE
    mail     1.0.0    updated  services/mail-1.0.0.yaml
    web      1.1.0    added    services/web-1.1.0.yaml
    web      1.0.0    gone     services/web-1.0.0.yaml
    ");
    assert_eq!(workplace.services(), ["mail-1.0.0.yaml", "web-1.1.0.yaml"]);
}

#[test]
fn a_tag_that_is_no_version_is_read_again_and_brings_no_others() {
    let workplace = Workplace::new();
    let repository = workplace.repository("web");
    repository
        .manifest("gravity-service.yaml", "web", "1.0.0", "")
        .tag("v1.0.0");
    repository
        .manifest("gravity-service.yaml", "web", "1.1.0", "")
        .tag("stable");
    workplace
        .shop(&["add", &repository.url(), "--tag", "stable"])
        .answer();
    insta::assert_snapshot!(workplace.shop(&["update"]).answer(), @"All is as it was.");
    assert_eq!(workplace.services(), ["web-1.1.0.yaml"]);
    // Of one that is a version only newer ones come.
    repository.tag("v1.1.0");
    repository
        .manifest("gravity-service.yaml", "web", "1.2.0", "")
        .tag("v1.2.0");
    workplace
        .shop(&["add", &repository.url(), "--tag", "v1.1.0"])
        .answer();
    workplace.shop(&["update"]).answer();
    assert_eq!(workplace.services(), ["web-1.1.0.yaml", "web-1.2.0.yaml"]);
}

/// What is mended in an older line is of interest to those who are on it.
#[test]
fn a_release_of_an_older_line_is_seen() {
    let workplace = Workplace::new();
    let repository = workplace.repository("web");
    for version in ["1.0.0", "1.1.0", "2.0.0"] {
        repository
            .manifest("gravity-service.yaml", "web", version, "")
            .tag(version);
    }
    workplace
        .shop(&["add", &repository.url(), "--versions"])
        .answer();
    repository
        .manifest("gravity-service.yaml", "web", "1.2.0", "")
        .tag("1.2.0");
    let updated = workplace.shop(&["update"]).answer();
    assert!(updated.contains("1.2.0"), "{updated}");
}

#[test]
fn an_update_that_would_not_fit_changes_nothing() {
    let workplace = Workplace::new();
    workplace
        .repository("api")
        .manifest("gravity-service.yaml", "api", "1.0.0", "");
    let needs = |range: &str| format!("dependencies: [{{name: api, version: \"{range}\"}}]\n");
    workplace
        .repository("web")
        .manifest("gravity-service.yaml", "web", "1.0.0", &needs("^1"));
    workplace.shop(&["add", "../api"]).answer();
    workplace.shop(&["add", "../web"]).answer();
    workplace.shop(&["lock"]).answer();
    let newer = manifest("web", "1.1.0", &needs("^2"));
    fs::write(workplace.path("web/gravity-service.yaml"), newer).unwrap();
    let before = workplace.app();
    let told = workplace.shop(&["update"]).failure();
    assert!(told.contains("web 1.1.0 needs api ^2"), "{told}");
    assert_eq!(workplace.services(), ["api-1.0.0.yaml", "web-1.0.0.yaml"]);
    assert_eq!(workplace.app(), before);
    // What is removed is locked no more, and what cannot be held is told.
    workplace.shop(&["remove", "web"]).answer();
    assert!(
        !workplace.app().contains("web: 1.0.0"),
        "{}",
        workplace.app()
    );
    let odd = workplace.app().replace("api: 1.0.0", "api: 9.9.9");
    fs::write(workplace.path("shop/gravity.yaml"), odd).unwrap();
    insta::assert_snapshot!(workplace.shop(&["install"]).stderr, @"warning: api is locked to 9.9.9, which is not there or does not fit: 1.0.0 is taken; `gravity lock` writes what is chosen");
}

const NEEDS_ONE: &str = "dependencies: [{name: store, version: ^1}]\n";

/// What mends a conflict the least is found, and written when that is asked for.
#[test]
fn a_conflict_is_mended_by_the_smallest_change() {
    let workplace = Workplace::new();
    let repository = workplace.repository("all");
    repository.manifest("store/1/gravity-service.yaml", "store", "1.5.0", "");
    repository.manifest("store/2/gravity-service.yaml", "store", "2.1.0", "");
    repository.manifest("finder/gravity-service.yaml", "finder", "1.0.0", NEEDS_ONE);
    workplace.shop(&["add", "../all", "--all"]).answer();
    let app = workplace
        .app()
        .replace("- name: store", "- name: store\n      version: ^2");
    fs::write(workplace.path("shop/gravity.yaml"), app).unwrap();
    let proposed = workplace.shop(&["resolve", "--fix"]);
    assert_eq!(proposed.code, 1);
    insta::assert_snapshot!(proposed.stdout, @r"
    The smallest change by which everything fits:
      - the application asks for store ^1.5.0 instead of ^2

    NAME    VERSION  WAVE  REQUIRED BY
    store   1.5.0    0     finder ^1; shop ^1.5.0
    finder  1.0.0    1     shop
    ");
    assert!(
        proposed.stderr.contains("no version is both"),
        "{}",
        proposed.stderr
    );
    assert!(workplace.app().contains("version: ^2"));
    let written = workplace.shop(&["resolve", "--fix", "--write"]);
    assert_eq!(written.code, 0, "{}", written.stderr);
    assert!(workplace.app().contains("^1.5.0"), "{}", workplace.app());
    workplace.shop(&["install"]).answer();
}

/// Where the application itself asks for nothing that could be changed, a manifest does.
#[test]
fn a_range_of_a_manifest_is_changed_where_nothing_else_helps() {
    let workplace = Workplace::new();
    let repository = workplace.repository("all");
    repository.manifest("store/gravity-service.yaml", "store", "2.1.0", "");
    repository.manifest("finder/gravity-service.yaml", "finder", "1.0.0", NEEDS_ONE);
    workplace.shop(&["add", "../all", "--all"]);
    // A person may have given the file another name.
    let [before, file] =
        ["finder-1.0.0", "mine"].map(|name| workplace.path(&format!("shop/services/{name}.yaml")));
    fs::rename(&before, &file).unwrap();
    let written = workplace.shop(&["resolve", "--fix", "--write"]);
    assert_eq!(written.code, 0, "{}", written.stderr);
    insta::assert_snapshot!(written.stdout, @r"
    The smallest change by which everything fits:
      - finder 1.0.0 asks for store ^2.1.0 instead of ^1

    NAME    VERSION  WAVE  REQUIRED BY
    store   2.1.0    0     finder ^2.1.0; shop
    finder  1.0.0    1     shop
    ");
    assert!(!before.exists());
    let file = fs::read_to_string(file).unwrap();
    assert!(
        file.contains("^2.1.0") && file.contains("gravity resolve --fix"),
        "{file}"
    );
    workplace.shop(&["install"]).answer();
}

/// One repository that has gone keeps no other service back.
#[test]
fn an_origin_that_is_away_is_told_and_the_others_are_updated() {
    let workplace = Workplace::new();
    for name in ["gone", "moved", "web"] {
        let repository = workplace.repository(name);
        repository.manifest("gravity-service.yaml", name, "1.0.0", "");
        workplace.shop(&["add", &repository.url()]).answer();
    }
    fs::remove_dir_all(workplace.path("gone")).unwrap();
    let repository = workplace.repository("web");
    repository.manifest("gravity-service.yaml", "web", "1.0.0", "port: 81\n");
    let repository = workplace.repository("moved");
    repository.manifest("gravity-service.yaml", "renamed", "1.0.0", "");
    let outdated = workplace.shop(&["outdated"]);
    insta::assert_snapshot!(outdated.stdout + &outdated.stderr, @r"
    No newer version was found.
    warning: web 1.0.0 has changed where it came from: `gravity update` takes it as it is now
    warning: gone could not be looked for where it came from, and stays as it is: fetching file:///work/gone: '/work/gone' does not appear to be a git repository: is the URL right, and may you read it?
    warning: moved is no more where it came from, which has renamed now: `gravity add` takes it, and `gravity remove moved` the old one away
    ");
    let updated = workplace.shop(&["update"]);
    assert_eq!(updated.code, 1);
    insta::assert_snapshot!(updated.stdout, @r"
    SERVICE  VERSION  CHANGE   FILE
    web      1.0.0    updated  services/web-1.0.0.yaml
    ");
}

#[test]
fn what_a_verb_has_changed_is_told_to_programs() {
    let workplace = Workplace::new();
    for name in ["api", "web"] {
        let repository = workplace.repository(name);
        repository.manifest("gravity-service.yaml", name, "1.0.0", "");
        workplace.shop(&["add", &format!("../{name}")]).answer();
    }
    let run = |arguments: &[&str]| {
        let text = workplace
            .shop(&[arguments, &["-o", "json"]].concat())
            .answer();
        serde_json::from_str::<serde_json::Value>(&text)
            .unwrap()
            .to_string()
    };
    let made = workplace.run(".", &["init", "more", "-o", "yaml"]).answer();
    assert!(made.contains("- more/gravity.yaml\n"), "{made}");
    insta::assert_snapshot!(run(&["validate"]), @r#"{"applications":1,"services":2}"#);
    insta::assert_snapshot!(run(&["lock"]), @r#"{"changes":[{"from":"-","service":"api","to":"1.0.0"},{"from":"-","service":"web","to":"1.0.0"}],"lock":{"api":"1.0.0","web":"1.0.0"}}"#);
    insta::assert_snapshot!(run(&["lock", "--check"]), @r#"{"changes":[],"lock":{"api":"1.0.0","web":"1.0.0"}}"#);
    insta::assert_snapshot!(run(&["remove", "web"]), @r#"{"deleted":["services/web-1.0.0.yaml"],"noLongerAskedFor":["web"]}"#);
}
