//! The CustomResourceDefinitions, as `gravity crds` prints them and `crds/` holds them.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;

use super::{GravityApp, GravityService};

/// The definitions of both resources, in the order of their names.
pub fn crds() -> [CustomResourceDefinition; 2] {
    [GravityApp::crd(), GravityService::crd()]
}
