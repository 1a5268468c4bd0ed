//! Whether an object is ready in its current generation, by the rules of kstatus
//! (cli-utils, "Statuses"): a status of an older generation counts for nothing.

use serde_json::Value;

use crate::api::objects::Kind;
use crate::api::quantity::nanos;
use crate::engines::{Sign, Status};

/// Whether an object has become what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It has.
    Ready,
    /// It is on the way; the text says how far.
    Progressing(String),
    /// It cannot go on by itself; the texts are a reason and the cluster's own words.
    Failed {
        /// A CamelCase word.
        reason: String,
        /// The cluster's own words.
        message: String,
        /// When, in RFC 3339, where the cluster says it.
        since: Option<String>,
    },
}

/// What a status tells.
pub struct State {
    /// Whether the object is ready.
    pub health: Health,
    /// Whether it was ready once in what is asked of it now.
    pub completed: bool,
    /// Pods ready and pods wanted.
    pub replicas: Option<(i32, i32)>,
}

/// The state of an object of that kind.
pub fn of(kind: Kind, generation: i64, object: &Value) -> State {
    match kind {
        Kind::Deployment => deployment(generation, object),
        Kind::StatefulSet => stateful_set(generation, object),
        Kind::Job => job(object),
        Kind::PersistentVolumeClaim => claim(object),
        Kind::Certificate => certificate(generation, object),
        Kind::ExternalSecret => external_secret(generation, object),
        _ => Status::of(kind).map_or_else(there, |status| operated(status, generation, object)),
    }
}

/// What has no status is ready once it exists.
fn there() -> State {
    State {
        health: Health::Ready,
        completed: true,
        replicas: None,
    }
}

fn deployment(generation: i64, object: &Value) -> State {
    let wanted = number(object, "/spec/replicas").unwrap_or(1);
    let [updated, available, total] =
        ["updatedReplicas", "availableReplicas", "replicas"].map(|field| status(object, field));
    let progressing = condition(object, "Progressing");
    // The reason outlives the first moments of a way back to an older version.
    let completed = observed(generation, object)
        && reason(progressing) == "NewReplicaSetAvailable"
        && total == updated;
    let health = if let Some(failed) = deployment_failure(object, progressing) {
        failed
    } else if !observed(generation, object) || updated < wanted {
        Health::Progressing(format!("{updated} of {wanted} pods are of the new version"))
    } else if total > updated {
        Health::Progressing(format!(
            "{} pods of the old version are going",
            total - updated
        ))
    } else if available < wanted {
        Health::Progressing(format!("{available} of {wanted} pods are ready"))
    } else {
        Health::Ready
    };
    State {
        health,
        completed,
        replicas: Some((status(object, "readyReplicas"), wanted)),
    }
}

fn deployment_failure(object: &Value, progressing: Option<&Value>) -> Option<Health> {
    let quota = condition(object, "ReplicaFailure").filter(|failure| is_true(failure));
    let late = progressing.filter(|_| reason(progressing) == "ProgressDeadlineExceeded");
    quota.or(late).map(failed)
}

fn stateful_set(generation: i64, object: &Value) -> State {
    let wanted = number(object, "/spec/replicas").unwrap_or(1);
    let [updated, ready] = ["updatedReplicas", "readyReplicas"].map(|field| status(object, field));
    let rolled = text(object, "/status/currentRevision") == text(object, "/status/updateRevision");
    let health = if !observed(generation, object) {
        Health::Progressing("the change has not been taken up yet".to_owned())
    } else if ready < wanted {
        Health::Progressing(format!("{ready} of {wanted} pods are ready"))
    } else if !rolled && updated < wanted {
        Health::Progressing(format!("{updated} of {wanted} pods are of the new version"))
    } else {
        Health::Ready
    };
    let completed =
        observed(generation, object) && rolled && text(object, "/status/currentRevision").is_some();
    State {
        health,
        completed,
        replicas: Some((ready, wanted)),
    }
}

fn job(object: &Value) -> State {
    let is = |kind| condition(object, kind).filter(|found| is_true(found));
    let health = if is("Complete").is_some() {
        Health::Ready
    } else if let Some(failure) = is("Failed") {
        failed(failure)
    } else {
        let tries = status(object, "failed");
        let again = match tries {
            0 => String::new(),
            1 => ", one try has failed".to_owned(),
            tries => format!(", {tries} tries have failed"),
        };
        Health::Progressing(format!("the Job runs{again}"))
    };
    State {
        health,
        completed: false,
        replicas: None,
    }
}

/// A claim that waits for its volume waits for its pod, too, which says what is wrong. One
/// that has its volume is ready when that is as large as it asks.
fn claim(object: &Value) -> State {
    let size = |pointer| text(object, pointer).unwrap_or_default();
    let asked = size("/spec/resources/requests/storage");
    let has = size("/status/capacity/storage");
    let resizing = ["FileSystemResizePending", "Resizing"];
    let says = resizing
        .into_iter()
        .find_map(|kind| condition(object, kind));
    let says = says.and_then(|condition| condition["message"].as_str());
    let health = if has.is_empty() || nanos(has) >= nanos(asked) {
        Health::Ready
    } else {
        let says = says.filter(|says| !says.is_empty());
        let says = says.map(|says| format!(": {says}")).unwrap_or_default();
        Health::Progressing(format!("grows from {has} to {asked}{says}"))
    };
    State {
        health,
        completed: true,
        replicas: None,
    }
}

