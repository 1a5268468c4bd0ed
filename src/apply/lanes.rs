//! How many requests are under way at once, so that nobody who waits for one thing stands
//! in line behind hundreds of others.

use tokio::sync::Semaphore;

use crate::plan::NodeKind;
use crate::schedule::Action;

/// Requests by what they are for. An app that starts asks for hundreds of objects at once;
/// those whose turn has come while the others are still being sent must not wait for them.
pub struct Lanes {
    /// What others wait for: servers, Jobs, services, their routes, and look-ups, without
    /// which nothing can begin. Enough to start everything that is free to start.
    turns: Semaphore,
    /// Credentials, which all come at once and before everything else.
    credentials: Semaphore,
    /// Wiring, which comes before its turn, and deletions: few enough to leave the API
    /// server room for the others.
    rest: Semaphore,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            turns: Semaphore::new(64),
            credentials: Semaphore::new(16),
            rest: Semaphore::new(8),
        }
    }
}

impl Lanes {
    /// The lane of an action.
    pub fn of(&self, action: &Action) -> &Semaphore {
        match action {
            Action::Apply { node, .. } | Action::Create { node, .. } => match node {
                NodeKind::Wiring => &self.rest,
                NodeKind::Credentials => &self.credentials,
                _ => &self.turns,
            },
            Action::Fill { .. } | Action::Rotate { .. } => &self.credentials,
            Action::LookUp { .. } => &self.turns,
            Action::Delete { .. } => &self.rest,
        }
    }
}
