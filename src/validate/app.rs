//! GravityApp → [`ValidApp`].

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use semver::VersionReq;

use super::report::Report;
use super::value::name::{self, NAME_LIMIT};
use super::value::version::range;
use super::{Invalid, Walls, files, namespace, nearest, network, object_name, scaling, servers};
use crate::api::app::{
    AppService, DatabaseServer, DeletionPolicy, Environment, GatewayClass, GravityAppSpec, Updates,
};
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
    /// Who may reach its pods; everybody where there are no walls.
    pub walls: Option<Walls>,
    /// How each engine's servers are run.
    pub databases: BTreeMap<Engine, DatabaseServer>,
    /// When a newer version is taken.
    pub updates: Updates,
    /// What becomes of the data.
    pub deletion_policy: DeletionPolicy,
    /// Names the new credentials that are asked for, if any are.
    pub rotation: Option<String>,
    /// Names the provisioning that is asked for again, if any is.
    pub again: Option<String>,
    /// Whether all writes stop.
    pub suspend: bool,
}

/// What a stronger layer says of a service, over its manifest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// A fixed number of pods.
    pub replicas: Option<i32>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// CPU and memory.
    pub resources: Resources,
}

/// The way in, with the environment's host.
#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    /// Which kind of route is made.
    pub class: GatewayClass,
    /// The host; every host when absent.
    pub host: Option<String>,
    /// The Secret of the certificate.
    pub tls_secret: Option<String>,
    /// The IngressClass.
    pub ingress_class_name: Option<String>,
    /// Traefik's entry points; never empty.
    pub entry_points: Vec<String>,
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
    let roots = roots(&spec.services, &mut report);
    let overlay = overlay(spec, &mut report);
    let gateway = gateway(spec, &mut report);
    let walls = network::walls(spec.network.as_ref(), &name, gateway.class, &mut report);
    let databases = servers::servers(&spec.databases, &mut report);
    report.finish()?;
    Ok(ValidApp {
        name,
        namespace: namespace(metadata),
        uid: metadata.uid.clone().unwrap_or_default(),
        generation: metadata.generation.unwrap_or_default(),
        roots,
        services: spec
            .services
            .iter()
            .map(|each| (each.name.clone(), layer(each)))
            .collect(),
        environment: spec.environment.clone(),
        overlay,
        gateway,
        walls,
        databases,
        // What runs is changed when somebody asks for it.
        updates: spec.updates.unwrap_or(Updates::Locked),
        // Data that is gone does not come back.
        deletion_policy: spec.deletion_policy.unwrap_or(DeletionPolicy::Retain),
        rotation: asked(names::ROTATE_ANNOTATION, metadata),
        again: asked(names::PROVISION_ANNOTATION, metadata),
        suspend: spec.suspend.unwrap_or(false),
    })
}

/// What an annotation asks for: any text does, so it is made a word.
fn asked(annotation: &str, metadata: &ObjectMeta) -> Option<String> {
    let annotations = metadata.annotations.as_ref()?;
    let asked = annotations.get(annotation)?;
    Some(names::digest8(asked.as_bytes()))
}

fn roots(services: &[AppService], report: &mut Report) -> BTreeMap<String, VersionReq> {
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
    let mut roots = BTreeMap::new();
    for (index, each) in services.iter().enumerate() {
        let at = format!("spec.services[{index}]");
        report.check(format!("{at}.name"), name::label(&each.name, NAME_LIMIT));
        let range = range(each.version.as_deref().unwrap_or("*"));
        if let Some(range) = report.check(format!("{at}.version"), range) {
            roots.insert(each.name.clone(), range);
        }
        check_layer(
            each.replicas,
            &each.env,
            each.resources.as_ref(),
            &at,
            report,
        );
    }
    roots
}

fn check_layer(
    replicas: Option<i32>,
    env: &BTreeMap<String, String>,
    resources: Option<&Resources>,
    at: &str,
    report: &mut Report,
) {
    scaling::replicas(replicas, &format!("{at}.replicas"), report);
    files::variables(env, &format!("{at}.env"), report);
    if let Some(resources) = resources {
        scaling::resources(resources, &format!("{at}.resources"), report);
    }
}

fn layer(service: &AppService) -> Layer {
    Layer {
        replicas: service.replicas,
        env: service.env.clone(),
        resources: service.resources.clone().unwrap_or_default(),
    }
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
    for (name, each) in &spec.environments {
        let at = format!("spec.environments.{name}");
        report.check(&at, name::label(name, NAME_LIMIT));
        check_layer(
            each.replicas,
            &each.env,
            each.resources.as_ref(),
            &at,
            report,
        );
        if let Some(host) = &each.host {
            report.check(format!("{at}.host"), name::host(host));
        }
    }
    let chosen = chosen(spec).cloned().unwrap_or_default();
    Layer {
        replicas: chosen.replicas,
        env: chosen.env,
        resources: chosen.resources.unwrap_or_default(),
    }
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

fn gateway(spec: &GravityAppSpec, report: &mut Report) -> Gateway {
    let stated = spec.gateway.clone().unwrap_or_default();
    // What this project's users have at their gateway most often.
    let class = stated.class.unwrap_or(GatewayClass::Traefik);
    if let Some(host) = &stated.host {
        report.check("spec.gateway.host", name::host(host));
    }
    if let Some(tls) = &stated.tls {
        report.check(
            "spec.gateway.tls.secretName",
            name::object(&tls.secret_name),
        );
    }
    if let Some(name) = &stated.ingress_class_name {
        report.check("spec.gateway.ingressClassName", name::object(name));
        if class != GatewayClass::Ingress {
            report.add(
                "spec.gateway.ingressClassName",
                "is for class: Ingress: write that class, or take the line out",
            );
        }
    }
    entry_points(&stated.entry_points, class, report);
    let host = chosen(spec).and_then(|environment| environment.host.clone());
    let tls_secret = stated.tls.map(|tls| tls.secret_name);
    Gateway {
        class,
        host: host.or(stated.host),
        entry_points: with_default(stated.entry_points, tls_secret.is_some()),
        tls_secret,
        ingress_class_name: stated.ingress_class_name,
    }
}

fn entry_points(stated: &[String], class: GatewayClass, report: &mut Report) {
    if !stated.is_empty() && class != GatewayClass::Traefik {
        report.add(
            "spec.gateway.entryPoints",
            "are Traefik's: write class: Traefik, or take them out",
        );
    }
    for (index, point) in stated.iter().enumerate() {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if point.is_empty() || !point.bytes().all(fine) {
            report.add(
                format!("spec.gateway.entryPoints[{index}]"),
                format!("{point:?} is no entry point: write a name as web or websecure"),
            );
        }
    }
}

/// The names that Traefik's own chart gives to ports 80 and 443.
fn with_default(stated: Vec<String>, has_tls: bool) -> Vec<String> {
    if !stated.is_empty() {
        return stated;
    }
    let point = if has_tls { "websecure" } else { "web" };
    vec![point.to_owned()]
}
