//! What an answer means: taken, changed by a webhook, to be tried again, or refused.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use kube::api::DynamicObject;
use serde_json::Value;

use crate::observe::{Answer, Changed, Failure, FailureKind};
use crate::schedule::differences;

/// The answer to a write that was taken. What came back other than it was sent is the
/// work of a webhook.
pub fn taken(sent: &Value, digest: &str, object: DynamicObject, at: Timestamp) -> Answer {
    let version = object
        .metadata
        .resource_version
        .as_deref()
        .unwrap_or_default()
        .parse();
    let live = serde_json::to_value(&object).unwrap_or(Value::Null);
    let paths = differences(sent, &live);
    let changed = (!paths.is_empty() && sent.get("stringData").is_none()).then(|| Changed {
        digest: digest.to_owned(),
        paths,
    });
    Answer {
        resource_version: version.unwrap_or_default(),
        changed,
        at,
    }
}

/// The failure of a write, with the moment before which it is not tried again.
pub fn failure(error: &kube::Error, digest: &str, attempts: u32, now: Timestamp) -> Failure {
    let kind = kind(error);
    let wait = match kind {
        FailureKind::Transient => backoff(attempts, 200, 30_000),
        // Somebody must act, and nothing tells us when they have: a quota is raised, a
        // right is given back.
        FailureKind::Refused => backoff(attempts, 5_000, 300_000),
    };
    Failure {
        digest: digest.to_owned(),
        kind,
        attempts,
        retry_at: now.saturating_add(wait).unwrap_or(now),
        message: words(error),
    }
}

/// Whether the server refuses because the namespace is going away.
pub fn is_terminating(error: &kube::Error) -> bool {
    let kube::Error::Api(status) = error else {
        return false;
    };
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes
        .into_iter()
        .any(|cause| cause.reason == "NamespaceTerminating")
}

/// Whether the server refuses because the name is taken.
pub fn already_exists(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.is_already_exists())
}

/// Conflicts, timeouts, too many requests and faults of the server pass by themselves.
fn kind(error: &kube::Error) -> FailureKind {
    match error {
        kube::Error::Api(status) if needs_somebody(&status.message) => FailureKind::Refused,
        kube::Error::Api(status) => match status.code {
            409 | 408 | 429 | 500..=599 => FailureKind::Transient,
            _ => FailureKind::Refused,
        },
        _ => FailureKind::Transient,
    }
}

/// A webhook that cannot be reached answers 500, and so does server-side apply for a field
/// that the server does not know; yet neither passes by itself.
fn needs_somebody(message: &str) -> bool {
    [
        "failed calling webhook",
        "failed to create typed patch object",
        "field not declared in schema",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// The server's own words, or the cause of the failure below it.
pub fn words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => {
            let mut text = other.to_string();
            let mut source = std::error::Error::source(other);
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            text
        }
    }
}

/// How long to wait after so many failures in a row: twice as long each time, up to a limit
/// (both in milliseconds), less up to half of it at random, so that many that failed
/// together do not come back together.
pub fn backoff(failures: u32, first: u64, limit: u64) -> Duration {
    let full = first
        .saturating_mul(1 << failures.saturating_sub(1).min(16))
        .min(limit);
    let jitter = getrandom::u64().unwrap_or_default() % (full / 2 + 1);
    Duration::from_millis(full - jitter)
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    fn refusal(code: u16, message: &str) -> kube::Error {
        kube::Error::Api(Box::new(Status::failure(message, "Test").with_code(code)))
    }

    #[test]
    fn a_quota_is_refused_and_a_conflict_passes() {
        let at = Timestamp::UNIX_EPOCH;
        let quota = failure(&refusal(403, "exceeded quota: small"), "d", 1, at);
        assert_eq!(
            (quota.kind, quota.message.as_str()),
            (FailureKind::Refused, "exceeded quota: small")
        );
        assert_eq!(
            failure(&refusal(409, "conflict"), "d", 1, at).kind,
            FailureKind::Transient
        );
        assert_eq!(
            failure(&refusal(503, "away"), "d", 1, at).kind,
            FailureKind::Transient
        );
    }

    #[test]
    fn a_webhook_that_is_away_needs_somebody() {
        let error = refusal(
            500,
            "Internal error occurred: failed calling webhook \"a.b\"",
        );
        assert_eq!(
            failure(&error, "d", 1, Timestamp::UNIX_EPOCH).kind,
            FailureKind::Refused
        );
    }

    #[test]
    fn a_field_that_the_server_does_not_know_needs_somebody() {
        let error = refusal(
            500,
            "failed to create typed patch object (shop/a; apps/v1, Kind=Deployment): .spec.template.spec.nodeSelectr: field not declared in schema",
        );
        assert_eq!(
            failure(&error, "d", 1, Timestamp::UNIX_EPOCH).kind,
            FailureKind::Refused
        );
    }

    #[test]
    fn each_failure_waits_longer_up_to_a_limit() {
        for attempts in 1..40 {
            let wait = backoff(attempts, 200, 30_000).as_millis();
            let full = (200_u128 << (attempts - 1).min(16)).min(30_000);
            assert!(
                (full / 2..=full).contains(&wait),
                "attempt {attempts} waits {wait} ms"
            );
        }
    }
}
