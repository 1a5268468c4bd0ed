//! Gravity turns independent microservices into one running application on Kubernetes.
//!
//! The modules are the stations of the way of data, in this order; ARCHITECTURE.md tells
//! what goes in and comes out of each.

// What the tests share with the benchmarks names the crate from outside.
#[cfg(test)]
extern crate self as gravity;

pub mod api;
pub mod apply;
pub mod catalog;
pub mod cli;
pub mod companion;
pub mod controller;
pub mod detect;
pub mod engines;
pub mod generate;
pub mod manifest;
pub mod observe;
pub mod plan;
pub mod project;
pub mod repository;
pub mod resolve;
pub mod schedule;
pub mod status;
pub mod telemetry;
pub mod validate;
