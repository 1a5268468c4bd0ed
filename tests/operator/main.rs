//! The operator as a user meets it: on a real API server, under the rights of its chart.
//! One cluster and one operator serve all tests, each in a namespace of its own.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]
#![allow(clippy::panic, reason = "in a test a panic is the assertion")]

mod admission;
mod authors;
mod backup;
mod bad_input;
mod bring_up;
mod canaries;
mod changes;
mod cloudnativepg;
mod commands;
mod credentials;
mod deletion;
mod documents;
mod drift;
mod engines;
mod examples;
mod external;
mod gateway;
mod generated;
mod in_the_way;
mod mesh;
mod migrations;
mod network;
mod person;
mod pooler;
mod replicas;
mod secrets;
mod stopping;
mod storage;
mod support;
#[path = "../terminal/mod.rs"]
mod terminal;
mod wrong_input;
