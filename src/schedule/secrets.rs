//! Secrets whose values were made once: what is there is kept, and what is composed of it
//! follows.
//!
//! A person's Secret is kept in the same way: white space around its values goes, for a
//! file's last line break is no part of a password, and nothing else of it is changed.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::api::names;
use crate::plan::Generated;

/// What is planned for a live Secret, from what it holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Completion {
    /// The whole Secret as it should be.
    Whole(Value),
    /// A value that is made once is missing.
    Incomplete,
    /// It holds what cannot be used and is not Gravity's to change; the text says what.
    Unusable(String),
}

/// The values of a Secret, and the annotations that are kept with them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Made {
    values: BTreeMap<String, String>,
    annotations: BTreeMap<&'static str, String>,
}

/// The annotations of a live Secret that stay where the plan does not state them.
const KEPT: [&str; 5] = [
    names::FIRST_ANNOTATION,
    names::GIVEN_ANNOTATION,
    names::PREVIOUS_ANNOTATION,
    names::ROTATED_ANNOTATION,
    names::SEEDED_ANNOTATION,
];

/// One step of a rotation: one write of the Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A password for the other login is made, and the request noted.
    Stage(String),
    /// The other login becomes the one that the Secret names.
    Switch,
    /// The login that was replaced is forgotten.
    Finish,
}

/// A new Secret, all of whose values are made now. `first`: nobody can have used others of
/// it. `make` gives so many random letters and digits.
///
/// # Errors
/// Those of `make`.
pub fn anew<E>(
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    first: bool,
    make: &mut dyn FnMut(usize) -> Result<String, E>,
) -> Result<Value, E> {
    let mut made = Made {
        values: stated_values(stated),
        ..Made::default()
    };
    make_missing(generate, &mut made, make)?;
    if first {
        let id = id(&made.values);
        made.annotations.insert(names::FIRST_ANNOTATION, id);
    }
    Ok(secret(stated, generate, made))
}

/// The whole Secret as it should be: the made values are the live ones.
pub fn completed(
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    live: &Value,
) -> Completion {
    match kept(stated, generate, live) {
        Err(why) => Completion::Unusable(why),
        Ok(made) if lacks(generate, &made) => Completion::Incomplete,
        Ok(made) => Completion::Whole(secret(&as_live(stated, live), generate, made)),
    }
}

/// A live Secret, with what it lacks made now. `None` where it holds what cannot be used.
///
/// # Errors
/// Those of `make`.
pub fn filled<E>(
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    live: &Value,
    make: &mut dyn FnMut(usize) -> Result<String, E>,
) -> Result<Option<Value>, E> {
    let Ok(mut made) = kept(stated, generate, live) else {
        return Ok(None);
    };
    make_missing(generate, &mut made, make)?;
    Ok(Some(secret(&as_live(stated, live), generate, made)))
}

/// A live Secret after a step of its rotation. `None` where it does not stand at that step:
/// somebody else has taken it, and nothing is to be done.
///
/// # Errors
/// Those of `make`.
pub fn rotated<E>(
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    live: &Value,
    step: &Step,
    make: &mut dyn FnMut(usize) -> Result<String, E>,
) -> Result<Option<Value>, E> {
    let (Ok(mut made), Some(logins)) = (kept(stated, generate, live), logins(generate)) else {
        return Ok(None);
    };
    let Some(Generated::Password(length)) = generate.get(PASSWORD) else {
        return Ok(None);
    };
    let staged = made.values.remove(names::NEXT_PASSWORD_KEY);
    let previous = made.annotations.remove(names::PREVIOUS_ANNOTATION);
    let done = made.annotations.get(names::ROTATED_ANNOTATION);
    match (step, staged, previous) {
        (Step::Stage(asked), None, None) if done != Some(asked) => {
            let next = make(*length)?;
            made.values
                .insert(names::NEXT_PASSWORD_KEY.to_owned(), next);
            made.annotations
                .insert(names::ROTATED_ANNOTATION, asked.clone());
        }
        (Step::Switch, Some(next), _) => {
            let before = id(&made.values);
            let other = other(logins, &made.values).to_owned();
            made.values.insert(USERNAME.to_owned(), other);
            made.values.insert(PASSWORD.to_owned(), next);
            made.annotations.insert(names::PREVIOUS_ANNOTATION, before);
        }
        (Step::Finish, None, Some(_)) => {}
        _ => return Ok(None),
    }
    Ok(Some(secret(&as_live(stated, live), generate, made)))
}

