//! What the tests of the operator stand on: a cluster with the real operator beside it,
//! a namespace for each test, waits with a limit, and the API server's audit log.
#![allow(
    dead_code,
    unused_imports,
    reason = "each test program uses a part of it"
)]

mod ages;
mod audit;
mod fixtures;
mod linkerd;
mod program;
mod space;
mod suite;
mod wait;

pub use ages::ageless;
pub use audit::{Request, forbidden, requests, used_rights};
pub use fixtures::{API_AND_WEB, API_BESIDE_WEB};
pub use linkerd::install_linkerd;
pub use program::{folder, gravity, rendered};
pub use space::{Space, condition};
pub use suite::{Suite, shared};
pub use wait::{LIMIT, eventually};
