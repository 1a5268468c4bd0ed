//! Backups of real data: what was lost is there again, and a backup that fails is told.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::time::{Duration, Instant};

use e2e::{Bed, Gravity, Kubectl, tell};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(240);

/// A database of the app in `apps/vault.yaml`, and scripts that run in its server's pod.
/// They get the service's login, the administrator's password and DATABASE.
struct Database {
    server: &'static str,
    /// The Secret with the service's login.
    secret: &'static str,
    /// What it is called on its server.
    name: &'static str,
    /// Where a copy is restored to.
    copy: &'static str,
    /// Makes it hold `first`, and something besides.
    write: &'static str,
    /// Does harm to it.
    harm: &'static str,
    /// Prints what it holds, by the service's login.
    read: &'static str,
    /// Prints what the copy holds, by the administrator's.
    read_copy: &'static str,
}

const DATABASES: [Database; 3] = [
    Database {
        server: "vault-postgresql-15",
        secret: "keeper-ledger-db",
        name: "ledger_db",
        copy: "ledger_db_copy",
        write: r#"psql "$URI" -qv ON_ERROR_STOP=1 -c "CREATE TABLE kept (value text, digest bytea)" -c "INSERT INTO kept VALUES ('first – ✓', digest('first', 'sha256'))""#,
        harm: r#"psql "$URI" -qv ON_ERROR_STOP=1 -c "DROP TABLE kept" -c "CREATE TABLE late (value text)""#,
        read: r#"psql "$URI" -qAtv ON_ERROR_STOP=1 -c "SELECT value FROM kept WHERE digest = digest('first', 'sha256')""#,
        read_copy: r#"PGPASSWORD=$ADMIN psql -qAtv ON_ERROR_STOP=1 -h "$HOST" -U postgres ledger_db_copy -c "SELECT value FROM kept WHERE digest = digest('first', 'sha256')""#,
    },
    Database {
        server: "vault-mariadb-10-11",
        secret: "keeper-catalog-db",
        name: "catalog_db",
        copy: "catalog_db_copy",
        write: r#"MYSQL_PWD=$PASSWORD mariadb --default-character-set=utf8mb4 -h "$HOST" -u "$USERNAME" "$DATABASE" -e "CREATE TABLE kept (value text); CREATE TABLE log (value text); CREATE TRIGGER told AFTER INSERT ON kept FOR EACH ROW INSERT INTO log VALUES (NEW.value); INSERT INTO kept VALUES ('first – ✓')""#,
        harm: r#"MYSQL_PWD=$PASSWORD mariadb -h "$HOST" -u "$USERNAME" "$DATABASE" -e "DROP TABLE kept; CREATE TABLE late (value text)""#,
        read: r#"MYSQL_PWD=$PASSWORD mariadb --default-character-set=utf8mb4 -h "$HOST" -u "$USERNAME" "$DATABASE" -N -e "SELECT kept.value FROM kept JOIN log USING (value)""#,
        read_copy: r#"MYSQL_PWD=$ADMIN mariadb --default-character-set=utf8mb4 -h "$HOST" -u root catalog_db_copy -N -e "SELECT kept.value FROM kept JOIN log USING (value)""#,
    },
    Database {
        server: "vault-keeper-redis-7",
        secret: "keeper-session-store",
        name: "0",
        copy: "5",
        write: r#"redis-cli -e --no-auth-warning -u "$URI" SET kept "first – ✓"; redis-cli -e --no-auth-warning -u "$URI" HSET more a 1"#,
        harm: r#"redis-cli -e --no-auth-warning -u "$URI" FLUSHDB; redis-cli -e --no-auth-warning -u "$URI" SET late 1"#,
        read: r#"[ "$(redis-cli -e --no-auth-warning -u "$URI" DBSIZE)" = 2 ]; redis-cli -e --no-auth-warning -u "$URI" GET kept"#,
        read_copy: r#"REDISCLI_AUTH=$ADMIN redis-cli -e -h "$HOST" -n 5 GET kept"#,
    },
];

