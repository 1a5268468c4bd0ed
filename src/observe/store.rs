//! What the watches have shown, and what our own writes have answered, by app.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use tokio::sync::mpsc::UnboundedSender;

use super::app_state::{AppState, Seen};
use super::places::Places;
use super::{Answer, Failure, Found, Live, Observed, Write};
use crate::api::GravityApp;
use crate::api::objects::{Kind, ObjectKey};
use crate::plan::Named;

/// Names an app.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppKey {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl AppKey {
    /// Names this app.
    pub fn of(app: &GravityApp) -> Self {
        Self {
            namespace: app.namespace().unwrap_or_default(),
            name: app.name_any(),
        }
    }
}

/// All that is known of all apps. Cheap to share; each method takes the lock for as long
/// as it takes to change a map.
pub struct Store {
    state: Mutex<State>,
    wakes: UnboundedSender<AppKey>,
}

#[derive(Default)]
struct State {
    apps: BTreeMap<AppKey, AppState>,
    /// To which app an object belonged when it was last seen.
    homes: BTreeMap<ObjectKey, AppKey>,
    missing_kinds: BTreeSet<Kind>,
    /// The watches whose first list has not ended.
    unfilled: BTreeSet<WatchId>,
    /// The namespaces whose GravityServices have not been listed; `None` for all of them.
    unlisted: BTreeSet<Option<String>>,
    /// The namespaces whose GravityServices every app may use.
    catalogues: BTreeSet<String>,
    /// The kinds of which it is not known yet whether the cluster has them.
    undefined: BTreeSet<Kind>,
    places: Places,
    /// What the list that is under way has shown so far.
    relisting: BTreeMap<WatchId, BTreeSet<ObjectKey>>,
}

/// A watch: a kind in one namespace, or in all of them.
pub(super) type WatchId = (Kind, Option<String>);

impl Store {
    /// An empty store that tells `wakes` which app has changed.
    pub fn new(wakes: UnboundedSender<AppKey>) -> Self {
        Self {
            state: Mutex::default(),
            wakes,
        }
    }

    /// A snapshot of one app; `None` until every watch has shown its first list, for what
    /// is not known yet would look as if it were gone.
    pub fn observed(&self, app: &AppKey, now: Timestamp) -> Option<Observed> {
        let mut state = self.lock();
        if !state.is_filled() {
            // Known by name, the app is woken when the lists are there.
            state.apps.entry(app.clone()).or_default();
            return None;
        }
        let missing_kinds = state.missing_kinds.iter().copied().collect();
        let app = state.apps.entry(app.clone()).or_default();
        Some(app.snapshot(missing_kinds, now))
    }

    /// Whether every watch has shown its first list.
    pub fn is_filled(&self) -> bool {
        self.lock().is_filled()
    }

