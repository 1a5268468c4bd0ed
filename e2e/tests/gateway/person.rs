//! A person with two repositories and a cluster: three commands to the first deploy, and the
//! first request is answered.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use e2e::{Bed, Request, Traefik, program, tell};

use crate::LIMIT;

/// What `gravity init` has a gateway answer for when nobody says another host.
const HOST: &str = "localhost";

pub(crate) fn repositories_become_an_application_that_answers(bed: &Bed, gateway: &Traefik) {
    let folder = tempfile::tempdir().unwrap();
    let auth = repository(folder.path(), "auth-service", |manifest| {
        manifest.replace("prefix: /api/auth", "prefix: /api/auth, stripPrefix: true")
    });
    let users = repository(folder.path(), "user-service", |manifest| {
        // The other way round it asks for orders, which nobody here has.
        let unordered =
            "dependencies:\n  - {name: order-service, version: ^1, startup: Unordered}\n";
        manifest.replace(unordered, "")
    });
    let health = Request::get(HOST, "/api/auth/health");
    assert!(gateway.send(&health).unwrap().has_no_route());

    let started = Instant::now();
    let gravity = |at: &str, arguments: &[&str]| {
        let output = Command::new(program("gravity"))
            .args(arguments)
            .current_dir(folder.path().join(at))
            .env("KUBECONFIG", bed.kubeconfig())
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "gravity {arguments:?}: {told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    gravity(".", &["init", "mine"]);
    gravity("mine", &["add", &format!("file://{}", auth.display())]);
    gravity("mine", &["add", &format!("file://{}", users.display())]);
    let shown = gravity("mine", &["install"]);
    assert!(shown.contains("http://localhost/api/auth"), "{shown}");
    let running = gravity("mine", &["start"]);
    assert!(running.contains("2/2 services ready"), "{running}");
    let reply = gateway.wait(LIMIT, &health, |reply| reply.status == 200);
    tell("from repositories to a request that is answered", started);
    assert_eq!(reply.status, 200);
    gravity("mine", &["delete", "--yes"]);
}

/// A repository with the manifest of a service of the shop.
fn repository(folder: &Path, service: &str, change: impl Fn(&str) -> String) -> PathBuf {
    let repository = folder.join(service);
    fs::create_dir(&repository).unwrap();
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("apps/shop/services");
    let manifest = fs::read_to_string(shop.join(service).join("gravity-service.yaml")).unwrap();
    fs::write(repository.join("gravity-service.yaml"), change(&manifest)).unwrap();
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "The first version"],
    ] {
        let mut command = Command::new("git");
        command
            .args(identity)
            .args(arguments)
            .current_dir(&repository);
        assert!(command.status().unwrap().success(), "{arguments:?}");
    }
    repository
}
