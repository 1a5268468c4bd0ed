//! The ExternalSecret of a service: what the External Secrets Operator fetches for it from the
//! app's secret store (external-secrets.io, "ExternalSecret"), and writes into one Secret.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use super::graph::{Held, Node, NodeId, NodeKind, PlannedObject};
use super::wanted::Wanted;
use super::{Facts, Named, PlanError, meta};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::api::secrets::{RemoteRef, StoreKind};
use crate::validate::Store;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalSecret {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: Spec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    secret_store_ref: StoreRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_interval: Option<String>,
    target: Target,
    data: Vec<Entry>,
}

#[derive(Serialize)]
struct StoreRef {
    name: String,
    kind: StoreKind,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    name: String,
    creation_policy: &'static str,
    deletion_policy: &'static str,
    template: Template,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    engine_version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    secret_key: String,
    remote_ref: RemoteRef,
}

/// The name of a service's ExternalSecret, and of the Secret that is made from it.
pub(super) fn name(service: &str) -> String {
    names::derived(&[service, "remote"], names::LABEL_LIMIT)
}

/// The node of the service's ExternalSecret; `None` where it takes nothing from a store.
pub(super) fn node(wanted: &Wanted) -> Result<Option<Node>, PlanError> {
    let Some(object) = external_secret(wanted)? else {
        return Ok(None);
    };
    Ok(Some(Node {
        id: id(wanted),
        service: Some(wanted.name().to_owned()),
        version: None,
        needs: BTreeSet::new(),
        objects: vec![object],
        deadline: wanted.service.startup_timeout,
    }))
}

/// The id of that node.
pub(super) fn id(wanted: &Wanted) -> NodeId {
    NodeId::new(NodeKind::ExternalSecret, wanted.name())
}

fn external_secret(wanted: &Wanted) -> Result<Option<PlannedObject>, PlanError> {
    let remote = wanted.settings.remote();
    let Some((variable, _)) = remote.first() else {
        return Ok(None);
    };
    let Some(store) = &wanted.app.secret_store else {
        return Err(PlanError::NoSecretStore {
            service: wanted.name().to_owned(),
            variable: (*variable).to_owned(),
        });
    };
    let name = name(wanted.name());
    let entry = |(variable, remote): (&str, &RemoteRef)| Entry {
        secret_key: variable.to_owned(),
        remote_ref: remote.clone(),
    };
    let object = ExternalSecret {
        api_version: Kind::ExternalSecret.api_version(),
        kind: Kind::ExternalSecret.to_string(),
        metadata: wanted.meta(&name),
        spec: spec(&name, store, remote.into_iter().map(entry).collect()),
    };
    let planned = meta::planned(wanted.app, Kind::ExternalSecret, &name, &object);
    Ok(Some(planned))
}

/// The Secret goes with its ExternalSecret; where the store loses a value, the last one stays.
/// A template of one's own, though it says nothing, keeps the operator from giving the Secret
/// the labels and annotations by which Gravity knows its own objects.
fn spec(name: &str, store: &Store, data: Vec<Entry>) -> Spec {
    Spec {
        secret_store_ref: StoreRef {
            name: store.name.clone(),
            kind: store.kind,
        },
        refresh_interval: store.refresh.clone(),
        target: Target {
            name: name.to_owned(),
            creation_policy: "Owner",
            deletion_policy: "Retain",
            template: Template {
                engine_version: "v2",
            },
        },
        data,
    }
}

/// Why the ExternalSecret cannot be sent: nobody would read it, or it would be the end of a
/// Secret of somebody else, for the operator takes over what has the name and empties it.
pub(super) fn held(wanted: &Wanted, facts: &Facts) -> Option<Held> {
    let remote = wanted.settings.remote();
    let variables: Vec<&str> = remote.into_iter().map(|(variable, _)| variable).collect();
    if variables.is_empty() {
        return None;
    }
    let kind = Kind::ExternalSecret;
    if facts.missing_kinds.contains(&kind) {
        return Some(Held {
            reason: Some(Reason::OperatorMissing),
            message: format!(
                "the cluster does not know {kind} ({}), so nobody would fetch {} of {}: install the External Secrets Operator with its CustomResourceDefinitions, or take them from Secrets by secretKeyRef",
                kind.api_version(),
                variables.join(", "),
                wanted.name()
            ),
        });
    }
    let target = target(wanted);
    match facts.named.get(&target) {
        // Whose it is has to be known before: the operator does not ask.
        None => Some(Held {
            reason: None,
            message: format!("{target} is being read"),
        }),
        Some(Named::There(contents)) if contents.controller != Some(own(&target)) => Some(Held {
            reason: Some(Reason::OwnershipConflict),
            message: format!(
                "the External Secrets Operator would replace what is in {target}, which it has not made: delete that Secret, or rename the service"
            ),
        }),
        _ => None,
    }
}

/// The Secret that the operator makes.
pub(super) fn target(wanted: &Wanted) -> ObjectKey {
    meta::key(wanted.app, Kind::Secret, &name(wanted.name()))
}

/// How that Secret names the ExternalSecret that it comes from.
fn own(target: &ObjectKey) -> String {
    format!("{} {}", Kind::ExternalSecret, target.name)
}
