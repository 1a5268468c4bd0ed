//! What must be broken to be tried: the operator's process, its rights, its Lease, the
//! definitions it watches. Each test has a cluster and an operator of its own.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]
#![allow(clippy::panic, reason = "in a test a panic is the assertion")]

mod definitions;
mod deletions;
mod every_write;
mod leaders;
mod proxy;
mod restarts;
mod rights;
mod rotation;
mod server;
#[path = "../operator/support/mod.rs"]
mod support;
mod watches;
mod world;
