//! What to do about what the cluster refuses: its own words tell the cause, and seldom the
//! mend.

use crate::api::objects::ObjectKey;

/// A part of the cluster's words, and what mends it. The first that is found counts.
const WAYS_OUT: [(&str, &str); 8] = [
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
];

/// The cluster's words about an object, and what to do.
pub(super) fn with_way_out(says: &str) -> String {
    let found = WAYS_OUT.iter().find(|(part, _)| says.contains(part));
    match found {
        Some((_, way_out)) => format!("{}; {way_out}", says.trim_end_matches('.')),
        None => says.to_owned(),
    }
}

/// Where a Job that failed says more.
pub fn log_of(job: &ObjectKey) -> String {
    format!(
        "its log says more: kubectl logs job/{} -n {}",
        job.name, job.namespace
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_has_a_way_out_and_what_is_not_stays_as_it_is() {
        let quota = with_way_out("pods \"a\" is forbidden: exceeded quota: small.");
        insta::assert_snapshot!(quota, @r#"pods "a" is forbidden: exceeded quota: small; raise the quota, or ask for less"#);
        assert_eq!(with_way_out("the moon is full"), "the moon is full");
    }
}
