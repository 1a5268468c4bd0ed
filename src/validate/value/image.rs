//! Image references (the grammar of the distribution specification's `reference`).

/// The longest name, without tag and digest.
const NAME_LIMIT: usize = 255;

/// An image: perhaps a host, a path, and perhaps a tag and a digest.
pub(in crate::validate) fn image(text: &str) -> Result<(), String> {
    const AS: &str = "as registry.example.com/auth-service:1.4.0";
    if text.is_empty() {
        return Err(format!("is empty: write an image {AS}"));
    }
    if let Some((_, rest)) = text.split_once("://") {
        return Err(format!("{text:?} has a scheme before it: write {rest}"));
    }
    if text.contains(char::is_whitespace) {
        return Err(format!("{text:?} has a space in it: write an image {AS}"));
    }
    let (named, digest) = match text.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (text, None),
    };
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return Err(format!(
            "{text:?} has no digest after the @: write @sha256: and 64 hexadecimal digits"
        ));
    }
    let (name, tag) = parted(named);
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Err(format!(
            "{text:?} has no tag after the colon: write letters, digits, dots, hyphens and underscores, at most 128, {AS}"
        ));
    }
    path(text, name)
}

/// The name and the tag. A colon before the last slash is a port's.
fn parted(named: &str) -> (&str, Option<&str>) {
    match named.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (named, None),
    }
}

fn path(text: &str, name: &str) -> Result<(), String> {
    let (host, path) = match name.split_once('/') {
        Some((host, path)) if is_host(host) => (Some(host), path),
        _ => (None, name),
    };
    if host.is_some_and(|host| !is_host_name(host)) {
        return Err(format!(
            "{text:?} has no host before its first slash: write a name, and perhaps a port, as registry.example.com:5000/auth-service"
        ));
    }
    if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let better = text.replacen(path, &path.to_ascii_lowercase(), 1);
        return Err(format!(
            "{text:?} has upper case in its path: write {better}"
        ));
    }
    if path.is_empty() || !path.split('/').all(is_component) || name.len() > NAME_LIMIT {
        return Err(format!(
            "{text:?} is no image: write parts of lower-case letters and digits between slashes, as registry.example.com/team/auth-service:1.4.0"
        ));
    }
    Ok(())
}

/// The first part is a host where it cannot be a path.
fn is_host(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost"
}

fn is_host_name(host: &str) -> bool {
    let (name, port) = host
        .split_once(':')
        .map_or((host, None), |(name, port)| (name, Some(port)));
    let port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let part = |part: &str| {
        let edges = !part.starts_with('-') && !part.ends_with('-');
        !part.is_empty()
            && edges
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    port && name.split('.').all(part)
}

/// Letters and digits, parted by one dot, one or two underscores, or any hyphens.
fn is_component(part: &str) -> bool {
    let edge = |each: char| each.is_ascii_lowercase() || each.is_ascii_digit();
    let letters = part
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte));
    let parted = ["..", "___", "._", "_.", ".-", "-.", "_-", "-_"];
    part.starts_with(edge)
        && part.ends_with(edge)
        && letters
        && !parted.iter().any(|bad| part.contains(bad))
}

fn is_tag(tag: &str) -> bool {
    let begins = tag.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    let rest = tag
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    begins && rest && tag.len() <= 128
}

fn is_digest(digest: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digest
        .strip_prefix("sha256:")
        .is_some_and(|hash| hash.len() == 64 && hash.bytes().all(hex))
}
