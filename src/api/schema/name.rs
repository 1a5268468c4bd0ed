//! Texts of which a pattern says what they may be: names, versions, images, addresses.

use schemars::{Schema, json_schema};

use super::{Generator, bounded_text, fitting, texts};

const DNS_LABEL: &str = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
const DNS_SUBDOMAIN: &str = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
/// Semver 2.0.0 without build metadata and without upper case, for versions stand in names and labels.
const VERSION: &str =
    r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9a-z-]+(\.[0-9a-z-]+)*)?$";
/// The distribution reference: an optional host, a path, a tag or a digest.
const IMAGE: &str = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[a-f0-9]{64})?$";

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

/// The name of a namespace.
pub fn namespace_name(_: Generator) -> Schema {
    fitting(
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        63,
        "the name of a namespace, as traefik: lower-case letters, digits and -",
    )
}

/// The name of a label, with the prefix that it may have.
pub fn label_name(_: Generator) -> Schema {
    fitting(
        r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        316,
        "the name of a label, as app.kubernetes.io/name",
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

/// The URL of a Git repository that needs no password.
pub fn source_url(_: Generator) -> Schema {
    fitting(
        "^(https?|file)://[^/@ ]*/[^ ]+$",
        500,
        "a repository's URL by https, http or file, without a password, as https://git.example.com/acme/auth-service",
    )
}

/// A revision of a Git repository.
pub fn revision(_: Generator) -> Schema {
    fitting(
        "^[0-9a-f]{40}$",
        40,
        "the revision's whole hash, as `git rev-parse HEAD` prints it",
    )
}

/// A folder in a repository.
pub fn source_folder(_: Generator) -> Schema {
    fitting(
        "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",
        200,
        "a folder's path from the repository's root, as services/auth",
    )
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

/// The name of an environment variable (POSIX: letters, digits and underscores).
pub fn variable_name(_: Generator) -> Schema {
    fitting(
        "^[A-Za-z_][A-Za-z0-9_]*$",
        100,
        "the name of a variable, as DATABASE_URL: letters, digits and _, and no digit first",
    )
}

/// `cpu`, `memory`, or the name of a Pods metric.
pub fn metric_name(_: Generator) -> Schema {
    fitting(
        "^[a-zA-Z_:][a-zA-Z0-9_:]*$",
        100,
        "cpu, memory, or the name of a metric of the pods, as http_requests_per_second",
    )
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

/// A key of a Secret or a ConfigMap.
pub fn data_key(_: Generator) -> Schema {
    fitting(
        "^[-._a-zA-Z0-9]+$",
        253,
        "a key of letters, digits, -, _ and ., as api-key",
    )
}

/// Where a secret is in Vault.
pub fn vault_path(_: Generator) -> Schema {
    fitting(
        "^[-._a-zA-Z0-9]+(/[-._a-zA-Z0-9]+)+$",
        200,
        "a path of Vault without a slash at either end, as secret/data/payment",
    )
}

/// Keys of a secret in Vault, by the variables that they become.
pub fn vault_keys(_: Generator) -> Schema {
    let key = fitting(
        "^[a-zA-Z_][a-zA-Z0-9_]*$",
        100,
        "a key of letters, digits and _, and use template for any other",
    );
    json_schema!({"type": "object", "additionalProperties": key, "maxProperties": 50})
}
