//! Services whose manifest stands in a label of their image.

use std::fs;
use std::net::TcpListener;

use super::Workplace;
use crate::registry::Registry;
use crate::run::{Outcome, outcome, program};

/// A manifest that leaves the image to what carries it.
fn manifest(version: &str) -> String {
    format!("name: web\nversion: {version}\nport: 8080\n")
}

impl Workplace {
    /// In the project's folder, with an address and digests that are the same in each run.
    fn from(&self, registry: &Registry, arguments: &[&str]) -> Outcome {
        let mut command = program(arguments);
        command
            .current_dir(self.path("shop"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("DOCKER_CONFIG", self.path("docker"));
        let outcome = self.plain(outcome(command.output().unwrap()));
        let plain = |text: String| text.replace(&registry.address, "localhost:5000");
        Outcome {
            code: outcome.code,
            stdout: plain(outcome.stdout),
            stderr: plain(outcome.stderr),
        }
    }

    fn docker(&self, text: &str) {
        fs::create_dir_all(self.path("docker")).unwrap();
        fs::write(self.path("docker/config.json"), text).unwrap();
    }
}

#[test]
fn a_manifest_is_read_from_the_label_of_an_image() {
    let (workplace, registry) = (Workplace::new(), Registry::open());
    let digest = registry.push("team/web:1.0.0", Some(&manifest("1.0.0")));
    let source = format!("oci://{}/team/web:1.0.0", registry.address);
    insta::assert_snapshot!(workplace.from(&registry, &["add", &source]).stdout, @r"
    SERVICE  VERSION  FILE                     CHANGE
    web      1.0.0    services/web-1.0.0.yaml  added
    ");
    let text = fs::read_to_string(workplace.path("shop/services/web-1.0.0.yaml")).unwrap();
    let text = text.replace(&registry.address, "localhost:5000");
    insta::assert_snapshot!(text.replace(&digest, "DIGEST"), @r#"
    # Written by `gravity add`, and anew by `gravity update`: change the manifest in the service's own
    # repository, and what is only for this application in gravity.yaml.
    apiVersion: gravity.dev/v1alpha1
    kind: GravityService
    metadata:
      annotations:
        gravity.dev/source: oci+localhost:5000/team/web:1.0.0#DIGEST
      name: web-1.0.0
    spec:
      image: localhost:5000/team/web:1.0.0@DIGEST
      name: web
      port: 8080
      version: "1.0.0"
    "#);
    insta::assert_snapshot!(workplace.from(&registry, &["list"]).answer(), @r"
    NAME  VERSION  TYPE  STATUS  SOURCE
    web   1.0.0    api   chosen  localhost:5000/team/web 1.0.0
    ");
    // By the digest alone, and by a flag.
    let by_digest = format!("oci://{}/team/web@{digest}", registry.address);
    assert_eq!(workplace.from(&registry, &["add", &by_digest]).code, 0);
    let name = format!("oci://{}/team/web", registry.address);
    let by_flag = ["add", &name, "--tag", "1.0.0"];
    assert_eq!(workplace.from(&registry, &by_flag).code, 0);
}

#[test]
fn an_image_that_the_manifest_names_itself_stays() {
    let (workplace, registry) = (Workplace::new(), Registry::open());
    let text = format!("{}image: acme/web:1\n", manifest("1.0.0"));
    registry.push("web:latest", Some(&text));
    let source = format!("oci://{}/web", registry.address);
    assert_eq!(workplace.from(&registry, &["add", &source]).code, 0);
    let text = fs::read_to_string(workplace.path("shop/services/web-1.0.0.yaml")).unwrap();
    assert!(text.contains("image: acme/web:1\n"), "{text}");
    assert!(text.contains("/web:latest#sha256:"), "{text}");
}

#[test]
fn an_image_of_many_platforms_is_kept_for_all_of_them() {
    let (workplace, registry) = (Workplace::new(), Registry::open());
    registry.push("web:amd64", Some(&manifest("1.0.0")));
    let digest = registry.push_index("web:1.0.0", "web:amd64");
    let source = format!("oci://{}/web:1.0.0", registry.address);
    assert_eq!(workplace.from(&registry, &["add", &source]).code, 0);
    let text = fs::read_to_string(workplace.path("shop/services/web-1.0.0.yaml")).unwrap();
    let image = format!("image: {}/web:1.0.0@{digest}", registry.address);
    assert!(text.contains(&image), "{image}\n{text}");
}

#[test]
fn every_tag_that_is_a_version_becomes_one_and_update_brings_the_next() {
    let (workplace, registry) = (Workplace::new(), Registry::open());
    registry.push("web:0.9.0", None);
    registry.push("web:1.0.0", Some(&manifest("1.0.0")));
    registry.push("web:v1.1.0", Some(&manifest("1.1.0")));
    registry.push("web:latest", Some(&manifest("1.1.0")));
    registry.push("web:1.2.0", Some(&manifest("1.1.0")));
    let source = format!("oci://{}/web", registry.address);
    let added = workplace.from(&registry, &["add", &source, "--versions"]);
    insta::assert_snapshot!(added.stdout, @r"
    SERVICE  VERSION  FILE                     CHANGE
    web      1.1.0    services/web-1.1.0.yaml  added
    web      1.0.0    services/web-1.0.0.yaml  added
    ");
    insta::assert_snapshot!(added.stderr, @"warning: tag 1.2.0: web is left out, for its manifest says version 1.1.0");
    registry.push("web:1.3.0", Some(&manifest("1.3.0")));
    insta::assert_snapshot!(workplace.from(&registry, &["outdated"]).answer(), @r"
    SERVICE  CHOSEN  FITS   NEWEST
    web      1.1.0   1.3.0  1.3.0
    ");
    insta::assert_snapshot!(workplace.from(&registry, &["update"]).stdout, @r"
    SERVICE  VERSION  CHANGE  FILE
    web      1.3.0    added   services/web-1.3.0.yaml
    ");
}

#[test]
fn a_tag_that_moves_is_read_again() {
    let (workplace, registry) = (Workplace::new(), Registry::open());
    registry.push("web:latest", Some(&manifest("1.0.0")));
    let source = format!("oci://{}/web", registry.address);
    assert_eq!(workplace.from(&registry, &["add", &source]).code, 0);
    registry.push("web:latest", Some(&manifest("1.1.0")));
    insta::assert_snapshot!(workplace.from(&registry, &["update"]).answer(), @r"
    SERVICE  VERSION  CHANGE  FILE
    web      1.1.0    added   services/web-1.1.0.yaml
    web      1.0.0    gone    services/web-1.0.0.yaml
    ");
    assert_eq!(workplace.services(), ["web-1.1.0.yaml"]);
}

#[test]
fn a_private_registry_is_asked_by_dockers_login() {
    let (workplace, registry) = (Workplace::new(), Registry::private());
    registry.push("web:1.0.0", Some(&manifest("1.0.0")));
    let source = format!("oci://{}/web:1.0.0", registry.address);
    let refused = || workplace.from(&registry, &["add", &source]).failure();
    insta::assert_snapshot!(refused(), @"error: localhost:5000/web cannot be read, for the registry wants a login: log in by `docker login localhost:5000`, whose config.json is read");
    let login = |text: &str| {
        let address = &registry.address;
        workplace.docker(&format!("{{\"auths\": {{\"{address}\": {text}}}}}"));
    };
    // robot:wrong
    login(r#"{"auth": "cm9ib3Q6d3Jvbmc="}"#);
    insta::assert_snapshot!(refused(), @"error: localhost:5000/web cannot be read, for the registry wants another login than it has got: log in by `docker login localhost:5000`, whose config.json is read");
    login(r#"{"auth": "%"}"#);
    insta::assert_snapshot!(refused(), @"error: the login for localhost:5000 cannot be read: unable to decode credential; log in anew by `docker login localhost:5000`");
    workplace.docker(r#"{"credsStore": "nowhere"}"#);
    insta::assert_snapshot!(refused(), @"error: the login for localhost:5000 cannot be read: unable to communicate with credential helper; log in anew by `docker login localhost:5000`");
    // robot:s3cret
    login(r#"{"auth": "cm9ib3Q6czNjcmV0"}"#);
    assert_eq!(workplace.from(&registry, &["add", &source]).code, 0);
    let text = fs::read_to_string(workplace.path("shop/services/web-1.0.0.yaml")).unwrap();
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn what_is_no_image_with_a_manifest_is_told() {
    let (workplace, registry) = (Workplace::new(), Registry::open());
    registry.push("web:1.0.0", Some(&manifest("1.0.0")));
    registry.push("web:2.0.0", Some("name: web\nversoin: 1\n"));
    registry.push("bare:1.0.0", None);
    registry.push("bare:edge", None);
    let address = &registry.address;
    let told = |image: &str, flags: &[&str]| {
        let source = format!("oci://{address}/{image}");
        let arguments = [&["add", source.as_str()], flags].concat();
        workplace.from(&registry, &arguments).failure()
    };
    insta::assert_snapshot!(told("bare:1.0.0", &[]), @r#"error: localhost:5000/bare:1.0.0 has no label dev.gravity.service: its build sets it by --label "dev.gravity.service=$(cat gravity-service.yaml)"; until then add the service's Git repository"#);
    insta::assert_snapshot!(told("bare", &["--versions"]), @"error: localhost:5000/bare has no tag that is a version and whose image has a manifest in its label, of 2 tags: tag an image that has one as 1.4.0, or add a tag without --versions");
    insta::assert_snapshot!(told("web:3.0.0", &[]), @"error: localhost:5000/web:3.0.0 is not there: the repository has 2.0.0, 1.0.0");
    insta::assert_snapshot!(told("web", &[]), @"error: localhost:5000/web:latest is not there: the repository has 2.0.0, 1.0.0");
    insta::assert_snapshot!(told("nobody", &[]), @"error: localhost:5000/nobody is not there: is the name right, and may you read it? A private image may look as if it were not there; `docker login localhost:5000` logs in");
    insta::assert_snapshot!(told("nobody", &["--versions"]), @"error: localhost:5000/nobody is not there: is the name right, and may you read it? A private image may look as if it were not there; `docker login localhost:5000` logs in");
    insta::assert_snapshot!(told("web:2.0.0", &[]), @r"
    error: oci://localhost:5000/web:2.0.0:2:1: unknown field `versoin`, did you mean `version`?
      |
    2 | versoin: 1
      | ^^^^^^^

    oci://localhost:5000/web:2.0.0:1:1: `version` is missing: add it (The service's version)
      |
    1 | name: web
      | ^
    ");
    insta::assert_snapshot!(told("web:1.0.0", &["--branch", "main"]), @"error: --branch is for a Git repository, and localhost:5000/web is an image: name one of its tags by --tag");
    insta::assert_snapshot!(told("web:1.0.0", &["--path", "a"]), @"error: --path is for a Git repository, and localhost:5000/web is an image: name one of its tags by --tag");
    insta::assert_snapshot!(told("Web", &[]), @"error: oci://localhost:5000/Web is no image (invalid reference format): write it as oci://registry.example.com/auth-service:1.4.0");
    let source = format!("oci://{address}/web:1.0.0");
    let catalogue = ["search", "web", "--catalog", &source];
    insta::assert_snapshot!(workplace.from(&registry, &catalogue).failure(), @"error: --catalog or GRAVITY_CATALOG names oci://localhost:5000/web:1.0.0: oci://localhost:5000/web:1.0.0 is an image, and a catalogue is a folder or a Git repository");
    // Somebody listens there and never answers; then nobody listens any more.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let source = format!("oci://{address}/web:1.0.0");
    let added = || {
        let outcome = workplace.shop(&["add", &source, "--timeout", "1s"]);
        outcome.failure().replace(&address, "localhost:5000")
    };
    insta::assert_snapshot!(added(), @"error: localhost:5000/web:1.0.0 cannot be read: gave up after 1s; give it more time by --timeout");
    drop(silent);
    insta::assert_snapshot!(added(), @"error: localhost:5000/web cannot be read: Connection refused (os error 111): is the name right, and is the registry up?");
}
