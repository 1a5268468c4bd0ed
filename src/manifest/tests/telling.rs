//! How mistakes are told.

use insta::assert_snapshot;

use super::with;
use crate::manifest::{Origin, Text, parse};

#[test]
fn all_mistakes_of_all_files_are_told() {
    let text = |name: &str, text: &str| Text {
        name: name.to_owned(),
        text: text.to_owned(),
        origin: Origin::Named,
    };
    let texts = [text("a.yaml", "name: [\n"), text("b.yaml", "nam: b\n")];
    assert_snapshot!(parse(&texts).unwrap_err(), @"
    a.yaml:1:7: this bracket is never closed: close it
      |
    1 | name: [
      |       ^

    b.yaml:1:1: unknown field `nam`, did you mean `name`?
      |
    1 | nam: b
      | ^^^

    b.yaml:1:1: `image` is missing: add it (The container image)
      |
    1 | nam: b
      | ^

    b.yaml:1:1: `name` is missing: add it (The service's name)
      |
    1 | nam: b
      | ^

    b.yaml:1:1: `version` is missing: add it (The service's version)
      |
    1 | nam: b
      | ^
    ");
}

#[test]
fn a_hundred_mistakes_are_not_all_told() {
    let many: String = (0..100).map(|index| format!("wrong{index}: 1\n")).collect();
    let told = with(&many);
    assert!(told.ends_with("\n\nand 80 more"), "{told}");
}

#[test]
fn a_long_line_is_cut_around_its_mistake() {
    let message = with(&format!(
        "env: {{A: {}, B: 1, C: {}}}\n",
        "x".repeat(300),
        "y".repeat(300)
    ));
    assert_snapshot!(message, @r#"
    auth/gravity-service.yaml:4:315: `env.B` is a number, and a text belongs here: quote it, as B: "1"
      |
    4 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, B: 1, C: yyyyyyyyyyyyyyyyyyyyyyyyyyyy
      |                                                                   ^
    "#);
}

#[test]
fn a_terminal_is_not_written_to() {
    assert!(!with("wrong: \"\u{9b}31m\" \n").contains('\u{9b}'));
}
