//! Files → cluster: the services, then the application that asks for them.

use std::collections::BTreeSet;
use std::fmt::Debug;

use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{ApiResource, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::names::{PROJECT_LABEL, SCALE_MANAGER, START_MANAGER, STOP_MANAGER};
use crate::api::{GravityApp, GravityService};
use crate::cli::cluster::{Cluster, ClusterError, Verb};
use crate::cli::input::Application;
use crate::cli::running::rest::Rest;
use crate::cli::{Error, output};

/// How many writes are on the way at once.
const AT_ONCE: usize = 16;

/// What was applied.
pub struct Applied {
    /// The application, as the API server has it.
    pub app: GravityApp,
    services: usize,
    gone: Vec<String>,
    namespace_made: bool,
}

impl Applied {
    /// In a few lines.
    pub fn text(&self) -> String {
        let namespace = self.app.namespace().unwrap_or_default();
        let mut text = String::new();
        if self.namespace_made {
            text += &format!("Made the namespace {namespace}.\n");
        }
        for name in &self.gone {
            text += &format!("Took {name} out of the catalogue, for the files do not have it.\n");
        }
        let services = output::count(
            self.services,
            "version of a service",
            "versions of services",
        );
        text + &format!(
            "Applied {services} and the application {} to namespace {namespace}.",
            self.app.name_any()
        )
    }
}

/// Applies all of it. What is there already and as wanted stays untouched.
pub async fn apply(
    cluster: &Cluster,
    application: &Application,
    force: bool,
) -> Result<Applied, Error> {
    let Application { app, documents, .. } = application;
    let namespace = app.namespace().unwrap_or_default();
    let namespace_made = ensure_namespace(cluster, &namespace).await?;
    let services = documents.services.iter().map(async |service| {
        let service = labelled(service, app);
        let home = service.namespace().unwrap_or_else(|| namespace.clone());
        let api: Api<GravityService> = Api::namespaced(cluster.client.clone(), &home);
        send(cluster, &api, &service, force).await.map(drop)
    });
    let sent: Vec<()> = stream::iter(services)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let api: Api<GravityApp> = Api::namespaced(cluster.client.clone(), &namespace);
    let mut applied = send(cluster, &api, app, force).await?;
    if !Rest::of(&applied).is_nothing() {
        applied = Rest::default().apply(cluster, &applied).await?;
    }
    Ok(Applied {
        app: applied,
        services: sent.len(),
        gone: prune(cluster, application).await?,
        namespace_made,
    })
}

/// Applies an object. What `gravity scale` and `gravity stop` have changed is this tool's own, and the files have
/// the last word.
async fn send<K>(
    cluster: &Cluster,
    api: &Api<K>,
    object: &K,
    force: bool,
) -> Result<K, ClusterError>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize,
{
    let (name, of) = (object.name_any(), ApiResource::erase::<K>(&()));
    let patch = Patch::Apply(object);
    let params = PatchParams::apply(START_MANAGER);
    let forced = params.clone().force();
    if force {
        return cluster
            .ask(Verb::Patch, &of, || api.patch(&name, &forced, &patch))
            .await;
    }
    match cluster
        .ask(Verb::Patch, &of, || api.patch(&name, &params, &patch))
        .await
    {
        Err(ClusterError::Conflict { managers, .. })
            if managers
                .iter()
                .all(|manager| [SCALE_MANAGER, STOP_MANAGER].contains(&manager.as_str())) =>
        {
            cluster
                .ask(Verb::Patch, &of, || api.patch(&name, &forced, &patch))
                .await
        }
        Err(ClusterError::Conflict {
            message, managers, ..
        }) => Err(ClusterError::Conflict {
            name: format!("{} {name}", of.kind),
            message,
            managers,
        }),
        answer => answer,
    }
}

/// The service, marked as one of this project.
fn labelled(service: &GravityService, app: &GravityApp) -> GravityService {
    let mut service = service.clone();
    service.metadata.managed_fields = None;
    if service.namespace() == app.namespace() {
        let labels = service.labels_mut();
        labels.insert(PROJECT_LABEL.to_owned(), app.name_any());
    }
    service
}

/// Whether the namespace had to be made.
async fn ensure_namespace(cluster: &Cluster, name: &str) -> Result<bool, ClusterError> {
    let api: Api<Namespace> = Api::all(cluster.client.clone());
    let of = ApiResource::erase::<Namespace>(&());
    match cluster.ask(Verb::Get, &of, || api.get_opt(name)).await {
        Ok(Some(_)) => return Ok(false),
        // Who may not look may still have been given the namespace.
        Err(ClusterError::Forbidden { .. }) => return Ok(false),
        Ok(None) => {}
        Err(error) => return Err(error),
    }
    let mut namespace = Namespace::default();
    namespace.metadata.name = Some(name.to_owned());
    let params = PostParams::default();
    cluster
        .ask(Verb::Create, &of, || api.create(&params, &namespace))
        .await?;
    Ok(true)
}

/// Takes the services out of the catalogue that an earlier start has applied and that the
/// files no longer have: they could be chosen otherwise.
async fn prune(cluster: &Cluster, application: &Application) -> Result<Vec<String>, ClusterError> {
    let Application { app, documents, .. } = application;
    let namespace = app.namespace().unwrap_or_default();
    let wanted: BTreeSet<String> = documents
        .services
        .iter()
        .map(ResourceExt::name_any)
        .collect();
    let mut gone = of_project(cluster, &namespace, &app.name_any()).await?;
    gone.retain(|service| !wanted.contains(&service.name_any()));
    forget(cluster, &namespace, &app.name_any(), gone).await
}

/// The services that `gravity start` has applied for an application.
pub async fn of_project(
    cluster: &Cluster,
    namespace: &str,
    app: &str,
) -> Result<Vec<GravityService>, ClusterError> {
    let api: Api<GravityService> = Api::namespaced(cluster.client.clone(), namespace);
    let of = ApiResource::erase::<GravityService>(&());
    let params = ListParams::default().labels(&format!("{PROJECT_LABEL}={app}"));
    Ok(cluster.request(&of, || api.list(&params)).await?.items)
}

/// Deletes services of an application's out of the catalogue, and gives the names of those that
/// went; what runs of them goes on. What another application of the namespace asks for or runs
/// stays.
pub async fn forget(
    cluster: &Cluster,
    namespace: &str,
    app: &str,
    services: Vec<GravityService>,
) -> Result<Vec<String>, ClusterError> {
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let others = of_others(cluster, namespace, app).await?;
    let api: Api<GravityService> = Api::namespaced(cluster.client.clone(), namespace);
    let of = ApiResource::erase::<GravityService>(&());
    let params = DeleteParams::background();
    let mut gone = Vec::new();
    for service in services {
        let name = service.name_any();
        if others.contains(&service.spec.name) {
            continue;
        }
        let deleted = cluster
            .ask(Verb::Delete, &of, || api.delete(&name, &params))
            .await;
        match deleted {
            Ok(_) | Err(ClusterError::NotFound { .. }) => gone.push(name),
            Err(error) => return Err(error),
        }
    }
    Ok(gone)
}

/// The names of the services that the other applications of a namespace ask for or run.
async fn of_others(
    cluster: &Cluster,
    namespace: &str,
    app: &str,
) -> Result<BTreeSet<String>, ClusterError> {
    let apps = cluster.custom::<GravityApp>(Some(namespace)).await?;
    let others = apps.into_iter().filter(|other| other.name_any() != app);
    Ok(others
        .flat_map(|other| {
            let asked = other.spec.services.into_iter().map(|it| it.name);
            let status = other.status.unwrap_or_default();
            let running = status.services.into_iter().map(|it| it.name);
            asked.chain(running).collect::<Vec<_>>()
        })
        .collect())
}
