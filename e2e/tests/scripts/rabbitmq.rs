//! RabbitMQ.

use std::fs;

use e2e::Room;
use gravity::engines::Engine;

use crate::jobs::{Server, Variables};
use crate::{ADMIN, NAMES, PASSWORDS};

const NODE: &str = "rabbit@127.0.0.1";
const COOKIE: &str = "cookie";
/// What a service has that publishes orders and reads a queue of its own.
const EVENTS: [(&str, &str); 3] = [
    ("EVENTS_CONFIGURE", "^(orders|cart(\\..*)?)$"),
    ("EVENTS_WRITE", "^(orders|cart(\\..*)?)$"),
    ("EVENTS_READ", "^(orders|cart(\\..*)?)$"),
];

/// The server as its pod starts it.
fn server() -> Server {
    let room = Room::of("rabbitmq");
    room.prepare("mkdir -p /etc/gravity /run/gravity/admin; install -d -o 999 -g 999 /var/lib/rabbitmq /var/log/rabbitmq");
    for file in Engine::RabbitMQ.profile().files {
        let text = file.text.replace("{limit}", "1GB");
        fs::write(room.path("/etc/gravity").join(file.name), text).unwrap();
    }
    fs::write(room.path("/etc/gravity/enabled_plugins"), "[].\n").unwrap();
    fs::write(room.path("/run/gravity/admin/cookie"), COOKIE).unwrap();
    room.start(
        &["bash", "/etc/gravity/start.sh"],
        &[
            ("RABBITMQ_USE_LONGNAME", "true"),
            ("RABBITMQ_NODENAME", NODE),
            ("RABBITMQ_CONFIG_FILES", "/etc/gravity/rabbitmq.conf"),
            (
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                "/etc/gravity/enabled_plugins",
            ),
            ("RABBITMQ_DEFAULT_USER", "admin"),
            ("RABBITMQ_DEFAULT_PASS", ADMIN),
        ],
    );
    let mut variables = vec![
        ("ADMIN_USERNAME", "admin"),
        ("ADMIN_PASSWORD", ADMIN),
        ("ADMIN_COOKIE", COOKIE),
        ("SERVER_NODE", NODE),
    ];
    variables.extend(EVENTS);
    let server = Server::new(Engine::RabbitMQ, room, &variables);
    let ready = control(&["await_startup"]);
    let ready: Vec<_> = ready.iter().map(String::as_str).collect();
    server.room.wait(&ready, &[("HOME", "/var/lib/rabbitmq")]);
    server
}

fn control(words: &[&str]) -> Vec<String> {
    let all = ["rabbitmqctl", "--silent", "--longnames", "--node", NODE];
    all.iter()
        .chain(words)
        .map(|&word| word.to_owned())
        .collect()
}

fn ask(server: &Server, words: &[&str], input: &str) -> Result<String, String> {
    let words = control(words);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let variables = [("HOME", "/var/lib/rabbitmq"), ("LC_ALL", "C.UTF-8")];
    server.room.feed(&words, &variables, input)
}

/// Each word of its client is a second, so names and the steps of a rotation are one.
#[test]
fn names_and_passwords_are_data_to_rabbitmq() {
    let server = server();
    let run = |name: &str, variables: &Variables<'_>| {
        let definitions = format!(
            r#"{{"exchanges": [], "queues": [{{"name": "cart", "vhost": {name:?}, "durable": true, "auto_delete": false, "arguments": {{}}}}], "bindings": []}}"#
        );
        let all = [
            ("DATABASE_NAME", name),
            ("DATABASE_OWNER", name),
            ("EVENTS_DEFINITIONS", &definitions),
        ];
        server.provision(&[&all, variables].concat())
    };
    let enters =
        |login: &str, password: &str| ask(&server, &["authenticate_user", login], password).is_ok();
    let [first, second, third, last] = PASSWORDS;
    let (a, b) = (format!("{}_a", NAMES[2]), format!("{}_b", NAMES[2]));
    let with_a = [("DATABASE_USERNAME", &*a), ("DATABASE_PASSWORD", first)];
    run(NAMES[2], &with_a).unwrap();
    assert!(enters(&a, first) && !enters(&a, "wrong"));
    run(
        NAMES[2],
        &[
            &with_a[..],
            &[("OTHER_LOGIN", "set"), ("OTHER_PASSWORD", second)],
        ]
        .concat(),
    )
    .unwrap();
    assert!(enters(&a, first) && enters(&b, second));
    let with_b = [("DATABASE_USERNAME", &*b), ("DATABASE_PASSWORD", second)];
    run(NAMES[2], &with_b).unwrap();
    assert!(!enters(&a, first) && enters(&b, second));
    let queues = ask(&server, &["list_queues", "--vhost", NAMES[2], "name"], "");
    assert_eq!(queues.as_deref(), Ok("cart"));

    for (name, password) in [(NAMES[4], third), (NAMES[6], last), (NAMES[8], first)] {
        let login = format!("{name}_a");
        let said = run(
            name,
            &[
                ("DATABASE_USERNAME", &login),
                ("DATABASE_PASSWORD", password),
            ],
        );
        assert!(said.is_ok(), "{name:?}: {}", said.unwrap_err());
        assert!(enters(&login, password), "{name:?}");
        let rights = ask(&server, &["list_user_permissions", &login], "").unwrap();
        assert_eq!(rights.lines().count(), 1, "{name:?}: {rights}");
    }
    let lines = [
        ("DATABASE_USERNAME", "x_a"),
        ("DATABASE_PASSWORD", "two\nlines"),
    ];
    let said = run("plain", &lines).unwrap_err();
    assert_eq!(
        said,
        "the password of x_a has a line break, of which rabbitmqctl reads the first line only: write one without"
    );
    server.kept_to_itself(&[&[ADMIN], &PASSWORDS[..]].concat());
}
