//! Names of services, objects, variables, databases, hosts and paths.

/// The longest name of a service or an app: what is derived from it has room then.
pub(in crate::validate) const NAME_LIMIT: usize = 40;

/// A DNS label (RFC 1035): it becomes the name of a Kubernetes Service.
pub(in crate::validate) fn label(name: &str, limit: usize) -> Result<(), String> {
    if name.is_empty() {
        return Err("is empty: write a name, as auth-service".to_owned());
    }
    if name.len() > limit {
        return Err(format!(
            "{name} has {} characters, and {limit} are the most, for the names of its objects are derived from it: shorten it",
            name.len()
        ));
    }
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    if begins && !name.ends_with('-') && name.bytes().all(is_label_byte) {
        return Ok(());
    }
    let rule = "lower-case letters, digits and hyphens, a letter first and no hyphen last";
    Err(match suggestion(name) {
        Some(better) => format!("{name:?} is no DNS label ({rule}): write {better}"),
        None => format!("{name:?} is no DNS label ({rule}): write a name as auth-service"),
    })
}

const fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

fn suggestion(name: &str) -> Option<String> {
    let lower = name.trim().to_ascii_lowercase();
    let better: String = lower
        .chars()
        .map(|each| {
            if each.is_ascii_alphanumeric() {
                each
            } else {
                '-'
            }
        })
        .collect();
    let better = better.trim_matches('-');
    let begins = better.starts_with(|first: char| first.is_ascii_lowercase());
    (begins && lower.is_ascii()).then(|| better.to_owned())
}

/// The name of an object of Kubernetes: a DNS subdomain (RFC 1123).
pub(in crate::validate) fn object(name: &str) -> Result<(), String> {
    let fine = |part: &str| {
        let edges = !part.starts_with('-') && !part.ends_with('-');
        !part.is_empty() && edges && part.bytes().all(is_label_byte)
    };
    if name.len() <= 253 && name.split('.').all(fine) {
        return Ok(());
    }
    Err(format!(
        "{name:?} can be no object's name: write lower-case letters, digits, hyphens and dots, as shop-tls"
    ))
}

/// The name of a namespace: a DNS label (RFC 1123).
pub(in crate::validate) fn namespace(name: &str) -> Result<(), String> {
    if name.len() <= 63 && !name.contains('.') && object(name).is_ok() {
        return Ok(());
    }
    Err(format!(
        "{name:?} can be no namespace's name: write at most 63 lower-case letters, digits and hyphens, as traefik"
    ))
}

/// The name of a label: letters, digits, hyphens, dots and underscores, perhaps with a DNS
/// subdomain and a slash before it (kubernetes.io, "Labels and Selectors").
pub(in crate::validate) fn label_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let fine = !name.is_empty() && prefix.is_none_or(|prefix| object(prefix).is_ok());
    if fine && label_value(name).is_ok() {
        return Ok(());
    }
    Err(format!(
        "{key:?} can be no label's name: write one as app.kubernetes.io/name"
    ))
}

/// The value of a label.
pub(in crate::validate) fn label_value(value: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let ends = |end: Option<char>| end.is_none_or(|letter| letter.is_ascii_alphanumeric());
    let edges = ends(value.chars().next()) && ends(value.chars().next_back());
    if value.len() <= 63 && edges && value.bytes().all(plain) {
        return Ok(());
    }
    Err(format!(
        "{value:?} can be no label's value: write at most 63 letters, digits, hyphens, dots and underscores, with a letter or digit at both ends"
    ))
}

/// A host name, perhaps with `*.` before it; no scheme, port or path.
///
/// # Errors
/// What is wrong with it, and what to write.
pub fn host(host: &str) -> Result<(), String> {
    let plain = host.strip_prefix("*.").unwrap_or(host);
    if object(plain).is_ok() {
        return Ok(());
    }
    let bare = host.split("://").last().unwrap_or(host);
    let bare = bare
        .split(['/', ':'])
        .next()
        .unwrap_or(bare)
        .to_ascii_lowercase();
    Err(if object(&bare).is_ok() {
        format!("{host:?} is more than a host: write {bare}")
    } else {
        format!("{host:?} is no host: write a name as shop.example.com")
    })
}

/// The name of an environment variable (POSIX).
pub(in crate::validate) fn variable(name: &str) -> Result<(), String> {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let rest = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if begins && rest {
        return Ok(());
    }
    Err(format!(
        "{name:?} can be no variable's name: write letters, digits and underscores, no digit first, as {}",
        example(name)
    ))
}

fn example(name: &str) -> String {
    let stem = crate::api::names::variable(name);
    let begins = stem.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if begins { stem } else { "LOG_LEVEL".to_owned() }
}

/// The name of a database on its server.
pub(in crate::validate) fn database(name: &str) -> Result<(), String> {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let rest = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if begins && rest && name.len() <= 63 {
        return Ok(());
    }
    Err(format!(
        "{name:?} can be no database's name: write letters, digits, underscores and hyphens, a letter or an underscore first, at most 63, as auth_db"
    ))
}

/// The path of a gateway's rule. A slash at the end is refused rather than trimmed: `/a/`
/// would match `/a` on one gateway and not on another, and what the manifest says should
/// be what the gateway does.
pub(in crate::validate) fn prefix(path: &str) -> Result<(), String> {
    url_path(path)?;
    if path == "/" {
        return Ok(());
    }
    if path.ends_with('/') {
        return Err(format!(
            "{path:?} ends in a slash: write {}, which takes what is below it too",
            path.trim_end_matches('/')
        ));
    }
    if path.contains("//") || path.contains(['?', '#']) {
        return Err(format!(
            "{path:?} is no plain path: write single slashes, and no ? or #, as /api/auth"
        ));
    }
    Ok(())
}

/// The path of a request.
pub(in crate::validate) fn url_path(path: &str) -> Result<(), String> {
    if !path.starts_with('/') {
        return Err(format!(
            "{path:?} does not begin with a slash: write /{}",
            path.trim()
        ));
    }
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"/._~!$&'()*+,;=:@%-?#".contains(&byte);
    match path
        .chars()
        .find(|each| !u8::try_from(*each).is_ok_and(allowed))
    {
        Some(bad) => Err(format!(
            "{path:?} has {bad:?} in it, which no path can have: take it out, or write it in percent-encoding"
        )),
        None => Ok(()),
    }
}

/// A folder in a container. A colon would part the volume's words.
pub(in crate::validate) fn folder(path: &str) -> Result<(), String> {
    if path.starts_with('/') && path.len() > 1 && !path.contains(':') {
        return Ok(());
    }
    Err(format!(
        "{path:?} can be no folder to mount at: write a full path other than /, without a colon, as /etc/auth-service"
    ))
}

/// The name of a file in a ConfigMap.
pub(in crate::validate) fn file(name: &str) -> Result<(), String> {
    let fine = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if fine && !name.is_empty() && name.len() <= 253 && !name.starts_with("..") && name != "." {
        return Ok(());
    }
    Err(format!(
        "{name:?} can be no file of a ConfigMap: write letters, digits, hyphens, dots and underscores, and put other folders into further entries of config"
    ))
}

/// A URL's scheme (RFC 3986, section 3.1).
pub(in crate::validate) fn scheme(scheme: &str) -> Result<(), String> {
    let begins = scheme.starts_with(|first: char| first.is_ascii_lowercase());
    let rest = scheme
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+.-".contains(&byte));
    if begins && rest {
        return Ok(());
    }
    Err(format!(
        "{scheme:?} is no URL scheme: write it in lower case and without ://, as postgresql+asyncpg"
    ))
}
