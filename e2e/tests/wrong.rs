//! What is wrong on a database server: the app tells it in the server's own words, with what
//! to do, and that mends it. What is beside it runs on.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::time::{Duration, Instant};

use e2e::{Bed, Kubectl, tell};
use local_cluster::LocalCluster;

/// The pause between two starts of a pod that crashes doubles, from ten seconds on.
const LIMIT: Duration = Duration::from_secs(180);

const POSTGRESQL: &str = "books-postgresql-15-0";
const MARIADB: &str = "books-mariadb-10-11-0";

/// As the administrator, in the server's pod.
const PSQL: &str = "PGPASSWORD=$(cat /run/gravity/admin/password) psql -h 127.0.0.1 -U postgres -qv ON_ERROR_STOP=1";
const MYSQL: &str = "MYSQL_PWD=$(cat /run/gravity/admin/password) mariadb -h 127.0.0.1 -u root";

/// An app that is to provision on a server of others, where something is wrong.
struct Guest {
    app: &'static str,
    /// Its database, but for the name.
    database: &'static str,
    /// Its administrator's `uri`.
    uri: &'static str,
    /// What the condition says, in this order.
    says: [&'static str; 2],
}

/// PASSWORD is the administrator's.
const RIGHT_URI: &str = "postgresql://postgres:PASSWORD@books-postgresql-15/postgres";
const GUESTS: [Guest; 6] = [
    Guest {
        app: "barred",
        database: "type: postgresql, version: '15'",
        uri: "postgresql://postgres:wrong@books-postgresql-15/postgres",
        says: [
            "password authentication failed for user \"postgres\"",
            "; write the password that the server has into the Secret of its administrator",
        ],
    },
    Guest {
        app: "down",
        database: "type: postgresql, version: '15'",
        uri: "postgresql://postgres:PASSWORD@books-postgresql-15:5999/postgres",
        says: [
            "Connection refused",
            "; see that the server runs, and that the address of it is right",
        ],
    },
    Guest {
        app: "limited",
        database: "type: postgresql, version: '15'",
        uri: "postgresql://limited:limited@books-postgresql-15/postgres",
        says: [
            "permission denied to create role",
            "; grant the administrator this right",
        ],
    },
    Guest {
        app: "extended",
        database: "type: postgresql, version: '15', extensions: [timetravel]",
        uri: RIGHT_URI,
        says: [
            "extension \"timetravel\" is not available",
            "; take the extension out of the manifest, or name an image that has it as databases.<engine>.image",
        ],
    },
    Guest {
        app: "spelled",
        database: "type: postgresql, version: '15', charset: klingon",
        uri: RIGHT_URI,
        says: [
            "klingon is not a valid encoding name",
            "; write a charset and a collation that the server knows, or none",
        ],
    },
    Guest {
        app: "written",
        database: "type: mariadb, version: '10.11', charset: klingon",
        uri: "mysql://root:PASSWORD@books-mariadb-10-11/",
        says: [
            "Unknown character set: 'klingon'",
            "; write a charset and a collation that the server knows, or none",
        ],
    },
];

impl Guest {
    fn engine(&self) -> &str {
        let word = self.database.split([' ', ',']).nth(1);
        word.unwrap()
    }

    /// Its Secret, as a person makes it.
    fn secret(&self, kubectl: &Kubectl, uri: &str) -> String {
        let admin = match self.engine() {
            "mariadb" => "books-mariadb-10-11-admin",
            _ => "books-postgresql-15-admin",
        };
        let uri = uri.replace("PASSWORD", &kubectl.secret(admin, "password"));
        let name = self.app;
        format!(
            "{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, stringData: {{uri: '{uri}'}}}}\n---\n"
        )
    }

    fn service(&self, version: &str, database: &str) -> String {
        let name = self.app;
        format!(
            "apiVersion: gravity.dev/v1alpha1
kind: GravityService
metadata: {{name: {name}-{version}}}
spec:
  name: {name}
  version: {version}
  type: worker
  image: docker.io/library/busybox:1.37
  command: [sleep, '100000']
  security: {{runAsUser: 1000}}
  resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}
  databases: [{{name: {name}_db, {database}}}]
---
"
        )
    }

    fn app(&self) -> String {
        let (name, engine) = (self.app, self.engine());
        format!(
            "apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {{name: {name}}}
spec:
  services: [{{name: {name}}}]
  updates: Automatic
  databases: {{{engine}: {{mode: External, secretName: {name}}}}}
---
"
        )
    }

