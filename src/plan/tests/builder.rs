//! Apps, services and plans from short YAML.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, SecretKeySelector};
use serde_json::Value;

use crate::api::objects::Kind;
use crate::api::{GravityApp, GravityAppSpec, GravityService, GravityServiceSpec};
use crate::plan::databases::{Bindings, Databases};
use crate::plan::{Body, Facts, Node, NodeId, NodeKind, Plan, PlanError, plan_services};
use crate::resolve::{Resolution, Resolved};
use crate::validate::{Database, ValidApp, ValidService, validate_app, validate_service};

pub fn service(yaml: &str) -> ValidService {
    let spec: GravityServiceSpec = serde_yaml::from_str(yaml).unwrap();
    let object = format!("{}-{}", spec.name, spec.version);
    let mut service = GravityService::new(&object, spec);
    service.metadata.namespace = Some("shop".into());
    validate_service(&service).unwrap()
}

pub fn app(yaml: &str) -> ValidApp {
    let spec: GravityAppSpec = serde_yaml::from_str(yaml).unwrap();
    let mut app = GravityApp::new("shop", spec);
    app.metadata.namespace = Some("shop".into());
    app.metadata.uid = Some("2f0c".into());
    validate_app(&app).unwrap()
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
        ..Databases::default()
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
        direct: Vec::new(),
        reaches: Vec::new(),
        ports: [].into(),
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

/// An app that says nothing of its services.
pub const APP: &str = "services: [{name: a}]";

/// A plan of the services, each in YAML, for an app that says nothing of them.
pub fn plan_of(services: &[&str]) -> Plan {
    plan_in(APP, services)
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