/// The two logins of a Secret that has two.
pub fn logins(generate: &BTreeMap<String, Generated>) -> Option<&[String; 2]> {
    match generate.get(USERNAME)? {
        Generated::OneOf(choices) => choices.as_slice().try_into().ok(),
        _ => None,
    }
}

/// What makes a Secret that somebody has given to the app one that the watches show:
/// labels and annotations, and no value. A password that is there is told as given.
pub fn adopted(stated: &Value, live: &Value) -> Value {
    let metadata = &stated["metadata"];
    let mut annotations = metadata["annotations"].clone();
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.remove(names::ROTATED_ANNOTATION);
    }
    let known = live["metadata"]["annotations"]
        .get(names::CREDENTIALS_ANNOTATION)
        .is_some();
    if !known && !matches!(live_value(live, PASSWORD), Ok(None)) {
        annotations[names::GIVEN_ANNOTATION] = json!("true");
    }
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "labels": metadata["labels"],
            "annotations": annotations,
        },
    })
}

/// Fills in the composed values from the others, percent-encoded: they become parts of a
/// URL (RFC 3986, section 2.1).
pub fn compose(generate: &BTreeMap<String, Generated>, values: &mut BTreeMap<String, String>) {
    for (key, generated) in generate {
        if let Generated::Composed(template) = generated {
            let text = replaced(template, values);
            values.insert(key.clone(), text);
        }
    }
}

/// The values that the plan states.
pub fn stated_values(stated: &Value) -> BTreeMap<String, String> {
    let texts = stated["stringData"].as_object().into_iter().flatten();
    texts
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// The Secret with these values, encoded as the server holds them.
pub fn whole(stated: &Value, values: &BTreeMap<String, String>) -> Value {
    let data: Map<String, Value> = values
        .iter()
        .map(|(key, value)| (key.clone(), json!(ByteString(value.clone().into_bytes()))))
        .collect();
    let mut secret = stated.clone();
    if let Some(fields) = secret.as_object_mut() {
        fields.remove("stringData");
        fields.insert("data".to_owned(), Value::Object(data));
    }
    secret
}

const USERNAME: &str = "username";
const PASSWORD: &str = "password";

/// The Secret with its values, and the annotation that changes when its credentials do.
fn secret(stated: &Value, generate: &BTreeMap<String, Generated>, mut made: Made) -> Value {
    compose(generate, &mut made.values);
    let mut secret = whole(stated, &made.values);
    let annotations = &mut secret["metadata"]["annotations"];
    annotations[names::CREDENTIALS_ANNOTATION] = json!(id(&made.values));
    if let Some(next) = next(generate, &made.values) {
        annotations[names::NEXT_ANNOTATION] = json!(id(&next));
    }
    for (name, value) in made.annotations {
        annotations[name] = json!(value);
    }
    secret
}

/// The values as they will be once the other login is in use.
fn next(
    generate: &BTreeMap<String, Generated>,
    values: &BTreeMap<String, String>,
) -> Option<BTreeMap<String, String>> {
    let password = values.get(names::NEXT_PASSWORD_KEY)?.clone();
    let login = other(logins(generate)?, values).to_owned();
    let mut next = values.clone();
    next.extend([
        (USERNAME.to_owned(), login),
        (PASSWORD.to_owned(), password),
    ]);
    Some(next)
}

fn other<'a>(logins: &'a [String; 2], values: &BTreeMap<String, String>) -> &'a str {
    let [first, second] = logins;
    if values.get(USERNAME) == Some(second) {
        first
    } else {
        second
    }
}

