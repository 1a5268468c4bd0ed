//! Databases that run: a service's credentials reach them, and they keep what they are told.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::time::{Duration, Instant};

use e2e::{Bed, Kubectl, tell};
use local_cluster::LocalCluster;

/// RabbitMQ takes half a minute on a busy machine of two cores.
const LIMIT: Duration = Duration::from_secs(240);

/// A database of the app in `apps/ledger.yaml`.
struct Database {
    /// The Secret with the service's login.
    secret: &'static str,
    /// The pod of the server, in which its client runs.
    pod: &'static str,
    /// Writes VALUE; gets the Secret's keys as variables.
    write: &'static str,
    /// Prints what was written.
    read: &'static str,
}

const DATABASES: [Database; 4] = [
    Database {
        secret: "ledger-ledger-db",
        pod: "books-postgresql-15-0",
        write: r#"psql "$URI" -qv ON_ERROR_STOP=1 -c 'CREATE TABLE kept (value text)' -c "INSERT INTO kept VALUES ('$VALUE')""#,
        read: r#"psql "$URI" -qAtv ON_ERROR_STOP=1 -c 'SELECT value FROM kept'"#,
    },
    Database {
        secret: "ledger-catalog-db",
        pod: "books-mariadb-10-11-0",
        write: r#"MYSQL_PWD=$PASSWORD mariadb -h "$HOST" -u "$USERNAME" "$DATABASE" -e "CREATE TABLE kept (value text); INSERT INTO kept VALUES ('$VALUE')""#,
        read: r#"MYSQL_PWD=$PASSWORD mariadb -h "$HOST" -u "$USERNAME" "$DATABASE" -N -e 'SELECT value FROM kept'"#,
    },
    Database {
        secret: "ledger-session-store",
        pod: "books-ledger-redis-7-0",
        write: r#"redis-cli -e --no-auth-warning -u "$URI" SET kept "$VALUE""#,
        read: r#"redis-cli -e --no-auth-warning -u "$URI" GET kept"#,
    },
    Database {
        secret: "ledger-ledger-events",
        pod: "books-rabbitmq-3-0",
        write: r#"PROGRAM; exec erl -noinput -pa $(find -L /opt/rabbitmq/plugins -name ebin) -eval "$program""#,
        read: r#"PROGRAM; exec erl -noinput -pa $(find -L /opt/rabbitmq/plugins -name ebin) -eval "$program""#,
    },
];

/// What keeps something in the app of `apps/maps.yaml`.
const PLACES: Database = Database {
    secret: "maps-maps-db",
    pod: "atlas-postgis-15-0",
    write: r#"psql "$URI" -qv ON_ERROR_STOP=1 -c 'CREATE TABLE kept (place geometry(Point), value text)' -c "INSERT INTO kept VALUES (ST_MakePoint(8.5, 47.4), '$VALUE')""#,
    read: r#"psql "$URI" -qAtv ON_ERROR_STOP=1 -c 'SELECT value FROM kept WHERE ST_X(place) = 8.5'"#,
};

/// What keeps nothing.
const CACHE: Database = Database {
    secret: "maps-tile-cache",
    pod: "atlas-maps-redis-7-cache-0",
    ..DATABASES[2]
};

impl Database {
    fn write(&self, kubectl: &Kubectl) {
        self.run(kubectl, self.write, Some(&self.value())).unwrap();
    }

    /// What is there, or what the client says.
    fn read(&self, kubectl: &Kubectl) -> Result<String, String> {
        let told = self.run(kubectl, self.read, None)?;
        Ok(told.trim().to_owned())
    }

    /// Different for each, and with letters of more than one byte.
    fn value(&self) -> String {
        format!("kept by {} – ✓", self.pod)
    }

    /// Runs a script in the server's pod, with the service's login, by the address that the
    /// service has: not by the socket, which may trust whoever comes.
    fn run(&self, kubectl: &Kubectl, script: &str, value: Option<&str>) -> Result<String, String> {
        self.run_as(kubectl, &self.login(kubectl), script, value)
    }

    /// The service's login as it is now, as variables of a shell.
    fn login(&self, kubectl: &Kubectl) -> String {
        let keys = ["uri", "host", "username", "password", "database"];
        let variable = |key: &&str| {
            let value = kubectl.secret(self.secret, key);
            format!("export {}={}\n", key.to_uppercase(), quoted(&value))
        };
        keys.iter().map(variable).collect()
    }

    fn run_as(
        &self,
        kubectl: &Kubectl,
        login: &str,
        script: &str,
        value: Option<&str>,
    ) -> Result<String, String> {
        let mut text = login.to_owned();
        if let Some(value) = value {
            text += &format!("export VALUE={}\n", quoted(value));
        }
        let program = format!("program={}", quoted(&Bed::app("kept.erl")));
        text += &script.replace("PROGRAM", &program);
        let exec = ["exec", "--stdin", self.pod, "--", "bash", "-eu", "-s"];
        kubectl.try_answer(&exec, &text)
    }
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

const READY: [&str; 4] = [
    "wait",
    "gravityapp/books",
    "--for=condition=Ready",
    "--timeout=1s",
];

/// One cluster and one app for all of it: their start is most of the time.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_writes_outlives_its_servers_and_their_node() {
    let bed = Bed::start().await;
    let kubectl = bed.namespace("books");
    let started = Instant::now();
    kubectl.answer(&["apply", "--filename=-"], &Bed::app("ledger.yaml"));
    kubectl.wait(LIMIT, &READY);
    tell("four servers, provisioned, and their service", started);

