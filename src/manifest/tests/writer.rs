//! The writer, against the rules of YAML 1.1 readers.
//!
//! `resolves` is written from the type repository of YAML 1.1 (yaml.org/type) and from
//! what go-yaml adds, apart from the crate that writes.

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::tree::{Data, Position, Tree};
use super::super::{Origin, Text, yaml};

fn digits(text: &str, of: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(|each| of(each) || each == '_')
}

fn is_number(text: &str) -> bool {
    let plain = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = plain.to_ascii_lowercase();
    if [".inf", ".nan"].contains(&lower.as_str()) {
        return true;
    }
    for (prefix, radix) in [("0b", 2), ("0o", 8), ("0x", 16)] {
        if lower
            .strip_prefix(prefix)
            .is_some_and(|rest| digits(rest, |each| each.is_digit(radix)))
        {
            return true;
        }
    }
    let (mantissa, exponent) = lower
        .split_once('e')
        .map_or((lower.as_str(), None), |(m, e)| (m, Some(e)));
    let exponent = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        !text.is_empty() && text.chars().all(|each| each.is_ascii_digit())
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let numeric = |text: &str| {
        text.chars()
            .all(|each| each.is_ascii_digit() || each == '_')
    };
    let some = mantissa.chars().any(|each| each.is_ascii_digit());
    let decimal = exponent && some && numeric(whole) && numeric(fraction);
    decimal && !mantissa.starts_with('_') || is_sexagesimal(plain)
}

fn is_sexagesimal(text: &str) -> bool {
    let has_point = text.contains('.');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    // Rust reads `+0` as a number, and no reader of YAML does in such a place.
    let small = |part: &&str| {
        part.len() <= 2
            && digits(part, |each| each.is_ascii_digit())
            && part.parse::<u8>().is_ok_and(|number| number < 60)
    };
    let fraction = fraction
        .chars()
        .all(|each| each.is_ascii_digit() || each == '_');
    digits(first, |each| each.is_ascii_digit())
        && !first.starts_with('_')
        && !rest.is_empty()
        && rest.iter().all(small)
        && fraction
        && (has_point || !first.starts_with('0'))
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(3, '-').collect();
    let numeric = |part: &str| !part.is_empty() && part.chars().all(|each| each.is_ascii_digit());
    let day = |part: &str| {
        part.chars()
            .next()
            .is_some_and(|each| each.is_ascii_digit())
    };
    parts.len() == 3
        && parts[0].len() == 4
        && numeric(parts[0])
        && parts[1].len() <= 2
        && numeric(parts[1])
        && day(parts[2])
        && (numeric(parts[2]) && parts[2].len() <= 2 || parts[2].contains(':'))
}

/// Whether a plain scalar is anything but a text to some reader.
fn is_no_text(text: &str) -> bool {
    let words = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<", "=", "",
    ];
    words.contains(&text.to_ascii_lowercase().as_str()) || is_number(text) || is_date(text)
}

fn at(text: &str, position: Position) -> char {
    let line = text.split('\n').nth(position.line - 1).unwrap_or_default();
    line.chars().nth(position.column - 1).unwrap_or(' ')
}

/// Each text that stands plain must be one to all readers.
fn check(tree: &Tree, text: &str) -> Result<(), TestCaseError> {
    let plain = |position: Position, scalar: &str| {
        let first = at(text, position);
        // A block scalar's place is that of its content.
        let block = scalar.contains('\n');
        let quoted = matches!(first, '"' | '\'') || block;
        prop_assert!(
            quoted || !is_no_text(scalar),
            "{:?} stands plain in\n{}",
            scalar,
            text
        );
        Ok(())
    };
    match &tree.data {
        Data::Text(scalar) => plain(tree.position, scalar),
        Data::List(items) => items.iter().try_for_each(|item| check(item, text)),
        Data::Map(entries) => entries.iter().try_for_each(|entry| {
            plain(entry.position, &entry.key)?;
            check(&entry.value, text)
        }),
        Data::Null | Data::Plain { .. } => Ok(()),
    }
}

fn round(value: &Value) -> Result<(), TestCaseError> {
    let text = yaml::to_string(value);
    let named = Text {
        name: "a".to_owned(),
        text: text.clone(),
        origin: Origin::Named,
    };
    let trees = super::super::parse::trees(&named)
        .map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
    if let [tree] = trees.as_slice() {
        prop_assert_eq!(&tree.to_value(), value, "{}", text);
        check(tree, &text)?;
    } else {
        prop_assert!(value.is_null(), "{}", text);
    }
    Ok(())
}

fn text() -> impl Strategy<Value = String> {
    let tricky = prop::sample::select(vec![
        "yes",
        "No",
        "ON",
        "off",
        "y",
        "N",
        "true",
        "False",
        "null",
        "NULL",
        "~",
        "",
        "012",
        "0o14",
        "0x1F",
        "0b11",
        "1_000",
        "1:30",
        "190:20:30",
        "20:30.15",
        "5432:5432",
        "1e3",
        "1.10",
        "15",
        "1.0",
        "+1",
        "-.inf",
        ".NaN",
        "2026-01-01",
        "2026-01-01 10:00:00",
        "2001-12-14t21:59:43.10-05:00",
        "<<",
        "=",
        "-",
        "- a",
        "? a",
        "a: b",
        "a #b",
        "#a",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a",
        "{a",
        "[a",
        "a]",
        "a,b",
        "'",
        "\"",
        "|",
        ">",
        "---",
        "...",
        "--- a",
        " a",
        "a ",
        "a\n",
        "\na",
        "a\n\n",
        " a\nb",
        "a\n b\n",
        "\ta",
        "a\tb",
        "a\u{85}b",
        "\u{2028}",
        "\u{feff}a",
        "\u{0}",
        "\u{7f}",
        "🦀",
        "a\r\nb",
        "0755",
        "0.0.0.0/0",
        "1.4.0",
        ">=1.0.0, <3.0.0",
        "70%",
    ])
    .prop_map(str::to_owned);
    prop_oneof![3 => tricky, 1 => "[ -~]{0,12}", 1 => "[0-9._:+eE-]{1,8}", 1 => "(\\PC|\n|\t| ){0,20}", 1 => "([a-z ]{1,10}\n){1,4}", 1 => "[a-z ]{80,200}"]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        4 => text().prop_map(Value::String),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(Value::from),
        1 => (-1e9..1e9_f64).prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(text(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_value_is_read_as_it_was_by_every_reader(value in value()) {
        round(&json!({"value": value}))?;
    }
}

#[test]
fn documents_look_as_kubectl_writes_them() {
    let service = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {}},
        "data": {"yes": "on", "012": "15", "script": "set -e\necho \"hi\"\n", "long": "word ".repeat(40).trim()},
        "list": [{"a": 1, "b": [true, null]}, []],
    });
    assert_snapshot!(yaml::documents([&service, &json!("15")]), @r#"
    ---
    apiVersion: v1
    data:
      "012": "15"
      long: word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word
      script: |
        set -e
        echo "hi"
      "yes": "on"
    kind: ConfigMap
    list:
    - a: 1
      b:
      - true
      - null
    - []
    metadata:
      labels: {}
      name: a
    ---
    "15"
    "#);
}
