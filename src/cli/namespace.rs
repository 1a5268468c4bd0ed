//! The namespace that an argument names.

/// The most characters of a DNS label (RFC 1123).
const LIMIT: usize = 63;

/// Takes a name that a namespace can have: a DNS label of RFC 1123. Unlike a service's name
/// it may begin with a digit.
pub fn parse(name: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = !name.is_empty()
        && name.len() <= LIMIT
        && name.bytes().all(allowed)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if is_label {
        return Ok(name.to_owned());
    }
    Err(format!(
        "no namespace can have this name: write lower-case letters, digits and hyphens, at most {LIMIT} and no hyphen first or last, as team-a"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_a_dns_label() {
        let longest = "a".repeat(LIMIT);
        for fine in ["a", "team-a", "4shop", "kube-system", &longest] {
            assert_eq!(parse(fine).as_deref(), Ok(fine));
        }
        let too_long = "a".repeat(LIMIT + 1);
        for bad in [
            "", "A", "a_b", "a.b", "-a", "a-", "a b", "\u{e9}", &too_long,
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
