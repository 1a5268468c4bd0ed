//! Events: told one after the other by a task of their own, for nobody waits for them.

use std::sync::Arc;

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::api::names;
use crate::apply::Permission;
use crate::status::Note;

/// So many events may wait to be told; more than that are dropped, for an event is no
/// record to rely on.
const WAITING: usize = 1_000;

/// Where events are handed in. Cheap to clone.
#[derive(Clone)]
pub(super) struct Events {
    inbox: Sender<(ObjectReference, Note)>,
}

impl Events {
    /// Starts the task that tells the events; it ends when the last handle is dropped.
    pub fn start(client: Client, permission: Arc<dyn Permission>) -> Self {
        let (inbox, outbox) = mpsc::channel(WAITING);
        tokio::spawn(tell_all(client, permission, outbox));
        Self { inbox }
    }

    /// Hands in an event about an object.
    pub fn tell(&self, about: ObjectReference, note: Note) {
        if self.inbox.try_send((about, note)).is_err() {
            tracing::debug!("an event was dropped");
        }
    }
}

async fn tell_all(
    client: Client,
    permission: Arc<dyn Permission>,
    mut outbox: Receiver<(ObjectReference, Note)>,
) {
    let recorder = Recorder::new(
        client,
        Reporter {
            controller: "gravity".to_owned(),
            instance: None,
        },
    );
    while let Some((about, note)) = outbox.recv().await {
        if !permission.may_write() {
            continue;
        }
        if let Err(error) = recorder.publish(&event(note), &about).await {
            tracing::debug!(%error, "an event was not taken");
        }
    }
}

fn event(note: Note) -> Event {
    let type_ = if note.warning {
        EventType::Warning
    } else {
        EventType::Normal
    };
    // The recorder takes two events for one if all but their notes are the same, and
    // keeps the first one's note; so the action tells two notes apart.
    let action = format!(
        "{}-{}",
        note.reason,
        names::digest8(note.message.as_bytes())
    );
    Event {
        type_,
        action,
        reason: note.reason,
        note: Some(note.message.chars().take(1_000).collect()),
        secondary: None,
    }
}
