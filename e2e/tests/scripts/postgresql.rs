//! PostgreSQL.

use e2e::Room;
use gravity::engines::Engine;

use crate::jobs::Server;
use crate::{ADMIN, NAMES, PASSWORDS};

pub fn start(image: &str) -> Room {
    let room = Room::of(image);
    room.prepare("install -d -o 999 -g 999 /data /var/run/postgresql");
    room.start(
        &[
            "docker-entrypoint.sh",
            "postgres",
            "-c",
            "password_encryption=scram-sha-256",
            "-c",
            "log_statement=all",
            "-c",
            "fsync=off",
        ],
        &[
            ("PGDATA", "/data/postgresql"),
            ("POSTGRES_PASSWORD", ADMIN),
            (
                "POSTGRES_INITDB_ARGS",
                "--auth-host=scram-sha-256 --auth-local=scram-sha-256 --no-sync",
            ),
        ],
    );
    room.wait(&["pg_isready", "--quiet", "--host=127.0.0.1"], &[]);
    room
}

fn server() -> Server {
    let admin = [("ADMIN_USERNAME", "postgres"), ("ADMIN_PASSWORD", ADMIN)];
    Server::new(Engine::PostgreSQL, start("postgres"), &admin)
}

/// Runs statements by a login; the name of a database goes by the environment, for psql would
/// read some as a URL.
pub fn ask(
    room: &Room,
    database: &str,
    (user, password): (&str, &str),
    statements: &str,
) -> Result<String, String> {
    let variables = [
        ("PGHOST", "127.0.0.1"),
        ("PGDATABASE", database),
        ("PGUSER", user),
        ("PGPASSWORD", password),
        ("PGCLIENTENCODING", "UTF8"),
    ];
    let words = ["psql", "-qAtXv", "ON_ERROR_STOP=1"];
    room.feed(&words, &variables, statements)
}

/// One server for all of it: its start is most of the time.
#[test]
fn names_and_passwords_are_data_to_postgresql() {
    let server = server();
    names(&server);
    charset(&server);
    rotation(&server);
    external(&server);
    refusals(&server);
}

fn names(server: &Server) {
    for (index, name) in NAMES.iter().enumerate() {
        let password = PASSWORDS[index % PASSWORDS.len()];
        server.make(name, password);
        // A second time changes nothing.
        server.make(name, password);
        let login = format!("{name}_a");
        let made = ask(
            &server.room,
            name,
            (&login, password),
            "CREATE TABLE kept (a text); SELECT current_user;",
        );
        assert_eq!(made.as_deref(), Ok(*name));
        let refused = ask(&server.room, name, (&login, "wrong"), "SELECT 1").unwrap_err();
        assert!(
            refused.contains("password authentication failed"),
            "{refused}"
        );
        let before = index
            .checked_sub(1)
            .map_or("postgres", |before| NAMES[before]);
        let refused = ask(&server.room, before, (&login, password), "SELECT 1").unwrap_err();
        assert!(
            refused.contains("permission denied for database"),
            "{refused}"
        );
    }
    let count = ask(
        &server.room,
        "postgres",
        ("postgres", ADMIN),
        "SELECT count(*) FROM pg_database",
    );
    assert_eq!(count, Ok((NAMES.len() + 3).to_string()));
    server.kept_to_itself(&[&[ADMIN], &PASSWORDS[..]].concat());
}

/// What is wrong is told in the server's words, and what psql asked before is not.
fn charset(server: &Server) {
    let told = server.provision(&[
        ("DATABASE_NAME", "strange"),
        ("DATABASE_OWNER", "strange"),
        ("DATABASE_USERNAME", "strange_a"),
        ("DATABASE_PASSWORD", PASSWORDS[0]),
        ("DATABASE_CHARSET", "klingon"),
        ("OTHER_LOGIN", "set"),
        ("OTHER_PASSWORD", PASSWORDS[1]),
    ]);
    let why = "ERROR:  klingon is not a valid encoding name";
    let first = told.unwrap_err().lines().next().map(str::to_owned);
    assert_eq!(first.as_deref(), Some(why));
}

fn rotation(server: &Server) {
    let passwords = [PASSWORDS[0], PASSWORDS[3]];
    server.rotate(("shop", "shop"), passwords, |login, password| {
        ask(&server.room, "shop", (login, password), "SELECT 1").is_ok()
    });
    server.kept_to_itself(&[&[ADMIN], &passwords[..]].concat());
}

