//! The kinds of objects that an app is made of, and the key that names one.
//!
//! The list is fixed: what is there to prune or delete is found by owner over these
//! kinds, never by a new resolution.

use std::fmt;

/// A kind of object that Gravity makes or watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is the Kubernetes kind of the same name")]
pub enum Kind {
    ServiceAccount,
    ConfigMap,
    Secret,
    PersistentVolumeClaim,
    Service,
    StatefulSet,
    Deployment,
    Job,
    CronJob,
    HorizontalPodAutoscaler,
    PodDisruptionBudget,
    NetworkPolicy,
    Ingress,
    IngressRoute,
    Middleware,
    TraefikService,
    ServersTransport,
    PeerAuthentication,
    AuthorizationPolicy,
    DestinationRule,
    VirtualService,
    Server,
    MeshTLSAuthentication,
    LinkerdAuthorizationPolicy,
    Gateway,
    HTTPRoute,
    GRPCRoute,
    Certificate,
    Cluster,
    Database,
    Pooler,
    ExternalSecret,
    Pod,
}

/// What the API server calls a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindFacts {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version, as v1.
    pub version: &'static str,
    /// The kind, as Deployment.
    pub kind: &'static str,
    /// The plural in URLs, as deployments.
    pub plural: &'static str,
}

impl Kind {
    /// All kinds, in the order in which they are listed and rendered.
    pub const ALL: [Self; 33] = [
        Self::ServiceAccount,
        Self::ConfigMap,
        Self::Secret,
        Self::PersistentVolumeClaim,
        Self::Service,
        Self::StatefulSet,
        Self::Deployment,
        Self::Job,
        Self::CronJob,
        Self::HorizontalPodAutoscaler,
        Self::PodDisruptionBudget,
        Self::NetworkPolicy,
        Self::Ingress,
        Self::IngressRoute,
        Self::Middleware,
        Self::TraefikService,
        Self::ServersTransport,
        Self::PeerAuthentication,
        Self::AuthorizationPolicy,
        Self::DestinationRule,
        Self::VirtualService,
        Self::Server,
        Self::MeshTLSAuthentication,
        Self::LinkerdAuthorizationPolicy,
        Self::Gateway,
        Self::HTTPRoute,
        Self::GRPCRoute,
        Self::Certificate,
        Self::Cluster,
        Self::Database,
        Self::Pooler,
        Self::ExternalSecret,
        Self::Pod,
    ];

