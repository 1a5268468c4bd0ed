//! What is no YAML, or more of it than is read.

use insta::assert_snapshot;

use super::{refused, with};
use crate::manifest::{MAX_BYTES, Source, read};

#[test]
fn a_duplicate_key() {
    assert_snapshot!(with("port: 8000\nport: 8001\n"), @"
    auth/gravity-service.yaml:5:1: `port` is here twice: keep one of the two
      |
    5 | port: 8001
      | ^^^^
    ");
}

#[test]
fn a_tab() {
    assert_snapshot!(with("api:\n\tprefix: /api\n"), @"
    auth/gravity-service.yaml:5:1: a tab stands where YAML takes spaces only: indent with spaces
      |
    5 |  prefix: /api
      | ^
    ");
}

#[test]
fn a_tab_in_an_indentation_wherever_the_parser_notices_it() {
    assert_snapshot!(with("health:\n\treadiness: /h\n"), @"
    auth/gravity-service.yaml:5:1: a tab stands where YAML takes spaces only: indent with spaces
      |
    5 |  readiness: /h
      | ^
    ");
    assert_snapshot!(with("health:\n  readiness: /h\n\tliveness: /h\n"), @"
    auth/gravity-service.yaml:6:1: a tab stands where YAML takes spaces only: indent with spaces
      |
    6 |  liveness: /h
      | ^
    ");
    assert_snapshot!(with("\tport: 8000\n"), @"
    auth/gravity-service.yaml:4:1: a tab stands where YAML takes spaces only: indent with spaces
      |
    4 |  port: 8000
      | ^
    ");
    assert_snapshot!(with("databases:\n  - name: x\n  \ttype: postgres\n"), @"
    auth/gravity-service.yaml:6:3: a tab stands where YAML takes spaces only: indent with spaces
      |
    6 |    type: postgres
      |   ^
    ");
    assert_snapshot!(with("databases:\n  -\tname: x\n\t\ttype: postgres\n"), @"
    auth/gravity-service.yaml:5:4: a tab stands where YAML takes spaces only: indent with spaces
      |
    5 |   - name: x
      |    ^
    ");
}

#[test]
fn a_colon_in_a_plain_text() {
    assert_snapshot!(with("schedule: at: noon\n"), @"
    auth/gravity-service.yaml:4:13: a colon stands where no field can begin: quote a text that has a colon in it, or look at the indentation
      |
    4 | schedule: at: noon
      |             ^
    ");
}

#[test]
fn an_open_bracket() {
    assert_snapshot!(with("command: [a, b\nport: 1\n"), @"
    auth/gravity-service.yaml:5:5: a field begins inside of something that has not ended: look at the brackets and the indentation above
      |
    5 | port: 1
      |     ^
    ");
}

#[test]
fn an_alias_bomb() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let inner = format!("*a{}", level - 1);
        let items = [inner.as_str(); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_snapshot!(refused(&bomb), @"
    auth/gravity-service.yaml:5:10: the document repeats itself by aliases (*name) far too often: write the repeated parts out
      |
    5 | a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
      |          ^^^
    ");
}

#[test]
fn a_document_that_is_too_deep() {
    let deep = format!("podTemplate: {}{}\n", "{a: ".repeat(60), "}".repeat(60));
    assert_snapshot!(with(&deep), @"
    auth/gravity-service.yaml:4:202: the document is nested too deeply or has too many parts: split it, or make it flatter
      |
    4 | : {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a
      |                                                                   ^
    ");
}

#[test]
fn a_file_of_five_megabytes() {
    let text = "# far too much\n".repeat(5 * 1024 * 1024 / 15);
    assert!(text.len() > MAX_BYTES);
    assert_snapshot!(refused(&text), @"auth/gravity-service.yaml: is larger than 4 MiB, the most that is read: a manifest has a few hundred lines, so name another file, or split this one");
    let name = "standard input".to_owned();
    assert_snapshot!(read(&[Source::Text { name, text }]).unwrap_err(), @"standard input: is larger than 4 MiB, the most that is read: a manifest has a few hundred lines, so name another file, or split this one");
}

#[test]
fn a_file_of_too_many_parts_is_not_read_to_its_end() {
    assert_snapshot!(refused(&"- a\n".repeat(300_000)), @"
    auth/gravity-service.yaml:250000:3: the document is nested too deeply or has too many parts: split it, or make it flatter
           |
    250000 | - a
           |   ^
    ");
}
