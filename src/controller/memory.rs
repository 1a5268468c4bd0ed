//! What is kept of an app from one reconcile to the next. All of it can be lost: a restart
//! finds everything again in the cluster, and changes nothing.

use std::time::Instant;

use super::planning::Planned;
use crate::api::GravityAppStatus;
use crate::schedule::{Begun, Comparisons};
use crate::telemetry::metrics::Outcome;

/// What is kept of one app.
#[derive(Default)]
pub(super) struct Memory {
    /// The app's uid: of another app of its name nothing is known.
    pub uid: Option<String>,
    /// The last versions and the last plan, with what they were made from.
    pub planned: Planned,
    /// What was compared before.
    pub comparisons: Comparisons,
    /// Since when nodes have been on their way.
    pub begun: Begun,
    /// The status that was last written, which the watch may not have shown yet.
    pub status: Option<GravityAppStatus>,
    /// When a status was last written.
    pub written: Option<Instant>,
    /// Whether a write of the app itself is under way.
    pub writing: bool,
    /// The resource version of the app below which the watch is known to be behind: that of
    /// our last write, or the next after one that was refused as too old.
    pub at_least: u64,
    /// How often in a row a write of the app itself failed.
    pub failures: u32,
}

impl Memory {
    /// Begins anew where it is of an app that was there before this one.
    pub fn be_of(&mut self, uid: Option<String>) {
        if self.uid != uid {
            *self = Self {
                uid,
                ..Self::default()
            };
        }
    }

    /// How the last reconcile left the app, for the metrics: as its status says.
    pub fn outcome(&self) -> Outcome {
        let is = |kind: &str| {
            let conditions = self.status.iter().flat_map(|status| &status.conditions);
            conditions
                .into_iter()
                .any(|found| found.type_ == kind && found.status == "True")
        };
        match () {
            () if is("Ready") => Outcome::Ready,
            () if is("Stalled") => Outcome::Stalled,
            () => Outcome::Progressing,
        }
    }
}
