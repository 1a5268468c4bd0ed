//! What a service's container runs: its image, or its source.

use insta::{assert_debug_snapshot, assert_snapshot};

use super::*;
use crate::api::names::SOURCE_ANNOTATION;
use crate::repository::{Origin, Reference};

const REVISION: &str = "8f0c2ab8f0c2ab8f0c2ab8f0c2ab8f0c2ab8f0c2";

/// A service without an image, and these lines.
fn from_source(lines: &str) -> GravityService {
    documents(&format!("name: auth-service\nversion: 1.4.0\n{lines}\n"))
        .1
        .remove(0)
}

fn runtime(more: &str) -> String {
    format!("runtime: {{image: 'python:3.11', command: [python, main.py]{more}}}")
}

fn refused(lines: &str) -> String {
    told(validate_service(&from_source(lines)))
}

/// A service that came from there.
fn from(origin: &str) -> GravityService {
    let mut service = from_source(&runtime(""));
    let annotation = (SOURCE_ANNOTATION.to_owned(), origin.to_owned());
    service.metadata.annotations = Some([annotation].into());
    service
}

fn git(url: &str) -> String {
    let origin = Origin::Git {
        url: url.to_owned(),
        reference: Some(Reference::Tag("v1.4.0".to_owned())),
        path: "services/auth/gravity-service.yaml".to_owned(),
        revision: REVISION.to_owned(),
    };
    origin.to_string()
}

#[test]
fn an_image_or_a_runtime() {
    let mut neither = from_source(&runtime(""));
    neither.spec.runtime = None;
    assert_snapshot!(told(validate_service(&neither)), @"GravityService auth-service-1.4.0: spec.image: is missing: write an image as registry.example.com/auth-service:1.4.0, or a runtime that runs the service from its source, as runtime: {image: python:3.11, command: [python, main.py]}");
    assert_snapshot!(refused(&format!("image: auth:1\n{}", runtime(""))), @"GravityService auth-service-1.4.0: spec.image: stands beside runtime, and only one of the two can run: take image out to run from the source, or runtime to run the image");
}

