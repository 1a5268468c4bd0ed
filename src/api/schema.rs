//! Schemas of the fields: every text, list and map has a bound (or the cost limits of
//! CEL refuse the schema), no format that the API server does not know, no `default:`
//! (a default that the server writes cannot be told from a person's choice), and no
//! `nullable` (server-side apply would send nulls).

mod choice;
mod name;
mod traffic;

pub use choice::*;
pub use name::*;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
pub use traffic::*;

/// A whole number or a text, as Kubernetes' IntOrString: `1` and `"250m"` are both quantities.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[serde(untagged)]
pub enum IntOrText {
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
}

impl std::fmt::Display for IntOrText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(number) => write!(formatter, "{number}"),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

type Generator<'a> = &'a mut SchemaGenerator;

const QUANTITY: &str = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$";

/// A text that a pattern fits. It is a rule of CEL and no `pattern`, for of that the API
/// server would say nothing but the pattern: `write` tells what to write instead.
fn fitting(pattern: &str, max: u32, write: &str) -> Schema {
    json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": max,
        "x-kubernetes-validations": [{
            "rule": format!("self.matches(r\"{pattern}\")"),
            "message": format!("write {write}"),
        }],
    })
}

fn bounded_text(max: u32) -> Schema {
    json_schema!({"type": "string", "minLength": 1, "maxLength": max})
}

fn texts(item: &Schema, min: u32, max: u32) -> Schema {
    json_schema!({"type": "array", "items": item, "minItems": min, "maxItems": max})
}

fn one_of<T: Serialize>(values: &[T]) -> Schema {
    json_schema!({"type": "string", "enum": json!(values)})
}

fn number(min: i64, max: i64) -> Schema {
    json_schema!({"type": "integer", "minimum": min, "maximum": max})
}

/// The schema of the type itself, without the `nullable` that an `Option` would bring.
pub fn optional<T: JsonSchema>(generator: Generator) -> Schema {
    T::json_schema(generator)
}

/// A map from a name to `T` with at most `MAX` entries.
pub fn bounded_map<T: JsonSchema, const MAX: u32>(generator: Generator) -> Schema {
    let value = T::json_schema(generator);
    json_schema!({"type": "object", "additionalProperties": value, "maxProperties": MAX})
}

/// An optional text of at most `MAX` characters.
pub fn text<const MAX: u32>(_: Generator) -> Schema {
    bounded_text(MAX)
}

/// A text of at most `MAX` characters.
pub fn text_value<const MAX: u32>(_: Generator) -> Schema {
    bounded_text(MAX)
}

/// A TCP port.
pub fn port(_: Generator) -> Schema {
    number(1, 65_535)
}

/// A number of pods.
pub fn replicas(_: Generator) -> Schema {
    number(1, 1_000)
}

/// A number of one or more.
pub fn positive(_: Generator) -> Schema {
    number(1, 10_000)
}

/// How often a Job is tried again.
pub fn retries(_: Generator) -> Schema {
    number(0, 20)
}

/// A user id.
pub fn user_id(_: Generator) -> Schema {
    number(0, 2_147_483_647)
}

/// A generation.
pub fn generation(_: Generator) -> Schema {
    json_schema!({"type": "integer", "format": "int64", "minimum": 0})
}

/// A duration, as 90s, 10m or 1h30m.
pub fn duration(_: Generator) -> Schema {
    fitting(
        r"^([0-9]+h)?([0-9]+m)?([0-9]+s)?$",
        20,
        "a duration, as 90s, 10m or 1h30m",
    )
}

/// The words of a command that may be absent.
pub fn words(_: Generator) -> Schema {
    texts(
        &json_schema!({"type": "string", "maxLength": 4_000}),
        0,
        100,
    )
}

/// The words of a command.
pub fn command(_: Generator) -> Schema {
    texts(
        &json_schema!({"type": "string", "maxLength": 4_000}),
        1,
        100,
    )
}

/// Environment variables, text to text.
pub fn environment(_: Generator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 32_768},
        "maxProperties": 300,
    })
}

/// Versions by the service's name.
pub fn lock(_: Generator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": bounded_text(64),
        "maxProperties": 1_000,
    })
}

/// File name to content.
pub fn files(_: Generator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 500_000},
        "maxProperties": 50,
    })
}

/// A quantity, as Kubernetes writes it.
pub fn quantity(_: Generator) -> Schema {
    json_schema!({
        "x-kubernetes-int-or-string": true,
        "pattern": QUANTITY,
        "maxLength": 30,
    })
}

/// A quantity that may be absent.
pub fn optional_quantity(generator: Generator) -> Schema {
    quantity(generator)
}

/// Quantities by the resource's name.
pub fn quantities(generator: Generator) -> Schema {
    let value = quantity(generator);
    json_schema!({"type": "object", "additionalProperties": value, "maxProperties": 20})
}

/// A percentage or a quantity.
pub fn metric_target(_: Generator) -> Schema {
    json_schema!({
        "x-kubernetes-int-or-string": true,
        "pattern": r"^([0-9]+%|[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?)$",
        "maxLength": 30,
    })
}

/// A path or an object with its timing. A structural schema has no union of text and
/// object, so the server keeps what it is given, and `validate` checks it.
pub fn probe(_: Generator) -> Schema {
    json_schema!({"x-kubernetes-preserve-unknown-fields": true})
}

/// A word or a list, which a structural schema cannot have both: see [`probe`].
pub fn egress(generator: Generator) -> Schema {
    probe(generator)
}

/// A list of at most `MAX` of `T`.
pub fn bounded_list<T: JsonSchema, const MAX: u32>(generator: Generator) -> Schema {
    texts(&T::json_schema(generator), 0, MAX)
}

/// Labels with their values.
pub fn labels(_: Generator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 63},
        "maxProperties": 20,
    })
}

/// Values of a label.
pub fn label_values(_: Generator) -> Schema {
    texts(&json_schema!({"type": "string", "maxLength": 63}), 0, 50)
}

/// A range of addresses.
fn range() -> Schema {
    json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": 49,
        "x-kubernetes-validations": [{
            "rule": "isCIDR(self) && cidr(self) == cidr(self).masked()",
            "message": "write a range of addresses by its first one, as 203.0.113.0/24 or 2001:db8::/32",
        }],
    })
}

/// A range of addresses that may be absent.
pub fn cidr(_: Generator) -> Schema {
    range()
}

/// Ranges of addresses.
pub fn cidrs(_: Generator) -> Schema {
    texts(&range(), 0, 20)
}

/// An object that the server keeps as it is.
pub fn free_object(_: Generator) -> Schema {
    json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

/// Connections of a pool.
pub fn pool_size(_: Generator) -> Schema {
    number(1, 1_000)
}

/// Connections that a pooler takes.
pub fn max_clients(_: Generator) -> Schema {
    number(1, 100_000)
}

/// Conditions, as Kubernetes' API conventions have them, merged by their type.
pub fn conditions(_: Generator) -> Schema {
    let condition: Value = json!({
        "type": "object",
        "required": ["lastTransitionTime", "message", "reason", "status", "type"],
        "properties": {
            "type": {"type": "string", "maxLength": 316},
            "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
            "reason": {"type": "string", "minLength": 1, "maxLength": 1_024},
            "message": {"type": "string", "maxLength": 32_768},
            "lastTransitionTime": {"type": "string", "format": "date-time"},
            "observedGeneration": {"type": "integer", "format": "int64", "minimum": 0},
        },
    });
    json_schema!({
        "type": "array",
        "items": condition,
        "maxItems": 20,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
    })
}
