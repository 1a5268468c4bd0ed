//! A YAML document as a tree that knows where each of its parts stands.
//!
//! Serde's own messages have no place for a field deep inside, and a number has lost its
//! spelling (`1.10` is 1.1) by the time a type sees it. So text becomes this tree first,
//! everything is checked on it, and only then does it become an object.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_yaml::Spanned;

/// Where something stands in its text; both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
    /// How many characters it has, at least 1 and never past its line.
    pub length: usize,
}

/// A part of a document and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// What it is.
    pub data: Data,
    /// Where it begins.
    pub position: Position,
}

/// What a part of a document is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Nothing, as `~` or a key without a value.
    Null,
    /// A boolean, a number, and how it was written.
    Plain {
        /// What YAML reads it as.
        value: Value,
        /// How it was written.
        written: String,
    },
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// A map, in the order of the text.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub position: Position,
    /// The value.
    pub value: Tree,
}

impl Tree {
    /// The value of a key, where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        let Data::Map(entries) = &self.data else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.value)
    }

    /// The text, where this is one.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value without its places.
    pub fn to_value(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Plain { value, .. } => value.clone(),
            Data::Text(text) => Value::String(text.clone()),
            Data::List(items) => items.iter().map(Self::to_value).collect(),
            Data::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// What a person calls it.
    pub fn noun(&self) -> &'static str {
        match &self.data {
            Data::Null => "nothing",
            Data::Plain { value, .. } if value.is_boolean() => "a boolean",
            Data::Plain { .. } => "a number",
            Data::Text(_) => "a text",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }
}

/// A part as the parser hands it over, before its spelling is looked up in the text.
#[derive(Debug)]
pub(super) enum Parsed {
    Null,
    Plain(Value),
    Text(String),
    List(Vec<Spanned<Parsed>>),
    Map(Vec<(Spanned<String>, Spanned<Parsed>)>),
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParsedVisitor)
    }
}

struct ParsedVisitor;

impl<'de> Visitor<'de> for ParsedVisitor {
    type Value = Parsed;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("YAML")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Parsed, E> {
        Ok(Parsed::Plain(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Parsed, E> {
        Ok(Parsed::Plain(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Parsed, E> {
        Ok(Parsed::Plain(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Parsed, E> {
        Ok(Parsed::Text(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Parsed, E> {
        Ok(Parsed::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Parsed, E> {
        let number = Number::from_f64(value);
        Ok(number.map_or(Parsed::Null, |number| Parsed::Plain(number.into())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Parsed, E> {
        Ok(Parsed::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Parsed, E> {
        Ok(Parsed::Text(text))
    }

    fn visit_none<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::Null)
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Parsed, D::Error> {
        Parsed::deserialize(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Parsed, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Parsed::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Parsed, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Parsed::Map(map))
    }
}

/// Gives each part its place, and each number the spelling that stands in `text`.
pub(super) fn place(parsed: Spanned<Parsed>, text: &str) -> Tree {
    let position = position(&parsed.referenced, text);
    let data = match parsed.value {
        Parsed::Null => Data::Null,
        Parsed::Text(text) => Data::Text(text),
        Parsed::Plain(value) => Data::Plain {
            written: spelling(&parsed.defined, text).unwrap_or_else(|| value.to_string()),
            value,
        },
        Parsed::List(items) => {
            Data::List(items.into_iter().map(|item| place(item, text)).collect())
        }
        Parsed::Map(entries) => Data::Map(
            entries
                .into_iter()
                .map(|(key, value)| entry(key, value, text))
                .collect(),
        ),
    };
    Tree { data, position }
}

fn entry(key: Spanned<String>, value: Spanned<Parsed>, text: &str) -> Entry {
    Entry {
        position: position(&key.referenced, text),
        key: key.value,
        value: place(value, text),
    }
}

fn spelling(location: &serde_yaml::Location, text: &str) -> Option<String> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let length = usize::try_from(span.byte_len()?).ok()?;
    let written = text.get(start..start.checked_add(length)?)?.trim();
    (!written.is_empty() && !written.contains('\n')).then(|| written.to_owned())
}

pub(super) fn position(location: &serde_yaml::Location, text: &str) -> Position {
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let length = spelling(location, text).map_or(1, |written| written.chars().count());
    Position {
        line: whole(location.line()).max(1),
        column: whole(location.column()).max(1),
        length: length.max(1),
    }
}