const KEPT: &str = "first – ✓";

impl Database {
    fn run(&self, kubectl: &Kubectl, script: &str) -> Result<String, String> {
        let keys = ["uri", "host", "username", "password", "database"];
        let variable = |key: &&str| {
            let value = kubectl.secret(self.secret, key);
            format!("export {}='{value}'\n", key.to_uppercase())
        };
        let mut text: String = keys.iter().map(variable).collect();
        let admin = kubectl.secret(&format!("{}-admin", self.server), "password");
        text += &format!("export ADMIN='{admin}'\n{script}");
        let pod = format!("{}-0", self.server);
        let exec = ["exec", "--stdin", &pod, "--", "bash", "-eu", "-s"];
        let told = kubectl.try_answer(&exec, &text)?;
        Ok(told.trim().to_owned())
    }
}

const READY: [&str; 4] = [
    "wait",
    "gravityapp/vault",
    "--for=condition=Ready",
    "--timeout=1s",
];

/// One cluster and one app for all of it: their start is most of the time.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_backed_up_can_be_had_again() {
    let bed = Bed::start().await;
    let kubectl = bed.namespace("vault");
    let gravity = bed.gravity("vault");
    let started = Instant::now();
    kubectl.answer(&["apply", "--filename=-"], &Bed::app("vault.yaml"));
    kubectl.wait(LIMIT, &READY);
    tell("four servers, provisioned, and their service", started);
    for database in &DATABASES {
        database.run(&kubectl, database.write).unwrap();
    }

    let started = Instant::now();
    let said = gravity.answer(&["backup", "--wait"]);
    assert_eq!(said.matches("made ").count(), 3, "{said}");
    tell("three databases backed up", started);
    let taken = listed(&gravity);
    assert_eq!(taken.len(), 3, "{taken:?}");
    for database in &DATABASES {
        database.run(&kubectl, database.harm).unwrap();
        let told = database.run(&kubectl, database.read);
        assert_ne!(told.as_deref(), Ok(KEPT), "the harm was done");
    }

    restored_beside(&kubectl, &gravity, &taken);
    restored_in_place(&kubectl, &gravity, &taken);
    the_oldest_goes(&gravity);
    a_failure_is_told(&kubectl, &gravity, &taken);
    kubectl.wait(LIMIT, &READY);
    bed.stop().await;
}

/// All at once: each is on a server of its own.
fn of_each(work: impl Fn(&Database) + Sync) {
    std::thread::scope(|scope| {
        for database in &DATABASES {
            scope.spawn(|| work(database));
        }
    });
}

fn restored_beside(kubectl: &Kubectl, gravity: &Gravity, taken: &[Value]) {
    let started = Instant::now();
    of_each(|database| {
        let backup = backup_of(taken, database);
        let said = gravity.answer(&["restore", &backup, "--to", database.copy]);
        assert_eq!(said, format!("restored {backup} to {}\n", database.copy));
        let copy = database.run(kubectl, database.read_copy);
        assert_eq!(copy.as_deref(), Ok(KEPT));
        let told = database.run(kubectl, database.read);
        assert_ne!(told.as_deref(), Ok(KEPT), "only the copy was changed");
    });
    let other = backup_of(taken, &DATABASES[0]);
    let told = gravity.try_answer(&["restore", &other, "--to", "ledger_db_copy"]);
    let told = told.unwrap_err();
    assert!(
        told.contains("ledger_db_copy is there, and is not what"),
        "{told}"
    );
    tell("three backups restored beside", started);
}

