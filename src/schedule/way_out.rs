//! What to do about what the cluster refuses: its own words tell the cause, and seldom the
//! mend.

use crate::api::objects::{Kind, ObjectKey};
use crate::engines::{Complaint, complaint};
use crate::plan::NodeKind;

/// A part of the cluster's words, and what mends it. The first that is found counts.
const WAYS_OUT: [(&str, &str); 12] = [
    ("exceeded quota", "raise the quota, or ask for less"),
    (
        "violates PodSecurity",
        "change what it names, or let the namespace admit it by its label \
         pod-security.kubernetes.io/enforce",
    ),
    (
        "failed calling webhook",
        "bring the webhook back, or delete its configuration",
    ),
    (
        "denied the request",
        "change what the webhook names, or the webhook",
    ),
    (
        "denied request",
        "change what the policy names, or the policy",
    ),
    (
        "is forbidden: User",
        "give the operator this right, as the chart of its version does",
    ),
    (
        "failed to create typed patch object",
        "correct the field that it names in podTemplate",
    ),
    ("is invalid", "correct the field that it names"),
    (
        "couldn't find key",
        "add the key, or correct its name in the manifest",
    ),
    (
        "CreateContainerConfigError: secret ",
        "make that Secret, or correct its name in the manifest",
    ),
    (
        "CreateContainerConfigError: configmap ",
        "make that ConfigMap, or correct its name in the manifest",
    ),
    (
        "unbound immediate PersistentVolumeClaims",
        "kubectl get pvc,storageclass tells which StorageClass is asked for, and which there are",
    ),
];

/// How the cluster says that a Job took longer than it may: its pod is ended, and its log gone.
const LATE: &str = "active longer than specified deadline";

/// The cluster's words about an object, and what to do.
pub(super) fn with_way_out(says: &str) -> String {
    let found = WAYS_OUT.iter().find(|(part, _)| says.contains(part));
    match found {
        Some((_, way_out)) => format!("{}; {way_out}", says.trim_end_matches('.')),
        None => says.to_owned(),
    }
}

/// What a pod of a node says, and what to do.
pub fn of_pod(kind: NodeKind, says: &str) -> String {
    match complaint(says).and_then(|about| mend(kind, about)) {
        Some(mend) => format!("{}; {mend}", says.trim_end_matches('.')),
        None => with_way_out(says),
    }
}

/// What mends what a server complains of: to a service's pod, which Gravity has let in, it
/// never should; to a provisioning Job it does when the administrator cannot do its work.
fn mend(kind: NodeKind, about: Complaint) -> Option<&'static str> {
    use Complaint::{Charset, Closed, Extension, Full, Login, Missing, Right, Unreachable};
    use NodeKind::{Backup, Migration, Provisioning, Seed, Service};
    match (kind, about) {
        (Backup, Full) => Some(
            "raise the storage of databases.<engine>.backup.to.claim, or keep less by its retention",
        ),
        (_, Full) => Some("raise the storage of databases.<engine>, or make room on it"),
        (Provisioning, Login) => {
            Some("write the password that the server has into the Secret of its administrator")
        }
        (Provisioning, Right) => Some("grant the administrator this right"),
        (Provisioning, Unreachable) => {
            Some("see that the server runs, and that the address of it is right")
        }
        (Provisioning, Extension) => Some(
            "take the extension out of the manifest, or name an image that has it as \
             databases.<engine>.image",
        ),
        (Provisioning, Charset) => {
            Some("write a charset and a collation that the server knows, or none")
        }
        (Service | Migration | Seed, Login | Missing) => Some(
            "what somebody changed on the server by hand, a new value of the annotation \
             gravity.dev/provision-again on the GravityApp sets right",
        ),
        (Service | Migration | Seed | Backup, Closed) => Some(
            "somebody closed it, or a restore did not come to its end: a new value of the \
             annotation gravity.dev/provision-again on the GravityApp opens it",
        ),
        _ => None,
    }
}

