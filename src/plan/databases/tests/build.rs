//! Apps and services to plan from, out of short YAML.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use semver::Version;
use serde::Deserialize;

use crate::api::app::{DatabaseServer, DeletionPolicy, Updates};
use crate::api::mesh::Mesh;
use crate::api::names;
use crate::api::objects::{Kind, ObjectKey};
use crate::api::service::{DatabaseMode, Events, Resources, Security, ServiceType};
use crate::engines::Engine;
use crate::plan::graph::{Body, Generated, Node};
use crate::plan::{Address, Contents, Facts, Named, meta};
use crate::validate::{Database, Egress, Gateway, Layer, Scaling, ValidApp, ValidService};

#[derive(Deserialize)]
struct Short {
    name: String,
    engine: Engine,
    series: Option<String>,
    #[serde(default)]
    extensions: Vec<String>,
    charset: Option<String>,
    collation: Option<String>,
    env: Option<String>,
    mode: Option<DatabaseMode>,
    key_prefix: Option<String>,
}

pub fn app() -> ValidApp {
    ValidApp {
        name: "shop".to_owned(),
        namespace: "store".to_owned(),
        uid: "6a1c".to_owned(),
        generation: 1,
        roots: BTreeMap::new(),
        services: BTreeMap::new(),
        environment: None,
        overlay: Layer::default(),
        gateway: Gateway::none(),
        secret_store: None,
        walls: None,
        mesh: Mesh::None,
        databases: BTreeMap::new(),
        updates: Updates::Locked,
        lock: BTreeMap::new(),
        deletion_policy: DeletionPolicy::Retain,
        again: None,
        rotation: None,
        stopped: false,
        suspend: false,
    }
}

/// What the Secret of a managed server says.
pub fn says(server: Result<Address, String>) -> Named {
    Named::There(Contents {
        keys: BTreeMap::new(),
        controller: None,
        server,
        certificate: Err(String::new()),
    })
}

/// A Secret in the app's namespace.
pub fn secret(name: &str) -> ObjectKey {
    meta::key(&app(), Kind::Secret, name)
}

/// The Secret of that name says so of a managed server.
pub fn managed(name: &str, server: Result<Address, String>) -> BTreeMap<ObjectKey, Named> {
    BTreeMap::from([(secret(name), says(server))])
}

pub fn facts() -> Facts {
    Facts::default()
}

pub fn policies(yaml: &str) -> BTreeMap<Engine, DatabaseServer> {
    serde_yaml::from_str(yaml).unwrap()
}

pub fn events(yaml: &str) -> Events {
    serde_yaml::from_str(yaml).unwrap()
}

pub fn all(services: &[ValidService]) -> BTreeMap<String, Arc<ValidService>> {
    services
        .iter()
        .map(|service| (service.name.clone(), Arc::new(service.clone())))
        .collect()
}

pub fn service(name: &str, databases: &str) -> ValidService {
    let databases: Vec<Short> = serde_yaml::from_str(databases).unwrap();
    ValidService {
        databases: databases.into_iter().map(database).collect(),
        ..bare(name)
    }
}

pub fn uri(node: &Node) -> String {
    match &node.objects[0].body {
        Body::Create { generate, .. } => match &generate["uri"] {
            Generated::Composed(uri) => uri.clone(),
            Generated::Password(_) | Generated::OneOf(_) => panic!("a uri is composed"),
        },
        Body::Apply(_) => panic!("credentials are created"),
    }
}

fn database(short: Short) -> Database {
    let profile = short.engine.profile();
    Database {
        env: short
            .env
            .unwrap_or_else(|| names::url_variable(&short.name)),
        series: short
            .series
            .unwrap_or_else(|| profile.default_series().name.to_owned()),
        url_scheme: profile.scheme().to_owned(),
        mode: short.mode.unwrap_or(DatabaseMode::Store),
        name: short.name,
        engine: short.engine,
        extensions: short.extensions,
        charset: short.charset,
        collation: short.collation,
        key_prefix: short.key_prefix,
    }
}

fn bare(name: &str) -> ValidService {
    ValidService {
        name: name.to_owned(),
        version: Version::new(1, 0, 0),
        namespace: "store".to_owned(),
        object: format!("{name}-1.0.0"),
        type_: ServiceType::Api,
        image: format!("{name}:1.0.0"),
        runtime: None,
        command: Vec::new(),
        args: Vec::new(),
        port: Some(8000),
        service_port: Some(8000),
        service_type: "ClusterIP".to_owned(),
        dependencies: BTreeMap::new(),
        databases: Vec::new(),
        routing: None,
        contract: None,
        liveness: None,
        readiness: None,
        startup: None,
        migration: Vec::new(),
        seed: Vec::new(),
        migration_timeout: Duration::from_secs(600),
        migration_retries: 3,
        scaling: Scaling {
            min: 1,
            max: 1,
            metrics: Vec::new(),
        },
        resources: Resources::default(),
        env: BTreeMap::new(),
        env_value_from: BTreeMap::new(),
        env_from: Vec::new(),
        vault: None,
        config: Vec::new(),
        storage: Vec::new(),
        events: Events::default(),
        egress: Egress::Internet,
        schedule: None,
        startup_timeout: Duration::from_secs(600),
        deprecated: false,
        security: Security::default(),
        pod_template: None,
    }
}
