//! Redis.

use std::fs;

use e2e::Room;
use gravity::engines::Engine;

use crate::jobs::Server;
use crate::{ADMIN, NAMES, PASSWORDS};

const START: [&str; 2] = ["bash", "/etc/gravity/start.sh"];

/// The server as its pod starts it.
fn server(disk: &str) -> Server {
    let room = Room::of("redis");
    room.prepare("mkdir -p /etc/gravity /run/gravity/admin; install -d -o 999 -g 999 /data");
    room.prepare(disk);
    for file in Engine::Redis.profile().files {
        let text = file.text.replace("{limit}", "100mb");
        fs::write(room.path("/etc/gravity").join(file.name), text).unwrap();
    }
    fs::write(room.path("/run/gravity/admin/password"), ADMIN).unwrap();
    room.start(&START, &[]);
    room.wait(&["redis-cli", "-e", "PING"], &[("REDISCLI_AUTH", ADMIN)]);
    let admin = [("ADMIN_USERNAME", "default"), ("ADMIN_PASSWORD", ADMIN)];
    Server::new(Engine::Redis, room, &admin)
}

fn ask(server: &Server, (user, password): (&str, &str), words: &[&str]) -> Result<String, String> {
    let mut all = vec!["redis-cli", "-e", "--no-auth-warning", "--user", user];
    all.extend(words);
    server.room.run(&all, &[("REDISCLI_AUTH", password)])
}

/// One server for all of it, which takes longer to open than to ask.
#[test]
fn names_and_passwords_are_data_to_redis() {
    let server = server("");
    restored(&server);
    names(&server);
    walls(&server);
}

fn names(server: &Server) {
    for (index, name) in NAMES.into_iter().chain(["glob[a-z]*?", ""]).enumerate() {
        let password = PASSWORDS[index % PASSWORDS.len()];
        let owner = format!("service-{index}");
        let login = format!("{owner}_a");
        let said = server.provision(&[
            ("DATABASE_NAME", name),
            ("DATABASE_OWNER", &owner),
            ("DATABASE_USERNAME", &login),
            ("DATABASE_PASSWORD", password),
        ]);
        if name.contains([' ', '\n']) {
            assert!(
                said.unwrap_err().contains("Error in ACL SETUSER"),
                "{name:?}"
            );
            continue;
        }
        assert_eq!(said, Ok(format!("the login {login} is ready")));
        let set = |key: &str| ask(server, (&login, password), &["SET", key, "1"]);
        assert_eq!(set(&format!("{name}key")).as_deref(), Ok("OK"));
        let other = set("other");
        assert_eq!(other.is_ok(), name.is_empty(), "{name:?}: {other:?}");
        assert!(ask(server, (&login, "wrong"), &["PING"]).is_err());
        assert!(ask(server, (&login, password), &["ACL", "LIST"]).is_err());
    }
    // By a managed server's URI.
    let encoded = "a%27d%22m%25in%5C%40%3A%2F%3F%23%24%28id%29%60";
    for (uri, name) in [
        (format!("redis://:{encoded}@127.0.0.1:6379/0\n"), "one"),
        (format!("redis://default:{encoded}@127.0.0.1"), "two"),
    ] {
        let login = format!("{name}_a");
        let said = server.provision(&[
            ("ADMIN_URI", &uri),
            ("ADMIN_USERNAME", ""),
            ("ADMIN_PASSWORD", ""),
            ("DATABASE_NAME", name),
            ("DATABASE_OWNER", name),
            ("DATABASE_USERNAME", &login),
            ("DATABASE_PASSWORD", "two\nlines"),
        ]);
        assert_eq!(said, Ok(format!("the login {login} is ready")));
        assert_eq!(
            ask(server, (&login, "two\nlines"), &["PING"]).as_deref(),
            Ok("PONG")
        );
    }
    server.kept_to_itself(&[&[ADMIN, encoded, "two\nlines"], &PASSWORDS[..]].concat());
    // Nor has an argument what a password could be tried against.
    let digest = r#"printf %s "$PASSWORD" | sha256sum | cut -d ' ' -f 1"#;
    let digest = server
        .room
        .run(&["bash", "-c", digest], &[("PASSWORD", PASSWORDS[0])]);
    server.kept_to_itself(&[&digest.unwrap()]);
}

