//! The chart's admission policies, on a real API server: what a rule refuses, in which words,
//! and that nothing gets around it.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]
#![allow(clippy::panic, reason = "in a test a panic is the assertion")]

mod ceilings;
mod images;
mod kinds;
mod namespaces;
mod workloads;

#[path = "../operator/support/mod.rs"]
mod support;

use std::sync::Arc;

use local_cluster::Options;
use support::{Space, Suite};
use tokio::sync::OnceCell;

const VALUES: [&str; 11] = [
    "catalogNamespaces={catalogue}",
    "admissionPolicy.rules[0].name=strict",
    "admissionPolicy.rules[0].namespaceSelector.matchLabels.walls=strict",
    "admissionPolicy.rules[0].allowedRegistries={registry.example.com/shop,docker.io/library}",
    "admissionPolicy.rules[0].maxReplicas=3",
    "admissionPolicy.rules[0].cpu=1",
    "admissionPolicy.rules[0].memory=1Gi",
    "admissionPolicy.rules[0].storage=10Gi",
    "admissionPolicy.rules[0].podSecurity=restricted",
    "admissionPolicy.rules[1].name=pinned",
    "admissionPolicy.rules[1].namespaceSelector.matchLabels.walls=pinned",
];
const PINNED: [&str; 2] = [
    "admissionPolicy.rules[1].requireDigests=true",
    "admissionPolicy.rules[1].forbid={podTemplate,envFrom,service.type}",
];
const DIGEST: &str = "@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// One cluster whose chart has two rules.
async fn suite() -> Arc<Suite> {
    static SUITE: OnceCell<Arc<Suite>> = OnceCell::const_new();
    let start = async || {
        let options = Options {
            cloudnativepg_crds: true,
            ..Options::default()
        };
        let values = [VALUES.as_slice(), PINNED.as_slice()].concat();
        Suite::start_with(options, &values, &["catalogue"]).await
    };
    SUITE.get_or_init(start).await.clone()
}

/// A namespace under a rule, once the API server goes by it.
async fn under(rule: &str, name: &str) -> Space {
    let space = Space::on(suite().await, name).await;
    let label = format!("walls={rule}");
    space.suite.kubectl(&["label", "namespace", name, &label]);
    space
        .until("the rule acts", async || {
            let refused = space
                .service("name: trial\nversion: 1.0.0\nimage: elsewhere.example.com/trial:1")
                .await
                .is_err();
            if !refused {
                space.delete("GravityService", "trial-1.0.0").await;
            }
            refused
        })
        .await;
    space
}

/// What a policy says of an object, without the API server's own words before it.
fn told<T>(answer: Result<T, String>) -> String {
    let Err(told) = answer else {
        return "taken".to_owned();
    };
    let words = told.split_once(" denied request: ");
    words.map_or(told.clone(), |(_, words)| words.to_owned())
}