    /// The kind's group, version, name and plural.
    pub const fn facts(self) -> KindFacts {
        let (group, version, kind, plural) = match self {
            Self::ServiceAccount => ("", "v1", "ServiceAccount", "serviceaccounts"),
            Self::ConfigMap => ("", "v1", "ConfigMap", "configmaps"),
            Self::Secret => ("", "v1", "Secret", "secrets"),
            Self::PersistentVolumeClaim => {
                ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
            }
            Self::Service => ("", "v1", "Service", "services"),
            Self::StatefulSet => ("apps", "v1", "StatefulSet", "statefulsets"),
            Self::Deployment => ("apps", "v1", "Deployment", "deployments"),
            Self::Job => ("batch", "v1", "Job", "jobs"),
            Self::CronJob => ("batch", "v1", "CronJob", "cronjobs"),
            Self::HorizontalPodAutoscaler => (
                "autoscaling",
                "v2",
                "HorizontalPodAutoscaler",
                "horizontalpodautoscalers",
            ),
            Self::PodDisruptionBudget => (
                "policy",
                "v1",
                "PodDisruptionBudget",
                "poddisruptionbudgets",
            ),
            Self::NetworkPolicy => (
                "networking.k8s.io",
                "v1",
                "NetworkPolicy",
                "networkpolicies",
            ),
            Self::Ingress => ("networking.k8s.io", "v1", "Ingress", "ingresses"),
            Self::IngressRoute => ("traefik.io", "v1alpha1", "IngressRoute", "ingressroutes"),
            Self::Middleware => ("traefik.io", "v1alpha1", "Middleware", "middlewares"),
            Self::TraefikService => (
                "traefik.io",
                "v1alpha1",
                "TraefikService",
                "traefikservices",
            ),
            Self::ServersTransport => (
                "traefik.io",
                "v1alpha1",
                "ServersTransport",
                "serverstransports",
            ),
            Self::PeerAuthentication => (
                "security.istio.io",
                "v1",
                "PeerAuthentication",
                "peerauthentications",
            ),
            Self::AuthorizationPolicy => (
                "security.istio.io",
                "v1",
                "AuthorizationPolicy",
                "authorizationpolicies",
            ),
            Self::DestinationRule => (
                "networking.istio.io",
                "v1",
                "DestinationRule",
                "destinationrules",
            ),
            Self::VirtualService => (
                "networking.istio.io",
                "v1",
                "VirtualService",
                "virtualservices",
            ),
            Self::Server => ("policy.linkerd.io", "v1beta3", "Server", "servers"),
            Self::MeshTLSAuthentication => (
                "policy.linkerd.io",
                "v1alpha1",
                "MeshTLSAuthentication",
                "meshtlsauthentications",
            ),
            Self::LinkerdAuthorizationPolicy => (
                "policy.linkerd.io",
                "v1alpha1",
                "AuthorizationPolicy",
                "authorizationpolicies",
            ),
            Self::Gateway => ("gateway.networking.k8s.io", "v1", "Gateway", "gateways"),
            Self::GRPCRoute => ("gateway.networking.k8s.io", "v1", "GRPCRoute", "grpcroutes"),
            Self::Certificate => ("cert-manager.io", "v1", "Certificate", "certificates"),
            Self::HTTPRoute => ("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes"),
            Self::Cluster => ("postgresql.cnpg.io", "v1", "Cluster", "clusters"),
            Self::Database => ("postgresql.cnpg.io", "v1", "Database", "databases"),
            Self::Pooler => ("postgresql.cnpg.io", "v1", "Pooler", "poolers"),
            Self::ExternalSecret => (
                "external-secrets.io",
                "v1",
                "ExternalSecret",
                "externalsecrets",
            ),
            Self::Pod => ("", "v1", "Pod", "pods"),
        };
        KindFacts {
            group,
            version,
            kind,
            plural,
        }
    }

    /// Whether the kind comes from a CustomResourceDefinition that a cluster may lack.
    pub const fn may_be_missing(self) -> bool {
        matches!(
            self,
            Self::IngressRoute
                | Self::Middleware
                | Self::TraefikService
                | Self::ServersTransport
                | Self::PeerAuthentication
                | Self::AuthorizationPolicy
                | Self::DestinationRule
                | Self::VirtualService
                | Self::Server
                | Self::MeshTLSAuthentication
                | Self::LinkerdAuthorizationPolicy
                | Self::Gateway
                | Self::HTTPRoute
                | Self::GRPCRoute
                | Self::Certificate
                | Self::Cluster
                | Self::Database
                | Self::Pooler
                | Self::ExternalSecret
        )
    }

    /// Whether objects of the kind can hold data. The claims of a server that another
    /// operator runs go with its object.
    pub const fn can_hold_data(self) -> bool {
        matches!(
            self,
            Self::PersistentVolumeClaim | Self::Secret | Self::Cluster
        )
    }

    /// Whether pods come from objects of the kind.
    pub const fn is_workload(self) -> bool {
        matches!(
            self,
            Self::Deployment | Self::StatefulSet | Self::CronJob | Self::Job
        )
    }

    /// The kind of that API group and name, if Gravity knows it.
    pub fn find(group: &str, kind: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|each| each.facts().group == group && each.facts().kind == kind)
    }

    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(self) -> String {
        let KindFacts { group, version, .. } = self.facts();
        if group.is_empty() {
            version.to_owned()
        } else {
            format!("{group}/{version}")
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.facts().kind)
    }
}

/// Names one object of one namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// The object's kind.
    pub kind: Kind,
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

impl fmt::Display for ObjectKey {
    /// As a person would name it: `Deployment shop/auth-service`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}