/// A certificate is there when cert-manager says that the newest one is (cert-manager.io,
/// "Certificate Status Conditions").
fn certificate(generation: i64, object: &Value) -> State {
    let ready = condition(object, "Ready");
    let current = |found: &&Value| found["observedGeneration"].as_i64() >= Some(generation);
    let says = ready.and_then(|found| found["message"].as_str());
    let health = if ready.filter(current).is_some_and(is_true) {
        Health::Ready
    } else {
        let says = says.unwrap_or("cert-manager has not taken it up yet");
        Health::Progressing(says.to_owned())
    };
    State {
        completed: health == Health::Ready,
        health,
        replicas: None,
    }
}

/// The operator tries again by itself what it could not fetch. Its condition says nothing of the
/// spec that it is of, but its last success does.
fn external_secret(generation: i64, object: &Value) -> State {
    let fetched = text(object, "/status/syncedResourceVersion").unwrap_or_default();
    let current = fetched.split('-').next() == Some(generation.to_string().as_str());
    let health = match condition(object, "Ready") {
        Some(ready) if is_true(ready) && current => Health::Ready,
        Some(refused) if !is_true(refused) => {
            let word = |field: &str| refused[field].as_str().unwrap_or_default();
            Health::Progressing(format!(
                "{}: {}; kubectl describe externalsecret tells why, by its events",
                word("reason"),
                word("message")
            ))
        }
        _ => {
            let message = "the External Secrets Operator has not taken it up yet";
            Health::Progressing(message.to_owned())
        }
    };
    State {
        completed: health == Health::Ready,
        health,
        replicas: None,
    }
}

/// An object of another operator, read by what is known of that operator.
fn operated(status: &Status, generation: i64, object: &Value) -> State {
    let ready = match status.ready {
        Sign::Condition(kind) => condition(object, kind).is_some_and(is_true),
        Sign::Flag(pointer) => {
            observed(generation, object)
                && object.pointer(pointer).and_then(Value::as_bool) == Some(true)
        }
        Sign::Count(has, wanted) => {
            number(object, has).unwrap_or_default() >= number(object, wanted).unwrap_or(1)
        }
    };
    let says: Vec<&str> = status
        .says
        .iter()
        .filter_map(|pointer| text(object, pointer))
        .filter(|text| !text.is_empty())
        .collect();
    let message = match says.as_slice() {
        [] => "its operator has not taken it up yet".to_owned(),
        says => says.join(": "),
    };
    let first = says.first().copied().unwrap_or_default();
    let stuck = status.stuck.iter().find(|(says, _)| *says == first);
    let health = match (ready, stuck) {
        (true, _) => Health::Ready,
        (false, Some((_, way_out))) => Health::Failed {
            reason: "Stuck".to_owned(),
            message: format!("{message}; {way_out}"),
            since: None,
        },
        (false, None) => Health::Progressing(message),
    };
    let members = status.members.map(|(ready, wanted)| {
        let count = |pointer| number(object, pointer).unwrap_or_default();
        (count(ready), count(wanted))
    });
    State {
        completed: health == Health::Ready,
        health,
        replicas: members,
    }
}

fn failed(condition: &Value) -> Health {
    let word = |name: &str| condition[name].as_str().unwrap_or_default().to_owned();
    Health::Failed {
        reason: word("reason"),
        message: word("message"),
        since: condition["lastTransitionTime"].as_str().map(str::to_owned),
    }
}

fn observed(generation: i64, object: &Value) -> bool {
    object
        .pointer("/status/observedGeneration")
        .and_then(Value::as_i64)
        >= Some(generation)
}

fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    conditions
        .iter()
        .find(|condition| condition["type"] == kind)
}

fn is_true(condition: &Value) -> bool {
    condition["status"] == "True"
}

fn reason(condition: Option<&Value>) -> &str {
    condition
        .and_then(|found| found["reason"].as_str())
        .unwrap_or_default()
}

fn status(object: &Value, field: &str) -> i32 {
    object["status"][field]
        .as_i64()
        .and_then(|number| i32::try_from(number).ok())
        .unwrap_or(0)
}

fn number(object: &Value, pointer: &str) -> Option<i32> {
    object
        .pointer(pointer)?
        .as_i64()
        .and_then(|number| i32::try_from(number).ok())
}

