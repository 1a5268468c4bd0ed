//! What a gateway does with the requests to a service. The same words stand for one path, for
//! a service and for a whole app; the nearest to the request wins, each field by itself.

use std::collections::BTreeMap;

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::schema::{self, IntOrText};

/// What a gateway does with requests.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Traffic {
    /// How long a service may take to begin its answer, as 5s or 2m; 5s when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub timeout: Option<String>,
    /// How often a request is sent again that cannot have reached a pod; 2 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::gateway_retries")]
    pub retries: Option<i32>,
    /// Headers that are set on the way in and on the way out; an empty text takes one away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Headers>")]
    pub headers: Option<Headers>,
    /// Which pages of other origins may call the service from a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Cors>")]
    pub cors: Option<Cors>,
    /// Whether answers are compressed for clients that ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub compression: Option<bool>,
    /// The largest body of a request, as 10Mi; the gateway then reads a body whole before it
    /// hands it on. No limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional_quantity")]
    pub max_body_size: Option<IntOrText>,
    /// How many requests may be under way at once in each replica of the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::positive")]
    pub max_in_flight: Option<i32>,
    /// The only addresses that may come in, as 10.0.0.0/8; all when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::networks")]
    pub allowed_networks: Vec<String>,
    /// How many requests one client may send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<RateLimit>")]
    pub rate_limit: Option<RateLimit>,
    /// When a service that fails is left alone for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<CircuitBreaker>")]
    pub circuit_breaker: Option<CircuitBreaker>,
    /// The cookie by which a client comes to the same pod again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<StickySession>")]
    pub sticky_session: Option<StickySession>,
    /// Traefik: Middlewares of the app's namespace, by name, that somebody else makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::object_names")]
    pub middlewares: Vec<String>,
}

/// Headers by name; an empty text takes the header away.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Headers {
    /// Of what a service is sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::headers")]
    pub request: BTreeMap<String, String>,
    /// Of what a client is answered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::headers")]
    pub response: BTreeMap<String, String>,
}

/// Cross-origin resource sharing, in the words of the Fetch standard.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("!has(self.allowCredentials) || !self.allowCredentials || !self.allowOrigins.exists(origin, origin == '*')", "allowCredentials goes with named origins only, for browsers refuse it with *: name the origins, or take allowCredentials out"))]
pub struct Cors {
    /// The origins, as `https://shop.example.com`, or `*`.
    #[schemars(schema_with = "schema::origins")]
    pub allow_origins: Vec<String>,
    /// The methods; GET, HEAD and POST when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::methods")]
    pub allow_methods: Vec<String>,
    /// The headers that a page may send.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::header_names")]
    pub allow_headers: Vec<String>,
    /// The headers that a page may read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::header_names")]
    pub expose_headers: Vec<String>,
    /// Whether a page may send cookies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::flag")]
    pub allow_credentials: Option<bool>,
    /// How long a browser may keep the answer, as 10m; 10m when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub max_age: Option<String>,
}

/// How many requests one client may send: `average` in each `period`, and `burst` at once.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimit {
    /// The requests of one period.
    #[schemars(schema_with = "schema::rate")]
    pub average: i32,
    /// The period, as 1s or 1m; 1s when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub period: Option<String>,
    /// How many may come at once; as many as the average when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::rate")]
    pub burst: Option<i32>,
    /// The header that names the client, as X-API-Key; the client's address when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::header_name")]
    pub header: Option<String>,
}

/// When a service that fails is left alone for a while, so that it can recover and its callers
/// are answered at once.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("has(self.failureRatio) || has(self.latency)", "say what opens the circuit: failureRatio, as 30%, or latency, as 1s"))]
pub struct CircuitBreaker {
    /// The share of requests that fail, by 5xx or without an answer, above which it opens, as 30%.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::percentage")]
    pub failure_ratio: Option<String>,
    /// The median time of an answer above which it opens, as 1s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::fine_duration")]
    pub latency: Option<String>,
    /// How long it stays open, and again how long until it takes all requests; 10s when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub recovery: Option<String>,
}

/// The cookie by which a client comes to the same pod again.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StickySession {
    /// The cookie's name; `<service>-session` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::cookie_name")]
    pub cookie: Option<String>,
}