/// What to do about a Job that failed: what its log says, as far as it is there.
pub fn of_job(kind: NodeKind, job: &ObjectKey, says: &str) -> String {
    debug_assert_eq!(job.kind, Kind::Job);
    match kind {
        NodeKind::Migration | NodeKind::Seed if says.contains(LATE) => {
            "it was ended with what it was doing: mend what it waits for, or give it longer by \
             migrations.timeout"
                .to_owned()
        }
        NodeKind::Backup if says.contains(LATE) => {
            "give it longer by databases.<engine>.backup.timeout".to_owned()
        }
        _ if says.contains(LATE) => "it is tried again in five minutes".to_owned(),
        _ => {
            let (name, namespace) = (&job.name, &job.namespace);
            let log = format!("its log says more: kubectl logs job/{name} -n {namespace}");
            match kind {
                NodeKind::Migration | NodeKind::Seed | NodeKind::Service => format!(
                    "{log}; it is not run again by itself: release a version that mends it, or \
                     delete the Job to run it once more"
                ),
                _ => log,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_has_a_way_out_and_what_is_not_stays_as_it_is() {
        let quota = with_way_out("pods \"a\" is forbidden: exceeded quota: small.");
        insta::assert_snapshot!(quota, @r#"pods "a" is forbidden: exceeded quota: small; raise the quota, or ask for less"#);
        let key = with_way_out(
            "CreateContainerConfigError: couldn't find key api-key in Secret shop/stripe",
        );
        insta::assert_snapshot!(key, @"CreateContainerConfigError: couldn't find key api-key in Secret shop/stripe; add the key, or correct its name in the manifest");
        let secret = with_way_out("CreateContainerConfigError: secret \"stripe\" not found");
        insta::assert_snapshot!(secret, @r#"CreateContainerConfigError: secret "stripe" not found; make that Secret, or correct its name in the manifest"#);
        assert_eq!(with_way_out("the moon is full"), "the moon is full");
    }

    #[test]
    fn what_a_server_complains_of_has_a_way_out_by_who_is_told() {
        use NodeKind::{Backup, Provisioning, Server, Service};
        let told = |kind, says| of_pod(kind, says);
        insta::assert_snapshot!(told(Provisioning, "Error: psql: error: FATAL:  password authentication failed for user \"admin\""), @r#"Error: psql: error: FATAL:  password authentication failed for user "admin"; write the password that the server has into the Secret of its administrator"#);
        insta::assert_snapshot!(told(Provisioning, "ERROR:  permission denied to create role"), @"ERROR:  permission denied to create role; grant the administrator this right");
        insta::assert_snapshot!(told(Provisioning, "Can't connect to MySQL server on 'db' (111)"), @"Can't connect to MySQL server on 'db' (111); see that the server runs, and that the address of it is right");
        insta::assert_snapshot!(told(Provisioning, "ERROR:  extension \"timescale\" is not available"), @r#"ERROR:  extension "timescale" is not available; take the extension out of the manifest, or name an image that has it as databases.<engine>.image"#);
        insta::assert_snapshot!(told(Provisioning, "ERROR 1115 (42000): Unknown character set: 'klingon'"), @"ERROR 1115 (42000): Unknown character set: 'klingon'; write a charset and a collation that the server knows, or none");
        insta::assert_snapshot!(told(Service, "FATAL:  database \"a\" does not exist"), @r#"FATAL:  database "a" does not exist; what somebody changed on the server by hand, a new value of the annotation gravity.dev/provision-again on the GravityApp sets right"#);
        let closed = "FATAL:  database \"a\" is not currently accepting connections";
        insta::assert_snapshot!(told(Service, closed), @r#"FATAL:  database "a" is not currently accepting connections; somebody closed it, or a restore did not come to its end: a new value of the annotation gravity.dev/provision-again on the GravityApp opens it"#);
        assert_eq!(told(Backup, closed), told(Service, closed));
        insta::assert_snapshot!(told(Server, "could not write lock file: No space left on device"), @"could not write lock file: No space left on device; raise the storage of databases.<engine>, or make room on it");
        assert_eq!(
            told(Server, "ERROR: permission denied to do it"),
            "ERROR: permission denied to do it"
        );
    }
}
