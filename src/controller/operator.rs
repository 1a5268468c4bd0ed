//! The operator as a whole: connect, become the leader, watch, reconcile, and stop in order.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use kube::runtime::controller::Config;
use kube::runtime::reflector::{self, ObjectRef};
use kube::runtime::{Controller, WatchStreamExt, watcher};
use kube::{Api, Client};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::context::Context;
use super::lease::{Leadership, LeaseError, LeaseSettings};
use super::usage;
use crate::api::GravityApp;
use crate::observe::{AppKey, Scope, Store, resynced, watch_all, watch_services};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::server::{Server, ServerError, health_routes, metrics_routes};

/// How many apps are reconciled at once: they compute and never wait, so a few are enough.
const APPS_AT_ONCE: u16 = 4;
/// How long a stop waits for the requests that are under way.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// How the operator runs.
#[derive(Clone, Debug)]
pub struct OperatorSettings {
    /// The namespaces that are watched; all of them when empty.
    pub namespaces: Vec<String>,
    /// How long until each watch lists anew.
    pub resync: Duration,
    /// The namespaces whose GravityServices every app may use.
    pub catalogues: Vec<String>,
    /// The image of the companions that apps ask for.
    pub image: Option<String>,
    /// Where `/metrics` is served.
    pub metrics_address: SocketAddr,
    /// Where `/healthz` and `/readyz` are served.
    pub health_address: SocketAddr,
    /// The Lease by which one of several operators is the leader; `None`: it is alone.
    pub lease: Option<LeaseSettings>,
}

/// Why the operator ended.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// There is no cluster to work on.
    #[error(
        "cannot connect to a cluster: {0}; set KUBECONFIG, or run in a pod with a service account"
    )]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The Lease could not be had.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// An address could not be served on.
    #[error(transparent)]
    Serve(#[from] ServerError),
    /// Another operator has become the leader.
    #[error("leadership was lost, so this process ends and starts again as a standby")]
    LeadershipLost,
    /// A controller has ended, and nobody had asked it to.
    #[error(
        "a controller ended by a mistake of ours, told above, so this process ends and starts anew"
    )]
    ControllerEnded,
}

/// Runs the operator until it is told to stop, or has lost its leadership.
///
/// # Errors
/// There is no cluster, an address is taken, or the leadership was lost.
pub async fn run(settings: OperatorSettings) -> Result<(), OperatorError> {
    let client = connect().await?;
    let metrics = Arc::new(Metrics::new(env!("CARGO_PKG_VERSION")));
    let stop = stop_on_signal();
    // Until it leads, and until the caches are filled, a standby is as ready as it can be.
    let store: Arc<OnceLock<Arc<Store>>> = Arc::default();
    let serving = serve(&settings, &metrics, &store, &stop).await?;
    let leadership = match lead(&client, &settings, &stop).await {
        Err(LeaseError::Stopped { .. }) => {
            serving.wait().await;
            return Ok(());
        }
        result => result?,
    };
    metrics.leader(true);
    tracing::info!("leading: the apps are watched from now on");
    let result = work(
        &client,
        &settings,
        leadership.clone(),
        metrics,
        &store,
        &stop,
    )
    .await;
    leadership.release().await;
    stop.cancel();
    serving.wait().await;
    result
}

/// Serves metrics and health. The addresses are taken before anything else is begun.
async fn serve(
    settings: &OperatorSettings,
    metrics: &Arc<Metrics>,
    store: &Arc<OnceLock<Arc<Store>>>,
    stop: &CancellationToken,
) -> Result<TaskTracker, OperatorError> {
    let store = store.clone();
    let ready = move || match store.get() {
        Some(store) if !store.is_filled() => Err("the first lists of the watches".to_owned()),
        _ => Ok(()),
    };
    let metrics_server = Server::bind(settings.metrics_address, "--metrics-address").await?;
    let health_server = Server::bind(settings.health_address, "--health-address").await?;
    let serving = TaskTracker::new();
    serving.spawn(metrics_server.serve(metrics_routes(metrics.clone()), stop.clone()));
    serving.spawn(health_server.serve(health_routes(Arc::new(ready)), stop.clone()));
    serving.close();
    Ok(serving)
}

async fn connect() -> Result<Client, OperatorError> {
    let connect = |error: Box<dyn std::error::Error + Send + Sync>| OperatorError::Connect(error);
    let mut config = kube::Config::infer()
        .await
        .map_err(|error| connect(Box::new(error)))?;
    // Each write has its own back-off, which status tells of; a hidden one would wait in it.
    config.default_retry = false;
    Client::try_from(config).map_err(|error| connect(Box::new(error)))
}

/// Cancelled on SIGTERM and on Ctrl-C. Where signals cannot be had, only a kill stops it.
fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let Ok(mut signals) = signal(kind) else {
            continue;
        };
        let stop = stop.clone();
        tokio::spawn(async move {
            signals.recv().await;
            tracing::info!("stopping");
            stop.cancel();
        });
    }
    stop
}

