//! GravityApp → [`ValidApp`].

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use semver::{Version, VersionReq};

use super::gateway::{Gateway, gateway};
use super::report::Report;
use super::secrets::{self, Store, ValueSource};
use super::value::name::{self, NAME_LIMIT};
use super::value::version::{range, version};
use super::{Invalid, Walls, files, namespace, nearest, network, object_name, scaling, servers};
use crate::api::app::{
    AppService, DatabaseServer, DeletionPolicy, Environment, GravityAppSpec, Updates,
};
use crate::api::mesh::Mesh;
use crate::api::secrets::ValueFrom;
use crate::api::service::Resources;
use crate::api::{GravityApp, names};
use crate::engines::Engine;

/// An app whose every field has been checked.
#[derive(Clone, Debug)]
pub struct ValidApp {
    /// The app's name.
    pub name: String,
    /// The app's namespace.
    pub namespace: String,
    /// The app's uid; empty for a file that was never applied.
    pub uid: String,
    /// The generation of the spec; 0 for a file that was never applied.
    pub generation: i64,
    /// The roots, by name: the range as it is meant and as it was written.
    pub roots: BTreeMap<String, VersionReq>,
    /// What the app says of a service by name; the strongest layer.
    pub services: BTreeMap<String, Layer>,
    /// The name of the environment that applies.
    pub environment: Option<String>,
    /// What the environment says of every service; the second layer.
    pub overlay: Layer,
    /// The way in.
    pub gateway: Gateway,
    /// Where remote values come from.
    pub secret_store: Option<Store>,
    /// Who may reach its pods; everybody where there are no walls.
    pub walls: Option<Walls>,
    /// The service mesh that they join.
    pub mesh: Mesh,
    /// How each engine's servers are run.
    pub databases: BTreeMap<Engine, DatabaseServer>,
    /// When a newer version is taken.
    pub updates: Updates,
    /// The versions to take while they fit, by the service's name.
    pub lock: BTreeMap<String, Version>,
    /// What becomes of the data.
    pub deletion_policy: DeletionPolicy,
    /// Names the new credentials that are asked for, if any are.
    pub rotation: Option<String>,
    /// Names the provisioning that is asked for again, if any is.
    pub again: Option<String>,
    /// Whether nothing of it shall run.
    pub stopped: bool,
    /// Whether all writes stop.
    pub suspend: bool,
}

impl ValidApp {
    /// Whether nothing of a service shall run.
    pub fn is_stopped(&self, service: &str) -> bool {
        self.stopped || self.services.get(service).is_some_and(|it| it.stopped)
    }
}

/// What a stronger layer says of a service, over its manifest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// A fixed number of pods.
    pub replicas: Option<i32>,
    /// Whether none shall run.
    pub stopped: bool,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Environment variables whose values stand somewhere else.
    pub env_value_from: BTreeMap<String, ValueSource>,
    /// CPU and memory.
    pub resources: Resources,
}

/// Whether an app can have this name.
///
/// # Errors
/// It cannot; which one to take instead.
pub fn app_name(name: &str) -> Result<(), String> {
    name::label(name, NAME_LIMIT)
}

/// Checks an app.
///
/// # Errors
/// Everything that is wrong with it, in the order of its fields, not only the first.
pub fn validate_app(app: &GravityApp) -> Result<ValidApp, Vec<Invalid>> {
    let (metadata, spec) = (&app.metadata, &app.spec);
    let mut report = Report::of(object_name("GravityApp", metadata));
    let name = metadata.name.clone().unwrap_or_default();
    report.check("metadata.name", name::label(&name, NAME_LIMIT));
    let (roots, services) = roots(&spec.services, &mut report);
    let overlay = overlay(spec, &mut report);
    let host = chosen(spec).and_then(|environment| environment.host.as_ref());
    let gateway = gateway(&name, spec.gateway.as_ref(), host, &mut report);
    let secret_store = secret_store(spec, &mut report);
    let walls = network::walls(spec.network.as_ref(), &name, gateway.class, &mut report);
    let databases = servers::servers(&spec.databases, &mut report);
    let lock = locked(spec, &mut report);
    report.finish()?;
    Ok(ValidApp {
        name,
        namespace: namespace(metadata),
        uid: metadata.uid.clone().unwrap_or_default(),
        generation: metadata.generation.unwrap_or_default(),
        roots,
        services,
        environment: spec.environment.clone(),
        overlay,
        gateway,
        secret_store,
        walls,
        mesh: spec.mesh.unwrap_or_default(),
        databases,
        // What runs is changed when somebody asks for it.
        updates: spec.updates.unwrap_or(Updates::Locked),
        lock,
        // Data that is gone does not come back.
        deletion_policy: spec.deletion_policy.unwrap_or(DeletionPolicy::Retain),
        rotation: asked(names::ROTATE_ANNOTATION, metadata),
        again: asked(names::PROVISION_ANNOTATION, metadata),
        stopped: spec.stopped.unwrap_or(false),
        suspend: spec.suspend.unwrap_or(false),
    })
}

/// What an annotation asks for: any text does, so it is made a word.
fn asked(annotation: &str, metadata: &ObjectMeta) -> Option<String> {
    let annotations = metadata.annotations.as_ref()?;
    let asked = annotations.get(annotation)?;
    Some(names::digest8(asked.as_bytes()))
}