    fn arrives(&self, kubectl: &Kubectl) {
        let all = [
            self.secret(kubectl, self.uri),
            self.service("1.0.0", self.database),
            self.app(),
        ];
        apply(kubectl, &all.concat());
    }

    /// The way out that it was told.
    fn is_mended(&self, kubectl: &Kubectl) {
        match self.app {
            "barred" | "down" => apply(kubectl, &self.secret(kubectl, RIGHT_URI)),
            "limited" => {
                run(
                    kubectl,
                    POSTGRESQL,
                    PSQL,
                    "ALTER ROLE limited CREATEROLE CREATEDB",
                );
                provision_again(kubectl, self.app);
            }
            _ => {
                let plain = self.database.replace(", charset: klingon", "");
                let plain = plain.replace("timetravel", "hstore");
                apply(kubectl, &self.service("1.0.1", &plain));
            }
        }
    }
}

/// One cluster for all of it: its start, and that of the servers, is most of the time.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_on_a_server_is_told_with_its_way_out_and_that_mends_it() {
    let bed = Bed::start().await;
    let kubectl = bed.namespace("wrong");
    let started = Instant::now();
    let tight = bed
        .own_cluster()
        .map(|cluster| Tight::begin(&kubectl, cluster));
    apply(&kubectl, &Bed::app("wrong.yaml"));
    is_ready(&kubectl, "books");
    tell("two servers and their services", started);

    run(
        &kubectl,
        POSTGRESQL,
        PSQL,
        "CREATE ROLE limited LOGIN PASSWORD 'limited'; GRANT CONNECT ON DATABASE postgres TO limited",
    );
    GUESTS.iter().for_each(|guest| guest.arrives(&kubectl));
    if let Some(tight) = &tight {
        tight.fills_up();
    }
    // One after the other, for a condition tells of one service.
    run(
        &kubectl,
        POSTGRESQL,
        PSQL,
        "ALTER ROLE writer_db_a PASSWORD 'changed'",
    );
    by_hand(
        &kubectl,
        "password authentication failed for user \"writer_db_a\"",
    );
    run(
        &kubectl,
        POSTGRESQL,
        PSQL,
        "DROP DATABASE reader_db WITH (FORCE)",
    );
    by_hand(&kubectl, "database \"reader_db\" does not exist");
    run(&kubectl, MARIADB, MYSQL, "DROP USER clerk_db_a");
    by_hand(&kubectl, "Access denied for user 'clerk_db_a'");
    tell("and what was changed by hand set right", started);

    for guest in &GUESTS {
        says(&kubectl, guest.app, "DatabasesReady", &guest.says);
        guest.is_mended(&kubectl);
    }
    GUESTS
        .iter()
        .for_each(|guest| is_ready(&kubectl, guest.app));
    tell("and every guest let in", started);
    if let Some(tight) = &tight {
        tight.grows();
    }
    is_ready(&kubectl, "books");
    let restarts = "--output=jsonpath={.items[*].status.containerStatuses[*].restartCount}";
    let of_web = [
        "get",
        "pods",
        "--selector=app.kubernetes.io/name=web",
        restarts,
    ];
    assert_eq!(kubectl.answer(&of_web, ""), "0");
    tell("all told and mended", started);
    bed.stop().await;
}

/// The service that was shut out says so, and is let in again.
fn by_hand(kubectl: &Kubectl, words: &str) {
    let way_out = "; what somebody changed on the server by hand, a new value of the annotation gravity.dev/provision-again on the GravityApp sets right";
    says(kubectl, "books", "ServicesReady", &[words, way_out]);
    provision_again(kubectl, "books");
    is_ready(kubectl, "books");
}

fn provision_again(kubectl: &Kubectl, app: &str) {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let value = format!("gravity.dev/provision-again={}", since.as_millis());
    kubectl.answer(&["annotate", "gravityapp", app, &value, "--overwrite"], "");
}

/// A server on a volume that is small, and full.
struct Tight<'a> {
    kubectl: &'a Kubectl,
    cluster: &'a LocalCluster,
    path: String,
}

