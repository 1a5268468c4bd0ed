//! Engines that files describe.

use std::fs;
use std::path::Path;

use crate::run::{gravity, outcome, program};

const ENGINE: &str = include_str!("fixtures/valkey/engine.yaml");
const RENDER: [&str; 3] = ["render", "-f", "valkey/app.yaml"];

/// What is told of files with these texts.
fn refused(texts: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(&RENDER);
    for (index, text) in texts.iter().enumerate() {
        let path = folder.path().join(format!("{index}.yaml"));
        fs::write(&path, text).unwrap();
        command.arg("--engines").arg(path);
    }
    let told = outcome(command.output().unwrap()).failure();
    told.replace(&format!("{}/", folder.path().display()), "")
}

/// The engine with one place written otherwise.
fn with(text: &str, otherwise: &str) -> String {
    assert!(ENGINE.contains(text), "{text}");
    ENGINE.replacen(text, otherwise, 1)
}

#[test]
fn an_engine_of_a_file_is_made_like_any_other() {
    let rendered = gravity(&[&RENDER[..], &["--engines", "valkey/engine.yaml"]].concat());
    insta::assert_snapshot!(rendered.answer());
}

#[test]
fn every_verb_that_plans_knows_it() {
    let without = gravity(&["resolve", "-f", "valkey/app.yaml"]).failure();
    assert!(without.contains("\"valkey\" is no engine"), "{without}");
    let folder = tempfile::tempdir().unwrap();
    for verb in [
        "validate",
        "resolve -f",
        "install -f",
        "graph -f",
        "why board -f",
        &format!("generate k8s -o {} -f", folder.path().display()),
    ] {
        let files = ["valkey/app.yaml", "--engines", "valkey/engine.yaml"];
        let words: Vec<&str> = verb.split(' ').chain(files).collect();
        let done = gravity(&words);
        assert_eq!(done.code, 0, "{verb}: {}", done.stderr);
    }
}

#[test]
fn a_folder_before_the_verb_and_the_environment_name_it_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("valkey.yaml"), ENGINE).unwrap();
    let before = program(&["--engines"])
        .arg(folder.path())
        .args(RENDER)
        .output();
    assert_eq!(outcome(before.unwrap()).code, 0);
    let mut command = program(&RENDER);
    let found = command
        .env("GRAVITY_ENGINES", "valkey/engine.yaml")
        .output();
    assert_eq!(outcome(found.unwrap()).code, 0);
    let empty = program(&["crds"]).env("GRAVITY_ENGINES", "").output();
    assert_eq!(outcome(empty.unwrap()).code, 0);
}

#[test]
fn a_program_of_ones_own_gets_the_engines() {
    let folder = tempfile::tempdir().unwrap();
    script(
        &folder.path().join("gravity-told"),
        "#!/bin/sh\necho \"$GRAVITY_ENGINES\"\n",
    );
    let mut command = program(&["--engines", "valkey/engine.yaml", "told"]);
    let told = command.env("PATH", folder.path()).output();
    assert_eq!(outcome(told.unwrap()).answer(), "valkey/engine.yaml\n");
}

fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn another_type_is_told_with_all_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let app = include_str!("fixtures/valkey/app.yaml").replace("type: valkey", "type: valky");
    let path = folder.path().join("app.yaml");
    fs::write(&path, app).unwrap();
    let mut command = program(&["resolve", "--engines", "valkey/engine.yaml", "-f"]);
    let told = outcome(command.arg(&path).output().unwrap()).failure();
    insta::assert_snapshot!(told.replace(&path.display().to_string(), "app.yaml"), @r#"
    error: app.yaml:23:13: spec.databases[0].type: "valky" is no engine that is known, did you mean valkey? (there are postgresql, postgis, timescaledb, cockroachdb, mysql, mariadb, mongodb, redis, rabbitmq, kafka, elasticsearch, consul, s3, valkey)
       |
    23 |       type: valky
       |             ^^^^^
    "#);
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let told = gravity(&["crds", "--engines", "nowhere.yaml"]).failure();
    insta::assert_snapshot!(told, @"error: nowhere.yaml: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn a_file_without_an_engine_is_told() {
    insta::assert_snapshot!(refused(&["# nothing yet\n"]), @"error: --engines 0.yaml: there is no engine: name a file that describes one, or take the option out");
}

#[test]
fn a_file_that_is_something_else_is_told() {
    insta::assert_snapshot!(refused(&["- a\n- b\n"]), @r"
    error: 0.yaml:1:1: the document is a list, and a map belongs here (`field: value`, a line each)
      |
    1 | - a
      | ^
    ");
}

#[test]
fn what_is_missing_is_told_field_by_field() {
    insta::assert_snapshot!(refused(&["name: valkey\nport: 6379\n"]), @r"
    error: 0.yaml:2:1: unknown field `port`, did you mean `ports`?
      |
    2 | port: 6379
      | ^^^^

    0.yaml:1:1: `admin` is missing: add it (The keys of the admin Secret)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `backup` is missing: add it (How its data is backed up, or why not)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `group` is missing: add it (The group of the image, as a number)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `image` is missing: add it (The image's repository, without a tag)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `memoryLimit` is missing: add it (The default memory limit)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `mode` is missing: add it (Whose server a database is on, unless the app says otherwise)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `ports` is missing: add it (The ports)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `probes` is missing: add it (How it is asked whether it works)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `provisioning` is missing: add it (How databases and logins are made)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `requests` is missing: add it (What the scheduler sets aside by default)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `series` is missing: add it (The series, oldest first)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `storage` is missing: add it (Where the data is)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `tenancy` is missing: add it (What a service owns on the server)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `url` is missing: add it (How services address it)
      |
    1 | name: valkey
      | ^

    0.yaml:1:1: `user` is missing: add it (The user of the image, as a number)
      |
    1 | name: valkey
      | ^
    ");
}

#[test]
fn a_wrong_type_and_a_slip_of_the_pen_are_told() {
    let text = with("name: \"8\"", "name: 8").replacen("memoryLimit", "memory_limit", 1);
    insta::assert_snapshot!(refused(&[&text]), @r#"
    error: 0.yaml:7:12: `series[1].name` is a number, and a text belongs here: quote it, as name: "8"
      |
    7 |   - {name: 8, tag: 8-bookworm, default: true}
      |            ^

    0.yaml:55:1: unknown field `memory_limit`: it is spelled `memoryLimit`
       |
    55 | memory_limit: 256Mi
       | ^^^^^^^^^^^^

    0.yaml:1:1: `memoryLimit` is missing: add it (The default memory limit)
      |
    1 | name: valkey
      | ^
    "#);
}

#[test]
fn a_word_that_is_none_of_the_words_is_told() {
    insta::assert_snapshot!(refused(&[&with("tenancy: Keys", "tenancy: Key")]), @r#"
    error: 0.yaml:88:10: `tenancy` is "Key", did you mean Keys? It is one of Database, Indices, Keys, App
       |
    88 | tenancy: Key
       |          ^^^
    "#);
}

#[test]
fn an_engine_of_gravitys_own_is_not_to_be_changed() {
    let text = with("name: valkey", "name: redis");
    let text = text.replacen("[valkey-store]", "[pg]", 1);
    insta::assert_snapshot!(refused(&[&text]), @r"
    error: 0.yaml:1:7: name: redis is Gravity's own redis, which no file can change: write another name
      |
    1 | name: redis
      |       ^^^^^

    0.yaml:3:11: aliases[0]: pg is Gravity's own postgresql, which no file can change: write another name
      |
    3 | aliases: [pg]
      |           ^^
    ");
}

#[test]
fn two_files_with_one_name_are_refused() {
    let other = with("name: valkey", "name: store");
    insta::assert_snapshot!(refused(&[ENGINE, &other]), @r"
    error: 1.yaml:3:11: aliases[0]: valkey-store is the engine of 0.yaml:1 already: give one of the two another name, or read one of them only
      |
    3 | aliases: [valkey-store]
      |           ^^^^^^^^^^^^
    ");
}

#[test]
fn no_server_runs_as_root() {
    insta::assert_snapshot!(refused(&[&with("user: 999", "user: 0")]), @r"
    error: 0.yaml:10:7: `user` is 0, and it is from 1 to 2147483647
       |
    10 | user: 0
       |       ^
    ");
}

#[test]
fn facts_that_do_not_fit_are_told() {
    let cases = [
        ("name: valkey", "name: Val_key"),
        ("[valkey-store]", "[store, store]"),
        ("image: valkey/valkey", "image: valkey/valkey:8"),
        ("name: \"7.2\"", "name: seven"),
        ("tag: 7.2-bookworm", "tag: \"7 bookworm\""),
        (", default: true", ""),
        ("{name: valkey, number", "{name: \"6379\", number"),
        ("mount: /data", "mount: /etc/gravity/data"),
        ("size: 1Gi", "size: much"),
        (
            "{username: default}",
            "{username: default, generated: [{key: uri, length: 32}]}",
        ),
        (
            "{name: HOME, value: /tmp}",
            "{name: HOME, value: /tmp, admin: cookie}",
        ),
        ("name: ready.sh", "name: scripts/ready.sh"),
        ("[redis, valkey]", "[\"redis://\"]"),
        ("{host}", "{hostname}"),
        (
            "command: [bash, -euc]",
            "command: [bash, -euc]\n  variables: [{name: KEY, value: \"admin:key\"}]",
        ),
        ("tenancy: Keys", "tenancy: Database"),
        (
            "never: take",
            "dump: {script: \"true\", extension: rdb}\n  never: take",
        ),
        (
            "schemes: [redis, valkey]",
            "inherits: {scheme: {plain: redis, encrypted: rediss}, parameters: [{name: tls}]}\n  schemes: [redis, valkey]",
        ),
    ];
    let told = cases.map(|(text, otherwise)| refused(&[&with(text, otherwise)]));
    insta::assert_snapshot!(told.join("\n"));
}
