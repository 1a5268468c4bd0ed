//! Our own writes, as part of what is observed: nothing is sent twice while an answer or
//! the watch that shows its effect is still on the way.

use k8s_openapi::jiff::{SignedDuration, Timestamp};

/// A write of one object that has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Sent, not answered. `gone` is the resource version at which the watch said, in the
    /// meantime, that the object is gone.
    InFlight {
        /// When the object went, if it did.
        gone: Option<u64>,
    },
    /// Answered; the watch has not shown this resource version yet.
    Acknowledged {
        /// The resource version of the answer.
        resource_version: u64,
        /// When the answer came.
        at: Timestamp,
    },
    /// The server did not take it.
    Failed(Failure),
}

/// An answer whose effect the watch has not shown after this time is taken as shown: the
/// next comparison then goes by what the watch has, and mends what is missing.
const WATCH_LAG: SignedDuration = SignedDuration::from_secs(30);

impl Write {
    /// After which moment the watch is believed though it has not shown the answer.
    pub fn overdue_at(&self) -> Option<Timestamp> {
        match self {
            Self::Acknowledged { at, .. } => at.saturating_add(WATCH_LAG).ok(),
            Self::InFlight { .. } | Self::Failed(_) => None,
        }
    }
}

/// A write that the server did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was sent: the digest of the planned object.
    pub digest: String,
    /// Whether it helps to try again soon.
    pub kind: FailureKind,
    /// How many times in a row.
    pub attempts: u32,
    /// Not before this moment again, unless something changes.
    pub retry_at: Timestamp,
    /// The server's own words.
    pub message: String,
}

/// Whether it helps to try again soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Conflict, timeout, too many requests, a fault of the server: it passes by itself.
    Transient,
    /// Forbidden, invalid, over a quota, refused by a webhook: somebody must act.
    Refused,
}

/// What stands under a planned name that the watches do not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the name is free.
    Nothing,
    /// This app's own object, whose labels somebody took away.
    Ours,
    /// It cannot be seen, in the server's own words.
    Hidden {
        /// The server's own words.
        message: String,
        /// When it was tried.
        at: Timestamp,
    },
    /// Somebody else's.
    Stranger {
        /// Whose, in words: `belongs to the GravityApp shop/blog`.
        whose: String,
        /// When it was seen.
        at: Timestamp,
    },
}

/// The fields of an object that came back from our own write other than we sent them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The digest of what was sent.
    pub digest: String,
    /// The fields' paths.
    pub paths: Vec<String>,
}

/// The server's answer to a write that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The resource version that the watch will show.
    pub resource_version: u64,
    /// What a webhook changed, if one did.
    pub changed: Option<Changed>,
    /// When the answer came.
    pub at: Timestamp,
}
