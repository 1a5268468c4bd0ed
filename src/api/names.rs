//! The names that users meet: of objects, labels, annotations and variables. All derived
//! names come from [`derived`], so that none is ever too long and none is made twice.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// The field manager of everything that Gravity applies.
pub const FIELD_MANAGER: &str = "gravity";
/// The field manager that states a workload's first number of replicas, and nothing else.
pub const REPLICAS_MANAGER: &str = "gravity-replicas";
/// The field manager of what `gravity start` applies.
pub const START_MANAGER: &str = "gravity-start";
/// The field manager of what `gravity scale` changes.
pub const SCALE_MANAGER: &str = "gravity-scale";
/// The field manager of what `gravity stop` says of an application.
pub const STOP_MANAGER: &str = "gravity-stop";
/// The field manager of the status of apps and services.
pub const STATUS_MANAGER: &str = "gravity-status";
/// Holds an app until its objects are gone, in the order of their dependencies.
pub const FINALIZER: &str = "gravity.dev/teardown";

/// On a GravityService: the app whose project `gravity start` has applied it from.
pub const PROJECT_LABEL: &str = "gravity.dev/project";

/// The app that a data object (a Secret or a claim, which have no owner reference) belongs to.
pub const APP_ANNOTATION: &str = "gravity.dev/app";
/// The digest of what was last applied, so that what was taken out of it is noticed.
pub const APPLIED_ANNOTATION: &str = "gravity.dev/applied";
/// The hosts and paths that lead to a route, with spaces between them: no two apps have one.
pub const PLACES_ANNOTATION: &str = "gravity.dev/places";
/// The nodes that an object's node waits for: the way back for a deletion.
pub const NEEDS_ANNOTATION: &str = "gravity.dev/needs";
/// Which set of credentials a Secret holds: an opaque word that follows from them.
pub const CREDENTIALS_ANNOTATION: &str = "gravity.dev/credential-id";
/// Which credentials a Secret was made with, if nobody can have used others of it before.
pub const FIRST_ANNOTATION: &str = "gravity.dev/first-credential-id";
/// What a plan calls those. It counts on them before they are there, so an app that starts
/// needs no new plan for each Secret.
pub const FIRST_CREDENTIALS: &str = "first";
/// The password of a Secret is a person's, who made it beforehand.
pub const GIVEN_ANNOTATION: &str = "gravity.dev/given";
/// Asks for new credentials whenever its value is another one: on a GravityApp for all of
/// its services, on a Secret for that one.
pub const ROTATE_ANNOTATION: &str = "gravity.dev/rotate-credentials";
/// On a GravityApp: asks for all provisioning and all migrations again, whenever its value is
/// another one.
pub const PROVISION_ANNOTATION: &str = "gravity.dev/provision-again";
/// Which request for new credentials a Secret has last begun to follow.
pub const ROTATED_ANNOTATION: &str = "gravity.dev/rotated";
/// The credentials that a rotation has made, and that nobody uses yet.
pub const NEXT_ANNOTATION: &str = "gravity.dev/next-credential-id";
/// The credentials that a rotation has replaced, and that somebody may still use.
pub const PREVIOUS_ANNOTATION: &str = "gravity.dev/previous-credential-id";
/// The key of a Secret with the password of the other login, until that is the one in use.
pub const NEXT_PASSWORD_KEY: &str = "next-password";
/// With which credentials a pod was started: it changes when one of them does.
pub const POD_CREDENTIALS_ANNOTATION: &str = "gravity.dev/credentials";
/// With which values of the objects that its service names a pod was started: it changes when
/// one of them does.
pub const POD_VALUES_ANNOTATION: &str = "gravity.dev/values";
/// With which credentials of its administrator a cache was started.
pub const ADMIN_CREDENTIALS_ANNOTATION: &str = "gravity.dev/admin-credentials";
/// The seed that has run in the database of a login, by its Job's name: it outlives the Job,
/// as the data does.
pub const SEEDED_ANNOTATION: &str = "gravity.dev/seeded";
/// Where a GravityService came from, as `git+https://host/repository?path=…#revision`.
pub const SOURCE_ANNOTATION: &str = "gravity.dev/source";
/// The key of a Secret whose random value goes into the name of its credentials.
pub const SALT_KEY: &str = "salt";
/// The node of the plan that an object belongs to.
pub const NODE_ANNOTATION: &str = "gravity.dev/node";
/// Tells a service's stable pods from those of a canary beside them.
pub const TRACK_LABEL: &str = "gravity.dev/track";
/// The engine series whose data a server's claim holds.
pub const SERIES_LABEL: &str = "gravity.dev/series";

