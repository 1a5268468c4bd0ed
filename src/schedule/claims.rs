//! The claims of data: they grow, and change in nothing else.

use serde_json::Value;

use crate::api::objects::{Kind, ObjectKey};
use crate::api::quantity::nanos;
use crate::api::reason::Reason;
use crate::observe::Observed;

use super::NodeState;

/// What to apply to a live claim: its size is all of its spec that can ever change. What is
/// wanted and can never be is told instead.
pub(super) fn wanted(body: &Value, live: &Value) -> Result<Value, String> {
    let (size, has) = (text(body, SIZE), text(live, SIZE));
    let Place {
        size: size_field,
        class: class_field,
        way_out,
        anew,
    } = place(body);
    if nanos(size) < nanos(has) {
        return Err(format!(
            "it has {has} and cannot shrink to {size}: write {has} or more as {size_field}, or \
             {way_out}"
        ));
    }
    let (class, of) = (text(body, CLASS), text(live, CLASS));
    if !class.is_empty() && class != of && text(live, VOLUME).is_empty() {
        return Err(format!(
            "it is of the StorageClass {of}, has no volume yet and cannot move to {class}: {anew}"
        ));
    }
    if !class.is_empty() && class != of {
        return Err(format!(
            "it is of the StorageClass {of} and cannot move to {class}: write {of} as {class_field}, \
             or {way_out}"
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

/// What a claim is for.
struct Place {
    /// The field that its size comes from.
    size: &'static str,
    /// The field that its StorageClass comes from.
    class: &'static str,
    /// What there is to do besides writing another value there.
    way_out: &'static str,
    /// How it is made anew while it has no volume.
    anew: &'static str,
}

const OF_A_SERVER: Place = Place {
    size: "the storage of databases.<engine>",
    class: "the storageClassName of databases.<engine>",
    way_out: "move the data to a new server",
    anew: "delete its StatefulSet, and then this claim; both are made anew, and nothing is on them",
};

const OF_BACKUPS: Place = Place {
    size: "the storage of databases.<engine>.backup.to.claim",
    class: "the storageClassName of databases.<engine>.backup.to.claim",
    way_out: "copy the backups elsewhere and delete the claim, and it is made anew",
    anew: "delete it; it is made anew, and nothing is on it",
};

const OF_A_SERVICE: Place = Place {
    size: "the size of its storage in the service's manifest",
    class: "its storageClassName in the service's manifest",
    way_out: "copy what is on it elsewhere, and delete the StatefulSet and then this claim; both are made anew",
    anew: OF_A_SERVER.anew,
};

fn place(body: &Value) -> Place {
    match text(body, COMPONENT) {
        "backup" => OF_BACKUPS,
        "service" => OF_A_SERVICE,
        _ => OF_A_SERVER,
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

/// Whether two claims are of one StatefulSet and one template of it: their names differ in the
/// number of the pod at most (kubernetes.io, "StatefulSets", "Stable Storage").
pub(super) fn same_template(one: &str, other: &str) -> bool {
    let template = template_of(one);
    template.is_some() && template == template_of(other)
}

fn template_of(claim: &str) -> Option<&str> {
    let (template, pod) = claim.rsplit_once('-')?;
    pod.parse::<u32>().is_ok().then_some(template)
}

/// Which claim of a StatefulSet has no volume yet, where that is what keeps its pod away. Gravity
/// may not read StorageClasses, so it cannot tell whether there is one of that name.
pub(super) fn unbound(set: &ObjectKey, says: &str, observed: &Observed) -> Option<String> {
    if !says.contains("unbound immediate PersistentVolumeClaims") {
        return None;
    }
    let body = observed.live.get(set)?.body();
    let templates = body["spec"]["volumeClaimTemplates"].as_array()?;
    let names = templates.iter().map(|one| text(one, "/metadata/name"));
    let names: Vec<String> = names.map(|name| format!("{name}-{}-0", set.name)).collect();
    let of_set = |key: &ObjectKey| {
        key.kind == Kind::PersistentVolumeClaim
            && names.iter().any(|name| same_template(name, &key.name))
    };
    let mut claims = observed.live.iter().filter(|(key, _)| of_set(key));
    claims.find_map(|(key, live)| {
        let claim = live.body();
        let class = match text(&claim, CLASS) {
            "" => "the default StorageClass".to_owned(),
            class => format!("the StorageClass {class}"),
        };
        let field = place(&claim).class;
        text(&claim, VOLUME).is_empty().then(|| {
            format!(
                "{key} waits for a volume of {class}, which is not there or gives none: make it \
                 (kubectl get storageclass tells which there are), or write another as {field}"
            )
        })
    })
}

const VOLUME: &str = "/spec/volumeName";
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
        let claim = |size: &str, class: &str, volume: &str| {
            json!({
                "metadata": {"labels": {"app.kubernetes.io/component": "backup"}},
                "spec": {"storageClassName": class, "volumeName": volume, "resources": {"requests": {"storage": size}}},
            })
        };
        let told = |size: &str, class: &str, volume: &str| {
            wanted(&claim(size, class, ""), &claim("20Gi", "fast", volume)).unwrap_err()
        };
        insta::assert_snapshot!(told("10Gi", "fast", "v"), @"it has 20Gi and cannot shrink to 10Gi: write 20Gi or more as the storage of databases.<engine>.backup.to.claim, or copy the backups elsewhere and delete the claim, and it is made anew");
        insta::assert_snapshot!(told("20Gi", "slow", "v"), @"it is of the StorageClass fast and cannot move to slow: write fast as the storageClassName of databases.<engine>.backup.to.claim, or copy the backups elsewhere and delete the claim, and it is made anew");
        insta::assert_snapshot!(told("20Gi", "slow", ""), @"it is of the StorageClass fast, has no volume yet and cannot move to slow: delete it; it is made anew, and nothing is on it");
    }
}