/// A server of others, whose administrator is no superuser and cannot turn its log off: no
/// password is told to it.
fn external(server: &Server) {
    let admin = "CREATE ROLE boss LOGIN CREATEDB CREATEROLE PASSWORD 'b@ss/?:'; GRANT CONNECT ON DATABASE postgres TO boss";
    ask(&server.room, "postgres", ("postgres", ADMIN), admin).unwrap();
    let uris = [
        "postgresql://boss:b%40ss%2F%3F%3A@127.0.0.1:5432/postgres?sslmode=prefer\n",
        "postgres://boss@127.0.0.1?connect_timeout=5&password=b%40ss%2F%3F%3A",
    ];
    for (uri, name) in uris.into_iter().zip(NAMES.iter().skip(2)) {
        let name = &*format!("my{name}");
        let login = format!("{name}_a");
        let told = server.provision(&[
            ("ADMIN_URI", uri),
            ("ADMIN_USERNAME", ""),
            ("ADMIN_PASSWORD", ""),
            ("DATABASE_NAME", name),
            ("DATABASE_OWNER", name),
            ("DATABASE_USERNAME", &login),
            ("DATABASE_PASSWORD", PASSWORDS[0]),
        ]);
        assert!(told.is_ok(), "{}", told.unwrap_err());
        assert!(ask(&server.room, name, (&login, PASSWORDS[0]), "SELECT 1").is_ok());
    }
    server.is_one_apps(uris[0], "UTF8", || {
        let give_up = "COMMENT ON ROLE \"sh'ared\" IS NULL";
        ask(&server.room, "postgres", ("postgres", ADMIN), give_up).unwrap();
    });
    server.kept_to_itself(&["b@ss", "b%40ss", PASSWORDS[0]]);
    let log = server.room.run(&["cat", "/tmp/server.log"], &[]).unwrap();
    assert!(log.contains("CREATE DATABASE"), "the log has statements");
    for secret in ["b@ss/?:'", "b%40ss", "touch /tmp/broken)`"] {
        let told = log
            .lines()
            .find(|line| line.contains(secret) && !line.contains("CREATE ROLE boss"));
        assert_eq!(told, None, "{secret} is in the log");
    }
    let broken = server.provision(&[
        ("DATABASE_NAME", "lines"),
        ("DATABASE_OWNER", "lines"),
        ("DATABASE_USERNAME", "lines_a"),
        ("DATABASE_PASSWORD", "two\nlines"),
    ]);
    assert_eq!(
        broken,
        Err(
            "the password has a line break, which psql cannot be told: write one without"
                .to_owned()
        )
    );
}

/// What is there already on a server of others is not taken over: no service gets the rights of a
/// role, no login another password.
fn refusals(server: &Server) {
    let boss = |statements: &str| ask(&server.room, "postgres", ("postgres", ADMIN), statements);
    let roles = "CREATE ROLE chief SUPERUSER; CREATE ROLE maker CREATEROLE CREATEDB; CREATE ROLE person LOGIN;
        CREATE ROLE reader; GRANT pg_read_all_data TO reader; CREATE ROLE stock_a LOGIN PASSWORD 'own';
        CREATE ROLE crate; CREATE ROLE crate_b IN ROLE crate, reader;
        CREATE ROLE given; GRANT given TO boss; GRANT CONNECT ON DATABASE postgres, template1 TO PUBLIC";
    boss(roles).unwrap();
    let comes = |uri: &str, app: &str, name: &str| {
        server.provision(&[
            ("ADMIN_URI", uri),
            ("ADMIN_USERNAME", ""),
            ("ADMIN_PASSWORD", ""),
            ("DATABASE_APP", app),
            ("DATABASE_NAME", name),
            ("DATABASE_OWNER", name),
            ("DATABASE_USERNAME", &format!("{name}_a")),
            ("DATABASE_PASSWORD", "secret"),
        ])
    };
    let any = "postgresql://boss:b%40ss%2F%3F%3A@127.0.0.1";
    let superuser =
        "postgresql://postgres:a%27d%22m%25in%5C%40%3A%2F%3F%23%24%28id%29%60@127.0.0.1";
    for (app, name) in [
        ("a/shop", "orders"),
        ("a/shop", "items_a"),
        ("a/shop", "given"),
    ] {
        let said = comes(any, app, name);
        assert!(said.is_ok(), "{name}: {}", said.unwrap_err());
    }
    for (name, role, is) in [
        ("chief", "chief", "is a superuser"),
        ("maker", "maker", "can make roles, can make databases"),
        ("person", "person", "can log in"),
        ("reader", "reader", "is a member of pg_read_all_data"),
        ("stock", "stock_a", "is no member of stock"),
        ("crate", "crate_b", "is a member of reader"),
        // Logins of another app, and roles that own its databases.
        ("orders_a", "orders_a", "can log in, is a member of orders"),
        ("items", "items_a", "is no member of items"),
    ] {
        for uri in [any, superuser] {
            let said = comes(uri, "b/shop", name).unwrap_err();
            let told = format!(
                "ERROR:  the role {role} is there already and {is}: the service of the database {name} would act as it: give the service's database another name; or rename that role (ALTER ROLE {role} RENAME TO …), or change what it is where it is meant for this database"
            );
            assert_eq!(said.lines().next(), Some(&*told));
        }
    }
    let said = comes(any, "b/shop", "boss").unwrap_err();
    let told = "ERROR:  the role boss is there already and is the administrator, ";
    assert!(said.starts_with(told), "{said}");
    let enters = ask(&server.room, "postgres", ("stock_a", "own"), "SELECT 1");
    assert!(enters.is_ok(), "no password was replaced: {enters:?}");
    let made = boss("SELECT rolname FROM pg_roles WHERE rolname ~ '^(chief|maker|stock|items|orders_a)(_[ab])?$' ORDER BY 1").unwrap();
    assert_eq!(made, "chief\nitems_a\nmaker\norders_a\nstock_a");

    boss("ALTER ROLE stock_a RENAME TO clerk; GRANT pg_monitor TO given, given_a").unwrap();
    // What was given to an app's own role since is meant; and others log in to a server of others.
    for (uri, app, name) in [(any, "b/shop", "stock"), (superuser, "a/shop", "given")] {
        let said = comes(uri, app, name);
        assert!(said.is_ok(), "{name}: {}", said.unwrap_err());
    }
    let open = boss(
        "SELECT has_database_privilege('public', 'postgres', 'CONNECT'), has_database_privilege('public', 'template1', 'CONNECT')",
    );
    assert_eq!(open.as_deref(), Ok("t|t"));
}
