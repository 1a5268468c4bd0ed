//! New versions of a service, whose migrations fail, never end, or are done.

use std::time::{Duration, Instant};

use e2e::{Bed, tell};
use serde_json::{Value, json};

use crate::servers::version;
use crate::{LIMIT, Shop};

const SERVICE: &str = "user-service";

pub(crate) fn a_version_whose_migration_fails_changes_nothing(shop: &Shop) {
    let started = Instant::now();
    shop.release("1.1.0", "SCHEMA: \"3\", MIGRATION: fail", "retries: 0");
    let told = shop.failure("1.1.0");
    assert!(
        told.contains("user_db: version 3 failed, as it was asked to"),
        "{told}"
    );
    shop.still_serves("1.0.0");
    tell("a migration that failed, told", started);
}

pub(crate) fn a_migration_that_never_ends_is_ended(shop: &Shop) {
    let started = Instant::now();
    shop.release("1.2.0", "SCHEMA: \"3\", MIGRATION: hang", "timeout: 5s");
    let told = shop.failure("1.2.0");
    assert!(
        told.contains("was active longer than specified deadline"),
        "{told}"
    );
    shop.still_serves("1.0.0");
    tell("a migration that never ends, told", started);
}

pub(crate) fn a_version_whose_migration_is_done_takes_over(shop: &Shop) {
    let started = Instant::now();
    shop.release("1.3.0", "SCHEMA: \"3\"", "retries: 0");
    shop.ready();
    tell("a new version with a migration", started);
    assert_eq!(version(shop, SERVICE), "1.3.0");
    let answer = shop.way.send(
        "POST",
        SERVICE,
        "/writes",
        &json!({"id": "after-the-migration"}),
    );
    assert_eq!(answer.unwrap().status, 201);
    // The seed ran once, with the database, and not with each version.
    let seeds = [
        "get",
        "jobs",
        "--output=name",
        "--selector=app.kubernetes.io/component=seed,app.kubernetes.io/name=user-service",
    ];
    assert_eq!(shop.kubectl.answer(&seeds, "").lines().count(), 1);
}

impl Shop {
    /// Another version of the service beside the first, and the app's wish for it.
    fn release(&self, version: &str, env: &str, migrations: &str) {
        let objects = Bed::app_of_folder("shop");
        let service = objects
            .split("---\n")
            .find(|text| text.contains("name: user-service-1.0.0"))
            .unwrap();
        let service = service
            .replace("1.0.0", version)
            .replace("env: {", &format!("env: {{{env}, "))
            .replace("migrations: {", &format!("migrations: {{{migrations}, "));
        self.apply(&service);
        let wish = json!({"spec": {"services": [
            {"name": "web-frontend"}, {"name": "notification-service"}, {"name": "order-expiry"},
            {"name": SERVICE, "version": format!("={version}")},
        ]}});
        let patch = format!("--patch={wish}");
        self.kubectl
            .answer(&["patch", "gravityapp", "shop", "--type=merge", &patch], "");
    }

    /// What the app says when it can go no further because of that version's migration.
    fn failure(&self, version: &str) -> String {
        let started = Instant::now();
        let job = format!("migration-{}", version.replace('.', "-"));
        loop {
            let told = self.stalled().unwrap_or_default();
            if told.contains(&job) {
                return told;
            }
            let story = || self.kubectl.story();
            assert!(started.elapsed() < LIMIT, "{told}\n{}", story());
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    fn stalled(&self) -> Option<String> {
        let app = self.kubectl.get("gravityapp", "shop");
        let mut conditions = app["status"]["conditions"].as_array()?.iter();
        let stalled = conditions.find(|it| it["type"] == "Stalled" && it["status"] == "True");
        Some(stalled?["message"].as_str()?.to_owned())
    }

    /// For as long as it takes that a pod is asked twice for its readiness.
    fn still_serves(&self, wanted: &str) {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(11) {
            let health = self.way.get(SERVICE, "/health/detailed");
            assert_eq!(health["databases"], json!({"user_db": "ok"}));
            std::thread::sleep(Duration::from_millis(500));
        }
        assert_eq!(version(self, SERVICE), Value::from(wanted));
    }
}