    for database in &DATABASES {
        database.write(&kubectl);
        assert_eq!(database.read(&kubectl).as_deref(), Ok(&*database.value()));
    }
    extensions_are_there(&kubectl);
    logins_are_rotated(&kubectl);
    servers_are_deleted(&kubectl);
    if let Some(cluster) = bed.own_cluster() {
        node_loses_its_power(&kubectl, cluster).await;
        runtime_is_restarted(&kubectl, cluster).await;
    }
    kubectl.wait(LIMIT, &READY);
    bed.stop().await;
}

/// A cache's logins are made by the cache, at each start: it has no data that could have them.
#[tokio::test(flavor = "multi_thread")]
async fn a_cache_forgets_all_but_its_logins_and_places_are_kept() {
    let bed = Bed::start().await;
    let kubectl = bed.namespace("atlas");
    let started = Instant::now();
    kubectl.answer(&["apply", "--filename=-"], &Bed::app("maps.yaml"));
    kubectl.wait(
        LIMIT,
        &[
            "wait",
            "gravityapp/atlas",
            "--for=condition=Ready",
            "--timeout=1s",
        ],
    );
    tell(
        "PostGIS, S3 and a cache, provisioned, and their service",
        started,
    );

    for database in [&PLACES, &CACHE] {
        database.write(&kubectl);
        assert_eq!(database.read(&kubectl).as_deref(), Ok(&*database.value()));
    }
    kubectl.answer(&["delete", "pod", PLACES.pod, CACHE.pod], "");
    comes_back(&kubectl, &PLACES, &PLACES.value());
    comes_back(&kubectl, &CACHE, "");
    bed.stop().await;
}

/// By the new login everything is there, and by the old one nobody comes in.
fn logins_are_rotated(kubectl: &Kubectl) {
    let started = Instant::now();
    let before = DATABASES.each_ref().map(|database| database.login(kubectl));
    let ask = "gravity.dev/rotate-credentials=1";
    kubectl.answer(&["annotate", "gravityapp", "books", ask], "");
    let left = "--output=jsonpath={.metadata.annotations.gravity\\.dev/rotated}:{.metadata.annotations.gravity\\.dev/next-credential-id}{.metadata.annotations.gravity\\.dev/previous-credential-id}";
    for database in &DATABASES {
        let is_done = || {
            let told = kubectl.answer(&["get", "secret", database.secret, left], "");
            told.len() > 1 && told.ends_with(':')
        };
        while !is_done() {
            assert!(started.elapsed() < LIMIT, "{}", kubectl.story());
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    kubectl.wait(LIMIT, &READY);
    all_is_there_again(kubectl);
    for (database, old) in DATABASES.iter().zip(&before) {
        assert_ne!(*old, database.login(kubectl));
        let read = database.run_as(kubectl, old, database.read, None);
        assert!(
            read.is_err(),
            "{} lets the old login in: {read:?}",
            database.pod
        );
    }
    tell("all four logins replaced", started);
}

fn servers_are_deleted(kubectl: &Kubectl) {
    let started = Instant::now();
    let servers = DATABASES.each_ref().map(|database| database.pod);
    let before = servers.map(|pod| uid(kubectl, pod));
    kubectl.answer(&[&["delete", "pod"], &servers[..]].concat(), "");
    all_is_there_again(kubectl);
    tell("all four servers deleted and back", started);
    assert!(std::iter::zip(servers, before).all(|(pod, before)| uid(kubectl, pod) != before));
}

async fn node_loses_its_power(kubectl: &Kubectl, cluster: &LocalCluster) {
    let started = Instant::now();
    cluster.restart_node().await.unwrap();
    all_is_there_again(kubectl);
    tell("the node killed and all servers back", started);
}

/// The runtime's end is no pod's end.
async fn runtime_is_restarted(kubectl: &Kubectl, cluster: &LocalCluster) {
    let starts = || {
        kubectl.answer(
            &[
                "get",
                "pods",
                "--output=jsonpath={.items[*].status.containerStatuses[*].state.running.startedAt}",
            ],
            "",
        )
    };
    let before = starts();
    cluster.restart_runtime().await.unwrap();
    all_is_there_again(kubectl);
    assert_eq!(starts(), before);
}

fn all_is_there_again(kubectl: &Kubectl) {
    for database in &DATABASES {
        comes_back(kubectl, database, &database.value());
    }
}

/// Waits until the service's login reads this.
fn comes_back(kubectl: &Kubectl, database: &Database, value: &str) {
    let started = Instant::now();
    loop {
        let read = database.read(kubectl);
        if read.as_deref() == Ok(value) {
            return;
        }
        assert!(started.elapsed() < LIMIT, "{read:?}\n{}", kubectl.story());
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn uid(kubectl: &Kubectl, pod: &str) -> String {
    kubectl.get("pod", pod)["metadata"]["uid"].to_string()
}

fn extensions_are_there(kubectl: &Kubectl) {
    let script = r#"psql "$URI" -qAtv ON_ERROR_STOP=1 -c "SELECT digest('a', 'md5') IS NOT NULL, uuid_generate_v4() IS NOT NULL, 'a=>1'::hstore -> 'a'""#;
    let told = DATABASES[0].run(kubectl, script, None).unwrap();
    assert_eq!(told.trim(), "t|t|1");
}
