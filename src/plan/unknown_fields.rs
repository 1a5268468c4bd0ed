//! The fields of a value that the Kubernetes type which it is meant for does not have.
//!
//! Serde tells the fields of a type only while something is read into it, so this reads the
//! value once more and keeps what no type asked for. Reading by itself drops such a field
//! without a word, and the API server would refuse the whole object.

use std::cell::RefCell;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

use crate::validate::nearest;

/// A field that no type asked for, and that was probably meant to be another. One that is
/// near to none may be known to a newer server, and is left to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    /// Where it stands, as `spec.containers[web].imgae`.
    pub path: String,
    /// The field that was probably meant.
    pub near: &'static str,
}

/// The first field of a pod template that no pod template has.
pub(super) fn of_pod_template(template: &Value) -> Result<Option<Unknown>, Error> {
    let unknown = RefCell::new(None);
    PodTemplateSpec::deserialize(Watched {
        value: template,
        path: String::new(),
        unknown: &unknown,
    })?;
    Ok(unknown.into_inner())
}

/// A value with its place, that is being read.
struct Watched<'a> {
    value: &'a Value,
    path: String,
    unknown: &'a RefCell<Option<Unknown>>,
}

impl<'a> Watched<'a> {
    fn inner(&self, value: &'a Value, path: String) -> Self {
        Self {
            value,
            path,
            unknown: self.unknown,
        }
    }

    fn field(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    /// Items of most lists have names, which stay true when the lists are merged.
    fn item(&self, index: usize, item: &Value) -> String {
        match item.get("name").and_then(Value::as_str) {
            Some(name) => format!("{}[{name}]", self.path),
            None => format!("{}[{index}]", self.path),
        }
    }

    fn keep_unknown(&self, known: &'static [&'static str]) {
        let names = self.value.as_object().into_iter().flat_map(|it| it.keys());
        let mut unknown = names.filter(|name| !known.contains(&name.as_str()));
        let near = |name: &String| Some((name.clone(), nearest(name, known.iter().copied())?));
        if let Some((name, near)) = unknown.find_map(near) {
            self.unknown.borrow_mut().get_or_insert_with(|| Unknown {
                path: self.field(&name),
                near,
            });
        }
    }
}

impl<'de> IntoDeserializer<'de, Error> for Watched<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Watched<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Object(object) => {
                let entries = object
                    .iter()
                    .map(|(name, value)| (name.as_str(), self.inner(value, self.field(name))));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            Value::Array(list) => {
                let items = list.iter().enumerate();
                let items = items.map(|(index, item)| self.inner(item, self.item(index, item)));
                visitor.visit_seq(SeqDeserializer::new(items))
            }
            scalar => scalar.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.keep_unknown(fields);
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
