//! Whether the definitions of a cluster are those of this tool. Pure.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::Value;

/// How the definitions of a cluster differ from this tool's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Not at all, as far as fields go.
    None,
    /// It lacks fields that this tool knows; the first of them.
    Older(String),
    /// It has fields that this tool does not know; the first of them.
    Newer(String),
}

/// Compares the fields of a definition with those that this tool has.
pub fn difference(there: &CustomResourceDefinition, own: &CustomResourceDefinition) -> Difference {
    let (there, own) = (fields(there), fields(own));
    if let Some(field) = own.iter().find(|field| !there.contains(field)) {
        return Difference::Older(field.clone());
    }
    match there.iter().find(|field| !own.contains(field)) {
        Some(field) => Difference::Newer(field.clone()),
        None => Difference::None,
    }
}

/// The paths of all fields, as `spec.gateway.host`.
fn fields(definition: &CustomResourceDefinition) -> Vec<String> {
    let value = serde_json::to_value(definition).unwrap_or_default();
    let mut found = Vec::new();
    collect(
        &value["spec"]["versions"][0]["schema"]["openAPIV3Schema"],
        "",
        &mut found,
    );
    found
}

fn collect(schema: &Value, path: &str, found: &mut Vec<String>) {
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        let path = match path {
            "" => name.clone(),
            path => format!("{path}.{name}"),
        };
        found.push(path.clone());
        collect(inner, &path, found);
        collect(&inner["items"], &format!("{path}[]"), found);
        collect(&inner["additionalProperties"], &format!("{path}.*"), found);
    }
}

#[cfg(test)]
mod tests {
    use kube::CustomResourceExt;

    use super::*;
    use crate::api::GravityApp;

    fn without(field: &str) -> CustomResourceDefinition {
        let mut value = serde_json::to_value(GravityApp::crd()).unwrap();
        let spec = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties";
        value
            .pointer_mut(spec)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(field)
            .unwrap();
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_first_field_that_differs_is_told() {
        let own = GravityApp::crd();
        assert_eq!(difference(&own, &own), Difference::None);
        let older = difference(&without("mesh"), &own);
        assert_eq!(older, Difference::Older("spec.mesh".to_owned()));
        let newer = difference(&own, &without("suspend"));
        assert_eq!(newer, Difference::Newer("spec.suspend".to_owned()));
    }
}
