//! The claims of data: they grow, and change in nothing else.

use serde_json::Value;

use crate::api::objects::ObjectKey;
use crate::api::quantity::nanos;
use crate::api::reason::Reason;
use crate::observe::Observed;

use super::NodeState;

/// What to apply to a live claim: its size is all of its spec that can ever change. What is
/// wanted and can never be is told instead.
pub(super) fn wanted(body: &Value, live: &Value) -> Result<Value, String> {
    let (size, has) = (text(body, SIZE), text(live, SIZE));
    let (field, way_out) = place(body);
    if nanos(size) < nanos(has) {
        return Err(format!(
            "it has {has} and cannot shrink to {size}: write {has} or more as the storage of \
             {field}, or {way_out}"
        ));
    }
    let (class, of) = (text(body, CLASS), text(live, CLASS));
    if !class.is_empty() && class != of {
        return Err(format!(
            "it is of the StorageClass {of} and cannot move to {class}: write {of} as the \
             storageClassName of {field}, or {way_out}"
        ));
    }
    let mut wanted = body.clone();
    for field in ["accessModes", "storageClassName"] {
        if let Some(value) = live["spec"].get(field) {
            wanted["spec"][field] = value.clone();
        }
    }
    Ok(wanted)
}

/// Which field of the app the claim comes from, and what there is besides to write another
/// value there.
fn place(body: &Value) -> (&'static str, &'static str) {
    match text(body, COMPONENT) {
        "backup" => (
            "databases.<engine>.backup.to.claim",
            "copy the backups elsewhere and delete the claim, and it is made anew",
        ),
        _ => ("databases.<engine>", "move the data to a new server"),
    }
}

/// A claim whose growth the API server refuses, in its words and with the class that may be
/// why.
pub(super) fn refused(key: &ObjectKey, says: &str, observed: &Observed) -> NodeState {
    let live = observed.live.get(key).map(|live| live.body());
    let class = live.as_ref().map_or("", |live| text(live, CLASS));
    NodeState::Failed {
        reason: Reason::StorageRefused,
        message: format!(
            "{key} cannot be as wanted: {says}; a claim grows if its StorageClass ({class}) has \
             allowVolumeExpansion: true"
        ),
    }
}

const SIZE: &str = "/spec/resources/requests/storage";
const CLASS: &str = "/spec/storageClassName";
const COMPONENT: &str = "/metadata/labels/app.kubernetes.io~1component";

fn text<'a>(claim: &'a Value, field: &str) -> &'a str {
    claim
        .pointer(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_of_backups_names_its_own_field() {
        let claim = |size: &str, class: &str| {
            json!({
                "metadata": {"labels": {"app.kubernetes.io/component": "backup"}},
                "spec": {"storageClassName": class, "resources": {"requests": {"storage": size}}},
            })
        };
        let told = |body: Value| wanted(&body, &claim("20Gi", "fast")).unwrap_err();
        insta::assert_snapshot!(told(claim("10Gi", "fast")), @"it has 20Gi and cannot shrink to 10Gi: write 20Gi or more as the storage of databases.<engine>.backup.to.claim, or copy the backups elsewhere and delete the claim, and it is made anew");
        insta::assert_snapshot!(told(claim("20Gi", "slow")), @"it is of the StorageClass fast and cannot move to slow: write fast as the storageClassName of databases.<engine>.backup.to.claim, or copy the backups elsewhere and delete the claim, and it is made anew");
    }
}