/// Services that share a server by prefixes learn no name of another's key, and touch nothing that
/// has no prefix. Who has a server for itself may.
fn walls(server: &Server) {
    for (name, prefix) in [("orders", "orders:"), ("whole", "")] {
        let said = server.provision(&[
            ("DATABASE_NAME", prefix),
            ("DATABASE_OWNER", name),
            ("DATABASE_USERNAME", &format!("{name}_a")),
            ("DATABASE_PASSWORD", PASSWORDS[0]),
        ]);
        assert!(said.is_ok(), "{said:?}");
    }
    let code = "#!lua name=code\nredis.register_function('f', function() return 1 end)";
    for words in [
        &["FUNCTION", "LOAD", "REPLACE", code][..],
        &["FUNCTION", "LIST"],
        &["FUNCTION", "FLUSH"],
        &["SCRIPT", "FLUSH"],
        &["SCAN", "0"],
        &["RANDOMKEY"],
        &["PUBSUB", "CHANNELS"],
        &["PUBSUB", "SHARDCHANNELS"],
        &["CLIENT", "TRACKING", "OFF"],
    ] {
        let refused = ask(server, ("orders_a", PASSWORDS[0]), words).unwrap_err();
        assert!(refused.contains("NOPERM"), "{words:?}: {refused}");
        let allowed = ask(server, ("whole_a", PASSWORDS[0]), words);
        assert!(allowed.is_ok(), "{words:?}: {allowed:?}");
    }
    // What the usual clients' locks and queues are made of.
    let by_script = ["EVAL", "return redis.call('SET', KEYS[1], 1)", "1"];
    let run = |key| {
        ask(
            server,
            ("orders_a", PASSWORDS[0]),
            &[&by_script[..], &[key]].concat(),
        )
    };
    assert_eq!(run("orders:1").as_deref(), Ok("OK"));
    assert!(run("other").is_err());
    let load = ["SCRIPT", "LOAD", "return 1"];
    let digest = ask(server, ("orders_a", PASSWORDS[0]), &load).unwrap();
    let ran = ask(
        server,
        ("orders_a", PASSWORDS[0]),
        &["EVALSHA", &digest, "0"],
    );
    assert_eq!(ran.as_deref(), Ok("1"));
}

/// A server whose disk is full keeps its logins when it starts again, and lets nobody in who has
/// none.
#[test]
fn a_full_disk_opens_no_redis() {
    let server = server("mount -t tmpfs -o size=256k,uid=999,gid=999 tmpfs /data");
    let login = ("shop-store_a", PASSWORDS[0]);
    server.make("shop-store", login.1);
    let write = |path: &str, text: &str| fs::write(server.room.path(path), text).unwrap();
    let logins = || fs::read_to_string(server.room.path("/data/users.acl")).unwrap();
    let before = logins();
    let stop = |password: &str| {
        let shutdown = ["SHUTDOWN", "NOSAVE"];
        // Who is shut down may give no answer.
        let _ = ask(&server, ("default", password), &shutdown);
        server.room.wait(&["bash", "-c", "! redis-cli PING"], &[]);
    };
    stop(ADMIN);
    server
        .room
        .prepare("! dd if=/dev/zero of=/data/filler bs=1k 2> /dev/null");

    let ping = ["redis-cli", "-e", "PING"];
    server.room.start(&START, &[]);
    server.room.wait(&ping, &[("REDISCLI_AUTH", ADMIN)]);
    assert!(ask(&server, login, &["PING"]).is_ok());
    assert!(server.room.run(&ping, &[]).is_err(), "nobody is let in");
    stop(ADMIN);

    // A new password cannot be written.
    write("/run/gravity/admin/password", "changed");
    let refused = server.room.run(&START, &[]).unwrap_err();
    let told = "the logins could not be written to /data/users.acl, and a server without them would let everybody in: see that its disk has room and can be written to";
    assert_eq!(refused.lines().last(), Some(told), "{refused}");
    assert_eq!(logins(), before);

    server.room.prepare("rm /data/filler");
    server.room.start(&START, &[]);
    server.room.wait(&ping, &[("REDISCLI_AUTH", "changed")]);
    assert!(ask(&server, login, &["PING"]).is_ok());
    assert!(ask(&server, ("default", ADMIN), &["PING"]).is_err());
}

/// A login is replaced, and keys are restored.
fn restored(server: &Server) {
    let [first, second] = [PASSWORDS[0], PASSWORDS[3]];
    let b = "shop-store_b";
    server.rotate(("", "shop-store"), [first, second], |login, password| {
        ask(server, (login, password), &["PING"]).is_ok()
    });
    for key in NAMES {
        ask(server, (b, second), &["SET", key, PASSWORDS[3]]).unwrap();
    }
    let all = [("BACKUP_DATABASES", "0")];
    let name = server.made_backup(&all);
    server
        .backup(&["restore", &name, "5", "new"], &all)
        .unwrap();
    ask(server, (b, second), &["FLUSHDB"]).unwrap();
    server
        .backup(&["restore", &name, "0", "replace"], &all)
        .unwrap();
    for (database, key) in [("5", NAMES[2]), ("0", NAMES[4]), ("0", NAMES[5])] {
        let kept = ask(server, (b, second), &["-n", database, "GET", key]);
        assert_eq!(kept.as_deref(), Ok(PASSWORDS[3]), "{key:?}");
    }
    server.kept_to_itself(&[ADMIN, first, second]);
}
