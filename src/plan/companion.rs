//! The companions of an app's way in: processes of Gravity's own image that stand beside its
//! services.

use crate::api::names;
use crate::validate::{Access, ValidApp};

/// The port of a companion.
const PORT: i32 = 8_080;

/// The name of the companion that checks tokens and keys.
fn authenticator(app: &ValidApp) -> String {
    names::derived(&[&app.name, "authenticator"], names::LABEL_LIMIT)
}

/// Where a gateway asks whether a request may come in by that policy.
pub(super) fn check_url(app: &ValidApp, policy: &str) -> String {
    let name = authenticator(app);
    format!("http://{name}.{}.svc:{PORT}/check/{policy}", app.namespace)
}

/// The headers of a request that whoever checks is sent: those that it looks at, and no
/// password that is for somebody else. All of them when empty.
pub(super) fn asked_headers(access: &Access) -> Vec<String> {
    let token = |cookie: Option<&String>| match cookie {
        Some(_) => vec!["Cookie".to_owned()],
        None => vec!["Authorization".to_owned()],
    };
    match access {
        Access::Everybody | Access::Basic(_) | Access::Forward(_) => Vec::new(),
        Access::Jwt(jwt) => token(jwt.cookie.as_ref()),
        Access::TokenCheck(_) => token(None),
        Access::ApiKey(keys) => vec![keys.header.clone()],
    }
}
