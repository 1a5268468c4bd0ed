//! The `podTemplate` of a manifest: a strategic-merge patch of the pod template
//! (kubernetes.io, "Use a Strategic Merge Patch"), for what Gravity has no field for.
//!
//! Objects are merged field by field, and null removes; lists whose items have a key are
//! merged by it, all others are replaced. Of the directives, `$patch: delete` in an item
//! and `$patch: replace` in an object are known.

use serde::Serialize;
use serde_json::{Map, Value};

use super::graph::{Body, PlannedObject};
use super::unknown_fields::{self, Unknown};
use super::wanted::Wanted;
use super::{PlanError, meta};
use crate::api::objects::Kind;

// With another feature of k8s-openapi this is not there, so it cannot go stale.
k8s_openapi::k8s_if_1_33! {
    /// The version of Kubernetes whose types are compiled in: the oldest that Gravity runs
    /// on, so what it knows is known by every server.
    const KUBERNETES: &str = "1.33";
}
const DIRECTIVE: &str = "$patch";

/// The object with its pod template patched.
pub(super) fn patched(
    wanted: &Wanted,
    kind: Kind,
    name: &str,
    object: &impl Serialize,
) -> Result<PlannedObject, PlanError> {
    let mut planned = meta::planned(wanted.app, kind, name, object);
    let Body::Apply(body) = &mut planned.body else {
        return Ok(planned);
    };
    if let (Some(patch), Some(template)) = (
        &wanted.service.pod_template,
        body.pointer_mut(template_pointer(kind)),
    ) {
        patch_template(wanted, template, patch)?;
    }
    Ok(planned)
}

/// The same, but the service's container stays the only one: a sidecar would never let a
/// migration end.
pub(super) fn patched_alone(
    wanted: &Wanted,
    kind: Kind,
    name: &str,
    object: &impl Serialize,
) -> Result<PlannedObject, PlanError> {
    let mut planned = patched(wanted, kind, name, object)?;
    if let Body::Apply(body) = &mut planned.body {
        let pointer = format!("{}/spec/containers", template_pointer(kind));
        if let Some(containers) = body.pointer_mut(&pointer).and_then(Value::as_array_mut) {
            containers.retain(|container| is_named(container, wanted.name()));
        }
    }
    Ok(planned)
}

const fn template_pointer(kind: Kind) -> &'static str {
    match kind {
        Kind::CronJob => "/spec/jobTemplate/spec/template",
        _ => "/spec/template",
    }
}

fn patch_template(wanted: &Wanted, template: &mut Value, patch: &Value) -> Result<(), PlanError> {
    let before = template.clone();
    merge(template, patch, "");
    keep_labels(wanted, &before, template)?;
    keep_container(wanted, template)?;
    keep_account(wanted, template)?;
    keep_shape(wanted, template)
}

/// Gravity's own labels are in selectors, which can never change, and tell the version
/// that is waited for.
fn keep_labels(wanted: &Wanted, before: &Value, after: &Value) -> Result<(), PlanError> {
    let labels = |template: &Value| template.pointer("/metadata/labels").cloned();
    let own = labels(before).unwrap_or_default();
    let now = labels(after).unwrap_or_default();
    let own = own.as_object().into_iter().flatten();
    for (label, value) in own {
        if now.get(label) != Some(value) {
            let field = format!("metadata.labels[{label}]");
            let message = "Gravity selects the pods by this label and it cannot change: take it out of the patch";
            return Err(refused(wanted, &field, message));
        }
    }
    Ok(())
}

fn keep_container(wanted: &Wanted, template: &Value) -> Result<(), PlanError> {
    let containers = template
        .pointer("/spec/containers")
        .and_then(Value::as_array);
    let kept = containers
        .is_some_and(|containers| containers.iter().any(|each| is_named(each, wanted.name())));
    if kept {
        return Ok(());
    }
    let message = format!(
        "the container {} is the service itself and cannot be removed: name it to change it, or add others beside it",
        wanted.name()
    );
    Err(refused(wanted, "spec.containers", &message))
}

