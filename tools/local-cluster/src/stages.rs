//! What the simulated node does with pods, as stages of KWOK.
//!
//! The files in `stages/` are written so that of any two at most one matches a pod:
//! KWOK chooses among several by chance.

use std::path::PathBuf;

use crate::{Error, Readiness, folder::Folder};

const STAGES: [(&str, &str); 7] = [
    (
        "node-heartbeat",
        include_str!("../stages/node-heartbeat.yaml"),
    ),
    ("pod-start", include_str!("../stages/pod-start.yaml")),
    (
        "pod-become-ready",
        include_str!("../stages/pod-become-ready.yaml"),
    ),
    (
        "pod-become-unready",
        include_str!("../stages/pod-become-unready.yaml"),
    ),
    ("pod-complete", include_str!("../stages/pod-complete.yaml")),
    ("pod-fail", include_str!("../stages/pod-fail.yaml")),
    ("pod-delete", include_str!("../stages/pod-delete.yaml")),
];

/// Writes the stages for this readiness into the cluster's folder.
pub(crate) fn write(folder: &Folder, readiness: Readiness) -> Result<(), Error> {
    for (name, template) in STAGES {
        folder.write(&file(name), &fill(template, readiness))?;
    }
    Ok(())
}

/// Where [`write`] puts them.
pub(crate) fn files(folder: &Folder) -> Vec<PathBuf> {
    STAGES
        .iter()
        .map(|(name, _)| folder.path().join(file(name)))
        .collect()
}

fn file(name: &str) -> String {
    format!("stages/{name}.yaml")
}

fn fill(template: &str, readiness: Readiness) -> String {
    let (at_once, delay) = match readiness {
        Readiness::Instant => ("true", 0),
        Readiness::After(delay) => ("false", delay.as_millis()),
    };
    template
        .replace("READY_AT_ONCE", at_once)
        .replace("READY_AFTER_MILLISECONDS", &delay.to_string())
}
