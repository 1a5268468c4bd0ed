//! What every reconcile needs, and what is known of each app.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kube::Client;
use kube::runtime::reflector::{self, ObjectRef};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::task::TaskTracker;

use super::events::Events;
use super::memory::Memory;
use super::operator::OperatorSettings;
use super::usage::Usage;
use crate::api::GravityApp;
use crate::apply::{Permission, Writer};
use crate::observe::{AppKey, NamedObjects, Services, Store};
use crate::telemetry::metrics::Metrics;

/// What every reconcile needs. Cheap to clone.
#[derive(Clone)]
pub(super) struct Context {
    pub client: Client,
    pub store: Arc<Store>,
    pub services: Arc<Services>,
    pub writer: Writer,
    pub events: Events,
    pub named: Arc<NamedObjects>,
    pub metrics: Arc<Metrics>,
    pub usage: Arc<Usage>,
    pub tasks: TaskTracker,
    /// The image of companions.
    pub image: Option<String>,
    permission: Arc<dyn Permission>,
    catalogues: Arc<Vec<String>>,
    memories: Arc<Mutex<BTreeMap<AppKey, Arc<Mutex<Memory>>>>>,
    apps: Arc<Mutex<Vec<reflector::Store<GravityApp>>>>,
}

impl Context {
    /// What is needed to begin.
    pub fn new(
        client: &Client,
        settings: &OperatorSettings,
        permission: Arc<dyn Permission>,
        metrics: Arc<Metrics>,
        wakes: UnboundedSender<AppKey>,
        tasks: &TaskTracker,
    ) -> Self {
        let store = Arc::new(Store::new(wakes));
        let writer = Writer::new(
            client.clone(),
            store.clone(),
            permission.clone(),
            metrics.clone(),
            tasks.clone(),
        );
        Self {
            client: client.clone(),
            named: Arc::new(NamedObjects::new(
                client.clone(),
                store.clone(),
                settings.resync,
            )),
            store,
            services: Arc::default(),
            writer,
            events: Events::start(client.clone(), permission.clone()),
            metrics,
            usage: Arc::default(),
            tasks: tasks.clone(),
            image: settings.image.clone(),
            permission,
            catalogues: Arc::new(settings.catalogues.clone()),
            memories: Arc::default(),
            apps: Arc::default(),
        }
    }

    /// What is kept of an app.
    pub fn memory(&self, app: &AppKey) -> Arc<Mutex<Memory>> {
        let mut memories = lock(&self.memories);
        memories.entry(app.clone()).or_default().clone()
    }

    /// Forgets an app that is gone.
    pub fn forget(&self, app: &AppKey) {
        lock(&self.memories).remove(app);
        self.named.follow(app, &BTreeSet::new());
        self.store.forget(app);
        self.usage.forget(app);
        self.metrics.forget_app(&app.namespace, &app.name);
    }

    /// Forgets the apps of a scope that are not there.
    pub fn forget_all_but(&self, namespace: Option<&str>, apps: &reflector::Store<GravityApp>) {
        let is_gone = |app: &AppKey| {
            let reference = ObjectRef::new(&app.name).within(&app.namespace);
            namespace.is_none_or(|it| it == app.namespace) && apps.get(&reference).is_none()
        };
        let known: Vec<AppKey> = lock(&self.memories).keys().cloned().collect();
        for app in known.iter().filter(|app| is_gone(app)) {
            self.forget(app);
        }
    }

    /// The namespaces from which an app's services may come: its own one first.
    pub fn namespaces(&self, own: &str) -> Vec<String> {
        let others = self.catalogues.iter().filter(|name| *name != own);
        std::iter::once(own.to_owned())
            .chain(others.cloned())
            .collect()
    }

    /// Whether this process may write now.
    pub fn may_write(&self) -> bool {
        self.permission.may_write()
    }

    /// Takes note of where the apps of a scope are to be read.
    pub fn reads(&self, apps: reflector::Store<GravityApp>) {
        lock(&self.apps).push(apps);
    }

    /// All apps that are watched.
    pub fn apps(&self) -> Vec<Arc<GravityApp>> {
        lock(&self.apps)
            .iter()
            .flat_map(reflector::Store::state)
            .collect()
    }
}

/// Takes a lock. A panic while it was held cannot leave what it guards half changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