fn text<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    object.pointer(pointer)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment_of(generation: i64, status: Value) -> Health {
        of(
            Kind::Deployment,
            generation,
            &json!({"spec": {"replicas": 2}, "status": status}),
        )
        .health
    }

    #[test]
    fn a_deployment_is_ready_only_in_its_current_generation() {
        let ready = json!({
            "observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2,
        });
        assert_eq!(deployment_of(3, ready.clone()), Health::Ready);
        assert_ne!(deployment_of(4, ready), Health::Ready);
    }

    #[test]
    fn a_deployment_with_old_pods_is_not_ready() {
        let rolling = json!({
            "observedGeneration": 1, "replicas": 3, "updatedReplicas": 2, "availableReplicas": 3,
        });
        let says = Health::Progressing("1 pods of the old version are going".to_owned());
        assert_eq!(deployment_of(1, rolling), says);
    }

    #[test]
    fn a_quota_that_refuses_pods_is_a_failure_in_the_clusters_words() {
        let refused = json!({
            "observedGeneration": 1,
            "conditions": [{
                "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
                "message": "exceeded quota: small", "lastTransitionTime": "2026-01-01T00:00:00Z",
            }],
        });
        let says = Health::Failed {
            reason: "FailedCreate".to_owned(),
            message: "exceeded quota: small".to_owned(),
            since: Some("2026-01-01T00:00:00Z".to_owned()),
        };
        assert_eq!(deployment_of(1, refused), says);
    }

    #[test]
    fn a_job_is_ready_when_it_is_complete() {
        let complete = json!({"status": {"conditions": [{"type": "Complete", "status": "True"}]}});
        assert_eq!(of(Kind::Job, 1, &complete).health, Health::Ready);
        let failing = json!({"status": {"failed": 2}});
        let says = Health::Progressing("the Job runs, 2 tries have failed".to_owned());
        assert_eq!(of(Kind::Job, 1, &failing).health, says);
    }

    #[test]
    fn a_certificate_is_ready_when_the_newest_is_issued() {
        let of = |generation: i64, status: &str, message: &str| {
            let ready = json!({
                "type": "Ready", "status": status, "message": message, "observedGeneration": 2,
            });
            let object = json!({"status": {"conditions": [{"type": "Issuing"}, ready]}});
            of(Kind::Certificate, generation, &object).health
        };
        assert_eq!(of(2, "True", "Certificate is up to date"), Health::Ready);
        assert_ne!(of(3, "True", "Certificate is up to date"), Health::Ready);
        let says = "Referenced \"ClusterIssuer\" not found";
        assert_eq!(of(2, "False", says), Health::Progressing(says.to_owned()));
    }

    #[test]
    fn a_cluster_is_ready_when_its_operator_says_so() {
        let of = |status: Value| {
            let state = of(
                Kind::Cluster,
                1,
                &json!({"spec": {"instances": 3}, "status": status}),
            );
            (state.health, state.replicas)
        };
        let says = |text: &str| Health::Progressing(text.to_owned());
        assert_eq!(
            of(json!(null)),
            (says("its operator has not taken it up yet"), Some((0, 3)))
        );
        let begins =
            json!({"phase": "Setting up primary", "phaseReason": "Creating primary instance"});
        assert_eq!(
            of(begins).0,
            says("Setting up primary: Creating primary instance")
        );
        let ready = json!({
            "phase": "Cluster in healthy state", "readyInstances": 3,
            "conditions": [{"type": "Ready", "status": "True"}],
        });
        assert_eq!(of(ready), (Health::Ready, Some((3, 3))));
        let stuck = json!({
            "phase": "Cluster has incomplete or invalid image catalog",
            "phaseReason": "no such catalog",
        });
        assert!(matches!(of(stuck).0, Health::Failed { .. }));
    }

    #[test]
    fn an_external_secret_is_ready_when_its_newest_spec_was_fetched() {
        let of = |status: Value| of(Kind::ExternalSecret, 2, &json!({"status": status})).health;
        let says = |text: &str| Health::Progressing(text.to_owned());
        let ready = |fetched: &str| {
            json!({
                "syncedResourceVersion": fetched,
                "conditions": [{"type": "Ready", "status": "True", "reason": "SecretSynced"}],
            })
        };
        assert_eq!(of(ready("2-0a1b")), Health::Ready);
        let early = says("the External Secrets Operator has not taken it up yet");
        assert_eq!(of(ready("1-0a1b")), early);
        assert_eq!(of(json!(null)), early);
        let refused = json!({"conditions": [{
            "type": "Ready", "status": "False", "reason": "SecretSyncedError",
            "message": "could not get secret data from provider",
        }]});
        assert_eq!(
            of(refused),
            says(
                "SecretSyncedError: could not get secret data from provider; kubectl describe externalsecret tells why, by its events"
            )
        );
    }

    #[test]
    fn a_database_is_ready_when_its_newest_spec_was_applied() {
        let of = |status: Value| of(Kind::Database, 2, &json!({"status": status})).health;
        assert_eq!(
            of(json!({"applied": true, "observedGeneration": 2})),
            Health::Ready
        );
        assert_ne!(
            of(json!({"applied": true, "observedGeneration": 1})),
            Health::Ready
        );
        let refused = json!({"applied": false, "message": "role \"a\" does not exist"});
        let says = Health::Progressing("role \"a\" does not exist".to_owned());
        assert_eq!(of(refused), says);
    }
}
