//! What the tests on a real cluster stand on: the cluster, the operator, and `kubectl`.
//!
//! Without more, this machine is made a node (see `tools/README.md`), with the images that
//! `e2e/images` builds. With [`GIVEN_KUBECONFIG`] the same tests run on another cluster,
//! which fetches the official images.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "all of it is part of tests, where an unwrap is the assertion"
)]

mod bed;
mod desk;
mod feed;
mod gateway;
mod gravity;
mod http;
mod images;
mod kubectl;
mod load;
mod machine;
mod operator_image;
mod room;

pub use bed::{Bed, GIVEN_KUBECONFIG, tell};
pub use desk::Desk;
pub use gateway::{Reply, Request, Traefik};
pub use gravity::Gravity;
pub use http::{Answer, Way, curl, keys};
pub use images::{IMAGES, archives};
pub use kubectl::Kubectl;
pub use load::{Load, Sent, burst, lost};
pub use machine::{Machine, abandon_control_groups, descendants, kill_containers, program, runs};
pub use operator_image::{OPERATOR_IMAGE, operator_image};
pub use room::Room;
