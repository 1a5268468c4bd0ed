//! The real node: containerd, the kubelet and what belongs to them, on this machine.
//!
//! ```text
//!  this machine                        the node's namespaces (process, mount, network, …)
//!  etcd, API server, controllers       containerd ── pods
//!  our process ── pipe ── supervisor ── first process
//!  10.N.255.1 ──────── link ────────── 10.N.255.2: kubelet, kube-proxy, CoreDNS, metrics
//! ```
//!
//! Namespaces make it a unit: when their first process dies, the kernel ends all others in
//! them and takes down mounts, links, routes and packet filters. So nothing on the machine
//! has to be undone, but for the control groups and files that the supervisor removes (see
//! `node/supervise.sh`), which it does when our end of the pipe closes: also when we are
//! killed. Services and pods can be reached from the machine by their addresses.

mod configuration;
mod images;
mod machine;
mod metrics;
mod network;
mod programs;
mod require;
mod store;

use machine::Machine;
pub(crate) use metrics::register as register_metrics;
pub(crate) use network::Network;
pub(crate) use programs::{MadeOf, NAME, RealNode};
pub(crate) use require::check as check_requirements;

/// The groups of programs that only a real node needs.
pub(crate) const GROUPS: [&str; 3] = ["node", "coredns", "metrics-server"];
