//! MariaDB, and MySQL's scripts as far as the two agree.

use e2e::Room;
use gravity::engines::Engine;

use crate::jobs::Server;
use crate::{ADMIN, NAMES, PASSWORDS};

/// The server's modes are those in which quotes and backslashes are read otherwise.
const MODES: &str = "SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'";

/// What `mysqldump` knows and `mariadb-dump` does not.
const DUMPER: &str = r#"
cat > /usr/local/bin/mysqldump <<'DUMPER'
#!/bin/bash
words=()
for word in "$@"; do [ "$word" = --set-gtid-purged=OFF ] || words+=("$word"); done
exec mariadb-dump "${words[@]}"
DUMPER
chmod 755 /usr/local/bin/mysqldump
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=db.example.com \
    -keyout /data/key.pem -out /data/certificate.pem 2> /dev/null
chown 999 /data/*.pem
"#;

fn server() -> Server {
    let room = Room::of("mariadb");
    room.prepare("install -d -o 999 -g 999 /data /run/mysqld");
    room.prepare(DUMPER);
    room.start(
        &[
            "docker-entrypoint.sh",
            "--datadir=/data/mariadb",
            "--character-set-server=utf8mb4",
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0",
            "--ssl-cert=/data/certificate.pem",
            "--ssl-key=/data/key.pem",
        ],
        &[("MARIADB_ROOT_PASSWORD", ADMIN)],
    );
    let ping = [
        "mariadb",
        "--no-defaults",
        "--protocol=tcp",
        "--host=127.0.0.1",
        "--user=root",
        "--execute=SELECT 1",
    ];
    room.wait(&ping, &[("MYSQL_PWD", ADMIN)]);
    let admin = [("ADMIN_USERNAME", "root"), ("ADMIN_PASSWORD", ADMIN)];
    let server = Server::new(Engine::MariaDB, room, &admin);
    ask(&server, ("root", ADMIN), MODES).unwrap();
    server
}

fn ask(
    server: &Server,
    (user, password): (&str, &str),
    statements: &str,
) -> Result<String, String> {
    let words = [
        "mariadb",
        "--no-defaults",
        "--protocol=tcp",
        "--host=127.0.0.1",
        "--user",
        user,
        "--default-character-set=utf8mb4",
        "--batch",
        "--skip-column-names",
    ];
    server
        .room
        .feed(&words, &[("MYSQL_PWD", password)], statements)
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The script of the engine as MariaDB can run it, which has no partial revokes: what the two
/// engines' scripts have in common is shown on it.
fn script(engine: Engine) -> String {
    let script = engine.profile().provisioning.script;
    let known = script.replace("IF(@@partial_revokes, @name, @escaped)", "@escaped");
    assert_eq!(known == script, engine == Engine::MariaDB);
    known
}

/// One server for all of it: its start is most of the time.
#[test]
fn names_passwords_and_modes_are_data_to_mariadb_and_mysql() {
    let mut server = server();
    for engine in [Engine::MariaDB, Engine::MySQL] {
        server.engine = engine;
        server.script = script(engine);
        names(&server, if engine == Engine::MariaDB { "" } else { "my" });
        rotation(&server);
        backup(&server);
        ask(
            &server,
            ("root", ADMIN),
            "DROP DATABASE shop; DROP DATABASE copy; DROP USER shop_a, shop_b",
        )
        .unwrap();
    }
    server.engine = Engine::MariaDB;
    server.script = script(Engine::MariaDB);
    external(&server);
    for engine in [Engine::MariaDB, Engine::MySQL] {
        server.engine = engine;
        strangers(&server);
    }
    server.kept_to_itself(&[&[ADMIN, "b@ss", "b%40ss"], &PASSWORDS[..]].concat());
}

fn names(server: &Server, prefix: &str) {
    let boss = |statements: &str| ask(server, ("root", ADMIN), statements).unwrap();
    boss(
        "CREATE DATABASE IF NOT EXISTS plainx; CREATE DATABASE IF NOT EXISTS perxcent; CREATE DATABASE IF NOT EXISTS myplainx",
    );
    for (index, name) in NAMES.iter().enumerate() {
        let (name, password) = (
            format!("{prefix}{name}"),
            PASSWORDS[index % PASSWORDS.len()],
        );
        let login = format!("{name}_a");
        let variables = [
            ("DATABASE_NAME", &*name),
            ("DATABASE_OWNER", &name),
            ("DATABASE_USERNAME", &login),
            ("DATABASE_PASSWORD", password),
            ("DATABASE_CHARSET", "utf8mb4"),
            ("DATABASE_COLLATION", "utf8mb4_bin"),
        ];
        for _ in 0..2 {
            server
                .provision(&variables)
                .unwrap_or_else(|said| panic!("{name:?}: {said}"));
        }
        let kept = format!(
            "USE {}; CREATE TABLE kept (a text); SELECT @@collation_database;",
            quoted(&name)
        );
        assert_eq!(
            ask(server, (&login, password), &kept).as_deref(),
            Ok("utf8mb4_bin")
        );
        assert!(ask(server, (&login, "wrong"), "SELECT 1").is_err());
        let seen = ask(
            server,
            (&login, password),
            "SELECT COUNT(*) FROM information_schema.schemata",
        )
        .unwrap();
        assert_eq!(seen, "2", "{name:?} reaches its own database only");
    }
}

fn rotation(server: &Server) {
    server.rotate(
        ("shop", "shop"),
        [PASSWORDS[0], PASSWORDS[2]],
        |login, password| ask(server, (login, password), "USE shop").is_ok(),
    );
}

fn backup(server: &Server) {
    let login = ("shop_b", PASSWORDS[2]);
    let write = r"USE shop; CREATE TABLE kept (value text); CREATE TABLE log (value text);
        CREATE TRIGGER told AFTER INSERT ON kept FOR EACH ROW INSERT INTO log VALUES (NEW.value);
        INSERT INTO kept VALUES ('first \ – ✓');
        CREATE TABLE prices (price int) WITH SYSTEM VERSIONING;
        INSERT INTO prices VALUES (1); UPDATE prices SET price = 2;";
    ask(server, login, write).unwrap();
    let database = [("BACKUP_DATABASES", "shop")];
    let name = server.made_backup(&database);
    server
        .backup(&["restore", &name, "copy", "new"], &database)
        .unwrap();
    ask(server, login, "USE shop; DROP TABLE kept").unwrap();
    server
        .backup(&["restore", &name, "shop", "replace"], &database)
        .unwrap();
    for database in ["copy", "shop"] {
        let read =
            format!("SELECT kept.value FROM {database}.kept JOIN {database}.log USING (value)");
        let kept = ask(server, ("root", ADMIN), &format!("{read};"));
        // The client shows a backslash twice.
        assert_eq!(kept.as_deref(), Ok(r"first \\ – ✓"));
        // Its tables have no history on MySQL.
        if server.engine == Engine::MySQL {
            continue;
        }
        let history = format!("SELECT COUNT(*) FROM {database}.prices FOR SYSTEM_TIME ALL");
        let history = ask(server, ("root", ADMIN), &history);
        assert_eq!(history.as_deref(), Ok("2"), "in {database}");
    }
    assert!(ask(server, login, "SELECT value FROM shop.kept").is_ok());
}

/// A managed server's URI says how the connection is encrypted, and is obeyed or refused.
fn external(server: &Server) {
    let boss = "CREATE USER boss IDENTIFIED BY 'b@ss/?:%' REQUIRE SSL; GRANT ALL ON *.* TO boss WITH GRANT OPTION;
                CREATE USER plain_boss IDENTIFIED BY 'b@ss/?:%'; GRANT ALL ON *.* TO plain_boss WITH GRANT OPTION";
    ask(server, ("root", ADMIN), boss).unwrap();
    let run = |user: &str, parameters: &str| {
        let uri = format!("mysql://{user}:b%40ss%2F%3F%3A%25@127.0.0.1:3306/{parameters}\n");
        server.provision(&[
            ("ADMIN_URI", &uri),
            ("ADMIN_USERNAME", ""),
            ("ADMIN_PASSWORD", ""),
            ("DATABASE_NAME", "outside"),
            ("DATABASE_OWNER", "outside"),
            ("DATABASE_USERNAME", "outside_a"),
            ("DATABASE_PASSWORD", PASSWORDS[0]),
        ])
    };
    for (user, parameters) in [
        ("boss", "?ssl-mode=REQUIRED"),
        ("boss", "?charset=utf8&sslMode=required"),
        ("plain_boss", "?ssl-mode=DISABLED"),
        ("plain_boss", ""),
    ] {
        let said = run(user, parameters);
        assert!(said.is_ok(), "{user} {parameters}: {}", said.unwrap_err());
    }
    let refused = |user: &str, parameters: &str| run(user, parameters).unwrap_err();
    let said = refused("boss", "?ssl-mode=DISABLED");
    assert!(said.contains("Access denied"), "{said}");
    let said = refused("plain_boss", "?ssl-mode=VERIFY_IDENTITY");
    assert!(said.contains("certificate"), "{said}");
    let said = refused("plain_boss", "?tls=true");
    assert_eq!(
        said,
        "the uri of the administrator has the parameter tls, which is not known here: write ssl-mode=REQUIRED or ssl-mode=VERIFY_IDENTITY"
    );
    let said = refused("plain_boss", "?ssl-mode=yes");
    assert!(
        said.contains("has the ssl-mode yes, which is none"),
        "{said}"
    );
    let uri = "mysql://plain_boss:b%40ss%2F%3F%3A%25@127.0.0.1:3306/";
    server.is_one_apps(uri, "utf8mb4", || {
        let give_up = "ALTER DATABASE `sh'ared` COMMENT ''";
        ask(server, ("root", ADMIN), give_up).unwrap();
    });
}

/// The password of somebody's user on a server of others is not replaced.
fn strangers(server: &Server) {
    let boss = |statements: &str| ask(server, ("root", ADMIN), statements).unwrap();
    let run = || {
        let uri = "mysql://plain_boss:b%40ss%2F%3F%3A%25@127.0.0.1:3306/";
        let variables = [
            ("ADMIN_URI", uri),
            ("ADMIN_USERNAME", ""),
            ("ADMIN_PASSWORD", ""),
            ("DATABASE_NAME", "st'ock_"),
            ("DATABASE_OWNER", "st'ock_"),
            ("DATABASE_USERNAME", "st'ock__a"),
            ("DATABASE_PASSWORD", "secret"),
        ];
        server.provision(&variables)
    };
    // Of a database whose name is another pattern it has all rights.
    boss("CREATE USER `st'ock__a` IDENTIFIED BY 'own'; GRANT ALL ON plain.* TO `st'ock__a`");
    boss("CREATE USER `st'ock__b` IDENTIFIED BY 'own'; GRANT ALL ON `st'ock%`.* TO `st'ock__b`");
    for user in ["st'ock__a", "st'ock__b"] {
        let quoted = user.replace('\'', "\\'");
        let told = format!(
            "ERROR: the user '{quoted}'@'%' is there already and has no rights on the database st'ock_, so its password is not replaced: give the service's database another name; or rename that user (RENAME USER), or, where nobody needs it, drop it (DROP USER '{quoted}'@'%')"
        );
        assert_eq!(run(), Err(told));
        assert!(ask(server, (user, "own"), "SELECT 1").is_ok(), "{user}");
        boss(&format!("DROP USER `{user}`"));
    }
    for _ in 0..2 {
        let said = run();
        assert!(said.is_ok(), "{}", said.unwrap_err());
    }
    assert!(ask(server, ("st'ock__a", "secret"), "USE `st'ock_`").is_ok());
    boss("DROP DATABASE `st'ock_`; DROP USER `st'ock__a`, `st'ock__b`");
}
