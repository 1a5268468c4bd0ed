//! Services come into a project and leave it.

use std::fs;

use super::{Workplace, auth};
use crate::run::Outcome;

#[test]
fn a_folder_is_added_and_what_it_needs_is_told() {
    let workplace = Workplace::new();
    auth(&workplace);
    let added = workplace.shop(&["add", "../auth"]);
    insta::assert_snapshot!(added.stdout, @r"
    SERVICE       VERSION  FILE                              CHANGE
    auth-service  1.4.0    services/auth-service-1.4.0.yaml  added
    ");
    insta::assert_snapshot!(added.stderr, @r"
    warning: the application is not complete yet: auth-service 1.4.0 needs user-service, and there is no service of that name.
      the catalogue has auth-service
    To mend it: add user-service from its repository, by `gravity add SOURCE`, or from the catalogue, by `gravity install user-service`.
    ");
    let file = workplace.path("shop/services/auth-service-1.4.0.yaml");
    insta::assert_snapshot!(fs::read_to_string(file).unwrap());
    let listed = workplace.shop(&["list"]);
    insta::assert_snapshot!(listed.stdout + &listed.stderr, @r"
    NAME          VERSION  TYPE  STATUS  SOURCE
    auth-service  1.4.0    api   ?       ../auth/gravity-service.yaml
    warning: which versions are chosen is not known: `gravity resolve` says why
    ");
    // The other one comes along for those that need it.
    let users = workplace.repository("users");
    users.manifest("gravity-service.yaml", "user-service", "2.0.0", "");
    let flags = ["add", "../users", "--as-dependency", "--output", "json"];
    insta::assert_snapshot!(workplace.shop(&flags).answer(), @r#"
    {
      "added": [
        {
          "name": "user-service",
          "version": "2.0.0",
          "file": "services/user-service-2.0.0.yaml",
          "source": "../users/gravity-service.yaml",
          "change": "added"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(workplace.app());
    insta::assert_snapshot!(workplace.shop(&["list"]).answer(), @r"
    NAME          VERSION  TYPE  STATUS  SOURCE
    auth-service  1.4.0    api   chosen  ../auth/gravity-service.yaml
    user-service  2.0.0    api   chosen  ../users/gravity-service.yaml
    ");
    // From a folder below, too.
    insta::assert_snapshot!(workplace.run("shop/services", &["resolve"]).answer(), @r"
    NAME          VERSION  WAVE  REQUIRED BY
    user-service  2.0.0    0     auth-service >=1.0.0
    auth-service  1.4.0    1     shop
    ");
    let again = workplace.shop(&["add", "../auth"]).answer();
    assert!(again.contains("as it was"), "{again}");
}

#[test]
fn a_service_is_removed_unless_others_need_it() {
    let workplace = Workplace::new();
    auth(&workplace);
    let users = workplace.repository("users");
    users.manifest("gravity-service.yaml", "user-service", "2.0.0", "");
    workplace.shop(&["add", "../users"]).answer();
    workplace.shop(&["add", "../auth"]).answer();
    insta::assert_snapshot!(workplace.shop(&["remove", "user-service"]).failure(), @"error: user-service is needed by auth-service: remove it too, or only stop asking for it by --keep-manifest");
    insta::assert_snapshot!(workplace.shop(&["remove", "pay-service"]).failure(), @"error: there is no service pay-service in this project: there is auth-service, user-service");
    let kept = workplace
        .shop(&["remove", "user-service", "--keep-manifest"])
        .answer();
    insta::assert_snapshot!(kept, @"user-service is no longer asked for in gravity.yaml");
    assert_eq!(workplace.services().len(), 2);
    let last = ["remove", "auth-service", "--keep-manifest"];
    workplace.shop(&last).answer();
    insta::assert_snapshot!(workplace.shop(&["list"]).answer(), @r"
    NAME          VERSION  TYPE  STATUS  SOURCE
    auth-service  1.4.0    api   unused  ../auth/gravity-service.yaml
    user-service  2.0.0    api   unused  ../users/gravity-service.yaml
    ");
    workplace.shop(&["add", "../auth"]).answer();
    let both = workplace
        .shop(&["remove", "user-service", "auth-service"])
        .answer();
    insta::assert_snapshot!(both, @r"
    Deleted services/user-service-2.0.0.yaml
    auth-service is no longer asked for in gravity.yaml
    Deleted services/auth-service-1.4.0.yaml
    ");
    assert_eq!(workplace.services(), Vec::<String>::new());
}

#[test]
fn two_repositories_of_one_service_are_not_mixed() {
    let workplace = Workplace::new();
    for folder in ["one", "other"] {
        workplace
            .repository(folder)
            .manifest("gravity-service.yaml", "web", "1.0.0", "");
    }
    workplace.shop(&["add", "../one"]).answer();
    insta::assert_snapshot!(workplace.shop(&["add", "../other"]).failure(), @"error: web is here from ../one/gravity-service.yaml already, and ../other/gravity-service.yaml has one too: keep it, or take the other by --replace");
    workplace.shop(&["add", "../other", "--replace"]).answer();
    let twice = workplace.repository("twice");
    for path in ["a/gravity-service.yaml", "b/gravity-service.yaml"] {
        twice.manifest(path, "double", "1.0.0", "");
    }
    insta::assert_snapshot!(workplace.shop(&["add", "../twice", "--all"]).failure(), @"error: ../twice/a/gravity-service.yaml and ../twice/b/gravity-service.yaml are both of double 1.0.0: choose one of them by --path, or give one another version");
    assert_eq!(workplace.services(), ["web-1.0.0.yaml"]);
}

#[test]
fn where_there_is_a_pre_release_only_it_is_asked_for_by_name() {
    let workplace = Workplace::new();
    let repository = workplace.repository("web");
    repository.manifest("gravity-service.yaml", "web", "1.0.0-rc.2", "");
    workplace.shop(&["add", "../web"]).answer();
    assert!(
        workplace.app().contains("version: ^1.0.0-rc.2"),
        "{}",
        workplace.app()
    );
    workplace.shop(&["install"]).answer();
}

#[test]
fn what_shares_a_file_with_others_is_not_deleted_with_it() {
    let workplace = Workplace::new();
    workplace
        .repository("web")
        .manifest("gravity-service.yaml", "web", "1.0.0", "");
    workplace.shop(&["add", "../web"]).answer();
    let file = workplace.path("shop/services/web-1.0.0.yaml");
    let both = fs::read_to_string(&file).unwrap()
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}\n";
    fs::write(&file, &both).unwrap();
    insta::assert_snapshot!(workplace.shop(&["remove", "web"]).failure(), @"error: /work/shop/services/web-1.0.0.yaml: holds other objects beside web-1.0.0: take it out there by hand, or give each a file of its own");
    assert_eq!(fs::read_to_string(&file).unwrap(), both);
    assert!(workplace.app().contains("name: web"), "nothing was changed");
}

#[test]
fn all_versions_of_another_repository_take_the_place_of_those_that_were_there() {
    let workplace = Workplace::new();
    for name in ["one", "other"] {
        let repository = workplace.repository(name);
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            repository
                .manifest("gravity-service.yaml", "web", version, "")
                .tag(version);
        }
    }
    repository_versions(&workplace, "one", &[]).answer();
    workplace
        .repository("other")
        .manifest("gravity-service.yaml", "web", "1.3.0", "")
        .tag("1.3.0");
    repository_versions(&workplace, "other", &["--replace"]).answer();
    let all = [
        "web-1.0.0.yaml",
        "web-1.1.0.yaml",
        "web-1.2.0.yaml",
        "web-1.3.0.yaml",
    ];
    assert_eq!(workplace.services(), all);
    for name in all {
        let text = fs::read_to_string(workplace.path("shop/services").join(name)).unwrap();
        assert!(text.contains("/other?"), "{text}");
    }
    let told = workplace.shop(&["add", "../one", "--replace"]);
    insta::assert_snapshot!(told.stdout, @r"
    SERVICE  VERSION  FILE                     CHANGE
    web      1.2.0    services/web-1.2.0.yaml  updated
    web      1.0.0    services/web-1.0.0.yaml  gone
    web      1.1.0    services/web-1.1.0.yaml  gone
    web      1.3.0    services/web-1.3.0.yaml  gone
    ");
}

fn repository_versions(workplace: &Workplace, name: &str, flags: &[&str]) -> Outcome {
    let url = format!("file://{}", workplace.path(name).display());
    workplace.shop(&[&["add", url.as_str(), "--versions"], flags].concat())
}
