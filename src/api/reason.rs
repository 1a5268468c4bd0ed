//! The reasons of conditions and events: one list, for people search for these words.
//! docs/reference/conditions.md tells what each means and what to do.

use std::fmt;

/// Makes the enum, and the list of all its words, from one table.
macro_rules! reasons {
    ($($word:ident)*) => {
        /// Why a condition is as it is, or what an event tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "docs/reference/conditions.md tells each")]
        pub enum Reason { $($word),* }

        impl Reason {
            /// All reasons, in the order in which they are documented.
            pub const ALL: &[Self] = &[$(Self::$word),*];
        }
    };
}

reasons! {
    // As wanted.
    Ready Stopped Resolved NothingWanted
    // On the way.
    Progressing Waiting CredentialsRotating Suspended Deleting
    // There is no plan.
    InvalidSpec DependencyMissing NoMatchingVersion VersionConflict ContractMismatch
    LockedVersionGone DependencyCycle ResolutionTooHard PlanFailed
    // A part of the plan cannot go on.
    OwnershipConflict Refused JobFailed RolloutFailed DeadlineExceeded CredentialsLost
    CredentialsInvalid StorageRefused ServerUnknown ValueMissing OperatorMissing DatabaseMoves
    NamespaceTerminating
    // Nothing stands still for it, but somebody should look.
    GatewayMissing RouteConflict RouteIncomplete RouteUnsupported BackupFailed
    // Events only.
    ServiceReady ServiceMigrating ServiceUpdating ServiceDegraded ServiceFailed ServiceStopped ServiceRemoved
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}
