//! What is kept of a Secret, whoever wrote it.

use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

fn planned() -> (Value, BTreeMap<String, Generated>) {
    let stated = json!({
        "metadata": {"name": "auth-db", "namespace": "shop", "labels": {"a": "b"}, "annotations": {"gravity.dev/app": "shop"}},
        "type": "servicebinding.io/postgresql",
        "stringData": {"host": "new-host"},
    });
    let logins = vec!["auth_a".to_owned(), "auth_b".to_owned()];
    let uri = "pg://{username}:{password}@new-host/auth";
    let generate = BTreeMap::from([
        ("password".to_owned(), Generated::Password(32)),
        ("salt".to_owned(), Generated::Password(16)),
        ("username".to_owned(), Generated::OneOf(logins)),
        ("uri".to_owned(), Generated::Composed(uri.to_owned())),
    ]);
    (stated, generate)
}

fn live(values: &[(&str, &str)]) -> Value {
    let values = values
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    whole(&json!({"type": "Opaque"}), &values.collect())
}

fn text(secret: &Value, key: &str) -> String {
    live_value(secret, key).unwrap().unwrap()
}

fn complete(live: &Value) -> Value {
    let (stated, generate) = planned();
    match completed(&stated, &generate, live) {
        Completion::Whole(secret) => secret,
        other => panic!("{other:?}"),
    }
}

fn problem(live: &Value) -> String {
    let (stated, generate) = planned();
    match completed(&stated, &generate, live) {
        Completion::Unusable(why) => why,
        other => panic!("{other:?}"),
    }
}

fn id_of(secret: &Value) -> &str {
    secret["metadata"]["annotations"]["gravity.dev/credential-id"]
        .as_str()
        .unwrap()
}

#[test]
fn a_made_password_is_kept_and_the_uri_follows_the_host() {
    let secret = complete(&live(&[("password", "kept"), ("salt", "s")]));
    assert_eq!(text(&secret, "uri"), "pg://auth_a:kept@new-host/auth");
}

#[test]
fn the_login_that_is_in_use_is_kept() {
    let secret = complete(&live(&[
        ("password", "kept"),
        ("salt", "s"),
        ("username", "auth_b"),
    ]));
    assert_eq!(text(&secret, "username"), "auth_b");
}

#[test]
fn a_missing_or_blank_password_cannot_be_completed() {
    let (stated, generate) = planned();
    for password in [&[][..], &[("password", " \n")]] {
        let secret = live(password);
        assert_eq!(
            completed(&stated, &generate, &secret),
            Completion::Incomplete
        );
    }
}

#[test]
fn a_persons_values_lose_the_white_space_around_them_and_nothing_else() {
    let secret = complete(&live(&[
        ("password", "\tp @ss/{username} \n"),
        ("salt", "s"),
        ("username", "auth_b\n"),
    ]));
    assert_eq!(text(&secret, "password"), "p @ss/{username}");
    assert_eq!(text(&secret, "username"), "auth_b");
    assert_eq!(
        text(&secret, "uri"),
        "pg://auth_b:p%20%40ss%2F%7Busername%7D@new-host/auth"
    );
    // Another type cannot be had, and its other keys are nobody's business.
    assert_eq!(secret["type"], "Opaque");
}

#[test]
fn what_cannot_be_used_is_told_and_not_replaced() {
    let other = live(&[("password", "p"), ("salt", "s"), ("username", "postgres")]);
    insta::assert_snapshot!(problem(&other), @"its username is postgres, and can be auth_a or auth_b only: write that, or take the key out");
    let mut binary = live(&[]);
    binary["data"]["password"] = json!(ByteString(vec![0xff, 0xfe]));
    insta::assert_snapshot!(problem(&binary), @"its password is no text that a program can be given: write it in UTF-8, without NUL");
}

#[test]
fn what_is_missing_is_made_and_what_is_there_is_kept() {
    let (stated, generate) = planned();
    let mut make = |length: usize| Ok::<_, Infallible>("x".repeat(length));
    let secret = filled(&stated, &generate, &live(&[("password", "old")]), &mut make)
        .unwrap()
        .unwrap();
    assert_eq!(text(&secret, "password"), "old");
    assert_eq!(text(&secret, "salt"), "x".repeat(16));
    // And then nothing is left to do.
    assert_eq!(complete(&secret), secret);
}

#[test]
fn a_password_that_was_given_is_told_as_such_for_good() {
    let (stated, _) = planned();
    let given = adopted(&stated, &live(&[("password", "mine")]));
    assert_eq!(
        given["metadata"]["annotations"]["gravity.dev/given"],
        "true"
    );
    assert_eq!(given.get("data"), None);
    let made = adopted(&stated, &live(&[("note", "no password")]));
    assert_eq!(
        made["metadata"]["annotations"].get("gravity.dev/given"),
        None
    );
    let mut secret = live(&[("password", "mine"), ("salt", "s")]);
    secret["metadata"] = given["metadata"].clone();
    assert_eq!(
        complete(&secret)["metadata"]["annotations"]["gravity.dev/given"],
        "true"
    );
}

#[test]
fn the_id_changes_with_the_credentials_and_tells_nothing_of_them() {
    let of = |password: &str, username: &str, salt: &str| {
        let values = [
            ("password", password),
            ("username", username),
            ("salt", salt),
        ];
        id_of(&complete(&live(&values))).to_owned()
    };
    let one = of("p", "auth_a", "s");
    assert_eq!(one, of(" p\n", "auth_a", "s"));
    let others = [
        of("q", "auth_a", "s"),
        of("p", "auth_b", "s"),
        of("p", "auth_a", "t"),
    ];
    assert!(!others.contains(&one));
}

proptest! {
    /// Whatever a password is, a driver that decodes the URL comes to the same one.
    #[test]
    fn every_password_comes_back_out_of_the_url(password in "[^\0]{1,40}") {
        prop_assume!(!password.trim().is_empty());
        let secret = complete(&live(&[("password", &password), ("salt", "s")]));
        let uri = text(&secret, "uri");
        let part = uri.strip_prefix("pg://auth_a:").unwrap().strip_suffix("@new-host/auth").unwrap();
        let mut decoded = Vec::new();
        let mut bytes = part.bytes();
        while let Some(byte) = bytes.next() {
            let digits: Vec<u8> = if byte == b'%' { bytes.by_ref().take(2).collect() } else { Vec::new() };
            let text = String::from_utf8(digits).unwrap();
            decoded.push(if byte == b'%' { u8::from_str_radix(&text, 16).unwrap() } else { byte });
        }
        prop_assert_eq!(String::from_utf8(decoded).unwrap(), password.trim());
    }
}
