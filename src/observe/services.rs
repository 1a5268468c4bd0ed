//! The GravityServices: what versions are resolved from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{StreamExt, pin_mut};
use kube::runtime::watcher;
use kube::{Api, Client, ResourceExt};
use tokio::sync::Notify;

use super::resync::resynced;
use super::store::Store;
use crate::api::GravityService;

/// All GravityServices that are watched, by namespace. Each namespace counts its changes,
/// so that a plan is made anew only when what it was made from has changed.
#[derive(Default)]
pub struct Services {
    state: Mutex<BTreeMap<String, Namespace>>,
    changed: Notify,
}

#[derive(Default)]
struct Namespace {
    changes: u64,
    services: BTreeMap<String, Arc<GravityService>>,
}

impl Services {
    /// How often a namespace's GravityServices have changed.
    pub fn changes(&self, namespace: &str) -> u64 {
        self.lock()
            .get(namespace)
            .map_or(0, |namespace| namespace.changes)
    }

    /// Resolves when a GravityService has changed since the last call.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The GravityServices of a namespace, by name.
    pub fn of(&self, namespace: &str) -> Vec<Arc<GravityService>> {
        let state = self.lock();
        state
            .get(namespace)
            .into_iter()
            .flat_map(|found| found.services.values().cloned())
            .collect()
    }

    /// All GravityServices.
    pub fn all(&self) -> Vec<Arc<GravityService>> {
        let state = self.lock();
        state
            .values()
            .flat_map(|namespace| namespace.services.values().cloned())
            .collect()
    }

    /// Whether the spec is another than before: a written status is no change.
    fn insert(&self, service: GravityService) -> bool {
        let mut state = self.lock();
        let namespace = state
            .entry(service.namespace().unwrap_or_default())
            .or_default();
        let name = service.name_any();
        let same = |old: &Arc<GravityService>| {
            (old.uid(), old.metadata.generation) == (service.uid(), service.metadata.generation)
        };
        let changed = !namespace.services.get(&name).is_some_and(same);
        namespace.changes += u64::from(changed);
        namespace.services.insert(name, Arc::new(service));
        if changed {
            self.changed.notify_one();
        }
        changed
    }

    fn remove(&self, namespace: &str, name: &str) {
        if let Some(namespace) = self.lock().get_mut(namespace) {
            namespace.services.remove(name);
            namespace.changes += 1;
            self.changed.notify_one();
        }
    }

    fn retain(&self, scope: Option<&str>, listed: &[(String, String)]) {
        for (name, namespace) in self.lock().iter_mut() {
            if scope.is_some_and(|scope| scope != name) {
                continue;
            }
            let before = namespace.services.len();
            namespace.services.retain(|service, _| {
                listed
                    .iter()
                    .any(|(in_namespace, listed)| in_namespace == name && listed == service)
            });
            namespace.changes += u64::from(namespace.services.len() != before);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Namespace>> {
        // A panic while the lock was held cannot leave a map half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches the GravityServices of one namespace, or of all, for as long as it is polled.
pub async fn watch_services(
    client: Client,
    services: Arc<Services>,
    store: Arc<Store>,
    scope: Option<String>,
    resync: Duration,
) {
    let api: Api<GravityService> = match &scope {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    };
    let events = resynced(api, watcher::Config::default(), resync);
    pin_mut!(events);
    let mut listed = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => take(&services, &store, scope.as_deref(), event, &mut listed),
            Err(error) => {
                tracing::warn!(kind = "GravityService", %error, "a watch was interrupted and starts again");
            }
        }
    }
}

fn take(
    services: &Services,
    store: &Store,
    scope: Option<&str>,
    event: watcher::Event<GravityService>,
    listed: &mut Vec<(String, String)>,
) {
    match event {
        watcher::Event::Init => listed.clear(),
        watcher::Event::InitApply(service) => {
            listed.push((service.namespace().unwrap_or_default(), service.name_any()));
            services.insert(stripped(service));
        }
        watcher::Event::InitDone => {
            services.retain(scope, listed);
            store.services_listed(scope);
        }
        watcher::Event::Apply(service) => {
            let namespace = service.namespace().unwrap_or_default();
            if services.insert(stripped(service)) {
                store.services_changed(&namespace);
            }
        }
        watcher::Event::Delete(service) => {
            let namespace = service.namespace().unwrap_or_default();
            services.remove(&namespace, &service.name_any());
            store.services_changed(&namespace);
        }
    }
}

/// Managed fields are half of a small object, and nothing here reads them.
fn stripped(mut service: GravityService) -> GravityService {
    service.managed_fields_mut().clear();
    service
}
