//! Apps, services and plans from short YAML.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, SecretKeySelector};
use semver::{Version, VersionReq};
use serde_json::Value;

use crate::api::app::{DeletionPolicy, GatewayClass, GravityAppSpec, Updates};
use crate::api::objects::Kind;
use crate::api::service::{
    self as manifest, DatabaseMode, GravityServiceSpec, PathOrProbe, ServiceType, Startup,
};
use crate::engines::Engine;
use crate::plan::databases::{Bindings, Databases};
use crate::plan::{Body, Facts, Node, NodeId, NodeKind, Plan, PlanError, plan_services};
use crate::resolve::{Resolution, Resolved};
use crate::validate::{
    Database, Dependency, Gateway, Layer, Probe, Scaling, ValidApp, ValidService,
};

pub fn service(yaml: &str) -> ValidService {
    let spec: GravityServiceSpec = serde_yaml::from_str(yaml).unwrap();
    let type_ = spec.type_.unwrap_or(ServiceType::Api);
    let serves = matches!(type_, ServiceType::Api | ServiceType::Web);
    let health = spec.health.unwrap_or_default();
    let address = spec.service.unwrap_or_default();
    let port = spec.port.or(serves.then_some(8000));
    let migrations = spec.migrations;
    let migration = migrations.clone();
    ValidService {
        object: format!("{}-{}", spec.name, spec.version),
        namespace: "shop".into(),
        version: Version::parse(&spec.version).unwrap(),
        type_,
        image: spec.image,
        command: spec.command,
        args: spec.args,
        service_port: address.port.or(port),
        port,
        service_type: address.type_.unwrap_or_else(|| "ClusterIP".into()),
        dependencies: spec.dependencies.iter().map(dependency).collect(),
        databases: spec.databases.iter().map(database).collect(),
        prefix: spec.api.and_then(|api| api.prefix),
        contract: None,
        liveness: health.liveness.map(probe),
        readiness: health.readiness.map(probe),
        startup: health.startup.map(probe),
        seed: migration.map(|each| each.seed).unwrap_or_default(),
        migration: migrations.map(|each| each.command).unwrap_or_default(),
        migration_timeout: Duration::from_secs(600),
        migration_retries: 3,
        scaling: scaling(spec.scaling.unwrap_or_default()),
        resources: spec.resources.unwrap_or_default(),
        env: spec.env,
        env_from: spec.env_from,
        config: spec.config,
        storage: spec.storage,
        events: spec.events.unwrap_or_default(),
        schedule: spec.schedule,
        startup_timeout: Duration::from_secs(600),
        deprecated: false,
        security: spec.security.unwrap_or_default(),
        pod_template: spec.pod_template,
        name: spec.name,
    }
}

fn dependency(each: &manifest::Dependency) -> (String, Dependency) {
    let dependency = Dependency {
        version: VersionReq::STAR,
        contract: None,
        optional: each.optional == Some(true),
        ordered: each.startup != Some(Startup::Unordered),
    };
    (each.name.clone(), dependency)
}

fn database(each: &manifest::Database) -> Database {
    let env = crate::api::names::url_variable(&each.name);
    Database {
        name: each.name.clone(),
        engine: Engine::PostgreSQL,
        series: "15".into(),
        extensions: Vec::new(),
        charset: None,
        collation: None,
        env: each.env.clone().unwrap_or(env),
        url_scheme: "postgresql".into(),
        mode: DatabaseMode::Store,
        key_prefix: None,
    }
}

fn probe(stated: PathOrProbe) -> Probe {
    match stated {
        PathOrProbe::Path(path) => Probe {
            path: Some(path),
            ..Probe::default()
        },
        PathOrProbe::Probe(probe) => Probe {
            path: probe.path,
            initial_delay: probe.initial_delay_seconds,
            period: probe.period_seconds,
            timeout: probe.timeout_seconds,
            failures: probe.failure_threshold,
            successes: probe.success_threshold,
        },
        PathOrProbe::Other(_) => Probe::default(),
    }
}

fn scaling(stated: manifest::Scaling) -> Scaling {
    let min = stated.min_replicas.unwrap_or(1);
    Scaling {
        min,
        max: stated.max_replicas.unwrap_or(min),
        metrics: stated.metrics,
    }
}

