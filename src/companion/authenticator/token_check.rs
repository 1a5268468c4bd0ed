//! Tokens that another knows about: it is sent the token in a JSON body.

use std::time::Duration;

use http_body_util::Full;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, StatusCode};
use serde_json::{Value, json};

use super::answer::{Answer, identity};
use super::settings::TokenCheck;
use crate::companion::http::Client;

/// How long it may take: less than a gateway's own five seconds.
const LIMIT: Duration = Duration::from_secs(4);

/// By these fields answers say whether a token is good: `active` is RFC 7662's.
const CUSTOMARY: [&str; 2] = ["valid", "active"];

/// Asks about the token.
pub async fn check(policy: &TokenCheck, client: &Client, token: &str) -> Answer {
    let body = json!({policy.token_field.as_str(): token}).to_string();
    let request = Request::post(&policy.url)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(body));
    let request = match request {
        Ok(request) => request,
        Err(error) => return Answer::Unavailable(format!("{}: {error}", policy.url)),
    };
    match client.ask(request, LIMIT).await {
        Err(error) => Answer::Unavailable(format!("{}: {error}", policy.url)),
        Ok((status, body)) => answer(policy, status, &body),
    }
}

/// What the answer means: 200 and what it must say is a yes, 403 a no to somebody who is known,
/// any other 4xx a no, and all else no answer.
fn answer(policy: &TokenCheck, status: StatusCode, body: &[u8]) -> Answer {
    const REFUSED: Answer = Answer::Unknown("invalid_token", "the token is not accepted");
    match status {
        StatusCode::OK => {}
        StatusCode::FORBIDDEN => return Answer::Forbidden,
        StatusCode::TOO_MANY_REQUESTS => {
            return Answer::Unavailable(format!("{} is asked too often", policy.url));
        }
        status if status.is_client_error() => return REFUSED,
        status => return Answer::Unavailable(format!("{} answers {status}", policy.url)),
    }
    let known: Value = match serde_json::from_slice(body) {
        Ok(known) => known,
        Err(_) if policy.valid_field.is_none() && policy.headers.is_empty() => Value::Null,
        Err(_) => return Answer::Unavailable(format!("{} answers with no JSON", policy.url)),
    };
    if !is_yes(policy.valid_field.as_deref(), &known) {
        return REFUSED;
    }
    identity(&policy.headers, &known).map_or(Answer::Forbidden, Answer::Allowed)
}

/// Whether the body of an answer of 200 is a yes: by the field that must be true. Where none is
/// named, the fields are looked at by which such answers customarily say no.
fn is_yes(field: Option<&str>, known: &Value) -> bool {
    let is_true = |value: &Value| *value == Value::Bool(true);
    match field {
        Some(field) => known.get(field).is_some_and(is_true),
        None => {
            let mut told = CUSTOMARY.iter().filter_map(|field| known.get(field));
            told.all(is_true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_surely_a_yes_lets_in() {
        let policy = TokenCheck {
            url: "http://auth:8001/validate-token".to_owned(),
            token_field: "token".to_owned(),
            valid_field: Some("valid".to_owned()),
            headers: [("user_id".to_owned(), "X-User-ID".to_owned())].into(),
        };
        let word = |status: u16, body: &str| {
            answer(
                &policy,
                StatusCode::from_u16(status).unwrap(),
                body.as_bytes(),
            )
            .word()
        };
        assert_eq!(word(200, r#"{"valid": true, "user_id": "ann"}"#), "allowed");
        assert_eq!(word(200, r#"{"valid": false}"#), "unauthorized");
        assert_eq!(word(200, r#"{"valid": "true"}"#), "unauthorized");
        assert_eq!(word(200, "{}"), "unauthorized");
        assert_eq!(word(200, "fine"), "unavailable");
        assert_eq!(
            word(200, r#"{"valid": true, "user_id": "a\nb"}"#),
            "forbidden"
        );
        assert_eq!(word(401, ""), "unauthorized");
        assert_eq!(word(422, ""), "unauthorized");
        assert_eq!(word(403, ""), "forbidden");
        assert_eq!(word(204, ""), "unavailable");
        assert_eq!(word(302, ""), "unavailable");
        assert_eq!(word(429, ""), "unavailable");
        assert_eq!(word(500, ""), "unavailable");
    }

    #[test]
    fn where_no_field_is_named_a_customary_no_is_one() {
        let policy = TokenCheck {
            url: "http://auth:8001/validate-token".to_owned(),
            token_field: "token".to_owned(),
            valid_field: None,
            headers: [].into(),
        };
        let word = |body: &str| answer(&policy, StatusCode::OK, body.as_bytes()).word();
        assert_eq!(word("fine"), "allowed");
        assert_eq!(word(r#"{"user_id": "ann"}"#), "allowed");
        assert_eq!(word(r#"{"valid": true}"#), "allowed");
        for no in [
            r#"{"valid": false}"#,
            r#"{"active": false}"#,
            r#"{"active": null}"#,
        ] {
            assert_eq!(word(no), "unauthorized", "{no}");
        }
    }
}
