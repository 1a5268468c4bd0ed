//! The application that is brought up: the platform of 52 services, of which 51 run.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gravity::api::names::{APPLIED_ANNOTATION, CREDENTIALS_ANNOTATION};
use gravity::api::objects::ObjectKey;
use gravity::api::{GravityApp, GravityService};
use gravity::manifest::{self, Source};
use gravity::plan::{Body, Facts, Generated, Node, NodeId, Plan, PlannedObject, plan};
use gravity::resolve::{Lock, resolve};
use gravity::schedule::{Desired, secrets};
use gravity::validate::{catalogue, validate_app};
use serde_json::{Value, json};

use crate::Error;

/// The platform's folder.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/platform")
}

/// What a person applies.
pub struct Platform {
    /// The app.
    pub app: GravityApp,
    /// The catalogue.
    pub services: Vec<GravityService>,
}

impl Platform {
    /// Reads the example into a namespace.
    pub fn read(namespace: &str) -> Result<Self, Error> {
        let documents = manifest::read(&[Source::Path(folder())]).map_err(bad)?;
        let mut services = documents.services;
        for service in &mut services {
            service.metadata.namespace = Some(namespace.to_owned());
        }
        let mut app = documents
            .apps
            .into_iter()
            .next()
            .ok_or_else(|| bad("no GravityApp"))?;
        app.metadata.namespace = Some(namespace.to_owned());
        Ok(Self { app, services })
    }

    /// The plan that the operator comes to once the Secrets hold these credentials.
    pub fn plan(&self, credentials: Credentials) -> Result<Plan, Error> {
        let namespace = self.app.metadata.namespace.clone().unwrap_or_default();
        let app = validate_app(&self.app).map_err(|problems| bad(format!("{problems:?}")))?;
        let catalogue = catalogue(&self.services, &namespace);
        let resolution = resolve(&app, &catalogue, &Lock::new()).map_err(bad)?;
        // The cluster has Traefik's kinds and not the Gateway API's, which no route needs.
        let facts = Facts {
            credentials,
            ..Facts::default()
        };
        plan(&Arc::new(app), &resolution, &facts).map_err(bad)
    }

    /// The plan and its objects, for those who make the credentials themselves.
    pub fn objects(&self) -> Result<Objects, Error> {
        let first = self.plan(Credentials::new())?;
        let objects = first.nodes.values().flat_map(|node| &node.objects);
        let made = objects.filter(|object| makes_credentials(object));
        let credentials = made.map(|object| (object.key.name.clone(), CREDENTIAL_ID.to_owned()));
        self.objects_with(credentials.collect())
    }

    /// The plan and its objects once the Secrets hold these credentials.
    pub fn objects_with(&self, credentials: Credentials) -> Result<Objects, Error> {
        let plan = Arc::new(self.plan(credentials.clone())?);
        let desired = Desired::new(plan.clone(), credentials);
        let order = plan.order().into_iter();
        let sent = order.map(|node| (node.id.clone(), sent(node, &desired)));
        Ok(Objects {
            sent: sent.collect(),
            plan,
        })
    }
}

/// Which set of credentials each Secret holds, by the Secret's name.
pub type Credentials = BTreeMap<String, String>;

/// The set that this benchmark makes.
const CREDENTIAL_ID: &str = "benchmark";

/// A finished plan, and what is sent of it.
pub struct Objects {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The objects of each node, in start order.
    pub sent: Vec<(NodeId, Vec<Sent>)>,
}

impl Objects {
    /// All objects, in start order.
    pub fn all(&self) -> Vec<Sent> {
        self.sent
            .iter()
            .flat_map(|(_, objects)| objects)
            .cloned()
            .collect()
    }
}

fn makes_credentials(object: &PlannedObject) -> bool {
    let is_password = |how: &Generated| matches!(how, Generated::Password(_));
    matches!(&object.body, Body::Create { generate, .. } if generate.values().any(is_password))
}

fn bad(message: impl ToString) -> Error {
    Error::Example {
        path: folder(),
        message: message.to_string(),
    }
}

/// An object as it is sent to the API server.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Which object.
    pub key: ObjectKey,
    /// The whole object, passwords included.
    pub body: Value,
    /// The replicas that are stated after it was made.
    pub replicas: Option<i32>,
}

fn sent(node: &Node, desired: &Desired) -> Vec<Sent> {
    node.objects
        .iter()
        .map(|object| send(object, desired))
        .collect()
}

fn send(object: &PlannedObject, desired: &Desired) -> Sent {
    let mut body = match &object.body {
        Body::Apply(body) => body.clone(),
        Body::Create { stated, generate } => {
            // As long as real ones; nothing ever runs that could log in with them.
            let mut make = |length| Ok::<_, Infallible>("p".repeat(length));
            let Ok(secret) = secrets::anew(stated, generate, true, &mut make);
            secret
        }
    };
    if makes_credentials(object) {
        body["metadata"]["annotations"][CREDENTIALS_ANNOTATION] = json!(CREDENTIAL_ID);
    }
    body["metadata"]["annotations"][APPLIED_ANNOTATION] = json!(desired.digest(&object.key));
    Sent {
        key: object.key.clone(),
        body,
        replicas: object.initial_replicas.filter(|number| *number > 1),
    }
}

/// The object with its replicas in it, for those who send it once.
pub fn with_replicas(sent: &Sent) -> Value {
    let mut body = sent.body.clone();
    if let Some(number) = sent.replicas {
        body["spec"]["replicas"] = json!(number);
    }
    body
}
