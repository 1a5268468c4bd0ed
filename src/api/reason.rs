//! The reasons of conditions and events: one list, for people search for these words.

use std::fmt;

/// Why a condition is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "docs/reference tells each; the words speak")]
pub enum Reason {
    // As wanted.
    Ready,
    Resolved,
    NothingWanted,
    // On the way.
    Progressing,
    Waiting,
    Suspended,
    Deleting,
    Starting,
    // Somebody must act.
    InvalidSpec,
    ResolutionFailed,
    DependencyMissing,
    VersionMissing,
    VersionConflict,
    VersionGone,
    ContractConflict,
    DependencyCycle,
    CatalogueInvalid,
    PlanFailed,
    OwnershipConflict,
    Refused,
    Unreachable,
    DeadlineExceeded,
    JobFailed,
    RolloutFailed,
    CredentialsLost,
    NamespaceTerminating,
    ChangedByWebhook,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}