/// A pod has the rights of its account. With another one's name in a manifest, its author would
/// have the rights that somebody gave to a program of theirs in this namespace. `serviceAccount`
/// is the older name of the field, which the API server still takes.
fn keep_account(wanted: &Wanted, template: &Value) -> Result<(), PlanError> {
    let own = wanted.name();
    let spec = template.get("spec");
    let stated = |field: &str| spec?.get(field)?.as_str();
    let fields = [
        ("serviceAccountName", stated("serviceAccountName")),
        (
            "serviceAccount",
            Some(stated("serviceAccount").unwrap_or(own)),
        ),
    ];
    for (field, account) in fields {
        if account != Some(own) {
            let message = format!(
                "the pods run under an account of their own, {own}, and so have no other's rights: take it out, and give the ServiceAccount {own} what the service needs by a RoleBinding"
            );
            return Err(refused(wanted, &format!("spec.{field}"), &message));
        }
    }
    Ok(())
}

/// A wrong type and a misspelt field are told here and not by the API server, so
/// that they show offline, and before anything of the app is changed.
fn keep_shape(wanted: &Wanted, template: &Value) -> Result<(), PlanError> {
    match unknown_fields::of_pod_template(template) {
        Ok(None) => Ok(()),
        Ok(Some(unknown)) => Err(refused(wanted, &unknown.path, &no_such_field(&unknown))),
        Err(error) => {
            let message = format!(
                "this makes no pod template ({error}): see the fields of a PodTemplateSpec"
            );
            Err(refused(wanted, "spec", &message))
        }
    }
}

fn no_such_field(unknown: &Unknown) -> String {
    let near = unknown.near;
    format!("there is no such field in Kubernetes {KUBERNETES}: write {near}")
}

fn refused(wanted: &Wanted, field: &str, message: &str) -> PlanError {
    PlanError::PodTemplate {
        service: wanted.name().to_owned(),
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

fn is_named(container: &Value, name: &str) -> bool {
    container.get("name").and_then(Value::as_str) == Some(name)
}

/// The field that tells the items of a list apart (`patchMergeKey` of the Kubernetes API);
/// `None` for a list that is replaced as a whole.
fn merge_key(list: &str) -> Option<&'static str> {
    match list {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "env"
        | "imagePullSecrets"
        | "resourceClaims"
        | "schedulingGates" => Some("name"),
        "ports" => Some("containerPort"),
        "volumeMounts" => Some("mountPath"),
        "volumeDevices" => Some("devicePath"),
        "hostAliases" => Some("ip"),
        "topologySpreadConstraints" => Some("topologyKey"),
        _ => None,
    }
}

fn merge(target: &mut Value, patch: &Value, field: &str) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => merge_object(target, patch),
        (Value::Array(target), Value::Array(patch)) if merge_key(field).is_some() => {
            merge_list(target, patch, merge_key(field).unwrap_or_default());
        }
        (target, patch) => *target = cleaned(patch),
    }
}

fn merge_object(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    if directive(patch) == Some("replace") {
        target.clear();
    }
    for (name, value) in patch.iter().filter(|(name, _)| *name != DIRECTIVE) {
        if value.is_null() {
            target.remove(name);
        } else if let Some(present) = target.get_mut(name) {
            merge(present, value, name);
        } else {
            target.insert(name.clone(), cleaned(value));
        }
    }
}

fn merge_list(target: &mut Vec<Value>, patch: &[Value], key: &str) {
    for item in patch {
        let same = |each: &Value| each.get(key).is_some() && each.get(key) == item.get(key);
        let position = target.iter().position(same);
        let delete = item.as_object().and_then(directive) == Some("delete");
        match position.and_then(|position| target.get_mut(position)) {
            _ if delete => target.retain(|each| !same(each)),
            Some(present) => merge(present, item, ""),
            None => target.push(cleaned(item)),
        }
    }
}

fn directive(object: &Map<String, Value>) -> Option<&str> {
    object.get(DIRECTIVE).and_then(Value::as_str)
}

/// What a patch adds has neither nulls nor directives: the one would be sent as a wish to
/// remove, the other as a field that nobody knows.
fn cleaned(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(name, value)| *name != DIRECTIVE && !value.is_null())
            .map(|(name, value)| (name.clone(), cleaned(value)))
            .collect(),
        Value::Array(list) => list.iter().map(cleaned).collect(),
        other => other.clone(),
    }
}
