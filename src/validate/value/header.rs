//! Headers of HTTP (RFC 9110): names, values, and what is written in their manner.

/// The name of a header or a cookie: a token of RFC 9110, section 5.6.2.
pub(in crate::validate) fn header(name: &str) -> Result<(), String> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_|~".contains(&byte);
    if !name.is_empty() && name.len() <= 100 && name.bytes().all(token) {
        return Ok(());
    }
    Err(format!(
        "{name:?} is no name of a header: write letters, digits and hyphens, as X-Request-ID"
    ))
}

/// The value of a header. A line break would begin a header of its own.
pub(in crate::validate) fn value(value: &str) -> Result<(), String> {
    match value
        .chars()
        .find(|each| each.is_control() || !each.is_ascii())
    {
        Some(bad) => Err(format!(
            "has {bad:?} in it, which no header can have: write plain letters, digits and signs on one line"
        )),
        None => Ok(()),
    }
}

/// An origin of RFC 6454, or all of them.
pub(in crate::validate) fn origin(origin: &str) -> Result<(), String> {
    let place = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    let fine = |letter: char| letter.is_ascii_alphanumeric() || ".-:".contains(letter);
    if origin == "*" || place.is_some_and(|place| !place.is_empty() && place.chars().all(fine)) {
        return Ok(());
    }
    Err(format!(
        "{origin:?} is no origin: write its scheme and host without a path, as https://shop.example.com, or *"
    ))
}
