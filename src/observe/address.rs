//! Where the server of others answers whose administrator's `uri` a Secret has. The password
//! in it goes nowhere: what is kept is a host and a port.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;

use crate::engines::Engine;
use crate::plan::Address;

/// Where the server answers. The uri itself is never told: it has a password in it.
pub(super) fn server(secret: &Secret) -> Result<Address, String> {
    let uri = secret.data.as_ref().and_then(|data| data.get("uri"));
    let uri = uri.ok_or("it has no key uri")?;
    let uri = std::str::from_utf8(&uri.0).map_err(|_| "its uri is no text")?;
    Ok(Address {
        revision: secret.resource_version().unwrap_or_default(),
        ..address(uri.trim())?
    })
}

/// Where a URL leads and how (RFC 3986, section 3).
fn address(uri: &str) -> Result<Address, &'static str> {
    const FORM: &str = "its uri is not of the form scheme://user:password@host:port";
    let (scheme, rest) = uri.split_once("://").ok_or(FORM)?;
    if scheme.ends_with("+srv") {
        return Err("its uri names a record of the DNS instead of a host: write the uri of a host");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    if place.contains(',') {
        return Err("its uri names several hosts: write the uri of the one that takes writes");
    }
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(FORM)?;
            (host, port.strip_prefix(':'))
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let fine = |letter: char| letter.is_ascii_alphanumeric() || "-._:".contains(letter);
    if host.is_empty() || !host.chars().all(fine) {
        return Err(FORM);
    }
    let port = port.filter(|port| !port.is_empty());
    let number = port
        .map(|port| port.parse::<u16>().map_err(|_| FORM))
        .transpose()?;
    Ok(Address {
        host: host.to_ascii_lowercase(),
        port: number.map(i32::from),
        scheme: scheme.to_owned(),
        parameters: parameters(rest),
        revision: String::new(),
    })
}

/// Those parameters of a URL that services take over. Any other may be a password.
fn parameters(rest: &str) -> BTreeMap<String, String> {
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let taken = |name: &str| {
        let all = Engine::all();
        all.map(|engine| &engine.profile().url.inherits)
            .any(|inherits| inherits.takes(name))
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    pairs
        .filter(|(name, value)| taken(name) && value.chars().all(plain))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_host_and_the_port_of_a_url_are_read() {
        let at = |host: &str, port| Ok((host.to_owned(), port));
        let cases = [
            (
                "postgresql://admin:p%40ss@db.example.com:5433/postgres?sslmode=require",
                at("db.example.com", Some(5433)),
            ),
            ("postgres://admin:p@ss@db", at("db", None)),
            (
                "redis://:secret@10.0.0.7:6380/0",
                at("10.0.0.7", Some(6380)),
            ),
            (
                "http://es.logging.svc:9200",
                at("es.logging.svc", Some(9200)),
            ),
            ("mysql://root:x@[fd00::1]:3306", at("fd00::1", Some(3306))),
            ("mysql://root:x@[fd00::1]", at("fd00::1", None)),
        ];
        for (uri, expected) in cases {
            let found = address(uri).map(|address| (address.host, address.port));
            assert_eq!(found, expected, "{uri}");
        }
    }

    #[test]
    fn of_the_parameters_only_those_are_kept_that_tell_how_to_connect() {
        let kept = |uri: &str| address(uri).unwrap().parameters;
        let uri = "postgresql://db/app?user=boss&sslmode=require&password=secret&application_name=x#sslmode=no";
        let expected = [("sslmode".to_owned(), "require".to_owned())];
        assert_eq!(kept(uri), expected.into());
        assert_eq!(
            kept("postgresql://db?sslmode=a%26password=x&sslmode"),
            [].into()
        );
    }

    #[test]
    fn what_is_wrong_is_told_without_a_word_of_the_uri() {
        let bad = [
            "",
            "db.example.com",
            "postgresql://",
            "postgresql://admin:secret@",
            "postgresql://admin:secret@db:port",
            "postgresql://admin:secret@db:70000",
            "postgresql://admin:secret@d b",
            "mysql://a:secret@[::1",
            "mongodb+srv://a:secret@cluster",
            "mongodb://a:secret@one:1,two:2/admin",
            "postgresql://a:secret@$(id)",
        ];
        for uri in bad {
            let why = address(uri).unwrap_err();
            assert!(
                why.starts_with("its uri") && !why.contains("secret@"),
                "{uri}: {why}"
            );
        }
    }
}
