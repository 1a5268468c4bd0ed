//! The Services of a server: one for clients, one that gives each member a name.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::places::Server;
use crate::api::names;
use crate::api::objects::Kind;
use crate::engines::Port;
use crate::plan::graph::PlannedObject;
use crate::plan::meta;
use crate::validate::ValidApp;

/// The Service that clients use: it leads to members that are ready.
pub(super) fn client(app: &ValidApp, server: &Server<'_>) -> PlannedObject {
    let spec = ServiceSpec {
        type_: Some("ClusterIP".to_owned()),
        ..spec(app, server)
    };
    planned(app, server, &server.name, spec)
}

/// The Service that gives each member a name. Members must find one another before they
/// can become ready, so it leads to all of them.
pub(super) fn headless(app: &ValidApp, server: &Server<'_>) -> PlannedObject {
    let spec = ServiceSpec {
        cluster_ip: Some("None".to_owned()),
        publish_not_ready_addresses: Some(true),
        ..spec(app, server)
    };
    planned(app, server, &server.headless(), spec)
}

fn spec(app: &ValidApp, server: &Server<'_>) -> ServiceSpec {
    ServiceSpec {
        selector: Some(names::selector(&app.name, &server.name)),
        ports: Some(server.profile().ports.iter().map(port).collect()),
        ..ServiceSpec::default()
    }
}

/// A port of a Service, at the same number as the container's, which it finds by its name.
pub(super) fn port(port: &Port) -> ServicePort {
    ServicePort {
        name: Some(port.name.to_owned()),
        port: port.number,
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::String(port.name.to_owned())),
        ..ServicePort::default()
    }
}

fn planned(app: &ValidApp, server: &Server<'_>, name: &str, spec: ServiceSpec) -> PlannedObject {
    let labels = names::labels(&app.name, &server.name, "database");
    let service = Service {
        metadata: meta::owned(app, name, labels),
        spec: Some(spec),
        ..Service::default()
    };
    meta::planned(app, Kind::Service, name, &service)
}
