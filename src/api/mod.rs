//! What people write and read: the two custom resources, and the names that every
//! object of an app is known by.
//!
//! In: nothing. Out: the types of `gravity.dev/v1alpha1`. No client, no logic beyond names.

pub mod app;
pub mod authentication;
pub mod backup;
pub mod crds;
pub mod events;
pub mod files;
pub mod gateway;
pub mod health;
pub mod mesh;
pub mod names;
pub mod network;
pub mod objects;
pub mod pooler;
pub mod quantity;
pub mod reason;
pub mod routing;
pub mod runtime;
pub mod scaling;
mod schema;
pub mod secrets;
pub mod service;
pub mod traffic;

pub use app::{GravityApp, GravityAppSpec, GravityAppStatus};
pub use schema::IntOrText;
pub use service::{GravityService, GravityServiceSpec, GravityServiceStatus};
