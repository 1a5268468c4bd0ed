//! What is kept of an app from one reconcile to the next. All of it can be lost: a restart
//! finds everything again in the cluster, and changes nothing.

use std::sync::Arc;
use std::time::Instant;

use super::planning::Inputs;
use crate::api::GravityAppStatus;
use crate::schedule::{Begun, Comparisons, Desired};
use crate::status::Problem;

/// What is kept of one app.
#[derive(Default)]
pub(super) struct Memory {
    /// The last plan, and what it was made from.
    pub planned: Option<(Inputs, Result<Arc<Desired>, Problem>)>,
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
}
