//! Where a token stands in a request.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use sha2::{Digest, Sha256};

/// The longest token that is looked at.
const LONGEST: usize = 16 * 1_024;

/// The token of a request: in that cookie, or in `Authorization: Bearer` (RFC 6750, section
/// 2.1). Where there are several, there is none: which of them a service would take is chance.
pub fn token<'a>(headers: &'a HeaderMap, cookie: Option<&str>) -> Option<&'a str> {
    let found = match cookie {
        Some(name) => in_cookie(headers, name),
        None => in_authorization(headers),
    };
    found.filter(|token| !token.is_empty() && token.len() <= LONGEST)
}

fn in_authorization(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (first, None) = (all.next()?, all.next()) else {
        return None;
    };
    let (scheme, token) = first.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn in_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).iter();
    let pairs = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    let mut found = pairs.filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.trim_matches('"'))
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// What stands for a token where it itself must not stand.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The digest as text.
pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_token_is_found_where_it_belongs_and_nowhere_else() {
        let of = |lines: &[(&'static str, &str)]| token(&headers(lines), None).map(str::to_owned);
        let found = Some("a.b.c".to_owned());
        assert_eq!(of(&[("authorization", "Bearer a.b.c")]), found);
        assert_eq!(of(&[("authorization", "bearer  a.b.c")]), found);
        assert_eq!(of(&[("authorization", "Basic a.b.c")]), None);
        assert_eq!(of(&[("authorization", "Bearer ")]), None);
        assert_eq!(
            of(&[("authorization", "Bearer a"), ("authorization", "Bearer b")]),
            None
        );
        assert_eq!(of(&[("cookie", "session=a.b.c")]), None);
        let long = format!("Bearer {}", "a".repeat(LONGEST + 1));
        assert_eq!(of(&[("authorization", &long)]), None);
    }

    #[test]
    fn a_cookie_that_is_there_twice_is_none() {
        let of =
            |text: &str| token(&headers(&[("cookie", text)]), Some("session")).map(str::to_owned);
        assert_eq!(of("a=1; session=x.y.z; b=2"), Some("x.y.z".to_owned()));
        assert_eq!(of("sessions=x"), None);
        assert_eq!(of("session=a; session=b"), None);
    }
}
