//! The CustomResourceDefinitions, as `gravity crds` prints them and `crds/` holds them.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::CustomResourceExt;
use serde_json::Value;

use super::{GravityApp, GravityService};
use crate::manifest::yaml;

/// The definitions of both resources, in the order of their names.
pub fn crds() -> [CustomResourceDefinition; 2] {
    [GravityApp::crd(), GravityService::crd()].map(without_nulls)
}

/// kube's derive marks the status and optional quantities as `nullable`. A null means
/// nothing in these resources, and an API server drops it where it is not asked to keep it.
fn without_nulls(mut definition: CustomResourceDefinition) -> CustomResourceDefinition {
    for version in &mut definition.spec.versions {
        if let Some(schema) = version
            .schema
            .as_mut()
            .and_then(|each| each.open_api_v3_schema.as_mut())
        {
            forbid_null(schema);
        }
    }
    definition
}

fn forbid_null(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    schema
        .properties
        .iter_mut()
        .flatten()
        .for_each(|(_, inner)| forbid_null(inner));
    if let Some(JSONSchemaPropsOrArray::Schema(inner)) = &mut schema.items {
        forbid_null(inner);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(inner)) = &mut schema.additional_properties {
        forbid_null(inner);
    }
}

/// Both definitions as `crds/` holds them: a file's name and its text.
pub fn files() -> [(&'static str, String); 2] {
    let [app, service] = crds();
    [
        (
            "gravity.dev_gravityapps.yaml",
            yaml::to_string(&value(&app)),
        ),
        (
            "gravity.dev_gravityservices.yaml",
            yaml::to_string(&value(&service)),
        ),
    ]
}

/// Both definitions as one text of two documents, as `gravity crds` prints them.
pub fn to_yaml() -> String {
    let definitions = crds().map(|definition| value(&definition));
    yaml::documents(&definitions)
}

fn value(definition: &CustomResourceDefinition) -> Value {
    // A definition is plain data: nothing in it can fail to be a value.
    serde_json::to_value(definition).unwrap_or_default()
}

#[cfg(test)]
mod tests;