/// The recommended labels (kubernetes.io, "Recommended Labels").
pub const NAME_LABEL: &str = "app.kubernetes.io/name";
/// The app's name.
pub const INSTANCE_LABEL: &str = "app.kubernetes.io/instance";
/// The service's version.
pub const VERSION_LABEL: &str = "app.kubernetes.io/version";
/// What the object is to the app: service, database, migration, provisioning.
pub const COMPONENT_LABEL: &str = "app.kubernetes.io/component";
/// What an object that serves is to the app: the value of the component label.
pub const SERVICE_COMPONENT: &str = "service";
/// Who manages the object: [`FIELD_MANAGER`].
pub const MANAGED_BY_LABEL: &str = "app.kubernetes.io/managed-by";

/// The longest name of a Service, a label's value and most objects (RFC 1035).
pub const LABEL_LIMIT: usize = 63;
/// The longest name of a CronJob or StatefulSet, whose pods' names and labels grow by a suffix.
pub const WORKLOAD_LIMIT: usize = 52;

/// Joins the parts by hyphens. A result longer than `limit` is cut and ends in eight
/// hexadecimal digits of the digest of all the parts, so that two long names stay two.
pub fn derived(parts: &[&str], limit: usize) -> String {
    let joined = parts.join("-");
    if joined.len() <= limit {
        return joined;
    }
    let head = joined[..limit - 9].trim_end_matches(['-', '.']);
    format!("{head}-{}", digest8(joined.as_bytes()))
}

/// Eight hexadecimal digits of the bytes' SHA-256.
pub fn digest8(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Percent-encodes what is not unreserved (RFC 3986, section 2.3).
pub fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// `auth_db` and `auth-db` both become `AUTH_DB`: the stem of a variable's name.
pub fn variable(name: &str) -> String {
    name.chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect()
}

/// The variable that holds the URL of a database or a dependency: `AUTH_DB_URL`.
pub fn url_variable(name: &str) -> String {
    format!("{}_URL", variable(name))
}

/// The variable of a database's read-only URL: `AUTH_DB_REPLICA_URL` beside `AUTH_DB_URL`.
pub fn replica_variable(url: &str) -> String {
    let stem = url.strip_suffix("_URL").unwrap_or(url);
    format!("{stem}_REPLICA_URL")
}

/// The labels of an object of `app` that is named `name` and is `component` to it.
pub fn labels(app: &str, name: &str, component: &str) -> BTreeMap<String, String> {
    [
        (NAME_LABEL, name),
        (INSTANCE_LABEL, app),
        (COMPONENT_LABEL, component),
        (MANAGED_BY_LABEL, FIELD_MANAGER),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect()
}

/// The selector of the pods of `name`: the least that tells them from all others, for a
/// selector can never change.
pub fn selector(app: &str, name: &str) -> BTreeMap<String, String> {
    [(NAME_LABEL, name), (INSTANCE_LABEL, app)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_stays_as_it_is() {
        assert_eq!(
            derived(&["shop", "postgresql", "15"], WORKLOAD_LIMIT),
            "shop-postgresql-15"
        );
    }

    #[test]
    fn a_long_name_is_cut_and_told_apart() {
        let long = "a".repeat(60);
        let one = derived(&[&long, "one"], LABEL_LIMIT);
        let two = derived(&[&long, "two"], LABEL_LIMIT);
        assert_eq!(one.len(), LABEL_LIMIT);
        assert_ne!(one, two);
    }

    #[test]
    fn a_variable_has_no_hyphen() {
        assert_eq!(url_variable("user-service"), "USER_SERVICE_URL");
    }
}
