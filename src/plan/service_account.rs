//! The ServiceAccount of a service.

use k8s_openapi::api::core::v1::ServiceAccount;

use super::graph::PlannedObject;
use super::meta;
use super::wanted::Wanted;
use crate::api::objects::Kind;

/// Each service has its own, so that a right given to one is not given to all. Its token
/// is not mounted: hardly any service talks to the API server, and a token in every pod
/// is a way in for whoever takes one over.
pub(super) fn service_account(wanted: &Wanted) -> PlannedObject {
    let object = ServiceAccount {
        metadata: wanted.meta(wanted.name()),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    };
    meta::planned(wanted.app, Kind::ServiceAccount, wanted.name(), &object)
}
