//! What is said of requests: headers, hosts, networks, rates, and who may come in.

use schemars::Schema;

use super::{Generator, bounded_text, fitting, json_schema, number, texts};

/// A token of HTTP (RFC 9110, section 5.6.2).
const HEADER: &str = "^[A-Za-z0-9!#$%&'*+.^_|~-]+$";
const NETWORK: &str =
    r"^([0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]{1,2})?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+(/[0-9]{1,3})?)$";

fn header() -> Schema {
    fitting(HEADER, 100, "the name of a header, as X-Request-ID")
}

/// How often a gateway sends a request again.
pub fn gateway_retries(_: Generator) -> Schema {
    number(0, 10)
}

/// So many requests.
pub fn rate(_: Generator) -> Schema {
    number(1, 1_000_000)
}

/// A duration of which parts of a second count, as 500ms or 2s.
pub fn fine_duration(_: Generator) -> Schema {
    fitting(
        r"^([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
        20,
        "a duration, as 500ms, 2s or 1m",
    )
}

/// A share, as 30%.
pub fn percentage(_: Generator) -> Schema {
    fitting("^([1-9][0-9]?|100)%$", 4, "a share of 1% to 100%, as 30%")
}

/// The name of a header.
pub fn header_name(_: Generator) -> Schema {
    header()
}

/// Names of headers.
pub fn header_names(_: Generator) -> Schema {
    texts(&header(), 0, 50)
}

/// Headers and their values.
pub fn headers(_: Generator) -> Schema {
    let value = json_schema!({"type": "string", "maxLength": 4_000});
    json_schema!({"type": "object", "additionalProperties": value, "maxProperties": 50})
}

/// Headers by the names of claims.
pub fn header_names_by_claim(_: Generator) -> Schema {
    json_schema!({"type": "object", "additionalProperties": header(), "maxProperties": 20})
}

/// Values by the names of claims.
pub fn required_claims(_: Generator) -> Schema {
    let values = texts(&bounded_text(200), 1, 50);
    json_schema!({"type": "object", "additionalProperties": values, "maxProperties": 20})
}

/// The name of a claim, or of a field.
pub fn claim_name(_: Generator) -> Schema {
    bounded_text(100)
}

/// For whom a token is.
pub fn audiences(_: Generator) -> Schema {
    texts(&bounded_text(253), 0, 20)
}

/// The name of a cookie.
pub fn cookie_name(_: Generator) -> Schema {
    fitting(HEADER, 100, "the name of a cookie, as session")
}

/// A URL.
pub fn url(_: Generator) -> Schema {
    fitting(
        r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?$",
        500,
        "a URL, as https://id.example.com/.well-known/jwks.json",
    )
}

/// Origins of pages.
pub fn origins(_: Generator) -> Schema {
    let origin = fitting(
        r"^(\*|https?://[A-Za-z0-9.-]+(:[0-9]+)?)$",
        253,
        "an origin, as https://shop.example.com, or *",
    );
    texts(&origin, 1, 50)
}

/// Networks.
pub fn networks(_: Generator) -> Schema {
    let network = fitting(
        NETWORK,
        50,
        "a network or an address, as 10.0.0.0/8 or 203.0.113.7",
    );
    texts(&network, 0, 100)
}

/// Hosts.
pub fn hosts(generator: Generator) -> Schema {
    texts(&super::host(generator), 0, 20)
}

/// Names of objects.
pub fn object_names(generator: Generator) -> Schema {
    texts(&super::object_name(generator), 0, 20)
}

/// A path below another one: it has at least a word.
pub fn path_below(_: Generator) -> Schema {
    fitting(
        r"^(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+$",
        200,
        "a path that begins with / and does not end with it, as /login",
    )
}
