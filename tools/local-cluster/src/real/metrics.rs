//! What tells the API server that pods' metrics are served by the node.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::{
    APIService, APIServiceSpec, ServiceReference,
};
use kube::api::{ObjectMeta, Patch, PatchParams};
use kube::{Api, Client};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::network::Network;
use crate::Error;

/// Where metrics-server listens on the node.
pub(crate) const PORT: i32 = 4443;

const NAME: &str = "metrics-server";
const NAMESPACE: &str = "kube-system";

/// Makes the Service, its one address, and the registration.
pub(crate) async fn register(client: &Client, network: Network) -> Result<(), Error> {
    let namespaced = Api::namespaced;
    apply(namespaced(client.clone(), NAMESPACE), &service()).await?;
    apply(
        Api::namespaced(client.clone(), NAMESPACE),
        &addresses(network),
    )
    .await?;
    apply(Api::all(client.clone()), &registration()).await
}

async fn apply<K>(api: Api<K>, object: &K) -> Result<(), Error>
where
    K: kube::Resource<DynamicType = ()> + Clone + Serialize + DeserializeOwned + std::fmt::Debug,
{
    let name = object.meta().name.clone().unwrap_or_default();
    let kind = K::kind(&());
    let parameters = PatchParams::apply("local-cluster").force();
    let applied = api.patch(&name, &parameters, &Patch::Apply(object)).await;
    applied
        .map(drop)
        .map_err(Error::api(format!("the {kind} {name} was not made")))
}

fn metadata(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.into()),
        ..ObjectMeta::default()
    }
}

fn service() -> Service {
    let port = ServicePort {
        name: Some("https".into()),
        port: 443,
        ..ServicePort::default()
    };
    Service {
        metadata: metadata(NAME),
        spec: Some(ServiceSpec {
            ports: Some(vec![port]),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

fn addresses(network: Network) -> EndpointSlice {
    let mut metadata = metadata(NAME);
    let service = ("kubernetes.io/service-name".into(), NAME.into());
    metadata.labels = Some([service].into());
    EndpointSlice {
        metadata,
        address_type: "IPv4".into(),
        endpoints: vec![Endpoint {
            addresses: vec![network.node().to_string()],
            conditions: Some(EndpointConditions {
                ready: Some(true),
                ..EndpointConditions::default()
            }),
            ..Endpoint::default()
        }],
        ports: Some(vec![EndpointPort {
            name: Some("https".into()),
            port: Some(PORT),
            protocol: Some("TCP".into()),
            ..EndpointPort::default()
        }]),
    }
}

fn registration() -> APIService {
    APIService {
        metadata: metadata("v1beta1.metrics.k8s.io"),
        spec: Some(APIServiceSpec {
            group: Some("metrics.k8s.io".into()),
            version: Some("v1beta1".into()),
            group_priority_minimum: 100,
            version_priority: 100,
            // It signs its own certificate.
            insecure_skip_tls_verify: Some(true),
            service: Some(ServiceReference {
                name: Some(NAME.into()),
                namespace: Some(NAMESPACE.into()),
                port: Some(443),
            }),
            ..APIServiceSpec::default()
        }),
        status: None,
    }
}
