//! Backups, by the very script of their Jobs, and what a restore may do.

use gravity::engines::Engine;

use crate::jobs::Server;
use crate::postgresql::{self, ask};
use crate::{ADMIN, PASSWORDS};

const BOSS: (&str, &str) = ("postgres", ADMIN);
const LOGIN: (&str, &str) = ("shop_a", PASSWORDS[0]);

/// Functions that a check and an index call when they are restored. They try to become more than
/// they are, and say nothing of it.
const HOSTILE: &str = "
CREATE FUNCTION try_to(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE what; EXCEPTION WHEN OTHERS THEN NULL; END $$;
CREATE FUNCTION rise(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    PERFORM public.try_to('RESET SESSION AUTHORIZATION');
    PERFORM public.try_to('RESET ROLE');
    PERFORM public.try_to('ALTER ROLE shop_a SUPERUSER');
    PERFORM public.try_to('CREATE ROLE risen SUPERUSER LOGIN');
    PERFORM public.try_to('GRANT pg_read_server_files TO shop');
    PERFORM public.try_to('CREATE TABLE public.left_' || md5(random()::text) || ' ()');
    RETURN true;
END $$;
CREATE TABLE kept (value text CHECK (rise(value)), digest bytea);
CREATE INDEX risen ON kept ((rise(value)));
CREATE SCHEMA app;
CREATE TABLE app.more (id serial PRIMARY KEY, at timestamptz DEFAULT now());
INSERT INTO app.more DEFAULT VALUES;
GRANT SELECT ON app.more TO reader;
GRANT USAGE ON SCHEMA app TO reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO reader;
SELECT lo_from_bytea(4711, 'large');
COMMENT ON TABLE kept IS 'told';
INSERT INTO kept VALUES ('first', public.digest('first', 'sha256'));
";

const BY_HAND: &str = "warning: only a superuser may make some of what guarded has, so its backup can be restored by hand only:\n";

fn server(image: &str, engine: Engine, extensions: &str) -> Server {
    let server = Server::new(
        engine,
        postgresql::start(image),
        &[
            ("ADMIN_USERNAME", BOSS.0),
            ("ADMIN_PASSWORD", BOSS.1),
            ("DATABASE_EXTENSIONS", extensions),
        ],
    );
    ask(&server.room, "postgres", BOSS, "CREATE ROLE reader").unwrap();
    server.make("shop", PASSWORDS[0]);
    server
}

/// Makes a backup, and tells its name and what else it says.
fn back_up(server: &Server, database: &str) -> (String, String) {
    let variables = [("BACKUP_DATABASES", database)];
    let said = server.backup(&["backup"], &variables).unwrap();
    let (warning, made) = said.rsplit_once("made ").unwrap();
    let name = made.split(',').next().unwrap();
    (name.to_owned(), warning.to_owned())
}

/// One server for all of it: its start is most of the time.
#[test]
fn a_restore_has_the_rights_of_the_databases_owner() {
    let server = server("postgres", Engine::PostgreSQL, "pgcrypto");
    functions(&server);
    what_only_a_superuser_may_make(&server);
}

/// Those of the dump become nothing more than what they were.
fn functions(server: &Server) {
    let roles = "SELECT rolname FROM pg_roles WHERE rolsuper OR rolname ~ '^(gravity_|risen)'";
    ask(&server.room, "shop", LOGIN, HOSTILE).unwrap();
    // By hand, in a schema that is the administrator's.
    let by_hand = "CREATE SCHEMA theirs; CREATE EXTENSION citext SCHEMA theirs; \
                   CREATE TABLE theirs.words (word theirs.citext); INSERT INTO theirs.words VALUES ('Word'); \
                   GRANT USAGE ON SCHEMA theirs TO shop; GRANT SELECT ON theirs.words TO shop;";
    ask(&server.room, "shop", BOSS, by_hand).unwrap();
    let (name, warning) = back_up(server, "shop");
    assert_eq!(warning, "");
    let said = server.backup(&["restore", &name, "copy", "new"], &[]);
    assert_eq!(said, Ok(format!("restored {name} to copy")));
    ask(
        &server.room,
        "shop",
        LOGIN,
        "DELETE FROM kept; DROP TABLE app.more",
    )
    .unwrap();
    let said = server
        .backup(&["restore", &name, "shop", "replace"], &[])
        .unwrap();
    assert!(
        said.contains(&format!("restored {name} to shop; what was there")),
        "{said}"
    );

    for database in ["copy", "shop"] {
        let told = |statements| ask(&server.room, database, LOGIN, statements).unwrap();
        let kept = "SELECT value FROM kept WHERE digest = digest('first', 'sha256')";
        assert_eq!(told(kept), "first");
        let word = "SELECT count(*) FROM theirs.words WHERE word OPERATOR(theirs.=) 'word'";
        assert_eq!(told(word), "1");
        assert_eq!(told("SELECT obj_description('kept'::regclass)"), "told");
        assert_eq!(told("SELECT convert_from(lo_get(4711), 'UTF8')"), "large");
        assert_eq!(
            told("INSERT INTO app.more DEFAULT VALUES RETURNING id"),
            "2"
        );
        assert_eq!(
            told("SELECT has_table_privilege('reader', 'app.more', 'SELECT')"),
            "t"
        );
        told("CREATE TABLE app.late (); CREATE TABLE late ()");
        assert_eq!(
            told("SELECT has_table_privilege('reader', 'app.late', 'SELECT')"),
            "t"
        );
        let owners = "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'app'::regnamespace)";
        assert_eq!(told(owners), "shop");
    }
    assert_eq!(
        ask(&server.room, "postgres", BOSS, roles).as_deref(),
        Ok("postgres")
    );
    let files = "SELECT pg_has_role('shop', 'pg_read_server_files', 'MEMBER')";
    assert_eq!(
        ask(&server.room, "postgres", BOSS, files).as_deref(),
        Ok("f")
    );
    server.kept_to_itself(&[ADMIN, PASSWORDS[0]]);
}

/// It is told, and nothing is changed.
fn what_only_a_superuser_may_make(server: &Server) {
    server.make("guarded", PASSWORDS[0]);
    let boss = |statements: &str| ask(&server.room, "guarded", BOSS, statements).unwrap();
    boss(
        "CREATE FUNCTION guard() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; \
          CREATE EVENT TRIGGER guard ON ddl_command_start EXECUTE FUNCTION guard();",
    );
    let (name, warning) = back_up(server, "guarded");
    assert_eq!(warning, format!("{BY_HAND}the event trigger guard\n"));
    let said = server
        .backup(&["restore", &name, "second", "new"], &[])
        .unwrap_err();
    assert!(said.contains("only a superuser may make some of what the backup has, and a restore has the rights of guarded: EVENT TRIGGER - guard postgres:"), "{said}");

    boss(
        "DROP EVENT TRIGGER guard; CREATE FUNCTION own(text) RETURNS text LANGUAGE internal AS 'upper'",
    );
    let (name, warning) = back_up(server, "guarded");
    assert_eq!(warning, format!("{BY_HAND}the function public.own(text)\n"));
    let said = server
        .backup(&["restore", &name, "second", "new"], &[])
        .unwrap_err();
    assert!(
        said.contains("permission denied for language internal"),
        "{said}"
    );
    assert!(
        said.contains("a restore has the rights of guarded: what only an administrator may make"),
        "{said}"
    );
    let left = "SELECT count(*) FROM pg_database WHERE datname = 'second'";
    assert_eq!(boss(left), "0");
    let left = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'gravity%'";
    assert_eq!(boss(left), "0");

    // What a Job that was killed left behind is in nobody's way.
    boss("DROP FUNCTION own");
    let (name, warning) = back_up(server, "guarded");
    assert_eq!(warning, "");
    let digest = server
        .room
        .run(
            &["bash", "-c", "printf second | sha256sum | cut -c 1-16"],
            &[],
        )
        .unwrap();
    boss(&format!(
        "CREATE ROLE gravity_restore_{digest} LOGIN; \
                   CREATE ROLE gravity_restore_0123456789abcdef LOGIN VALID UNTIL 'yesterday'"
    ));
    server
        .backup(&["restore", &name, "second", "new"], &[])
        .unwrap();
    assert_eq!(
        boss("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'gravity%'"),
        "0"
    );

    boss("ALTER DATABASE guarded OWNER TO postgres");
    let (name, _) = back_up(server, "guarded");
    let said = server
        .backup(&["restore", &name, "third", "new"], &[])
        .unwrap_err();
    assert!(
        said.contains("the database's owner postgres has a superuser's rights"),
        "{said}"
    );
}

#[test]
fn postgis_is_restored_with_what_was_added_to_its_own_tables() {
    let server = server("postgis", Engine::PostGIS, "postgis");
    let own = "CREATE TABLE kept (place geometry(Point, 4326)); \
               INSERT INTO kept VALUES (ST_SetSRID(ST_MakePoint(8.5, 47.4), 4326));";
    ask(&server.room, "shop", LOGIN, own).unwrap();
    let added = "INSERT INTO spatial_ref_sys (srid, auth_name) VALUES (910000, 'ours')";
    ask(&server.room, "shop", BOSS, added).unwrap();
    let (name, warning) = back_up(&server, "shop");
    assert_eq!(warning, "");
    let said = server.backup(&["restore", &name, "copy", "new"], &[]);
    assert_eq!(said, Ok(format!("restored {name} to copy")));
    let read =
        "SELECT ST_X(place), (SELECT auth_name FROM spatial_ref_sys WHERE srid = 910000) FROM kept";
    assert_eq!(
        ask(&server.room, "copy", LOGIN, read).as_deref(),
        Ok("8.5|ours")
    );
    // What an image makes new databases from is nobody's but the administrator's.
    let template = "CREATE DATABASE template_postgis IS_TEMPLATE true";
    ask(&server.room, "postgres", BOSS, template).unwrap();
    server.make("shop", PASSWORDS[0]);
    let refused = ask(&server.room, "template_postgis", LOGIN, "SELECT 1").unwrap_err();
    assert!(
        refused.contains("permission denied for database"),
        "{refused}"
    );
}
