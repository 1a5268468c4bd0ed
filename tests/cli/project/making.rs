//! A project is made, and so is a manifest.

use std::fs;

use tempfile::TempDir;

use super::Workplace;
use crate::run::outcome;

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

    Next: cd shop && gravity add SOURCE, a Git repository, image or folder with a gravity-service.yaml
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
    insta::assert_snapshot!(workplace.shop(&["resolve"]).failure(), @"error: /work/shop/gravity.yaml: the application has no services yet: add one by `gravity add SOURCE`, where SOURCE is a Git repository, image or folder with a gravity-service.yaml");
    insta::assert_snapshot!(workplace.shop(&["list"]).answer(), @"No services yet: `gravity add SOURCE` adds one.");
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
    security: {runAsUser: 10001}               # no USER in Dockerfile, and pods do not run as root

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
fn what_no_application_can_be_is_refused_before_anything_is_made() {
    let workplace = Workplace::new();
    let told = |arguments: &[&str]| {
        let outcome = workplace.run(".", arguments);
        assert_eq!(outcome.code, 2, "{}", outcome.stdout);
        assert!(!workplace.path("late").exists());
        let lines = outcome.stderr.lines();
        lines
            .take_while(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!(told(&["init", "late", "--host", "not a host"]), @r#"error: invalid value 'not a host' for '--host <HOST>': "not a host" is no host: write a name as shop.example.com"#);
    insta::assert_snapshot!(told(&["init", "late", "--host", "https://shop.dev/a"]), @r#"error: invalid value 'https://shop.dev/a' for '--host <HOST>': "https://shop.dev/a" is more than a host: write shop.dev"#);
    insta::assert_snapshot!(told(&["init", "late", "--preset", "blog", "--template", "api"]), @"error: the argument '--preset <NAME>' cannot be used with '--template <TEMPLATE>'");
    insta::assert_snapshot!(told(&["generate", "compose", "--host", "a b"]), @r#"error: invalid value 'a b' for '--host <HOST>': "a b" is no host: write a name as shop.example.com"#);
}

#[test]
fn what_is_generated_goes_with_its_service_and_takes_no_files_place() {
    let workplace = Workplace::new();
    workplace
        .shop(&["install", "grafana@^11", "mailpit"])
        .answer();
    assert_eq!(workplace.shop(&["generate", "k8s", "-o", "../out"]).code, 0);
    fs::write(workplace.path("out/services/own.yaml"), "of somebody").unwrap();
    workplace.shop(&["remove", "mailpit"]).answer();
    let again = workplace.shop(&["generate", "k8s", "-o", "../out", "--force"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let entries = fs::read_dir(workplace.path("out/services")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(names, ["grafana.yaml", "own.yaml"]);
    for target in ["k8s", "helm", "compose"] {
        let refused = workplace.shop(&["generate", target, "-o", "gravity.yaml"]);
        assert_eq!(
            refused.failure(),
            "error: gravity.yaml is a file: name a folder, which is made where there is none\n"
        );
    }
}

#[test]
fn a_repository_for_argo_cd_and_flux_is_one_without_a_password() {
    let workplace = Workplace::new();
    workplace.shop(&["install", "mailpit"]).answer();
    let run = |target: &str, url: &str| workplace.shop(&["generate", target, "--repository", url]);
    let secret = run("argocd", "https://user:pw99word@git.acme.dev/shop").failure();
    insta::assert_snapshot!(secret, @"error: the URL of https://git.acme.dev/shop has a login in it, which everybody could read where it is written: take it out, and give it to the tool as a Secret");
    insta::assert_snapshot!(run("flux", "nonsense").failure(), @"error: nonsense is no Git repository's URL: write one as https://github.com/acme/shop or ssh://git@github.com/acme/shop");
    let flux = run("flux", "git@git.acme.dev:acme/shop.git").answer();
    assert!(
        flux.contains("url: ssh://git@git.acme.dev/acme/shop.git\n"),
        "{flux}"
    );
}
