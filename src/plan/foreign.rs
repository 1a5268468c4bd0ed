//! Objects of kinds that other projects define, as far as Gravity writes them. Their crates
//! are for other versions of kube, and what is written of them is a few fields.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use super::graph::PlannedObject;
use super::meta;
use crate::api::objects::Kind;
use crate::validate::ValidApp;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Foreign<'a, S> {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: &'a S,
}

/// The object of that kind with that metadata and `spec`.
pub(super) fn foreign<S: Serialize>(
    app: &ValidApp,
    kind: Kind,
    metadata: ObjectMeta,
    spec: &S,
) -> PlannedObject {
    let name = metadata.name.clone().unwrap_or_default();
    let object = Foreign {
        api_version: kind.api_version(),
        kind: kind.to_string(),
        metadata,
        spec,
    };
    meta::planned(app, kind, &name, &object)
}