pub fn app(yaml: &str) -> ValidApp {
    let spec: GravityAppSpec = serde_yaml::from_str(yaml).unwrap();
    let environments = &spec.environments;
    let overlay = spec.environment.as_ref().map(|name| &environments[name]);
    let overlay = overlay.cloned().unwrap_or_default();
    let gateway = spec.gateway.unwrap_or_default();
    ValidApp {
        name: "shop".into(),
        namespace: "shop".into(),
        uid: "2f0c".into(),
        generation: 1,
        roots: BTreeMap::new(),
        services: spec.services.iter().map(layer).collect(),
        environment: spec.environment,
        overlay: Layer {
            replicas: overlay.replicas,
            env: overlay.env,
            resources: overlay.resources.unwrap_or_default(),
        },
        gateway: Gateway {
            class: gateway.class.unwrap_or(GatewayClass::Traefik),
            host: overlay.host.or(gateway.host),
            entry_points: vec![
                if gateway.tls.is_some() {
                    "websecure"
                } else {
                    "web"
                }
                .into(),
            ],
            tls_secret: gateway.tls.map(|tls| tls.secret_name),
            ingress_class_name: gateway.ingress_class_name,
        },
        databases: BTreeMap::new(),
        updates: Updates::Locked,
        deletion_policy: DeletionPolicy::Retain,
        suspend: false,
    }
}

fn layer(each: &crate::api::app::AppService) -> (String, Layer) {
    let layer = Layer {
        replicas: each.replicas,
        env: each.env.clone(),
        resources: each.resources.clone().unwrap_or_default(),
    };
    (each.name.clone(), layer)
}

pub fn resolution(services: Vec<ValidService>) -> Resolution {
    let resolved = |service: ValidService| Resolved {
        service: Arc::new(service),
        wave: 0,
        required_by: Vec::new(),
    };
    Resolution {
        services: services
            .into_iter()
            .map(|service| (service.name.clone(), resolved(service)))
            .collect(),
    }
}

/// What the databases of the services come to, as far as the services can tell.
pub fn databases(resolution: &Resolution) -> Databases {
    let with = resolution
        .services
        .values()
        .filter(|resolved| !resolved.service.databases.is_empty());
    let names: Vec<_> = with.map(|resolved| Arc::clone(&resolved.service)).collect();
    Databases {
        nodes: names
            .iter()
            .map(|service| provisioning(&service.name))
            .collect(),
        services: names
            .iter()
            .map(|service| (service.name.clone(), bindings(service)))
            .collect(),
        warnings: Vec::new(),
    }
}

fn provisioning(name: &str) -> Node {
    Node {
        id: NodeId::new(NodeKind::Provisioning, name),
        service: Some(name.into()),
        version: None,
        needs: [].into(),
        objects: Vec::new(),
        deadline: Duration::from_secs(60),
    }
}

fn bindings(service: &ValidService) -> Bindings {
    let variable = |database: &Database| EnvVar {
        name: database.env.clone(),
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: format!("{}-{}", service.name, database.name.replace('_', "-")),
                key: "uri".into(),
                optional: None,
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    };
    Bindings {
        variables: service.databases.iter().map(variable).collect(),
        needs: [NodeId::new(NodeKind::Provisioning, &service.name)].into(),
        credentials: Some("a1".into()),
    }
}

pub fn try_plan(
    app: ValidApp,
    services: Vec<ValidService>,
    facts: &Facts,
) -> Result<Plan, PlanError> {
    let resolution = resolution(services);
    let databases = databases(&resolution);
    plan_services(&Arc::new(app), &resolution, facts, databases)
}

/// A plan of the services, each in YAML, for an app that says nothing of them.
pub fn plan_of(services: &[&str]) -> Plan {
    plan_in("services: []", services)
}

pub fn plan_in(app_yaml: &str, services: &[&str]) -> Plan {
    let services = services.iter().map(|yaml| service(yaml)).collect();
    try_plan(app(app_yaml), services, &Facts::default()).unwrap()
}

pub fn refusal(app_yaml: &str, services: &[&str]) -> String {
    let services = services.iter().map(|yaml| service(yaml)).collect();
    let refused = try_plan(app(app_yaml), services, &Facts::default());
    refused.unwrap_err().to_string()
}

/// The bodies of all objects of that kind, in the order of their nodes.
pub fn bodies(plan: &Plan, kind: Kind) -> Vec<Value> {
    plan.nodes
        .values()
        .flat_map(|node| &node.objects)
        .filter(|object| object.key.kind == kind)
        .map(|object| match &object.body {
            Body::Apply(body) => body.clone(),
            Body::Create { stated, .. } => stated.clone(),
        })
        .collect()
}

/// The body of the only object of that kind.
pub fn body(plan: &Plan, kind: Kind) -> Value {
    let bodies = bodies(plan, kind);
    assert_eq!(bodies.len(), 1, "one {kind} is expected");
    bodies[0].clone()
}

/// The service's container in the only object of that kind.
pub fn container(plan: &Plan, kind: Kind) -> Value {
    body(plan, kind)["spec"]["template"]["spec"]["containers"][0].clone()
}
