//! What comes of a check.

use std::collections::BTreeMap;

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// What comes of a check. Whatever is not a yes lets nobody in.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The request may come in, with these headers.
    Allowed(HeaderMap),
    /// Nobody knows who asks; the text is an error of RFC 6750, section 3.1, with its reason.
    Unknown(&'static str, &'static str),
    /// It is known who asks, and that is not enough.
    Forbidden,
    /// It cannot be known now: the text is for the log, and never for the client.
    Unavailable(String),
}

impl Answer {
    /// There is no token.
    pub const MISSING: Self = Self::Unknown("invalid_request", "there is no token");

    /// The word of the answer in metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Allowed(_) => "allowed",
            Self::Unknown(..) => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Allowed(headers) => (StatusCode::OK, headers).into_response(),
            Self::Unknown(error, why) => {
                let told = format!("Bearer error=\"{error}\", error_description=\"{why}\"");
                (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, told)]).into_response()
            }
            Self::Forbidden => StatusCode::FORBIDDEN.into_response(),
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

/// The headers that tell who came in, from what is known of who came in. What is not there
/// gives no header; what can be none makes the whole a no, for half an identity is another one.
pub fn identity(names: &BTreeMap<String, String>, known: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (field, name) in names {
        let value = match find(known, field) {
            None | Some(Value::Null) => continue,
            Some(value) => HeaderValue::from_str(&text(value)?).ok()?,
        };
        headers.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
    }
    Some(headers)
}

/// What is known by that name, or else by a path to it, as `realm_access.roles`: a name may have
/// dots itself, as one that is a URL has.
pub fn find<'a>(known: &'a Value, name: &str) -> Option<&'a Value> {
    let path = || {
        let mut names = name.split('.');
        names.try_fold(known, |within, name| within.get(name))
    };
    known.get(name).or_else(path)
}

/// A value as a header has it: lists with commas between. A value with a comma of its own in a
/// list could be read as two, and of spaces around one nobody hears.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => (text.is_ascii() && text.trim() == text).then(|| text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(values) => {
            let texts: Option<Vec<String>> = values.iter().map(text).collect();
            let texts = texts?;
            let plain = texts.iter().all(|text| !text.contains(','));
            plain.then(|| texts.join(","))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// Whether a claim is one of the values, or a list that has one of them.
pub fn is_one_of(value: Option<&Value>, values: &[String]) -> bool {
    match value {
        Some(Value::Array(all)) => all.iter().any(|one| is_one_of(Some(one), values)),
        Some(value) => text(value).is_some_and(|text| values.contains(&text)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(known: Value) -> Option<String> {
        let names = [("sub", "X-User-ID"), ("role", "X-User-Role")];
        let names = names.map(|(claim, name)| (claim.to_owned(), name.to_owned()));
        let headers = identity(&names.into(), &known)?;
        let texts = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        let mut texts: Vec<String> = texts.collect();
        texts.sort();
        Some(texts.join("; "))
    }

    #[test]
    fn claims_become_headers_and_what_can_be_none_is_a_no() {
        let says = |text: &str| Some(text.to_owned());
        let known = json!({"sub": "ann", "role": ["admin", "clerk"], "exp": 1});
        assert_eq!(
            headers(known),
            says("x-user-id: ann; x-user-role: admin,clerk")
        );
        assert_eq!(headers(json!({"sub": 42})), says("x-user-id: 42"));
        assert_eq!(headers(json!({})), says(""));
        for bad in [
            json!("ann\r\nX-User-Role: admin"),
            json!({"a": 1}),
            json!(["a,b"]),
            json!("ännchen"),
            json!(" ann"),
            json!(["clerk", "admin "]),
        ] {
            assert_eq!(headers(json!({"sub": bad})), None);
        }
    }

    #[test]
    fn a_claim_is_found_by_its_name_or_by_a_path() {
        let known = json!({"realm_access": {"roles": ["admin"]}, "https://id/a.b": 1, "a": {"b": 2}, "a.b": 3});
        assert_eq!(find(&known, "realm_access.roles"), Some(&json!(["admin"])));
        assert_eq!(find(&known, "https://id/a.b"), Some(&json!(1)));
        assert_eq!(find(&known, "a.b"), Some(&json!(3)));
        for none in [
            "realm_access.groups",
            "roles",
            "realm_access.roles.admin",
            "",
        ] {
            assert_eq!(find(&known, none), None, "{none}");
        }
    }

    #[test]
    fn a_claim_is_one_of_the_values_or_has_one() {
        let admins = ["admin".to_owned()];
        assert!(is_one_of(Some(&json!("admin")), &admins));
        assert!(is_one_of(Some(&json!(["clerk", "admin"])), &admins));
        assert!(!is_one_of(Some(&json!("administrator")), &admins));
        assert!(!is_one_of(None, &admins));
    }
}
