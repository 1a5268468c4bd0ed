//! The Ingress of `networking.k8s.io/v1`.

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule,
    IngressServiceBackend, IngressSpec, IngressTLS, ServiceBackendPort,
};

use super::Target;
use crate::api::objects::Kind;
use crate::plan::graph::PlannedObject;
use crate::plan::meta;
use crate::plan::wanted::Wanted;

/// The Ingress. Its paths are of type Prefix, of which the longest wins by definition.
pub(super) fn ingress(wanted: &Wanted, target: Target) -> PlannedObject {
    let gateway = &wanted.app.gateway;
    let object = Ingress {
        metadata: wanted.meta(wanted.name()),
        spec: Some(IngressSpec {
            ingress_class_name: gateway.ingress_class_name.clone(),
            rules: Some(vec![IngressRule {
                host: gateway.host.clone(),
                http: Some(HTTPIngressRuleValue {
                    paths: vec![path(wanted, target)],
                }),
            }]),
            tls: gateway.tls_secret.clone().map(|secret| {
                vec![IngressTLS {
                    hosts: gateway.host.clone().map(|host| vec![host]),
                    secret_name: Some(secret),
                }]
            }),
            ..IngressSpec::default()
        }),
        ..Ingress::default()
    };
    meta::planned(wanted.app, Kind::Ingress, wanted.name(), &object)
}

fn path(wanted: &Wanted, target: Target) -> HTTPIngressPath {
    HTTPIngressPath {
        path: Some(target.prefix.to_owned()),
        path_type: "Prefix".to_owned(),
        backend: IngressBackend {
            service: Some(IngressServiceBackend {
                name: wanted.name().to_owned(),
                port: Some(ServiceBackendPort {
                    number: Some(target.port),
                    ..ServiceBackendPort::default()
                }),
            }),
            ..IngressBackend::default()
        },
    }
}
