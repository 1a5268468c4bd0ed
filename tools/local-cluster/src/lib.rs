//! Starts real Kubernetes control planes on this machine, for tests, the demo and the
//! benchmark: etcd, API server, controllers and scheduler as they are in production,
//! and a node that KWOK simulates, so that pods become ready without being run. With
//! [`Node::Real`] the node is this machine, and pods run.
//!
//! ```no_run
//! # async fn example() -> Result<(), local_cluster::Error> {
//! let cluster = local_cluster::LocalCluster::start(Default::default()).await?;
//! let client = cluster.client().await?;
//! // …
//! cluster.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! How a pod fares is told by annotations on it:
//!
//! | annotation | meaning |
//! |---|---|
//! | [`READY`] = `"false"` | runs, but is not ready; a Job's pod never completes. It may be set and removed later |
//! | [`READY_AFTER`] = `"5s"` | becomes ready, or completes, so long after its start |
//! | [`FAIL`] = `"true"` | crashes again and again, or has failed where `restartPolicy` is `Never` |
//! | [`MESSAGE`] = `"…"` | the last words of the container that fails |
//!
//! With [`GIVEN_KUBECONFIG`] in the environment no cluster is started, and the one that
//! it names is used: a cluster of `local-cluster up`, kind, or any other.

mod attach;
mod certificates;
mod cluster;
mod crds;
mod credentials;
mod error;
mod folder;
mod helm;
mod node;
mod operator;
mod options;
mod ports;
mod process;
mod programs;
mod real;
mod service_account;
mod stages;
mod start;
mod tools;
mod volumes;

pub use cluster::LocalCluster;
pub use error::Error;
pub use operator::{Operator, OperatorOptions};
pub use options::{Node, Options, Readiness};
pub use tools::{compose_program, cyclonus_program, helm_program, registry_program};

/// The environment variable with the path of a kubeconfig to use instead of a new cluster.
pub const GIVEN_KUBECONFIG: &str = "GRAVITY_TEST_KUBECONFIG";

/// On a pod: with `"false"` it is never ready.
pub const READY: &str = "local-cluster.gravity.dev/ready";

/// On a pod: how long after its start it is ready, as `"5s"`; wins over [`Readiness`].
pub const READY_AFTER: &str = "local-cluster.gravity.dev/ready-after";

/// On a pod: with `"true"` its containers fail.
pub const FAIL: &str = "local-cluster.gravity.dev/fail";

/// On a pod that fails: what its containers say at their end.
pub const MESSAGE: &str = "local-cluster.gravity.dev/message";
