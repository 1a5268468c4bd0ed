//! The service mesh of an app.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The service mesh that an app's services join.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mesh {
    /// Linkerd, 2.16 or newer.
    Linkerd,
    /// Istio with sidecars, 1.24 or newer.
    Istio,
    /// None.
    #[default]
    None,
}
