//! Schemas of the fields: every text, list and map has a bound (or the cost limits of
//! CEL refuse the schema), no format that the API server does not know, no `default:`
//! (a default that the server writes cannot be told from a person's choice), and no
//! `nullable` (server-side apply would send nulls).

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::app::{DeletionPolicy, GatewayClass, Phase, ServerMode, Updates};
use super::pooler::PoolMode;
use super::service::{DatabaseMode, Reload, ServiceType, Startup};

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

const DNS_LABEL: &str = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
const DNS_SUBDOMAIN: &str = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
const QUANTITY: &str = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$";
/// Semver 2.0.0 without build metadata and without upper case, for versions stand in names and labels.
const VERSION: &str =
    r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9a-z-]+(\.[0-9a-z-]+)*)?$";
/// The distribution reference: an optional host, a path, a tag or a digest.
const IMAGE: &str = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[a-f0-9]{64})?$";

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

/// The name of a service.
pub fn service_name(_: Generator) -> Schema {
    fitting(
        DNS_LABEL,
        40,
        "a name of at most 40 lower-case letters, digits and -, as auth-service",
    )
}

/// The name of a volume.
pub fn volume_name(_: Generator) -> Schema {
    fitting(
        DNS_LABEL,
        30,
        "a name of at most 30 lower-case letters, digits and -, as data",
    )
}

/// The name of an environment.
pub fn environment_name(_: Generator) -> Schema {
    fitting(
        DNS_LABEL,
        40,
        "a name of at most 40 lower-case letters, digits and -, as staging",
    )
}

/// An object's name: a DNS subdomain.
pub fn object_name(_: Generator) -> Schema {
    fitting(
        DNS_SUBDOMAIN,
        253,
        "the name of an object, as shop-tls: lower-case letters, digits, - and .",
    )
}

/// An object's name that must be there.
pub fn required_object_name(_: Generator) -> Schema {
    fitting(
        DNS_SUBDOMAIN,
        253,
        "the name of an object, as shop-tls: lower-case letters, digits, - and .",
    )
}

/// A host, without a port.
pub fn host(_: Generator) -> Schema {
    fitting(
        r"^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
        253,
        "a host without scheme and port, as shop.example.com or *.example.com",
    )
}

/// A version.
pub fn version(_: Generator) -> Schema {
    fitting(
        VERSION,
        40,
        "a version of three numbers, as 1.4.0 or 1.4.0-rc.1, without build metadata and upper case",
    )
}

/// A version that may be absent.
pub fn optional_version(_: Generator) -> Schema {
    fitting(
        VERSION,
        40,
        "a version of three numbers, as 1.4.0 or 1.4.0-rc.1, without build metadata and upper case",
    )
}

/// A range of versions. What Cargo reads is too rich for a pattern; `validate` reads it.
pub fn version_range(_: Generator) -> Schema {
    bounded_text(200)
}

/// A container image.
pub fn image(_: Generator) -> Schema {
    fitting(
        IMAGE,
        500,
        "an image with its tag, as registry.example.com/auth-service:1.4.0",
    )
}