impl<'a> Tight<'a> {
    /// The volume is memory of the node, which is as large as it says.
    fn begin(kubectl: &'a Kubectl, cluster: &'a LocalCluster) -> Self {
        let path = cluster.folder().join("tight").display().to_string();
        std::fs::create_dir(&path).unwrap();
        let options = "--options=size=192m,mode=0777";
        let mount = ["--types=tmpfs", options, "tmpfs", &path];
        cluster.run_on_node("mount", &mount).unwrap();
        let file = Bed::app("tight.yaml");
        apply(
            kubectl,
            &file.replace("PATH", &path).replace("SIZE", "192Mi"),
        );
        Self {
            kubectl,
            cluster,
            path,
        }
    }

    /// Fills the disk, and then writes to the log of the database, without which it cannot be.
    fn fills_up(&self) {
        is_ready(self.kubectl, "full");
        let server = "full-postgresql-15-0";
        run(
            self.kubectl,
            server,
            &format!("{PSQL} hoard_db"),
            "CREATE TABLE kept AS SELECT 7 AS value",
        );
        let fill = "dd if=/dev/zero of=/var/lib/postgresql/filler bs=1M 2>/dev/null || true";
        self.kubectl
            .answer(&["exec", server, "--", "bash", "-c", fill], "");
        let write = "SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000)) FROM generate_series(1, 100)";
        let script = format!("{PSQL} -c \"{write}\"");
        let told = self
            .kubectl
            .try_answer(&["exec", server, "--", "bash", "-c", &script], "");
        assert!(told.is_err(), "there was room for more: {told:?}");
    }

    /// As the condition says; the test is the driver of the volume.
    fn grows(&self) {
        let words = [
            "No space left on device",
            "; raise the storage of databases.<engine>, or make room on it",
        ];
        says(self.kubectl, "full", "DatabasesReady", &words);
        let patch = |kind: &str, name: &str, more: &[&str], body: &str| {
            let patch = ["patch", kind, name, "--type=merge", "--patch", body];
            self.kubectl.answer(&[&patch[..], more].concat(), "");
        };
        let app = r#"{"spec": {"databases": {"postgresql": {"storage": "384Mi"}}}}"#;
        patch("gravityapp", "full", &[], app);
        let claim = "data-full-postgresql-15-0";
        says(
            self.kubectl,
            "full",
            "DatabasesReady",
            &["grows from 192Mi to 384Mi"],
        );
        let remount = ["--options=remount,size=384m", self.path.as_str()];
        self.cluster.run_on_node("mount", &remount).unwrap();
        patch(
            "pv",
            "tight",
            &[],
            r#"{"spec": {"capacity": {"storage": "384Mi"}}}"#,
        );
        let done = r#"{"status": {"capacity": {"storage": "384Mi"}}}"#;
        patch("pvc", claim, &["--subresource=status"], done);
        is_ready(self.kubectl, "full");
        let read = format!("{PSQL} hoard_db -At -c 'TABLE kept'");
        let exec = ["exec", "full-postgresql-15-0", "--", "bash", "-c", &read];
        assert_eq!(self.kubectl.answer(&exec, "").trim(), "7");
    }
}

fn apply(kubectl: &Kubectl, text: &str) {
    kubectl.answer(&["apply", "--filename=-"], text);
}

/// Runs a statement by a client in a server's pod.
fn run(kubectl: &Kubectl, pod: &str, client: &str, statement: &str) {
    let option = if client == MYSQL { "-e" } else { "-c" };
    let script = format!("{client} {option} \"{statement}\"");
    kubectl.answer(&["exec", pod, "--", "bash", "-euc", &script], "");
}

fn is_ready(kubectl: &Kubectl, app: &str) {
    let app = format!("gravityapp/{app}");
    let wait = ["wait", &app, "--for=condition=Ready", "--timeout=1s"];
    kubectl.wait(LIMIT, &wait);
}

/// Waits until a condition of an app says these parts, in this order.
fn says(kubectl: &Kubectl, app: &str, kind: &str, parts: &[&str]) {
    let started = Instant::now();
    let message =
        format!("--output=jsonpath={{.status.conditions[?(@.type==\"{kind}\")].message}}");
    loop {
        let told = kubectl.answer(&["get", "gravityapp", app, &message], "");
        let mut rest = Some(told.as_str());
        for part in parts {
            rest = rest.and_then(|rest| Some(rest.split_once(part)?.1));
        }
        if rest.is_some() {
            return;
        }
        assert!(
            started.elapsed() < LIMIT,
            "{kind} of {app} does not say {parts:?}, but {told}\n{}",
            kubectl.story()
        );
        std::thread::sleep(Duration::from_millis(500));
    }
}