    /// How many objects are held, for the metrics.
    pub fn len(&self) -> usize {
        self.lock().homes.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets what is only of use while the app is there. What is still live of it is
    /// kept until the watches show that it is gone.
    pub fn forget(&self, app: &AppKey) {
        let mut state = self.lock();
        state.places.forget(app);
        let Some(known) = state.apps.remove(app) else {
            return;
        };
        if !known.live.is_empty() || !known.pods.is_empty() {
            let AppState {
                live, pods, users, ..
            } = known;
            let kept = AppState {
                live,
                pods,
                users,
                ..AppState::default()
            };
            state.apps.insert(app.clone(), kept);
        }
    }

    /// Marks an object as being written. False if it is already.
    pub fn begin_write(&self, app: &AppKey, key: &ObjectKey) -> bool {
        let mut state = self.lock();
        let writes = &mut state.apps.entry(app.clone()).or_default().writes;
        let before = match writes.get(key) {
            Some(Write::InFlight { .. }) => return false,
            Some(Write::Failed(failure)) => Some(failure.clone()),
            _ => None,
        };
        writes.insert(key.clone(), Write::InFlight { gone: None, before });
        true
    }

    /// Takes the answer to a write.
    pub fn acknowledge(&self, app: &AppKey, key: &ObjectKey, answer: Answer) {
        let Answer {
            resource_version,
            changed,
            at,
        } = answer;
        self.change(app, |state| {
            match changed {
                Some(changed) => drop(state.changed_by_webhook.insert(key.clone(), changed)),
                None => drop(state.changed_by_webhook.remove(key)),
            }
            let gone = match state.writes.remove(key) {
                Some(Write::InFlight { gone, .. }) => gone,
                _ => None,
            };
            state.found.remove(key);
            let live = state.live.get(key).map(|live| live.resource_version);
            let shown = live.or(gone).is_some_and(|shown| shown >= resource_version);
            if !shown {
                state.writes.insert(
                    key.clone(),
                    Write::Acknowledged {
                        resource_version,
                        at,
                    },
                );
            }
        });
    }

    /// Takes the answer to a deletion. The object that had this uid, if one did, is gone, or
    /// will be when its finalizers are. The watch shows that a moment later, and in that
    /// moment nobody must ask for it again.
    pub fn acknowledge_deletion(&self, app: &AppKey, key: &ObjectKey, uid: Option<&str>) {
        self.change(app, |state| {
            state.writes.remove(key);
            if let Some(live) = state.live.get(key).filter(|live| Some(&*live.uid) == uid) {
                let mut going = Live::clone(live);
                going.deleting = true;
                state.live.insert(key.clone(), Arc::new(going));
            }
        });
    }

    /// Takes the server's refusal of a write.
    pub fn fail(&self, app: &AppKey, key: &ObjectKey, failure: Failure) {
        self.change(app, |state| {
            state.writes.insert(key.clone(), Write::Failed(failure));
        });
    }

    /// How often in a row the write that is under way has failed before, with the same wanted.
    pub fn failures(&self, app: &AppKey, key: &ObjectKey, digest: &str) -> u32 {
        let state = self.lock();
        let write = state.apps.get(app).and_then(|app| app.writes.get(key));
        let before = match write {
            Some(Write::InFlight { before, .. }) => before.as_ref(),
            _ => None,
        };
        let same = before.filter(|failure| failure.digest == digest);
        same.map_or(0, |failure| failure.attempts)
    }

    /// Marks a kind as being looked up. False if it is already.
    pub fn begin_look_up(&self, app: &AppKey, kind: Kind) -> bool {
        self.lock()
            .apps
            .entry(app.clone())
            .or_default()
            .looking
            .insert(kind)
    }

    /// Takes what a look-up found under the names that were asked for.
    pub fn end_look_up(&self, app: &AppKey, kind: Kind, found: BTreeMap<ObjectKey, Found>) {
        self.change(app, |state| {
            state.looking.remove(&kind);
            state.found.extend(found);
        });
    }

    /// Forgets what was found under a name: it is no longer so.
    pub fn look_again(&self, app: &AppKey, key: &ObjectKey) {
        self.change(app, |state| drop(state.found.remove(key)));
    }

    /// Takes what an object says that the app names.
    pub(super) fn named(&self, app: &AppKey, key: &ObjectKey, found: Named) {
        let same = |state: &State| {
            let known = state.apps.get(app).and_then(|app| app.named.get(key));
            known == Some(&found)
        };
        if !same(&self.lock()) {
            self.change(app, |state| drop(state.named.insert(key.clone(), found)));
        }
    }

    /// Forgets an object that the app names no more.
    pub(super) fn forget_named(&self, app: &AppKey, key: &ObjectKey) {
        if let Some(app) = self.lock().apps.get_mut(app) {
            app.named.remove(key);
        }
    }

    /// Takes note that the app's namespace is going away.
    pub fn terminating(&self, app: &AppKey) {
        self.change(app, |state| state.terminating = true);
    }

    /// Those of the places that are another app's, by place, with who has them. The app is
    /// woken when that changes.
    pub fn taken(&self, app: &AppKey, places: &BTreeSet<String>) -> BTreeMap<String, String> {
        self.lock().places.taken(app, places)
    }

    /// Wakes an app.
    pub fn wake(&self, app: AppKey) {
        // The receiver is gone only when the operator stops.
        let _ = self.wakes.send(app);
    }

    pub(super) fn expect(&self, watch: WatchId) {
        self.lock().unfilled.insert(watch);
    }

    /// Expects the GravityServices of these namespaces (`None`: of all) to be listed, of
    /// which every app may use those of the catalogues.
    pub fn expect_services(&self, scopes: &[Option<String>], catalogues: &[String]) {
        let mut state = self.lock();
        state.unlisted.extend(scopes.iter().cloned());
        state.catalogues.extend(catalogues.iter().cloned());
    }

    pub(super) fn services_listed(&self, scope: Option<&str>) {
        self.lock().unlisted.remove(&scope.map(str::to_owned));
        self.wake_all();
    }

    pub(super) fn services_changed(&self, namespace: &str) {
        let state = self.lock();
        let everybody = state.catalogues.contains(namespace);
        let of = |app: &&AppKey| everybody || app.namespace == namespace;
        let apps: Vec<AppKey> = state.apps.keys().filter(of).cloned().collect();
        drop(state);
        apps.into_iter().for_each(|app| self.wake(app));
    }

    pub(super) fn expect_definition(&self, kind: Kind) {
        self.lock().undefined.insert(kind);
    }

    /// Takes note whether the cluster has a kind. Without its definition all objects of
    /// the kind are gone.
    pub(super) fn definition_listed(&self, kind: Kind, there: bool) {
        let mut state = self.lock();
        state.undefined.remove(&kind);
        if there {
            state.missing_kinds.remove(&kind);
        } else {
            state.missing_kinds.insert(kind);
            state.unfilled.retain(|(unfilled, _)| *unfilled != kind);
        }
        let of_kind = |key: &&ObjectKey| key.kind == kind && !there;
        let gone: Vec<ObjectKey> = state.homes.keys().filter(of_kind).cloned().collect();
        drop(state);
        gone.iter().for_each(|key| self.deleted(key, u64::MAX));
        self.wake_all();
    }

    pub(super) fn begin_list(&self, watch: &WatchId) {
        self.lock().relisting.insert(watch.clone(), BTreeSet::new());
    }

    pub(super) fn end_list(&self, watch: &WatchId) {
        let mut state = self.lock();
        let listed = state.relisting.remove(watch).unwrap_or_default();
        let (kind, namespace) = watch;
        let of_watch = |key: &&ObjectKey| {
            key.kind == *kind
                && namespace
                    .as_ref()
                    .is_none_or(|scope| *scope == key.namespace)
        };
        let gone: Vec<ObjectKey> = state
            .homes
            .keys()
            .filter(of_watch)
            .filter(|key| !listed.contains(key))
            .cloned()
            .collect();
        state.unfilled.remove(watch);
        let filled = state.is_filled();
        drop(state);
        gone.iter().for_each(|key| self.deleted(key, u64::MAX));
        if filled {
            self.wake_all();
        }
    }

    pub(super) fn seen(&self, watch: &WatchId, key: ObjectKey, app: AppKey, seen: Seen) {
        let moved = {
            let mut state = self.lock();
            if let Some(listed) = state.relisting.get_mut(watch) {
                listed.insert(key.clone());
            }
            state
                .homes
                .insert(key.clone(), app.clone())
                .filter(|home| *home != app)
        };
        if let Some(home) = moved {
            self.change(&home, |state| state.remove(&key));
        }
        if let Seen::Object(live) = &seen {
            let woken = self.lock().places.show(&app, live);
            woken.into_iter().for_each(|other| self.wake(other));
        }
        let news = self
            .lock()
            .apps
            .entry(app.clone())
            .or_default()
            .insert(key, seen);
        if news {
            self.wake(app);
        }
    }

    pub(super) fn deleted(&self, key: &ObjectKey, resource_version: u64) {
        self.name_is_free(key);
        let woken = self.lock().places.gone(key);
        woken.into_iter().for_each(|other| self.wake(other));
        let home = self.lock().homes.remove(key);
        let Some(home) = home else { return };
        self.change(&home, |state| {
            state.remove(key);
            match state.writes.get_mut(key) {
                Some(Write::InFlight { gone, .. }) => *gone = Some(resource_version),
                _ => drop(state.writes.remove(key)),
            }
        });
    }

    /// An app whose planned name another app's object had looks at it anew.
    fn name_is_free(&self, key: &ObjectKey) {
        let refused = |app: &AppState| matches!(app.found.get(key), Some(Found::Stranger { .. }));
        let state = self.lock();
        let waiting = state.apps.iter().filter(|(_, app)| refused(app));
        let waiting: Vec<AppKey> = waiting.map(|(name, _)| name.clone()).collect();
        drop(state);
        for app in waiting {
            self.change(&app, |state| drop(state.found.remove(key)));
        }
    }

    fn wake_all(&self) {
        let apps: Vec<AppKey> = self.lock().apps.keys().cloned().collect();
        apps.into_iter().for_each(|app| self.wake(app));
    }

    fn change(&self, app: &AppKey, change: impl FnOnce(&mut AppState)) {
        change(self.lock().apps.entry(app.clone()).or_default());
        self.wake(app.clone());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held cannot leave a map half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_filled(&self) -> bool {
        self.unfilled.is_empty() && self.undefined.is_empty() && self.unlisted.is_empty()
    }
}

#[cfg(test)]
mod tests;
