//! Who may come in, and how a gateway knows it.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;

/// Who may come in: one of the kinds, and what that kind needs.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(
    validation = ("has(self.jwt) == (self.type == 'JWT')", "jwt says how type: JWT is checked: write both, or neither"),
    validation = ("has(self.tokenCheck) == (self.type == 'TokenCheck')", "tokenCheck says whom type: TokenCheck asks: write both, or neither"),
    validation = ("has(self.forward) == (self.type == 'Forward')", "forward says whom type: Forward asks: write both, or neither"),
    validation = ("has(self.basic) == (self.type == 'Basic')", "basic names the users of type: Basic: write both, or neither"),
    validation = ("has(self.apiKey) == (self.type == 'APIKey')", "apiKey names the keys of type: APIKey: write both, or neither")
)]
pub struct Authentication {
    /// None lets everybody in.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::authentication_type")]
    pub type_: AuthenticationType,
    /// A token that can be checked by its signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Jwt>")]
    pub jwt: Option<Jwt>,
    /// A token that a service of the app is asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<TokenCheck>")]
    pub token_check: Option<TokenCheck>,
    /// A service of the app that sees the headers of each request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Forward>")]
    pub forward: Option<Forward>,
    /// A name and a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Basic>")]
    pub basic: Option<Basic>,
    /// A key in a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<ApiKey>")]
    pub api_key: Option<ApiKey>,
}

/// How a gateway knows who comes in.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationType {
    /// By nothing: everybody may come in.
    None,
    /// By a signed token (RFC 7519).
    JWT,
    /// By a token that a service of the app is asked about, with the token in a JSON body.
    TokenCheck,
    /// By a service of the app, which is sent the headers of each request.
    Forward,
    /// By a name and a password (RFC 7617).
    Basic,
    /// By a key in a header.
    APIKey,
}

/// How a signed token is checked.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = ("has(self.jwksUri) != has(self.keySecret)", "say where the key is: jwksUri, or keySecret, and not both"))]
pub struct Jwt {
    /// Where the public keys are (RFC 7517), as `https://id.example.com/.well-known/jwks.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::url")]
    pub jwks_uri: Option<String>,
    /// The Secret that has the key under `key`: a public key in PEM, or a shared secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::object_name")]
    pub key_secret: Option<String>,
    /// The signatures that are accepted; RS256 and ES256 when absent. A shared secret needs
    /// HS256, HS384 or HS512 here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::algorithms")]
    pub algorithms: Vec<Algorithm>,
    /// Who must have issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<253>")]
    pub issuer: Option<String>,
    /// For whom it must be: one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::audiences")]
    pub audiences: Vec<String>,
    /// Which header a claim becomes, by the claim's name, as `sub: X-User-ID`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::header_names_by_claim")]
    pub claims_to_headers: BTreeMap<String, String>,
    /// Claims that must have one of these values, by the claim's name, as `role: [admin]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::required_claims")]
    pub required_claims: BTreeMap<String, Vec<String>>,
    /// Where tokens are that were revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional::<Blacklist>")]
    pub blacklist: Option<Blacklist>,
    /// The cookie that has the token; the header Authorization when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::cookie_name")]
    pub cookie: Option<String>,
}

/// A signature of RFC 7518.
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[allow(missing_docs, reason = "each is the algorithm of that name")]
pub enum Algorithm {
    HS256,
    HS384,
    HS512,
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

/// A Redis that has a key for each token that was revoked.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Blacklist {
    /// The service of the app that owns the Redis.
    #[schemars(schema_with = "schema::service_name")]
    pub service: String,
    /// The Redis, as the service's manifest names it.
    #[schemars(schema_with = "schema::database_name")]
    pub database: String,
    /// The key of a revoked token, as `blacklist:{jti}`, which it is when absent. `{jti}` and
    /// `{sub}` are claims; `{sha256}` is the digest of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::text::<200>")]
    pub key: Option<String>,
}

/// A database of a service of the app.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseReference {
    /// The service that owns it.
    #[schemars(schema_with = "schema::service_name")]
    pub service: String,
    /// The database, as the service's manifest names it.
    #[schemars(schema_with = "schema::database_name")]
    pub database: String,
}

/// A service of the app that says whether a token is good, with the token in a JSON body.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenCheck {
    /// The service.
    #[schemars(schema_with = "schema::service_name")]
    pub service: String,
    /// The path that is posted to; /validate-token when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::path")]
    pub path: Option<String>,
    /// The field of the body that has the token; token when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::claim_name")]
    pub token_field: Option<String>,
    /// The field of the answer that must be true; where absent, a status of 200 says enough,
    /// unless valid or active is there and is not true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::claim_name")]
    pub valid_field: Option<String>,
    /// Which header a field of the answer becomes, by the field's name, as `user_id: X-User-ID`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "schema::header_names_by_claim")]
    pub fields_to_headers: BTreeMap<String, String>,
}

/// A service of the app that is sent the headers of each request, and lets it in by 2xx.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Forward {
    /// The service.
    #[schemars(schema_with = "schema::service_name")]
    pub service: String,
    /// The path that is asked; / when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::path")]
    pub path: Option<String>,
    /// The headers of the answer that are handed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::header_names")]
    pub response_headers: Vec<String>,
}

/// Names and passwords.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Basic {
    /// The Secret that has them as htpasswd writes them: under `users` for Traefik, under
    /// `auth` for ingress-nginx.
    #[schemars(schema_with = "schema::required_object_name")]
    pub secret_name: String,
}

/// Keys of callers.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKey {
    /// The Secret that has a key under the name of each caller.
    #[schemars(schema_with = "schema::required_object_name")]
    pub secret_name: String,
    /// The header that has the key; X-API-Key when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::header_name")]
    pub header: Option<String>,
}