/// Names a set of credentials. With the Secret's own salt, so that a password that somebody
/// chose cannot be guessed from a name that is there for all to see.
fn id(values: &BTreeMap<String, String>) -> String {
    let text = |key: &str| values.get(key).map_or("", String::as_str);
    let mut hash = Sha256::new();
    for part in [text(names::SALT_KEY), text(USERNAME), text(PASSWORD)] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let bytes = hash.finalize();
    bytes[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What a live Secret holds of what was made, and what the plan states.
fn kept(
    stated: &Value,
    generate: &BTreeMap<String, Generated>,
    live: &Value,
) -> Result<Made, String> {
    let mut values = BTreeMap::new();
    for (key, generated) in generate {
        let value = match generated {
            Generated::Password(_) => live_value(live, key)?,
            Generated::OneOf(choices) => Some(chosen(key, choices, live_value(live, key)?)?),
            Generated::Composed(_) => None,
        };
        values.extend(value.map(|value| (key.clone(), value)));
    }
    if logins(generate).is_some() {
        let staged = live_value(live, names::NEXT_PASSWORD_KEY)?;
        values.extend(staged.map(|value| (names::NEXT_PASSWORD_KEY.to_owned(), value)));
    }
    values.extend(stated_values(stated));
    let annotations = &live["metadata"]["annotations"];
    let is_stated = |name: &&str| stated["metadata"]["annotations"].get(name).is_some();
    let kept = |name: &'static str| Some((name, annotations.get(name)?.as_str()?.to_owned()));
    let names = KEPT.into_iter().filter(|name| !is_stated(name));
    Ok(Made {
        values,
        annotations: names.filter_map(kept).collect(),
    })
}

/// The choice that is live, or else the first one.
fn chosen(key: &str, choices: &[String], live: Option<String>) -> Result<String, String> {
    match live {
        None => Ok(choices.first().cloned().unwrap_or_default()),
        Some(value) if choices.contains(&value) => Ok(value),
        Some(value) => Err(format!(
            "its {key} is {value}, and can be {} only: write that, or take the key out",
            choices.join(" or ")
        )),
    }
}

fn lacks(generate: &BTreeMap<String, Generated>, made: &Made) -> bool {
    generate
        .iter()
        .any(|(key, how)| matches!(how, Generated::Password(_)) && !made.values.contains_key(key))
}

fn make_missing<E>(
    generate: &BTreeMap<String, Generated>,
    made: &mut Made,
    make: &mut dyn FnMut(usize) -> Result<String, E>,
) -> Result<(), E> {
    for (key, generated) in generate {
        if made.values.contains_key(key) {
            continue;
        }
        let value = match generated {
            Generated::Password(length) => make(*length)?,
            Generated::OneOf(choices) => choices.first().cloned().unwrap_or_default(),
            Generated::Composed(_) => continue,
        };
        made.values.insert(key.clone(), value);
    }
    Ok(())
}

/// The stated Secret with the type that it has: a type can never change.
fn as_live(stated: &Value, live: &Value) -> Value {
    let mut stated = stated.clone();
    if let Some(kind) = live.get("type") {
        stated["type"] = kind.clone();
    }
    stated
}

/// The value without the white space around it; `None` where there is none.
fn live_value(live: &Value, key: &str) -> Result<Option<String>, String> {
    let Some(encoded) = live["data"].get(key) else {
        return Ok(None);
    };
    let unusable = || {
        format!("its {key} is no text that a program can be given: write it in UTF-8, without NUL")
    };
    let bytes: ByteString = serde_json::from_value(encoded.clone()).map_err(|_| unusable())?;
    let text = String::from_utf8(bytes.0).map_err(|_| unusable())?;
    match text.trim() {
        "" => Ok(None),
        value if value.contains('\0') => Err(unusable()),
        value => Ok(Some(value.to_owned())),
    }
}

/// The template with each `{key}` replaced, once: a value that has braces in it stays.
fn replaced(template: &str, values: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let key = after.split_once('}').map_or("", |(key, _)| key);
        if let Some(value) = values.get(key) {
            text.push_str(&names::percent(value));
            rest = &after[key.len() + 1..];
        } else {
            text.push('{');
            rest = after;
        }
    }
    text + rest
}

#[cfg(test)]
#[path = "tests/secrets.rs"]
mod tests;