async fn lead(
    client: &Client,
    settings: &OperatorSettings,
    stop: &CancellationToken,
) -> Result<Arc<Leadership>, LeaseError> {
    match &settings.lease {
        None => Ok(Leadership::always()),
        Some(lease) => Leadership::acquire(client.clone(), lease.clone(), stop).await,
    }
}

/// Watches and reconciles until told to stop, then lets what was sent come to its end.
async fn work(
    client: &Client,
    settings: &OperatorSettings,
    leadership: Arc<Leadership>,
    metrics: Arc<Metrics>,
    observed: &OnceLock<Arc<Store>>,
    stop: &CancellationToken,
) -> Result<(), OperatorError> {
    let watching = CancellationToken::new();
    let tasks = TaskTracker::new();
    let (wakes, woken) = mpsc::unbounded_channel();
    let context = Context::new(client, settings, leadership.clone(), metrics, wakes, &tasks);
    observed.get_or_init(|| context.store.clone());
    let scope = Scope {
        namespaces: settings.namespaces.clone(),
        resync: settings.resync,
    };
    watch(&context, &scope, settings, &watching);
    let controllers = reconcile_all(&context, &scope, woken, &watching);
    let end = tokio::select! {
        () = stop.cancelled() => Ok(()),
        () = leadership.lost() => Err(OperatorError::LeadershipLost),
        // One that ends by a panic would leave its apps to nobody, while the process lives.
        () = watching.cancelled() => Err(OperatorError::ControllerEnded),
    };
    watching.cancel();
    tasks.close();
    let ended = async { tokio::join!(controllers.wait(), tasks.wait()) };
    if tokio::time::timeout(STOP_LIMIT, ended).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    end
}

/// Starts all watches but those of the apps.
fn watch(
    context: &Context,
    scope: &Scope,
    settings: &OperatorSettings,
    watching: &CancellationToken,
) {
    let Context {
        client,
        store,
        services,
        tasks,
        ..
    } = context;
    watch_all(client, store, scope, tasks, watching);
    let mut scopes = scope.watches();
    if scopes != [None] {
        let others = settings
            .catalogues
            .iter()
            .filter(|name| !settings.namespaces.contains(name));
        scopes.extend(others.cloned().map(Some));
    }
    store.expect_services(&scopes, &settings.catalogues);
    for namespace in scopes {
        let (services, store) = (services.clone(), store.clone());
        let watch = watch_services(client.clone(), services, store, namespace, scope.resync);
        tasks.spawn(watching.clone().run_until_cancelled_owned(watch));
    }
    let usage = usage::keep(context.clone());
    tasks.spawn(watching.clone().run_until_cancelled_owned(usage));
}

/// Starts a controller for each scope, and hands each wake to the one that it concerns.
fn reconcile_all(
    context: &Context,
    scope: &Scope,
    mut woken: UnboundedReceiver<AppKey>,
    watching: &CancellationToken,
) -> TaskTracker {
    let controllers = TaskTracker::new();
    let mut inboxes = BTreeMap::new();
    for namespace in scope.watches() {
        let (inbox, wakes) = mpsc::unbounded_channel();
        inboxes.insert(namespace.clone(), inbox);
        controllers.spawn(reconcile_scope(
            context.clone(),
            namespace,
            scope.resync,
            wakes,
            watching.clone(),
        ));
    }
    controllers.spawn(watching.clone().run_until_cancelled_owned(async move {
        while let Some(app) = woken.recv().await {
            let inbox = inboxes
                .get(&None)
                .or_else(|| inboxes.get(&Some(app.namespace.clone())));
            let reference = ObjectRef::new(&app.name).within(&app.namespace);
            // A controller that has ended takes no more wakes.
            let _ = inbox.map(|inbox| inbox.send(reference));
        }
    }));
    controllers.close();
    controllers
}

async fn reconcile_scope(
    context: Context,
    namespace: Option<String>,
    resync: Duration,
    wakes: UnboundedReceiver<ObjectRef<GravityApp>>,
    watching: CancellationToken,
) {
    let _ends_the_others = watching.clone().drop_guard();
    let api: Api<GravityApp> = match &namespace {
        Some(namespace) => Api::namespaced(context.client.clone(), namespace),
        None => Api::all(context.client.clone()),
    };
    let (reader, writer) = reflector::store();
    context.reads(reader.clone());
    let apps = resynced(api, watcher::Config::default(), resync);
    let reflected = apps.reflect(writer);
    let (known, forgets) = (reader.clone(), context.clone());
    let noticed = reflected.inspect_ok(move |event| match event {
        watcher::Event::Delete(app) => forgets.forget(&AppKey::of(app)),
        // What went while nobody watched is not in the list.
        watcher::Event::InitDone => forgets.forget_all_but(namespace.as_deref(), &known),
        _ => {}
    });
    let changed = noticed.touched_objects();
    Controller::for_stream(changed, reader)
        .with_config(Config::default().concurrency(APPS_AT_ONCE))
        .reconcile_on(UnboundedReceiverStream::new(wakes))
        .graceful_shutdown_on(watching.cancelled_owned())
        .run(
            super::reconcile,
            |_, error, _| match *error {},
            Arc::new(context),
        )
        .for_each(|_| std::future::ready(()))
        .await;
}
