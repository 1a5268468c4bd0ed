//! A project's folder: made, filled from repositories, and emptied again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::repositories::{Repository, manifest, serve};
use crate::run::{Outcome, outcome, program};

/// A folder of this test's own, with a project in `shop/` and a cache.
struct Workplace {
    folder: TempDir,
}

impl Workplace {
    fn new() -> Self {
        let workplace = Self {
            folder: TempDir::new().unwrap(),
        };
        workplace.run(".", &["init", "shop"]).answer();
        workplace
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn run(&self, folder: &str, arguments: &[&str]) -> Outcome {
        let mut command = program(arguments);
        command
            .current_dir(self.path(folder))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        self.plain(outcome(command.output().unwrap()))
    }

    /// In the project's folder.
    fn shop(&self, arguments: &[&str]) -> Outcome {
        self.run("shop", arguments)
    }

    /// Without what differs from run to run.
    fn plain(&self, outcome: Outcome) -> Outcome {
        let folder = self.folder.path().display().to_string();
        Outcome {
            code: outcome.code,
            stdout: outcome.stdout.replace(&folder, "/work"),
            stderr: outcome.stderr.replace(&folder, "/work"),
        }
    }

    fn repository(&self, name: &str) -> Repository {
        Repository::new(&self.path(name))
    }

    fn app(&self) -> String {
        fs::read_to_string(self.path("shop/gravity.yaml")).unwrap()
    }

    /// The files of the services.
    fn services(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("shop/services")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }
}

fn auth(workplace: &Workplace) -> Repository {
    let repository = workplace.repository("auth");
    let needs = "dependencies: [{name: user-service, version: \">=1.0.0\"}]\n";
    repository.manifest("gravity-service.yaml", "auth-service", "1.4.0", needs);
    repository
}

#[test]
fn a_new_project_is_ready_for_git() {
    let workplace = Workplace {
        folder: TempDir::new().unwrap(),
    };
    insta::assert_snapshot!(workplace.run(".", &["init", "shop"]).answer(), @r"
    Made shop/.gravity/gravityapp.jsonschema
    Made shop/services/.gitkeep
    Made shop/.gitignore
    Made shop/README.md
    Made shop/gravity.yaml

    Next: cd shop && gravity add SOURCE, a Git repository or a folder with a gravity-service.yaml
    ");
    insta::assert_snapshot!(workplace.app());
    let schema = fs::read_to_string(workplace.path("shop/.gravity/gravityapp.jsonschema")).unwrap();
    assert!(schema.contains("\"deletionPolicy\""));
    let again = workplace.run(".", &["init", "shop"]).failure();
    insta::assert_snapshot!(again, @"error: /work/shop/gravity.yaml: there is a project already: go on in it by `gravity add SOURCE`, or name another folder");
}

#[test]
fn a_folder_lends_its_name_if_it_can() {
    let workplace = Workplace {
        folder: TempDir::new().unwrap(),
    };
    fs::create_dir(workplace.path("bank")).unwrap();
    fs::write(workplace.path("bank/README.md"), "Mine.\n").unwrap();
    let flags = [
        "init",
        "--gateway",
        "ingress",
        "--host",
        "bank.example.com",
        "-n",
        "money",
    ];
    workplace.run("bank", &flags).answer();
    let text = fs::read_to_string(workplace.path("bank/gravity.yaml")).unwrap();
    for line in [
        "name: bank",
        "namespace: money",
        "class: Ingress",
        "host: bank.example.com",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let readme = fs::read_to_string(workplace.path("bank/README.md")).unwrap();
    assert_eq!(readme, "Mine.\n");
    fs::create_dir(workplace.path("My Shop")).unwrap();
    insta::assert_snapshot!(workplace.run("My Shop", &["init"]).failure(), @r#"error: this folder cannot lend its name: "My Shop" is no DNS label (lower-case letters, digits and hyphens, a letter first and no hyphen last): write my-shop: name the application, as in `gravity init shop`"#);
    insta::assert_snapshot!(workplace.run(".", &["init", "My_Shop"]).failure(), @r#"error: "My_Shop" is no DNS label (lower-case letters, digits and hyphens, a letter first and no hyphen last): write my-shop"#);
}

#[test]
fn without_a_project_it_is_said_how_to_make_one() {
    let workplace = Workplace::new();
    insta::assert_snapshot!(workplace.run(".", &["list"]).failure(), @"error: no gravity.yaml in /work or a folder above it: make a project by `gravity init NAME`, or go to its folder");
    insta::assert_snapshot!(workplace.run(".", &["render"]).failure(), @"error: no gravity.yaml in /work or a folder above it: make a project by `gravity init NAME`, or go to its folder");
    insta::assert_snapshot!(workplace.shop(&["resolve"]).failure(), @"error: /work/shop/gravity.yaml: the application has no services yet: add one by `gravity add SOURCE`, where SOURCE is a Git repository or a folder with a gravity-service.yaml");
    insta::assert_snapshot!(workplace.shop(&["list"]).answer(), @"No services yet: `gravity add SOURCE` adds one.");
}

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
    To mend it: add user-service from its repository, by `gravity add SOURCE`.
    ");
    let file = workplace.path("shop/services/auth-service-1.4.0.yaml");
    insta::assert_snapshot!(fs::read_to_string(file).unwrap());
    insta::assert_snapshot!(workplace.shop(&["list"]).answer(), @r"
    NAME          VERSION  TYPE  STATUS  SOURCE
    auth-service  1.4.0    api   ?       ../auth/gravity-service.yaml
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
fn what_a_repository_holds_can_do_no_harm() {
    let workplace = Workplace::new();
    let told = |source: &str| workplace.shop(&["add", source]).failure();
    fs::write(
        workplace.path("secret.yaml"),
        manifest("stolen", "1.0.0", ""),
    )
    .unwrap();
    let link = workplace.repository("link");
    std::os::unix::fs::symlink("../secret.yaml", link.0.join("gravity-service.yaml")).unwrap();
    link.commit();
    insta::assert_snapshot!(told(&link.url()), @"error: file:///work/link/gravity-service.yaml is a symbolic link, which is not followed: it could lead out of the repository; put the manifest itself there");
    insta::assert_snapshot!(told("../link"), @"error: ../link/gravity-service.yaml is a symbolic link, which is not followed: it could lead out of the repository; put the manifest itself there");
    let inner = workplace.repository("inner");
    inner.manifest("gravity-service.yaml", "inner", "1.0.0", "");
    let outer = workplace.repository("outer");
    outer.git(&["submodule", "--quiet", "add", &inner.url(), "inner"]);
    outer.commit();
    insta::assert_snapshot!(told(&outer.url()), @"error: no manifest in file:///work/outer: looked for gravity-service.yaml in all folders; `gravity init --service` in the repository makes one by looking at its files");
    let large = workplace.repository("large");
    large
        .file("gravity-service.yaml", vec![b'#'; 5 << 20])
        .commit();
    insta::assert_snapshot!(told(&large.url()), @"error: file:///work/large/gravity-service.yaml is larger than 4 MiB, the most that is read");
    insta::assert_snapshot!(told("../large"), @"error: ../large/gravity-service.yaml is larger than 4 MiB, the most that is read");
    let binary = workplace.repository("binary");
    binary
        .file("gravity-service.yaml", [0xff, 0xfe, 0x00])
        .commit();
    insta::assert_snapshot!(told(&binary.url()), @"error: file:///work/binary/gravity-service.yaml is not UTF-8 text: save it as UTF-8");
    let wrong = workplace.repository("wrong");
    wrong.manifest("gravity-service.yaml", "wrong", "1.0.0", "prot: 80\n");
    insta::assert_snapshot!(told(&wrong.url()), @r"
    error: file:///work/wrong/gravity-service.yaml:4:1: unknown field `prot`, did you mean `port`?
      |
    4 | prot: 80
      | ^^^^
    ");
    assert_eq!(workplace.services(), Vec::<String>::new());
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

/// No file may be longer than a block: as on a disk that is full.
#[test]
fn on_a_full_disk_what_was_there_stays() {
    let workplace = Workplace::new();
    workplace.repository("web").manifest(
        "gravity-service.yaml",
        "web",
        "1.0.0",
        &"# \n".repeat(5000),
    );
    let env = "env: {TEXT: ".to_owned() + &"x".repeat(5000) + "}\n";
    workplace
        .repository("long")
        .manifest("gravity-service.yaml", "long", "1.0.0", &env);
    let before = workplace.app();
    let mut command = std::process::Command::new("sh");
    let line = format!(
        "trap '' XFSZ; ulimit -f 1; exec {} add ../long",
        env!("CARGO_BIN_EXE_gravity")
    );
    command
        .args(["-c", &line])
        .current_dir(workplace.path("shop"));
    let told = workplace
        .plain(outcome(command.output().unwrap()))
        .failure();
    insta::assert_snapshot!(told, @"error: /work/shop/services/long-1.0.0.yaml: cannot be written: File too large (os error 27): what was there is as it was");
    assert_eq!(workplace.app(), before);
    assert_eq!(workplace.services(), Vec::<String>::new());
    let left = fs::read_dir(workplace.path("shop/services"))
        .unwrap()
        .count();
    assert_eq!(left, 1, "only .gitkeep");
}

#[test]
fn an_editor_gets_the_schemas() {
    let workplace = Workplace::new();
    for (of, word) in [("app", "deletionPolicy"), ("service", "startupTimeout")] {
        let schema = workplace.run(".", &["schema", of]).answer();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        assert!(schema.to_string().contains(word), "{of}");
    }
}

#[test]
fn a_service_without_a_manifest_gets_one_by_a_look_at_its_files() {
    let workplace = Workplace::new();
    let repository = workplace.repository("Mail_Sender");
    repository.file(
        "package.json",
        r#"{"name": "mailer", "version": "1.2.0", "dependencies": {"amqplib": "1"}}"#,
    );
    repository.file("Dockerfile", "FROM node:22\nEXPOSE 3000\n");
    let told = workplace
        .run("Mail_Sender", &["init", "--service"])
        .answer();
    insta::assert_snapshot!(told, @r"
    # Made by `gravity init --service` from what it has seen in this folder. Review each line;
    # `gravity validate gravity-service.yaml` checks it.
    name: mailer                               # package.json
    version: 1.2.0                             # package.json
    image: registry.example.com/mailer:1.2.0   # write where your pipeline pushes it
    port: 3000                                 # EXPOSE in Dockerfile
    # api: {prefix: /api/mailer}               # to be reached from outside, by the gateway
    databases:                                 # in the engine's default version, unless one is written
      - name: mailer_queue                     # amqplib in package.json
        type: rabbitmq
    # health: {readiness: /health}             # the path that answers 200 when it is ready

    Made gravity-service.yaml: review it, and commit it with the service's code.
    ");
    let again = workplace
        .run("Mail_Sender", &["init", "--service"])
        .failure();
    insta::assert_snapshot!(again, @"error: gravity-service.yaml is there already: edit it, or move it away to have another made");
    workplace
        .run("Mail_Sender", &["validate", "gravity-service.yaml"])
        .answer();
    workplace.shop(&["add", "../Mail_Sender"]).answer();
    assert_eq!(workplace.services(), ["mailer-1.2.0.yaml"]);
    fs::create_dir(workplace.path("cleanup")).unwrap();
    let flags = ["init", "nightly", "--service", "--template", "cron"];
    let told = workplace.run("cleanup", &flags).answer();
    assert!(
        told.contains("name: nightly") && told.contains("NIGHTLY_DB_URL"),
        "{told}"
    );
}

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
    web      1.0.0   1.0.0  1.1.0
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

/// The name of an object becomes that of a file.
#[test]
fn a_repository_writes_nowhere_but_into_services() {
    let workplace = Workplace::new();
    let before = workplace.app();
    let repository = workplace.repository("evil");
    for name in ["../gravity", "/tmp/gravity-was-here", "a/b"] {
        let object = format!(
            "apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {{name: {name}}}\nspec: {{name: web, version: 1.0.0, image: a}}\n"
        );
        repository.file("gravity-service.yaml", object);
        workplace
            .shop(&["add", "../evil", "--as-dependency"])
            .answer();
        assert_eq!(workplace.services(), ["web-1.0.0.yaml"]);
        assert_eq!(workplace.app(), before);
    }
    repository.file(
        "gravity-service.yaml",
        manifest("../../gravity", "1.0.0", ""),
    );
    let told = workplace.shop(&["add", "../evil"]).failure();
    assert!(told.contains("is no DNS label"), "{told}");
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
}

fn repository_versions(workplace: &Workplace, name: &str, flags: &[&str]) -> Outcome {
    let url = format!("file://{}", workplace.path(name).display());
    workplace.shop(&[&["add", url.as_str(), "--versions"], flags].concat())
}

/// Everybody on a machine sees what stands in a process' arguments.
#[test]
fn a_password_is_no_argument_of_a_process() {
    let workplace = Workplace::new();
    let served = serve(&workplace.path("served"));
    let slow = format!("{served}/slow/web").replace("http://", "http://user:s3cretPW@");
    let mut command = program(&["add", &slow, "--timeout", "4s"]);
    command
        .current_dir(workplace.path("shop"))
        .env("XDG_CACHE_HOME", workplace.path("cache"));
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    let own = child.id().to_string();
    let (mut seen, until) = (0, Instant::now() + Duration::from_secs(3));
    while Instant::now() < until {
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let is_git = line.contains("/slow/web") && entry.file_name() != *own;
            if is_git {
                seen += 1;
                assert!(!line.contains("s3cretPW"), "{line}");
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.wait().unwrap();
    assert!(seen > 0, "no process of Git was seen");
}

#[test]
fn a_token_that_is_refused_is_not_told() {
    let workplace = Workplace::new();
    let served = serve(&workplace.path("served"));
    workplace
        .repository("served/private/web")
        .manifest("gravity-service.yaml", "web", "1.0.0", "");
    let token = format!("{served}/private/web/.git").replace("http://", "http://t0kenSECRET@");
    let told = workplace.shop(&["add", &token]).failure();
    assert!(!told.contains("t0kenSECRET"), "{told}");
}

#[test]
fn what_a_repository_says_moves_no_cursor() {
    let workplace = Workplace::new();
    let repository = workplace.repository("odd");
    for folder in ["a\u{1b}]0;owned\u{7}", "b"] {
        let name = if folder == "b" { "web" } else { "api" };
        repository.manifest(&format!("{folder}/gravity-service.yaml"), name, "1.0.0", "");
    }
    let told = workplace.shop(&["add", "../odd"]).failure();
    assert!(
        told.contains("owned") && !told.contains('\u{1b}'),
        "{told:?}"
    );
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
