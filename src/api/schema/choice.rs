//! Fields that are one of a few words.

use schemars::Schema;

use super::{Generator, json_schema, one_of, texts};
use crate::api::app::{DeletionPolicy, Phase, ServerMode, Updates};
use crate::api::authentication::{Algorithm, AuthenticationType};
use crate::api::gateway::{GatewayClass, IssuerKind};
use crate::api::mesh::Mesh;
use crate::api::network::{LabelOperator, NetworkMode};
use crate::api::pooler::PoolMode;
use crate::api::routing::Protocol;
use crate::api::secrets::StoreKind;
use crate::api::service::{DatabaseMode, Reload, ServiceType, Startup};

/// True or false.
pub fn flag(_: Generator) -> Schema {
    json_schema!({"type": "boolean"})
}

/// The type of a Kubernetes Service.
pub fn service_kind(_: Generator) -> Schema {
    one_of(&["ClusterIP", "NodePort", "LoadBalancer"])
}

/// What kind of workload a service is.
pub fn service_type(_: Generator) -> Schema {
    use ServiceType::{Api, Cron, Job, Web, Worker};
    one_of(&[Api, Web, Worker, Cron, Job])
}

/// Whether a dependency must be ready first.
pub fn startup(_: Generator) -> Schema {
    one_of(&[Startup::Ordered, Startup::Unordered])
}

/// What a Redis is for.
pub fn database_mode(_: Generator) -> Schema {
    one_of(&[DatabaseMode::Cache, DatabaseMode::Store])
}

/// What a changed configuration does to running pods.
pub fn reload(_: Generator) -> Schema {
    one_of(&[Reload::Restart, Reload::Watch])
}

/// Which kind of route is made.
pub fn gateway_class(_: Generator) -> Schema {
    use GatewayClass::{GatewayAPI, Ingress, None, Traefik};
    one_of(&[Traefik, Ingress, GatewayAPI, None])
}

/// Where an issuer of certificates is.
pub fn issuer_kind(_: Generator) -> Schema {
    one_of(&[IssuerKind::Issuer, IssuerKind::ClusterIssuer])
}

/// What a service speaks.
pub fn protocol(_: Generator) -> Schema {
    one_of(&[Protocol::HTTP, Protocol::WebSocket, Protocol::GRPC])
}

/// How a gateway knows who comes in.
pub fn authentication_type(_: Generator) -> Schema {
    use AuthenticationType::{APIKey, Basic, Forward, JWT, None, TokenCheck};
    one_of(&[None, JWT, TokenCheck, Forward, Basic, APIKey])
}

/// Signatures of tokens.
pub fn algorithms(_: Generator) -> Schema {
    use Algorithm::{
        ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512,
    };
    let all = [
        HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA,
    ];
    texts(&one_of(&all), 0, 12)
}

/// Methods of HTTP.
pub fn methods(_: Generator) -> Schema {
    let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    texts(&one_of(&all), 0, 7)
}

/// A service mesh.
pub fn mesh(_: Generator) -> Schema {
    one_of(&[Mesh::Linkerd, Mesh::Istio, Mesh::None])
}

/// Whether there are walls.
pub fn network_policy(_: Generator) -> Schema {
    one_of(&[NetworkMode::Default, NetworkMode::None])
}

/// What is asked of a label.
pub fn label_operator(_: Generator) -> Schema {
    use LabelOperator::{DoesNotExist, Exists, In, NotIn};
    one_of(&[In, NotIn, Exists, DoesNotExist])
}

/// Whose server a database is on.
pub fn server_mode(_: Generator) -> Schema {
    one_of(&[
        ServerMode::Shared,
        ServerMode::Dedicated,
        ServerMode::External,
        ServerMode::CloudNativePG,
    ])
}

/// How long a pooled connection is one client's.
pub fn pool_mode(_: Generator) -> Schema {
    one_of(&[PoolMode::Transaction, PoolMode::Session])
}

/// What kind of secret store it is.
pub fn store_kind(_: Generator) -> Schema {
    one_of(&[StoreKind::SecretStore, StoreKind::ClusterSecretStore])
}

/// When a newer version is taken.
pub fn updates(_: Generator) -> Schema {
    one_of(&[Updates::Locked, Updates::Automatic])
}

/// What becomes of the data.
pub fn deletion_policy(_: Generator) -> Schema {
    one_of(&[DeletionPolicy::Retain, DeletionPolicy::Delete])
}

/// Where a service stands.
pub fn phase(_: Generator) -> Schema {
    use Phase::{
        Degraded, Failed, Migrating, Pending, Provisioning, Running, Starting, Stopped, Updating,
    };
    one_of(&[
        Pending,
        Provisioning,
        Migrating,
        Starting,
        Updating,
        Running,
        Degraded,
        Stopped,
        Failed,
    ])
}