/// A container image that may be absent.
pub fn optional_image(_: Generator) -> Schema {
    fitting(
        IMAGE,
        500,
        "an image with its tag, as registry.example.com/auth-service:1.4.0",
    )
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

/// The address of a server that speaks S3.
pub fn endpoint(_: Generator) -> Schema {
    fitting(
        r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?$",
        253,
        "a server's address without a path, as https://s3.example.com",
    )
}

/// A region of S3.
pub fn region(_: Generator) -> Schema {
    fitting("^[a-z0-9-]+$", 60, "the name of a region, as eu-central-1")
}

/// A bucket of S3.
pub fn bucket(_: Generator) -> Schema {
    fitting(
        "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        63,
        "the name of a bucket, as shop-backups: 3 to 63 lower-case letters, digits, - and .",
    )
}

/// What keys begin with.
pub fn key_prefix(_: Generator) -> Schema {
    fitting(
        "^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$",
        200,
        "folders without a slash at either end, as team-a/shop",
    )
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

/// True or false.
pub fn flag(_: Generator) -> Schema {
    json_schema!({"type": "boolean"})
}

/// A duration, as 90s, 10m or 1h30m.
pub fn duration(_: Generator) -> Schema {
    fitting(
        r"^([0-9]+h)?([0-9]+m)?([0-9]+s)?$",
        20,
        "a duration, as 90s, 10m or 1h30m",
    )
}

/// A gateway's path: it begins with a slash and ends in none, for `/a/` would match `/a` on
/// one gateway and not on another.
pub fn path(_: Generator) -> Schema {
    fitting(
        r"^/([A-Za-z0-9._~!$&'()*+,;=:@%-]+(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*)?$",
        200,
        "a path that begins with / and does not end with it, as /api/auth",
    )
}

/// A folder in a container.
pub fn mount_path(_: Generator) -> Schema {
    fitting(
        "^/[^:]*$",
        200,
        "a path that begins with / and has no colon, as /var/lib/data",
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

/// The name of an environment variable (POSIX: letters, digits and underscores).
pub fn variable_name(_: Generator) -> Schema {
    fitting(
        "^[A-Za-z_][A-Za-z0-9_]*$",
        100,
        "the name of a variable, as DATABASE_URL: letters, digits and _, and no digit first",
    )
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

/// `cpu`, `memory`, or the name of a Pods metric.
pub fn metric_name(_: Generator) -> Schema {
    fitting(
        "^[a-zA-Z_:][a-zA-Z0-9_:]*$",
        100,
        "cpu, memory, or the name of a metric of the pods, as http_requests_per_second",
    )
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

/// An object that the server keeps as it is.
pub fn free_object(_: Generator) -> Schema {
    json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

/// The name of a database on its server.
pub fn database_name(_: Generator) -> Schema {
    fitting(
        "^[A-Za-z_][A-Za-z0-9_-]*$",
        63,
        "the name of a database, as auth_db: letters, digits, _ and -, and a letter or _ first",
    )
}

/// Names of databases.
pub fn database_names(_: Generator) -> Schema {
    texts(&bounded_text(63), 0, 30)
}

/// A URL's scheme (RFC 3986, section 3.1).
pub fn url_scheme(_: Generator) -> Schema {
    fitting(
        "^[a-z][a-z0-9+.-]*$",
        40,
        "the scheme of a URL, as postgresql+asyncpg",
    )
}

/// Extensions of a database.
pub fn extensions(_: Generator) -> Schema {
    let write = "the name of an extension, as uuid-ossp";
    texts(&fitting("^[A-Za-z0-9_-]+$", 63, write), 0, 50)
}

/// Routing keys.
pub fn routing_keys(_: Generator) -> Schema {
    texts(&bounded_text(255), 0, 100)
}

/// Traefik's entry points.
pub fn entry_points(_: Generator) -> Schema {
    texts(&bounded_text(60), 0, 10)
}

/// The type of a Kubernetes Service.
pub fn service_kind(_: Generator) -> Schema {
    one_of(&["ClusterIP", "NodePort", "LoadBalancer"])
}

/// What kind of workload a service is.
pub fn service_type(_: Generator) -> Schema {
    use ServiceType::{Api, Cron, Job, Web, Worker};
    one_of(&[Api, Web, Worker, Cron, Job])
}

/// Whether a dependency must be ready first.
pub fn startup(_: Generator) -> Schema {
    one_of(&[Startup::Ordered, Startup::Unordered])
}

/// What a Redis is for.
pub fn database_mode(_: Generator) -> Schema {
    one_of(&[DatabaseMode::Cache, DatabaseMode::Store])
}

/// What a changed configuration does to running pods.
pub fn reload(_: Generator) -> Schema {
    one_of(&[Reload::Restart, Reload::Watch])
}

/// Which kind of route is made.
pub fn gateway_class(_: Generator) -> Schema {
    use GatewayClass::{GatewayAPI, Ingress, None, Traefik};
    one_of(&[Traefik, Ingress, GatewayAPI, None])
}

/// Whose server a database is on.
pub fn server_mode(_: Generator) -> Schema {
    one_of(&[
        ServerMode::Shared,
        ServerMode::Dedicated,
        ServerMode::External,
        ServerMode::CloudNativePG,
    ])
}

/// How long a pooled connection is one client's.
pub fn pool_mode(_: Generator) -> Schema {
    one_of(&[PoolMode::Transaction, PoolMode::Session])
}

/// Connections of a pool.
pub fn pool_size(_: Generator) -> Schema {
    number(1, 1_000)
}

/// Connections that a pooler takes.
pub fn max_clients(_: Generator) -> Schema {
    number(1, 100_000)
}

/// When a newer version is taken.
pub fn updates(_: Generator) -> Schema {
    one_of(&[Updates::Locked, Updates::Automatic])
}

/// What becomes of the data.
pub fn deletion_policy(_: Generator) -> Schema {
    one_of(&[DeletionPolicy::Retain, DeletionPolicy::Delete])
}

/// Where a service stands.
pub fn phase(_: Generator) -> Schema {
    use Phase::{Degraded, Failed, Migrating, Pending, Provisioning, Running, Starting, Updating};
    one_of(&[
        Pending,
        Provisioning,
        Migrating,
        Starting,
        Updating,
        Running,
        Degraded,
        Failed,
    ])
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