fn restored_in_place(kubectl: &Kubectl, gravity: &Gravity, taken: &[Value]) {
    let started = Instant::now();
    of_each(|database| {
        let backup = backup_of(taken, database);
        let asked = gravity.try_answer(&["restore", &backup, "--to", database.name]);
        let asked = asked.unwrap_err();
        assert!(asked.contains("would be replaced: say --yes"), "{asked}");
        let said = gravity.answer(&["restore", &backup, "--to", database.name, "--yes"]);
        assert!(said.contains("; what was there is the backup "), "{said}");
        let told = database.run(kubectl, database.read);
        assert_eq!(told.as_deref(), Ok(KEPT));
    });
    tell("three backups restored in place", started);
}

/// Redis keeps two, of which one was made by the restore.
fn the_oldest_goes(gravity: &Gravity) {
    let redis = |backup: &Value| backup["engine"] == "redis";
    let names = || -> Vec<Value> {
        let all = listed(gravity).into_iter().filter(redis);
        all.map(|backup| backup["name"].clone()).collect()
    };
    let before = names();
    assert_eq!(before.len(), 2);
    let said = gravity.answer(&["backup", "--server", "vault-keeper-redis-7", "--wait"]);
    let oldest = before[1].as_str().unwrap();
    assert!(said.contains(&format!("deleted {oldest}\n")), "{said}");
    let after = names();
    assert_eq!((after.len(), &after[1]), (2, &before[0]));
}

/// A database that somebody dropped: no backup of it is made, and none is deleted.
fn a_failure_is_told(kubectl: &Kubectl, gravity: &Gravity, taken: &[Value]) {
    let started = Instant::now();
    let mariadb = &DATABASES[1];
    let drop = r#"MYSQL_PWD=$ADMIN mariadb -h "$HOST" -u root -e "DROP DATABASE catalog_db""#;
    mariadb.run(kubectl, drop).unwrap();
    let backup = ["backup", "--server", mariadb.server, "--wait"];
    let told = gravity.try_answer(&backup).unwrap_err();
    let why = "the database catalog_db is not on vault-mariadb-10-11";
    assert!(told.contains(why), "{told}");

    let condition = |kind: &str| {
        let app = kubectl.get("gravityapp", "vault");
        let all = app["status"]["conditions"].as_array().unwrap().clone();
        let mut all = all.into_iter();
        all.find(|condition| condition["type"] == kind).unwrap()
    };
    let failed = "wait gravityapp/vault --timeout=1s --for=jsonpath={.status.conditions[?(@.type==\"DatabasesReady\")].reason}=BackupFailed";
    kubectl.wait(LIMIT, &failed.split(' ').collect::<Vec<_>>());
    let databases = condition("DatabasesReady");
    assert_eq!(databases["status"], "True");
    let message = databases["message"].as_str().unwrap();
    assert!(message.contains(why), "{message}");
    assert_eq!(condition("Ready")["status"], "True");
    let events = kubectl.answer(
        &["get", "events", "--field-selector=reason=BackupFailed"],
        "",
    );
    assert!(events.contains("Warning"), "{events}");

    let kept = backup_of(taken, mariadb);
    gravity.answer(&["restore", &kept, "--to", "catalog_db", "--yes"]);
    assert_eq!(mariadb.run(kubectl, mariadb.read).as_deref(), Ok(KEPT));
    gravity.answer(&backup);
    let mended = failed.replace("BackupFailed", "Ready");
    kubectl.wait(LIMIT, &mended.split(' ').collect::<Vec<_>>());
    tell("a failure told, and mended", started);
}

/// The backups that are there, the newest first; each is whole.
fn listed(gravity: &Gravity) -> Vec<Value> {
    let said = gravity.answer(&["backups", "--output=json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    let backups = said["backups"].as_array().unwrap().clone();
    assert!(backups.iter().all(|backup| backup["state"] == "Whole"));
    backups
}

fn backup_of(taken: &[Value], database: &Database) -> String {
    let found = taken.iter().find(|backup| {
        (&backup["server"], &backup["database"]) == (&database.server.into(), &database.name.into())
    });
    found.unwrap()["name"].as_str().unwrap().to_owned()
}
