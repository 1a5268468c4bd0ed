//! What is found in repositories and folders, and what is told where nothing is.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Workplace;
use crate::repositories::serve;

#[test]
fn a_repository_is_read_by_branch_tag_and_revision() {
    let workplace = Workplace::new();
    let repository = workplace.repository("web");
    repository
        .manifest("gravity-service.yaml", "web", "1.0.0", "")
        .tag("v1.0.0");
    let first = repository.revision();
    repository.git(&["switch", "--quiet", "--create", "next"]);
    repository.manifest("gravity-service.yaml", "web", "2.0.0-rc.1", "");
    repository.git(&["switch", "--quiet", "main"]);
    repository.manifest("gravity-service.yaml", "web", "1.1.0", "");
    let url = repository.url();
    for (flags, version, asked) in [
        (vec![], "1.1.0", ""),
        (vec!["--branch", "next"], "2.0.0-rc.1", "branch=next&"),
        (vec!["--tag", "v1.0.0"], "1.0.0", "tag=v1.0.0&"),
        (
            vec!["--rev", first.as_str()],
            "1.0.0",
            &format!("rev={first}&"),
        ),
    ] {
        let arguments = [vec!["add", url.as_str()], flags].concat();
        let outcome = workplace.shop(&arguments);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let file = workplace.path(&format!("shop/services/web-{version}.yaml"));
        let text = fs::read_to_string(file).unwrap();
        let wanted = format!("gravity.dev/source: git+{url}?{asked}path=gravity-service.yaml#");
        assert!(text.contains(&wanted), "{wanted}\n{text}");
    }
    let told = |flags: &[&str]| {
        let arguments = [&["add", url.as_str()], flags].concat();
        workplace.shop(&arguments).failure()
    };
    insta::assert_snapshot!(told(&["--branch", "gone"]), @"error: file:///work/web has no branch gone: `git ls-remote file:///work/web` shows what it has");
    insta::assert_snapshot!(told(&["--tag", "v9"]), @"error: file:///work/web has no tag v9: `git ls-remote file:///work/web` shows what it has");
    insta::assert_snapshot!(told(&["--rev", &"0".repeat(40)]), @"error: file:///work/web has no revision 0000000000000000000000000000000000000000: `git ls-remote file:///work/web` shows what it has");
    insta::assert_snapshot!(told(&["--rev", "abc"]), @r#"error: "abc" can be no branch, tag or revision: write it as `git log` shows it"#);
    insta::assert_snapshot!(told(&["--branch", "a..b"]), @r#"error: "a..b" can be no branch, tag or revision: write it as `git log` shows it"#);
}

#[test]
fn every_tag_that_is_a_version_becomes_one() {
    let workplace = Workplace::new();
    let repository = workplace.repository("web");
    repository
        .file("README.md", "No manifest yet.")
        .commit()
        .tag("v0.1.0");
    repository.file(
        "gravity-service.yaml",
        "name: web\nversoin: 1\nimage: a\nport: 1\n",
    );
    repository.commit().tag("v0.2.0");
    repository
        .manifest("gravity-service.yaml", "web", "1.0.0", "")
        .tag("v1.0.0")
        .tag("latest");
    repository
        .manifest("gravity-service.yaml", "web", "1.1.0", "")
        .tag("v1.1.0")
        .tag("1.1.0");
    repository.commit().tag("v1.2.0");
    let outcome = workplace.shop(&["add", &repository.url(), "--versions"]);
    insta::assert_snapshot!(outcome.stdout, @r"
    SERVICE  VERSION  FILE                     CHANGE
    web      1.1.0    services/web-1.1.0.yaml  added
    web      1.0.0    services/web-1.0.0.yaml  added
    ");
    insta::assert_snapshot!(outcome.stderr, @r"
    warning: tag v1.2.0: web is left out, for its manifest says version 1.1.0
    warning: tag v0.2.0: file:///work/web@v0.2.0/gravity-service.yaml:2:1: unknown field `versoin`, did you mean `version`?
    ");
    insta::assert_snapshot!(workplace.shop(&["list"]).answer(), @r"
    NAME  VERSION  TYPE  STATUS       SOURCE
    web   1.0.0    api   passed over  /work/web v1.0.0
    web   1.1.0    api   chosen       /work/web v1.1.0
    ");
    let none = workplace.repository("none");
    none.manifest("gravity-service.yaml", "none", "1.0.0", "")
        .tag("latest");
    insta::assert_snapshot!(workplace.shop(&["add", &none.url(), "--versions"]).failure(), @"error: file:///work/none has no tag that is a version with a manifest, of 1 tags: tag a commit as v1.4.0, or add a branch without --versions");
}

#[test]
fn of_many_manifests_some_are_chosen() {
    let workplace = Workplace::new();
    let repository = workplace.repository("mono");
    for name in ["orders", "payments"] {
        let path = format!("services/{name}/gravity-service.yaml");
        repository
            .manifest(&path, name, "1.0.0", "")
            .tag(&format!("{name}-v1.0.0"));
    }
    repository.manifest(
        "services/orders/gravity-service.yaml",
        "orders",
        "1.1.0",
        "",
    );
    repository.tag("orders-v1.1.0");
    let url = repository.url();
    insta::assert_snapshot!(workplace.shop(&["add", &url]).failure(), @r"
    error: file:///work/mono has 2 manifests: choose one by --path, or take all by --all:
      services/orders/gravity-service.yaml
      services/payments/gravity-service.yaml
    ");
    workplace
        .shop(&["add", &url, "--path", "services/orders"])
        .answer();
    assert_eq!(workplace.services(), ["orders-1.1.0.yaml"]);
    workplace
        .shop(&["add", &url, "--all", "--versions"])
        .answer();
    let all = [
        "orders-1.0.0.yaml",
        "orders-1.1.0.yaml",
        "payments-1.0.0.yaml",
    ];
    assert_eq!(workplace.services(), all);
    insta::assert_snapshot!(workplace.shop(&["add", &url, "--path", "../auth"]).failure(), @"error: --path ../auth leads out of the repository: write a folder in it, as services/auth");
    insta::assert_snapshot!(workplace.shop(&["add", &url, "--path", "docs"]).failure(), @"error: no manifest in file:///work/mono/docs: looked for gravity-service.yaml in all folders; `gravity init --service` in the repository makes one by looking at its files");
    insta::assert_snapshot!(workplace.shop(&["add", "../mono", "--versions"]).failure(), @"error: --versions is for a Git repository's URL, and ../mono is a folder of this machine, which is read as it is");
}

#[test]
fn a_repository_is_read_over_http_and_a_private_one_by_its_password() {
    let workplace = Workplace::new();
    let served = serve(&workplace.path("served"));
    for folder in ["served/open/web", "served/private/web"] {
        workplace
            .repository(folder)
            .manifest("gravity-service.yaml", "web", "1.0.0", "");
    }
    let open = format!("{served}/open/web/.git");
    workplace.shop(&["add", &open]).answer();
    let private = format!("{served}/private/web/.git");
    let refused = workplace.shop(&["add", &private, "--replace"]).failure();
    insta::assert_snapshot!(refused.replace(&served, "http://here"), @"error: fetching http://here/private/web/.git: could not read Username for 'http://here': terminal prompts disabled: it is private, or is not there: log in by a credential helper (`git config credential.helper`), or use its ssh URL");
    let given = private.replace("http://", "http://git:s3cret@");
    workplace.shop(&["add", &given, "--replace"]).answer();
    let wrong = private.replace("http://", "http://git:wr0ng@");
    let wrong = workplace.shop(&["add", &wrong]).failure();
    insta::assert_snapshot!(wrong.replace(&served, "http://here"), @"error: fetching http://here/private/web/.git: Authentication failed for 'http://here/private/web/.git/': log in anew by your credential helper, or use its ssh URL");
    assert_eq!(
        holding(workplace.folder.path(), "s3cret"),
        Vec::<PathBuf>::new()
    );
    assert_eq!(
        holding(workplace.folder.path(), "wr0ng"),
        Vec::<PathBuf>::new()
    );
}

/// The files below a folder that hold a text.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(text) {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_repository_that_gives_nothing_says_why() {
    let workplace = Workplace::new();
    let told = |source: &str| workplace.shop(&["add", source]).failure();
    let served = serve(&workplace.path("served"));
    fs::create_dir(workplace.path("served")).unwrap();
    insta::assert_snapshot!(told("file:///no/such/repository"), @"error: fetching file:///no/such/repository: '/no/such/repository' does not appear to be a git repository: is the URL right, and may you read it?");
    let gone = format!("{served}/gone");
    insta::assert_snapshot!(told(&gone).replace(&served, "http://here"), @"error: fetching http://here/gone: repository 'http://here/gone/' not found: is the URL right, and may you read it? A private repository looks as if it were not there");
    insta::assert_snapshot!(told("https://host.invalid/auth"), @"error: fetching https://host.invalid/auth: unable to access 'https://host.invalid/auth/': Could not resolve host: host.invalid: is the name right, and are you online?");
    insta::assert_snapshot!(told("../nothing"), @"error: there is no file or folder ../nothing");
    let empty = workplace.repository("empty");
    insta::assert_snapshot!(told(&empty.url()), @"error: file:///work/empty is empty: push a commit with a gravity-service.yaml first");
    let bare = workplace.repository("bare");
    bare.file("Dockerfile", "FROM scratch\n")
        .file("package.json", "{}")
        .commit();
    insta::assert_snapshot!(told(&bare.url()), @"error: no manifest in file:///work/bare: looked for gravity-service.yaml in all folders (there is Dockerfile, package.json); `gravity init --service` in the repository makes one by looking at its files");
    insta::assert_snapshot!(told("../bare"), @"error: no manifest in ../bare: looked for gravity-service.yaml in all folders (there is Dockerfile, package.json); `gravity init --service` in the repository makes one by looking at its files");
    insta::assert_snapshot!(told("ext::sh -c touch% /tmp/gravity-was-here"), @"error: repositories are not read by ext: use one of https, ssh, http, file");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let workplace = Workplace::new();
    let served = serve(&workplace.path("served"));
    let begun = Instant::now();
    let told = workplace
        .shop(&["add", &format!("{served}/slow/web"), "--timeout", "1s"])
        .failure();
    insta::assert_snapshot!(told.replace(&served, "http://here"), @"error: fetching http://here/slow/web: gave up after 1s: the server is slow or the repository is huge; give it more time by --timeout, or clone it yourself and add the folder");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_service_of_which_no_version_can_be_taken_is_told() {
    let workplace = Workplace::new();
    let repository = workplace.repository("mono");
    repository.manifest("good/gravity-service.yaml", "good", "1.0.0", "");
    repository
        .manifest("bad/gravity-service.yaml", "bad", "1.0.0", "prot: 1\n")
        .tag("v1.0.0");
    let told = workplace
        .shop(&["add", &repository.url(), "--versions", "--all"])
        .failure();
    insta::assert_snapshot!(told, @r"
    error: no version of bad/gravity-service.yaml in file:///work/mono can be taken:
      tag v1.0.0: file:///work/mono@v1.0.0/bad/gravity-service.yaml:4:1: unknown field `prot`, did you mean `port`?
    ");
    assert_eq!(workplace.services(), Vec::<String>::new());
    let told = workplace.run("mono/good", &["validate"]).answer();
    insta::assert_snapshot!(told, @"1 version of a service: all are right.");
}
