//! The judge.

use std::fmt;
use std::process::Command;

use serde_json::{Value, json};

use crate::peers::Peer;

/// Whether a packet comes through.
pub struct Question {
    told: Value,
    names: (String, String),
    port: u16,
}

impl Question {
    /// From one to the other at a port of the latter.
    pub fn new(from: &Peer, to: &Peer, port: u16, protocol: &str) -> Self {
        Self {
            told: json!({
                "Source": from.told(),
                "Destination": to.told(),
                "ResolvedPort": port,
                "ResolvedPortName": "",
                "Protocol": protocol,
            }),
            names: (from.name.clone(), to.name.clone()),
            port,
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = &self.names;
        write!(formatter, "{from} to {to} at port {}", self.port)
    }
}

/// What cyclonus says of each question under these policies.
pub fn judge(policies: &[Value], questions: &[&Question]) -> Vec<bool> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path
    };
    let list = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicyList",
        "items": policies,
    });
    let traffic: Vec<&Value> = questions.iter().map(|question| &question.told).collect();
    let output = Command::new(local_cluster::cyclonus_program().unwrap())
        .args([
            "analyze",
            "--mode",
            "query-traffic",
            "--simplify-policies=false",
        ])
        .arg("--policy-path")
        .arg(write("policies.json", &list))
        .arg("--traffic-path")
        .arg(write("traffic.json", &json!(traffic)))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers = answers.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        (cells.get(1) == Some(&"IS ALLOWED?")).then(|| cells[2] == "TRUE")
    });
    answers.collect()
}
