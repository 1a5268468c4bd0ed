//! GravityServices → [`Catalogue`].

use std::sync::Arc;

use semver::Version;

use super::{Catalogue, Invalid, Rejected, ValidService, validate_service};
use crate::api::GravityService;

/// All services that can be chosen for an app of `own_namespace`.
///
/// Of services with one name and version the app's own namespace wins, then the oldest,
/// then the first by namespace and name. An invalid one is told of and harms no other,
/// not even the valid duplicate that it would have won against.
pub fn catalogue<'a>(
    services: impl IntoIterator<Item = &'a GravityService>,
    own_namespace: &str,
) -> Catalogue {
    let mut catalogue = Catalogue::default();
    let mut sorted: Vec<&GravityService> = services.into_iter().collect();
    sorted.sort_by_cached_key(|service| rank(service, own_namespace));
    for service in sorted {
        match validate_service(service) {
            Ok(valid) => add(&mut catalogue, valid),
            Err(problems) => catalogue.rejected.push(rejected(service, problems)),
        }
    }
    catalogue
}

/// The best first. What was never applied has no time and is older than all.
fn rank(service: &GravityService, own_namespace: &str) -> (bool, i128, String, String) {
    let metadata = &service.metadata;
    let namespace = metadata.namespace.clone();
    let created = metadata.creation_timestamp.as_ref();
    (
        namespace
            .as_ref()
            .is_some_and(|namespace| namespace != own_namespace),
        created.map_or(i128::MIN, |time| time.0.as_nanosecond()),
        namespace.unwrap_or_default(),
        metadata.name.clone().unwrap_or_default(),
    )
}

fn add(catalogue: &mut Catalogue, service: ValidService) {
    let versions = catalogue.services.entry(service.name.clone()).or_default();
    let version: Version = service.version.clone();
    versions.entry(version).or_insert_with(|| Arc::new(service));
}

fn rejected(service: &GravityService, problems: Vec<Invalid>) -> Rejected {
    Rejected {
        namespace: service.metadata.namespace.clone().unwrap_or_default(),
        object: service.metadata.name.clone().unwrap_or_default(),
        name: service.spec.name.clone(),
        version: service.spec.version.clone(),
        problems,
    }
}
