//! The Kubernetes Services in front of a service's pods.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::graph::PlannedObject;
use super::probes::PORT_NAME;
use super::wanted::Wanted;
use super::{mesh, meta, route};
use crate::api::names;
use crate::api::objects::Kind;

/// The Service that has the service's own name, so that `http://user-service:8000` works
/// as the manifest's author expects; `None` for one that takes no requests.
pub(super) fn service(wanted: &Wanted) -> Option<PlannedObject> {
    let port = wanted.address()?;
    let calls = route::calls(wanted.app, wanted.service);
    let read = mesh::of_calls(wanted.app, calls);
    let object = Service {
        metadata: ObjectMeta {
            annotations: (!read.is_empty()).then_some(read),
            ..wanted.meta(wanted.name())
        },
        spec: Some(ServiceSpec {
            type_: Some(wanted.service.service_type.clone()),
            selector: Some(wanted.selector_labels()),
            ports: Some(vec![service_port(wanted, port)]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    };
    Some(meta::planned(
        wanted.app,
        Kind::Service,
        wanted.name(),
        &object,
    ))
}

/// The name of the Service that gives each pod of a StatefulSet its own name.
pub(super) fn headless_name(service: &str) -> String {
    names::derived(&[service, "headless"], names::LABEL_LIMIT)
}

/// The Service that gives each pod of a StatefulSet its own name. Pods that are not ready
/// have theirs too, for the members of a cluster must find one another to become ready.
pub(super) fn headless(wanted: &Wanted) -> Option<PlannedObject> {
    if wanted.workload() != Kind::StatefulSet {
        return None;
    }
    let name = headless_name(wanted.name());
    let object = Service {
        metadata: wanted.meta(&name),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(true),
            selector: Some(wanted.selector_labels()),
            ports: wanted
                .service
                .port
                .map(|port| vec![service_port(wanted, port)]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    };
    Some(meta::planned(wanted.app, Kind::Service, &name, &object))
}

/// The container's port is named, not numbered, so that old and new pods of a roll-out
/// may listen on different ones. `appProtocol` tells gateways and meshes what they would
/// otherwise guess. The protocol is said, though it is the default: it is part of the key
/// by which the API server merges the list.
fn service_port(wanted: &Wanted, port: i32) -> ServicePort {
    ServicePort {
        name: Some(PORT_NAME.to_owned()),
        port,
        target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
        protocol: Some("TCP".to_owned()),
        app_protocol: Some(route::app_protocol(wanted.service).to_owned()),
        ..ServicePort::default()
    }
}
