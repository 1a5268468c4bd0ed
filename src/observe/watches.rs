//! The watches: one for each kind, of the objects that carry our label only. They fill
//! the [`Store`] and do nothing else.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, pin_mut};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ObjectMeta};
use kube::runtime::watcher;
use kube::{Api, Client, Resource, ResourceExt};
use serde::Deserialize;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::PodFacts;
use super::app_state::Seen;
use super::live::{Live, owner, version_number};
use super::resync::resynced;
use super::store::{AppKey, Store, WatchId};
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};

/// How long a kind's CustomResourceDefinition may take to be served after it was made.
const CRD_SETTLES: Duration = Duration::from_secs(1);

/// What is watched.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The namespaces; all of them when empty.
    pub namespaces: Vec<String>,
    /// How long until each watch lists anew.
    pub resync: Duration,
}

impl Scope {
    /// The scope of each watch that is needed: one for each namespace, or one for all.
    pub fn watches(&self) -> Vec<Option<String>> {
        if self.namespaces.is_empty() {
            vec![None]
        } else {
            self.namespaces.iter().cloned().map(Some).collect()
        }
    }
}

/// Starts all watches as tasks that end when `stop` is cancelled.
pub fn watch_all(
    client: &Client,
    store: &Arc<Store>,
    scope: &Scope,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    for kind in Kind::ALL {
        if kind.may_be_missing() {
            store.expect_definition(kind);
            let watch = while_defined(client.clone(), store.clone(), scope.clone(), kind);
            tasks.spawn(stop.clone().run_until_cancelled_owned(watch));
            continue;
        }
        for namespace in scope.watches() {
            let id = (kind, namespace);
            store.expect(id.clone());
            let watch = watch(client.clone(), store.clone(), id, scope.resync);
            tasks.spawn(stop.clone().run_until_cancelled_owned(watch));
        }
    }
}

/// The resource of a kind, for requests without its type.
pub fn resource(kind: Kind) -> ApiResource {
    let facts = kind.facts();
    let gvk = GroupVersionKind::gvk(facts.group, facts.version, facts.kind);
    ApiResource::from_gvk_with_plural(&gvk, facts.plural)
}

/// The API of a kind in one namespace, or in all of them.
pub fn api(client: &Client, kind: Kind, namespace: Option<&str>) -> Api<DynamicObject> {
    match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource(kind)),
        None => Api::all_with(client.clone(), &resource(kind)),
    }
}

/// Selects what Gravity has made.
pub fn label() -> String {
    format!("{}={}", names::MANAGED_BY_LABEL, names::FIELD_MANAGER)
}

async fn watch(client: Client, store: Arc<Store>, id: WatchId, resync: Duration) {
    let (kind, namespace) = &id;
    let config = watcher::Config::default().labels(&label());
    let events = resynced(api(&client, *kind, namespace.as_deref()), config, resync);
    pin_mut!(events);
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => take(&store, &id, event),
            Err(error) => tracing::warn!(%kind, %error, "a watch was interrupted and starts again"),
        }
    }
}

fn take(store: &Store, id: &WatchId, event: watcher::Event<DynamicObject>) {
    match event {
        watcher::Event::Init => store.begin_list(id),
        watcher::Event::InitDone => store.end_list(id),
        watcher::Event::InitApply(object) | watcher::Event::Apply(object) => {
            seen(store, id, object)
        }
        watcher::Event::Delete(object) => {
            if let Some(key) = key(id.0, &object) {
                store.deleted(&key, version_number(&object));
            }
        }
    }
}

fn seen(store: &Store, id: &WatchId, object: DynamicObject) {
    let (Some(key), Some(app)) = (key(id.0, &object), app(&object)) else {
        return;
    };
    let seen = if id.0 == Kind::Pod {
        PodFacts::new(&object).map(Seen::Pod)
    } else {
        Live::new(id.0, object).map(|live| Seen::Object(Box::new(live)))
    };
    if let Some(seen) = seen {
        store.seen(id, key, app, seen);
    }
}

