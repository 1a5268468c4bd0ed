//! The built program, as a person runs it: whole outputs, exit codes, pipes, and a real
//! API server where a verb asks one.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]
mod bad_input;
mod cluster;
mod engines;
mod gateway;
mod live;
mod offline;
mod project;
mod registry;
mod repositories;
mod run;
mod start;
mod status;
#[path = "../terminal/mod.rs"]
mod terminal;
mod verbs;
