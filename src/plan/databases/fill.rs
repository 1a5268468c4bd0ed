//! Fills the placeholders of the engines' texts.

use super::places::Server;
use crate::api::names::percent;
use crate::validate::ValidApp;

/// The text with the server's names in it.
pub(super) fn fill(app: &ValidApp, server: &Server<'_>, text: &str) -> String {
    let values = [
        ("{server}", server.name.clone()),
        ("{headless}", server.headless()),
        ("{namespace}", app.namespace.clone()),
        ("{series}", server.series.clone()),
        ("{members}", members(app, server)),
        ("{replicas}", server.members().to_string()),
        ("{limit}", (memory_limit(server) / 4 * 3).to_string()),
    ];
    replaced(text, &values)
}

/// The URL of a database as a template: `{username}` and `{password}` stay open, for they
/// are made when the Secret is.
pub(super) fn url(
    app: &ValidApp,
    server: &Server<'_>,
    host: &str,
    scheme: &str,
    database: &str,
) -> String {
    let external = server.external.is_some();
    let template = server.profile().url_template(scheme, external);
    let (scheme, parameters) = server.connection(scheme);
    let values = [
        ("{scheme}", scheme),
        ("{host}", in_url(host)),
        ("{port}", server.port().to_string()),
        ("{database}", percent(database)),
        ("{members}", members(app, server)),
        ("{server}", server.name.clone()),
        ("{headless}", server.headless()),
        ("{namespace}", app.namespace.clone()),
    ];
    let url = replaced(template, &values);
    match (parameters.is_empty(), url.contains('?')) {
        (true, _) => url,
        (false, false) => format!("{url}?{parameters}"),
        (false, true) => format!("{url}&{parameters}"),
    }
}

/// The members' addresses, with commas between them. With the namespace, because members
/// tell clients their addresses, and those may be elsewhere.
pub(super) fn members(app: &ValidApp, server: &Server<'_>) -> String {
    if server.external.is_some() || server.operator.is_some() {
        return format!("{}:{}", in_url(&server.host()), server.port());
    }
    let (name, headless, port) = (&server.name, server.headless(), server.port());
    let namespace = &app.namespace;
    let member = |index| format!("{name}-{index}.{headless}.{namespace}.svc:{port}");
    (0..server.members())
        .map(member)
        .collect::<Vec<_>>()
        .join(",")
}

/// A host as a URL has it: an IPv6 address stands in brackets (RFC 3986, section 3.2.2).
fn in_url(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// The memory limit in bytes.
fn memory_limit(server: &Server<'_>) -> u64 {
    let stated = server
        .policy
        .resources
        .as_ref()
        .and_then(|it| it.limits.get("memory"));
    let bytes = stated.and_then(|quantity| bytes(&quantity.to_string()));
    bytes
        .or_else(|| self::bytes(server.profile().memory_limit))
        .unwrap_or(0)
}

/// A quantity in bytes (kubernetes.io, "Quantity"); whole numbers of bytes and more only.
fn bytes(quantity: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 9] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("", 1),
    ];
    let (number, unit) = UNITS
        .iter()
        .find_map(|(suffix, unit)| Some((quantity.strip_suffix(suffix)?, unit)))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let whole = whole.parse::<u64>().ok()?.checked_mul(*unit)?;
    let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    Some(whole + fraction.parse::<u64>().ok()?.checked_mul(*unit)? / scale)
}

/// The text with each name replaced by its value.
pub(super) fn replaced(text: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(name, value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_so_many_bytes() {
        let cases = [
            ("256Mi", Some(268_435_456)),
            ("1Gi", Some(1_073_741_824)),
            ("1.5Gi", Some(1_610_612_736)),
            ("500M", Some(500_000_000)),
            ("1048576", Some(1_048_576)),
            ("much", None),
        ];
        for (quantity, expected) in cases {
            assert_eq!(bytes(quantity), expected, "{quantity}");
        }
    }

    #[test]
    fn what_a_url_reserves_is_encoded() {
        assert_eq!(percent("a_b-c"), "a_b-c");
        assert_eq!(percent("a/b?c{d}@é"), "a%2Fb%3Fc%7Bd%7D%40%C3%A9");
    }
}