fn key(kind: Kind, object: &DynamicObject) -> Option<ObjectKey> {
    let name = object.metadata.name.clone()?;
    Some(ObjectKey {
        kind,
        namespace: object.namespace()?,
        name,
    })
}

/// The app that an object belongs to: its owner, or by label where it has none (a pod).
pub(super) fn app(object: &DynamicObject) -> Option<AppKey> {
    let by_label = || object.labels().get(names::INSTANCE_LABEL).cloned();
    let name = owner(object).map(|owner| owner.name).or_else(by_label)?;
    Some(AppKey {
        namespace: object.namespace()?,
        name,
    })
}

/// Watches a kind for as long as its CustomResourceDefinition is there.
async fn while_defined(client: Client, store: Arc<Store>, scope: Scope, kind: Kind) {
    let facts = kind.facts();
    let name = format!("metadata.name={}.{}", facts.plural, facts.group);
    let definitions: Api<Definition> = Api::all(client.clone());
    let config = watcher::Config::default().fields(&name);
    let events = resynced(definitions, config, scope.resync);
    pin_mut!(events);
    let mut running: Option<DropGuard> = None;
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => {
                let event = served(kind, event);
                follow(&client, &store, &scope, kind, event, &mut running).await;
            }
            Err(error) => {
                tracing::warn!(%kind, %error, "cannot tell whether the cluster has this kind; it is taken as missing");
                store.definition_listed(kind, running.is_some());
            }
        }
    }
}

/// Of a definition, which versions of its kind there are.
#[derive(Resource, Deserialize, Clone, Debug)]
#[resource(inherit = CustomResourceDefinition)]
struct Definition {
    metadata: ObjectMeta,
    spec: Versions,
}

#[derive(Deserialize, Clone, Debug)]
struct Versions {
    versions: Vec<Version>,
}

#[derive(Deserialize, Clone, Debug)]
struct Version {
    name: String,
    served: bool,
}

impl Definition {
    /// Whether the version is served that Gravity writes: an older release may lack it.
    fn serves(&self, kind: Kind) -> bool {
        let mut versions = self.spec.versions.iter();
        versions.any(|version| version.served && version.name == kind.facts().version)
    }
}

/// A definition that lacks the version is as good as none.
fn served(kind: Kind, event: watcher::Event<Definition>) -> watcher::Event<Definition> {
    match event {
        watcher::Event::Apply(definition) if !definition.serves(kind) => {
            watcher::Event::Delete(definition)
        }
        watcher::Event::InitApply(definition) if !definition.serves(kind) => watcher::Event::Init,
        event => event,
    }
}

async fn follow(
    client: &Client,
    store: &Arc<Store>,
    scope: &Scope,
    kind: Kind,
    event: watcher::Event<Definition>,
    running: &mut Option<DropGuard>,
) {
    match event {
        watcher::Event::InitApply(_) if running.is_none() => {
            *running = Some(start(client, store, scope, kind));
        }
        watcher::Event::Apply(_) if running.is_none() => {
            tokio::time::sleep(CRD_SETTLES).await;
            *running = Some(start(client, store, scope, kind));
            store.definition_listed(kind, true);
        }
        watcher::Event::InitDone => store.definition_listed(kind, running.is_some()),
        watcher::Event::Delete(_) => {
            *running = None;
            store.definition_listed(kind, false);
        }
        _ => {}
    }
}

/// Starts the watches of a kind that is there; they end when the guard is dropped.
fn start(client: &Client, store: &Arc<Store>, scope: &Scope, kind: Kind) -> DropGuard {
    let stop = CancellationToken::new();
    for namespace in scope.watches() {
        let id = (kind, namespace);
        store.expect(id.clone());
        let watch = watch(client.clone(), store.clone(), id, scope.resync);
        tokio::spawn(stop.clone().run_until_cancelled_owned(watch));
    }
    stop.drop_guard()
}
