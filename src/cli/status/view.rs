//! What `gravity status` shows, as data: `--output json` is this.

use kube::ResourceExt;
use kube::api::DynamicObject;
use serde::Serialize;

use crate::api::app::ServiceStatus;
use crate::api::objects::Kind;
use crate::api::service::{GravityServiceSpec, ServiceType};
use crate::api::{GravityApp, GravityAppStatus, GravityService, names};
use crate::cli::cluster::ClusterError;
use crate::observe::{Live, owner};

/// The port of a manifest that says none.
const DEFAULT_PORT: i32 = 8000;

/// How apps are.
#[derive(Debug, Default, Serialize)]
pub struct View {
    /// The apps, by namespace and name.
    pub apps: Vec<AppView>,
}

/// How an app is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppView {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `True`, `False` or `Unknown`, as the condition has it.
    pub ready: String,
    /// Why, in a word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Why, in a sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Whether it is on its way.
    pub reconciling: bool,
    /// Whether somebody must act.
    pub stalled: bool,
    /// Whether nothing is changed until `spec.suspend` is taken out.
    pub suspended: bool,
    /// Whether the operator has not seen the newest spec yet.
    pub outdated: bool,
    /// Services ready of those wanted, as 8/10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_ready: Option<String>,
    /// The name of the set of versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The services.
    pub services: Vec<ServiceView>,
    /// The database servers.
    pub servers: Vec<ServerView>,
}

/// How a service is, and what its manifest says of it, where that could be seen.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceView {
    /// Its status.
    #[serde(flatten)]
    pub status: ServiceStatus,
    /// Its type, as api.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<ServiceType>,
    /// The port at which others reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
}

impl From<ServiceStatus> for ServiceView {
    fn from(status: ServiceStatus) -> Self {
        Self {
            status,
            type_: None,
            port: None,
        }
    }
}

impl ServiceView {
    /// Takes what the manifest of its version says.
    fn learn(&mut self, spec: &GravityServiceSpec) {
        let kind = spec.type_.unwrap_or(ServiceType::Api);
        let serves = matches!(kind, ServiceType::Api | ServiceType::Web);
        let own = spec.service.as_ref().and_then(|service| service.port);
        let port = own.or(spec.port).or(serves.then_some(DEFAULT_PORT));
        self.type_ = Some(kind);
        self.port = port.filter(|_| serves || spec.port.is_some());
    }
}

/// How a database server is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerView {
    /// Its name.
    pub name: String,
    /// Its series.
    pub version: String,
    /// Pods ready of those wanted, as 1/1.
    pub ready: String,
    /// Its image.
    pub image: String,
}

/// The apps of that name, of any namespace.
pub fn named(apps: Vec<GravityApp>, name: &str) -> Result<Vec<GravityApp>, ClusterError> {
    let full =
        |app: &GravityApp| format!("{}/{}", app.namespace().unwrap_or_default(), app.name_any());
    let names = apps.iter().map(full).collect();
    let found: Vec<GravityApp> = apps
        .into_iter()
        .filter(|app| app.name_any() == name)
        .collect();
    if found.is_empty() {
        return Err(ClusterError::NoApp {
            name: name.to_owned(),
            namespace: "(any)".to_owned(),
            names,
        });
    }
    Ok(found)
}

impl AppView {
    /// From the app, without its servers.
    pub fn of(of: GravityApp) -> Self {
        app(of)
    }
}

impl View {
    /// From the apps, the manifests of their services, and what servers run as.
    pub fn new(
        mut apps: Vec<GravityApp>,
        manifests: &[GravityService],
        servers: Vec<(Kind, DynamicObject)>,
    ) -> Self {
        apps.sort_by_key(|app| (app.namespace(), app.name_any()));
        let mut servers: Vec<(Option<String>, ServerView)> =
            servers.into_iter().filter_map(server).collect();
        servers.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        let mut views: Vec<AppView> = apps.into_iter().map(app).collect();
        for (of, server) in servers {
            let home = |view: &&mut AppView| of.as_ref() == Some(&key(&view.namespace, &view.name));
            if let Some(view) = views.iter_mut().find(home) {
                view.servers.push(server);
            }
        }
        for view in &mut views {
            // The app's own namespace comes before a catalogue's.
            let (own, others): (Vec<_>, Vec<_>) = manifests
                .iter()
                .partition(|it| it.namespace().as_deref() == Some(&view.namespace));
            for service in &mut view.services {
                let status = &service.status;
                let mut all = own.iter().chain(&others).map(|it| &it.spec);
                let found = all.find(|it| it.name == status.name && it.version == status.version);
                if let Some(spec) = found {
                    service.learn(spec);
                }
            }
        }
        Self { apps: views }
    }
}

fn key(namespace: &str, name: &str) -> String {
    format!("{namespace}/{name}")
}

fn app(app: GravityApp) -> AppView {
    let (namespace, name) = (app.namespace().unwrap_or_default(), app.name_any());
    let generation = app.metadata.generation;
    let suspended = app.spec.suspend == Some(true);
    let status = app.status.unwrap_or_default();
    let ready = condition(&status, "Ready");
    let is_true = |kind| condition(&status, kind).is_some_and(|found| found.status == "True");
    let word = |found: Option<&String>| found.cloned().unwrap_or_default();
    AppView {
        namespace,
        name,
        ready: ready.map_or_else(|| "Unknown".to_owned(), |found| found.status.clone()),
        reason: word(ready.map(|found| &found.reason)),
        message: word(ready.map(|found| &found.message)),
        reconciling: is_true("Reconciling"),
        stalled: is_true("Stalled"),
        suspended,
        outdated: status.observed_generation < generation,
        services_ready: status.services_ready,
        revision: status.revision,
        services: status.services.into_iter().map(ServiceView::from).collect(),
        servers: Vec::new(),
    }
}

fn condition<'a>(
    status: &'a GravityAppStatus,
    kind: &str,
) -> Option<&'a k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition> {
    status
        .conditions
        .iter()
        .find(|condition| condition.type_ == kind)
}

/// An object that runs a database server, and the app that it belongs to.
fn server((kind, object): (Kind, DynamicObject)) -> Option<(Option<String>, ServerView)> {
    let namespace = object.namespace().unwrap_or_default();
    let label = object.labels().get(names::INSTANCE_LABEL).cloned();
    let app = owner(&object).map(|owner| owner.name).or(label);
    let live = Live::new(kind, object)?;
    let server = live.server?;
    let (ready, wanted) = live.replicas.unwrap_or_default();
    let view = ServerView {
        name: live.key.name,
        version: server.series,
        ready: format!("{ready}/{wanted}"),
        image: server.image,
    };
    Some((app.map(|app| key(&namespace, &app)), view))
}