/// The ranges of the roots, and what the app says of each.
fn roots(
    services: &[AppService],
    report: &mut Report,
) -> (BTreeMap<String, VersionReq>, BTreeMap<String, Layer>) {
    if services.is_empty() {
        report.add(
            "spec.services",
            "is empty: name at least one service, as - name: auth-service",
        );
    }
    report.unique(
        "spec.services",
        "name",
        "one",
        services.iter().map(|each| each.name.as_str()),
    );
    let (mut roots, mut layers) = (BTreeMap::new(), BTreeMap::new());
    for (index, each) in services.iter().enumerate() {
        let at = format!("spec.services[{index}]");
        report.check(format!("{at}.name"), name::label(&each.name, NAME_LIMIT));
        let range = range(each.version.as_deref().unwrap_or("*"));
        if let Some(range) = report.check(format!("{at}.version"), range) {
            roots.insert(each.name.clone(), range);
        }
        let stated = StatedLayer {
            replicas: each.replicas,
            env: &each.env,
            env_value_from: &each.env_value_from,
            resources: each.resources.as_ref(),
        };
        let layer = Layer {
            stopped: each.stopped.unwrap_or(false),
            ..layer(&stated, &at, report)
        };
        layers.insert(each.name.clone(), layer);
    }
    (roots, layers)
}

/// The versions that are to be taken.
fn locked(spec: &GravityAppSpec, report: &mut Report) -> BTreeMap<String, Version> {
    if !spec.lock.is_empty() && spec.updates == Some(Updates::Automatic) {
        report.add(
            "spec.lock",
            "keeps versions and updates: Automatic moves them: take one of the two out",
        );
    }
    let mut lock = BTreeMap::new();
    for (name, text) in &spec.lock {
        let at = format!("spec.lock.{name}");
        report.check(&at, name::label(name, NAME_LIMIT));
        if let Some(version) = report.check(&at, version(text)) {
            lock.insert(name.clone(), version);
        }
    }
    lock
}

/// What the app's entry for a service, or an environment, says of services.
struct StatedLayer<'a> {
    replicas: Option<i32>,
    env: &'a BTreeMap<String, String>,
    env_value_from: &'a BTreeMap<String, ValueFrom>,
    resources: Option<&'a Resources>,
}

fn layer(stated: &StatedLayer, at: &str, report: &mut Report) -> Layer {
    let StatedLayer {
        replicas,
        env,
        env_value_from,
        resources,
    } = *stated;
    scaling::replicas(replicas, &format!("{at}.replicas"), report);
    files::variables(env, &format!("{at}.env"), report);
    if let Some(resources) = resources {
        scaling::resources(resources, &format!("{at}.resources"), report);
    }
    Layer {
        replicas,
        stopped: false,
        env: env.clone(),
        env_value_from: secrets::values(env_value_from, env, at, report),
        resources: resources.cloned().unwrap_or_default(),
    }
}

/// The store of the chosen environment, or else the app's; all are checked.
fn secret_store(spec: &GravityAppSpec, report: &mut Report) -> Option<Store> {
    let own = secrets::store(spec.secret_store.as_ref(), "spec.secretStore", report);
    let mut stores = BTreeMap::new();
    for (name, each) in &spec.environments {
        let at = format!("spec.environments.{name}.secretStore");
        let store = secrets::store(each.secret_store.as_ref(), &at, report);
        stores.extend(store.map(|store| (name, store)));
    }
    let chosen = spec.environment.as_ref();
    chosen.and_then(|name| stores.remove(name)).or(own)
}

/// What the chosen environment says; all of them are checked, for the others are chosen
/// elsewhere.
fn overlay(spec: &GravityAppSpec, report: &mut Report) -> Layer {
    if let Some(chosen) = &spec.environment {
        report.check(
            "spec.environment",
            known_environment(chosen, &spec.environments),
        );
    }
    let mut layers = BTreeMap::new();
    for (name, each) in &spec.environments {
        let at = format!("spec.environments.{name}");
        report.check(&at, name::label(name, NAME_LIMIT));
        let stated = StatedLayer {
            replicas: each.replicas,
            env: &each.env,
            env_value_from: &each.env_value_from,
            resources: each.resources.as_ref(),
        };
        layers.insert(name, layer(&stated, &at, report));
        if let Some(host) = &each.host {
            report.check(format!("{at}.host"), name::host(host));
        }
    }
    let chosen = spec.environment.as_ref();
    chosen
        .and_then(|name| layers.remove(name))
        .unwrap_or_default()
}

fn chosen(spec: &GravityAppSpec) -> Option<&Environment> {
    spec.environments.get(spec.environment.as_ref()?)
}

fn known_environment(
    chosen: &str,
    environments: &BTreeMap<String, Environment>,
) -> Result<(), String> {
    if environments.contains_key(chosen) {
        return Ok(());
    }
    let known: Vec<&str> = environments.keys().map(String::as_str).collect();
    Err(
        match (nearest(chosen, known.iter().copied()), known.as_slice()) {
            (_, []) => {
                format!("{chosen} is no environment, for there are none: add it under environments")
            }
            (Some(near), _) => format!(
                "{chosen} is no environment, did you mean {near}? (there are {})",
                known.join(", ")
            ),
            (None, _) => format!(
                "{chosen} is no environment: write one of {}, or add it under environments",
                known.join(", ")
            ),
        },
    )
}