#[test]
fn the_command_is_the_runtimes() {
    let service = validate_service(&from_source(&runtime(", folder: services/auth"))).unwrap();
    assert_eq!(service.image, "python:3.11");
    assert_eq!(service.command, ["python", "main.py"]);
    assert_debug_snapshot!(service.runtime.unwrap(), @r#"
    Runtime {
        folder: Some(
            "services/auth",
        ),
        source: None,
    }
    "#);
    assert_snapshot!(refused(&format!("command: [a]\nargs: [b]\n{}", runtime(""))), @r"
    GravityService auth-service-1.4.0: spec.command: is of an image, and a runtime has a command of its own: write all of it as runtime.command
    GravityService auth-service-1.4.0: spec.args: is of an image, and a runtime has a command of its own: write all of it as runtime.command
    ");
    assert_snapshot!(refused("runtime: {image: 'Python 3', command: [python]}"), @r#"GravityService auth-service-1.4.0: spec.runtime.image: "Python 3" has a space in it: write an image as registry.example.com/auth-service:1.4.0"#);
    let mut empty = from_source(&runtime(""));
    empty.spec.runtime.as_mut().unwrap().command = Vec::new();
    assert_snapshot!(told(validate_service(&empty)), @"GravityService auth-service-1.4.0: spec.runtime.command: is empty: write the command and its arguments, as [python, main.py]");
}

#[test]
fn the_folder_is_in_the_repository() {
    for folder in ["/etc", "..", "a/../b", "a//b", ".git", "a b", "a/"] {
        let told = refused(&runtime(&format!(", folder: '{folder}'")));
        assert!(told.contains("spec.runtime.folder"), "{folder}: {told}");
    }
    assert_snapshot!(refused(&runtime(", folder: ../auth")), @r#"GravityService auth-service-1.4.0: spec.runtime.folder: "../auth" is no folder in the repository: write its path from the root, as services/auth, or take it out for the root itself"#);
}

#[test]
fn the_source_is_a_revision_that_needs_no_password() {
    let source = |url: &str, revision: &str| {
        runtime(&format!(
            ", source: {{url: '{url}', revision: '{revision}'}}"
        ))
    };
    for url in [
        "https://git.example.com/acme/auth",
        "http://git.git.svc:3000/auth.git",
        "file:///srv/auth",
    ] {
        let service = validate_service(&from_source(&source(url, REVISION))).unwrap();
        assert_eq!(service.runtime.unwrap().source.unwrap().url, url);
    }
    assert_snapshot!(refused(&source("ssh://git@git.example.com/acme/auth", REVISION)), @r#"GravityService auth-service-1.4.0: spec.runtime.source.url: "ssh://git@git.example.com/acme/auth" cannot be fetched by a pod, which has no key and no password: write a URL by https, http or file in runtime.source, or build an image and write it in the place of runtime"#);
    assert_snapshot!(refused(&source("https://ann:secret@git.example.com/acme/auth", REVISION)), @"GravityService auth-service-1.4.0: spec.runtime.source.url: has a login in its URL, which everybody could read in the pods: runtime is for repositories that need none, so take it out, or build an image and write it in the place of runtime");
    assert_snapshot!(refused(&source("git.example.com/acme/auth", "main")), @r#"
    GravityService auth-service-1.4.0: spec.runtime.source.url: "git.example.com/acme/auth" is no URL: write one as https://git.example.com/acme/auth-service
    GravityService auth-service-1.4.0: spec.runtime.source.revision: "main" is no revision: write its whole hash, as `git rev-parse HEAD` prints it, for a branch or a tag can move
    "#);
}

#[test]
fn where_the_manifest_came_from_is_the_source() {
    let service = validate_service(&from(&git("https://git.example.com/acme/shop"))).unwrap();
    assert_debug_snapshot!(service.runtime.unwrap().source, @r#"
    Some(
        GitSource {
            url: "https://git.example.com/acme/shop",
            revision: "8f0c2ab8f0c2ab8f0c2ab8f0c2ab8f0c2ab8f0c2",
        },
    )
    "#);
    assert_snapshot!(told(validate_service(&from(&git("ssh://git@git.example.com/acme/shop")))), @r#"GravityService auth-service-1.4.0: metadata.annotations[gravity.dev/source]: "ssh://git@git.example.com/acme/shop" cannot be fetched by a pod, which has no key and no password: write a URL by https, http or file in runtime.source, or build an image and write it in the place of runtime"#);
    for nowhere in ["path+../auth", "catalog+data/auth/1.yaml", "cluster+shared"] {
        let service = validate_service(&from(nowhere)).unwrap();
        assert_eq!(service.runtime.unwrap().source, None, "{nowhere}");
    }
}

#[test]
fn what_is_stated_wins_over_where_it_came_from() {
    let mut service = from(&git("ssh://git@git.example.com/acme/shop"));
    let stated = crate::api::service::RuntimeSource {
        url: "https://git.example.com/acme/auth".to_owned(),
        revision: REVISION.to_owned(),
    };
    service.spec.runtime.as_mut().unwrap().source = Some(stated);
    let source = validate_service(&service).unwrap().runtime.unwrap().source;
    assert_eq!(source.unwrap().url, "https://git.example.com/acme/auth");
}

#[test]
fn nothing_else_is_where_the_source_is() {
    let volumes = "config: [{mountPath: /source/, files: {a: b}}]\nstorage: [{name: source, mountPath: /source/data, size: 1Gi}]";
    assert_snapshot!(refused(&format!("{}\n{volumes}", runtime(""))), @r"
    GravityService auth-service-1.4.0: spec.config[0].mountPath: /source/ is where runtime has the source: write another folder
    GravityService auth-service-1.4.0: spec.storage[0].name: source is the volume of runtime's source: write another name
    ");
}
