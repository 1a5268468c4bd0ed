//! What is known of one app: what the watches have shown of it, and what has become of
//! our own writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::jiff::Timestamp;

use super::{Changed, Found, Live, Observed, PodFacts, PodUse, Shared, Write};
use crate::api::objects::{Kind, ObjectKey};
use crate::plan::Named;

/// What is known of one app.
#[derive(Default)]
pub(super) struct AppState {
    pub live: Shared<ObjectKey, Arc<Live>>,
    /// Those that are in trouble.
    pub pods: Shared<String, PodFacts>,
    /// Those that run with credentials.
    pub users: Shared<String, PodUse>,
    /// Those that were told to end, and run on until they have.
    pub leaving: BTreeSet<String>,
    /// Those that have not ended.
    pub running: BTreeSet<String>,
    /// Those of services among them.
    pub serving: BTreeSet<String>,
    pub writes: Shared<ObjectKey, Write>,
    pub found: Shared<ObjectKey, Found>,
    pub changed_by_webhook: Shared<ObjectKey, Changed>,
    /// What the objects say that the app names and does not make.
    pub named: BTreeMap<ObjectKey, Named>,
    pub looking: BTreeSet<Kind>,
    pub terminating: bool,
}

/// What a watch shows of an object.
pub(super) enum Seen {
    /// An object that is compared and applied.
    Object(Box<Live>),
    /// A pod.
    Pod(PodFacts),
}

impl AppState {
    /// A snapshot of the app. A write whose effect is overdue counts as shown.
    pub fn snapshot(&mut self, missing_kinds: Vec<Kind>, now: Timestamp) -> Observed {
        if self.writes.values().any(|write| overdue(write, now)) {
            self.writes.retain(|_, write| !overdue(write, now));
        }
        Observed {
            live: self.live.clone(),
            pods: self.pods.clone(),
            users: self.users.clone(),
            leaving: !self.leaving.is_empty(),
            running: !self.running.is_empty(),
            serving: !self.serving.is_empty(),
            writes: self.writes.clone(),
            found: self.found.clone(),
            changed_by_webhook: self.changed_by_webhook.clone(),
            named: self.named.clone(),
            looking: self.looking.iter().copied().collect(),
            missing_kinds,
            terminating: self.terminating,
            now,
        }
    }

    /// Takes what a watch shows. True if it says anything new.
    pub fn insert(&mut self, key: ObjectKey, seen: Seen) -> bool {
        match seen {
            Seen::Pod(pod) => {
                let ended = self.uses(&key.name, pod.uses.as_ref());
                let left = noted(&mut self.leaving, &key.name, pod.leaving);
                // Only the last of them is waited for.
                let ran = noted(&mut self.running, &key.name, pod.runs);
                let ran = ran && self.running.is_empty();
                let served = noted(&mut self.serving, &key.name, pod.serves);
                let served = served && self.serving.is_empty();
                let news = match self.pods.get(&key.name) {
                    Some(before) => *before != pod,
                    None => pod.trouble.is_some(),
                };
                match news {
                    true if pod.trouble.is_some() => drop(self.pods.insert(key.name, pod)),
                    true => drop(self.pods.remove(&key.name)),
                    false => {}
                }
                news | ended | left | ran | served
            }
            Seen::Object(live) => {
                let found = self.found.remove(&key).is_some();
                let settled = self.settle(&key, live.resource_version);
                let same = self
                    .live
                    .get(&key)
                    .is_some_and(|before| before.says_the_same(&live));
                self.live.insert(key, Arc::new(*live));
                found || settled || !same
            }
        }
    }

    /// Takes note of what a pod was started with. True if it uses that no longer: one that
    /// begins to is no news, for nobody waits for it.
    fn uses(&mut self, name: &str, uses: Option<&PodUse>) -> bool {
        match uses {
            None => self.users.remove(name).is_some(),
            Some(uses) => {
                if self.users.get(name) != Some(uses) {
                    self.users.insert(name.to_owned(), uses.clone());
                }
                false
            }
        }
    }

    pub fn remove(&mut self, key: &ObjectKey) {
        if key.kind == Kind::Pod {
            self.leaving.remove(&key.name);
            self.running.remove(&key.name);
            self.serving.remove(&key.name);
            self.pods.remove(&key.name);
            self.users.remove(&key.name);
        } else {
            self.live.remove(key);
        }
    }

    /// The watch has caught up with an answered write; a changed object also ends the wait
    /// after a refusal.
    fn settle(&mut self, key: &ObjectKey, shown: u64) -> bool {
        let settled = match self.writes.get(key) {
            Some(Write::Acknowledged {
                resource_version, ..
            }) => shown >= *resource_version,
            Some(Write::Failed(_)) => self
                .live
                .get(key)
                .is_some_and(|live| live.resource_version != shown),
            _ => false,
        };
        if settled {
            self.writes.remove(key);
        }
        settled
    }
}

/// Takes note of whether something holds of a pod. True if it did and does no longer, for that
/// is waited for.
fn noted(pods: &mut BTreeSet<String>, name: &str, holds: bool) -> bool {
    match holds {
        true => {
            pods.insert(name.to_owned());
            false
        }
        false => pods.remove(name),
    }
}

fn overdue(write: &Write, now: Timestamp) -> bool {
    write.overdue_at().is_some_and(|moment| moment <= now)
}
