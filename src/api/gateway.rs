//! The way in of an app: which gateway answers, for which host, and what it does with every
//! request before a service sees it.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authentication::{Authentication, DatabaseReference};
use super::schema;
use super::traffic::Traffic;

/// The way in.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(
    validation = ("!has(self.ingressClassName) || (has(self.class) && self.class == 'Ingress')", "ingressClassName is for class: Ingress: write that class, or take the line out"),
    validation = ("!has(self.entryPoints) || !has(self.class) || self.class == 'Traefik'", "entryPoints are Traefik's: write class: Traefik, or take them out"),
    validation = ("!has(self.rateLimitStore) || !has(self.class) || self.class == 'Traefik'", "rateLimitStore is Traefik's: write class: Traefik, or take it out"),
    validation = ("!has(self.proxies) || !has(self.class) || self.class == 'Traefik'", "proxies is Traefik's: write class: Traefik, or take it out"),
    validation = ("!has(self.gatewayClassName) || (has(self.class) && self.class == 'GatewayAPI')", "gatewayClassName is for class: GatewayAPI: write that class, or take the line out"),
    validation = ("!has(self.parentRef) || (has(self.class) && self.class == 'GatewayAPI')", "parentRef is for class: GatewayAPI: write that class, or take it out"),
    validation = ("!has(self.parentRef) || !has(self.gatewayClassName)", "gatewayClassName has Gravity make a Gateway, and parentRef names one that is there: take one of the two out")
)]
pub struct Gateway {
    /// Which kind of route is made; Traefik when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::gateway_class")]
    pub class: Option<GatewayClass>,
    /// The host that the gateway answers for; every host when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::host")]
    pub host: Option<String>,
    /// Where the certificate is, or who issues it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Tls>")]
    pub tls: Option<Tls>,
    /// Ingress: the IngressClass; the cluster's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub ingress_class_name: Option<String>,
    /// Traefik: its entry points; web, or websecure with TLS, when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::entry_points")]
    pub entry_points: Vec<String>,
    /// Traefik: how many proxies that name the client in X-Forwarded-For stand before it; none
    /// when absent. By it a client's own address is told from that of a load balancer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::gateway_retries")]
    pub proxies: Option<i32>,
    /// GatewayAPI: the GatewayClass of a Gateway that Gravity makes for the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub gateway_class_name: Option<String>,
    /// GatewayAPI: the Gateway that the routes belong to, where somebody else makes it; the
    /// one of the app's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<ParentReference>")]
    pub parent_ref: Option<ParentReference>,
    /// The account of the gateway's pods, by which a service mesh knows them; that of its own
    /// instructions when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<AccountReference>")]
    pub service_account: Option<AccountReference>,
    /// What is done with the requests to every service, where the service says nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Traffic>")]
    pub traffic: Option<Traffic>,
    /// Who may come in to every service, where the service says nothing else; everybody when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Authentication>")]
    pub authentication: Option<Authentication>,
    /// Traefik: the Redis in which its replicas count together, so that a limit is one limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<DatabaseReference>")]
    pub rate_limit_store: Option<DatabaseReference>,
    /// The path that sums up how the app's services are, as /health; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::path")]
    pub health_path: Option<String>,
}

/// A ServiceAccount.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountReference {
    /// Its namespace.
    #[schemars(schema_with = "schema::namespace_name")]
    pub namespace: String,
    /// Its name.
    #[schemars(schema_with = "schema::object_name")]
    pub name: String,
}

/// Which kind of route is made.
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
pub enum GatewayClass {
    /// Traefik's IngressRoute.
    Traefik,
    /// The Ingress of `networking.k8s.io/v1`.
    Ingress,
    /// Gateway API's HTTPRoute.
    GatewayAPI,
    /// No way in from outside.
    None,
}

/// The certificate of the app's host.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("has(self.secretName) || has(self.issuer)", "name the Secret of a certificate (secretName), or who issues one (issuer)"))]
pub struct Tls {
    /// A Secret of type kubernetes.io/tls in the app's namespace. With an issuer it is the one
    /// that the certificate is written to, `<app>-tls` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub secret_name: Option<String>,
    /// Who issues the certificate, by cert-manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Issuer>")]
    pub issuer: Option<Issuer>,
    /// Whether a request without TLS is sent to https; true when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub redirect: Option<bool>,
}

/// An issuer of cert-manager.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Issuer {
    /// The issuer's name.
    #[schemars(schema_with = "schema::required_object_name")]
    pub name: String,
    /// Issuer (of the app's namespace) or ClusterIssuer; ClusterIssuer when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::issuer_kind")]
    pub kind: Option<IssuerKind>,
}

/// Where an issuer of cert-manager is.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerKind {
    /// Of the app's namespace.
    Issuer,
    /// Of the cluster.
    ClusterIssuer,
}

/// A Gateway that somebody else makes, as Gateway API names a parent.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParentReference {
    /// The Gateway's name.
    #[schemars(schema_with = "schema::required_object_name")]
    pub name: String,
    /// Its namespace; the app's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub namespace: Option<String>,
    /// The listener, by its name; every one that fits when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub section_name: Option<String>,
}
