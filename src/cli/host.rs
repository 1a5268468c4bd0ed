//! The host that an argument names.

use crate::validate::host;

/// Takes a name that a gateway can answer for.
pub fn parse(name: &str) -> Result<String, String> {
    host(name).map(|()| name.to_owned())
}
