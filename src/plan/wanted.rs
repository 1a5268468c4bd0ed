//! One service with everything that its objects are made from.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::EnvVar;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::callers::{Callers, Guests};
use super::databases::Bindings;
use super::graph::NodeId;
use super::settings::{Settings, settings};
use super::{PlanError, environment, mesh, meta, source};
use crate::api::names;
use crate::api::objects::Kind;
use crate::api::service::{ConfigFiles, ServiceType, Storage};
use crate::resolve::{Resolution, Resolved};
use crate::validate::{ValidApp, ValidService};

/// What an object that serves is to the app: the value of the component label.
pub(super) const SERVICE: &str = names::SERVICE_COMPONENT;

/// A service, its settings from all layers, its variables, and what it waits for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub app: &'a ValidApp,
    pub service: &'a ValidService,
    pub settings: Settings,
    pub variables: Vec<EnvVar>,
    pub bindings: &'a Bindings,
    /// Changes when a value does that its variables are taken from.
    pub values: Option<String>,
    /// The services that must be ready before this one starts.
    pub ordered: BTreeSet<&'a str>,
    /// Who comes to its pods.
    pub guests: &'a Guests,
    /// The services that it calls, with the ports that their pods listen on.
    pub calls: BTreeMap<&'a str, i32>,
    /// The ports that it calls them at.
    pub dialled: BTreeSet<i32>,
}

impl<'a> Wanted<'a> {
    /// Brings the layers together, and says what a person should know of them.
    pub fn new(
        app: &'a ValidApp,
        resolved: &'a Resolved,
        bindings: &'a Bindings,
        resolution: &'a Resolution,
        callers: &'a Callers<'a>,
    ) -> Result<(Self, Vec<String>), PlanError> {
        let service = resolved.service.as_ref();
        source::check(service)?;
        let settings = settings(app, service);
        let (variables, mut warnings) =
            environment::variables(service, &settings, bindings, resolution)?;
        let wanted = Self {
            app,
            service,
            settings,
            variables,
            bindings,
            values: None,
            ordered: ordered(service, resolution),
            guests: callers.of(&service.name),
            calls: calls(service, resolution),
            dialled: dialled(service, resolution),
        };
        warnings.extend(wanted.warnings());
        Ok((wanted, warnings))
    }

    /// The service's name, which its workload and its Kubernetes Service have too.
    pub fn name(&self) -> &'a str {
        &self.service.name
    }

    /// The version as labels have it.
    pub fn version(&self) -> String {
        self.service.version.to_string()
    }

    /// The kind of the service's workload.
    pub fn workload(&self) -> Kind {
        match self.service.type_ {
            ServiceType::Cron => Kind::CronJob,
            ServiceType::Job => Kind::Job,
            ServiceType::Api | ServiceType::Web | ServiceType::Worker => {
                if self.service.storage.is_empty() {
                    Kind::Deployment
                } else {
                    Kind::StatefulSet
                }
            }
        }
    }

    /// Whether its pods run on, and so can take requests, be scaled and be disrupted.
    pub fn serves(&self) -> bool {
        matches!(self.workload(), Kind::Deployment | Kind::StatefulSet)
    }

    /// The port of its Kubernetes Service; `None` when it takes no requests.
    pub fn address(&self) -> Option<i32> {
        address(self.service)
    }

    /// The mounted files by folder, in whatever order the manifest has them: another order
    /// of the same must not roll the pods.
    pub fn config(&self) -> Vec<&'a ConfigFiles> {
        let mut config: Vec<_> = self.service.config.iter().collect();
        config.sort_by_key(|config| &config.mount_path);
        config
    }

    /// The claims by name: a StatefulSet's list of them can never change.
    pub fn storage(&self) -> Vec<&'a Storage> {
        let mut storage: Vec<_> = self.service.storage.iter().collect();
        storage.sort_by_key(|storage| &storage.name);
        storage
    }

    /// The labels of an object that is `component` to the app.
    pub fn labels(&self, component: &str) -> BTreeMap<String, String> {
        names::labels(&self.app.name, self.name(), component)
    }

    /// The metadata of an object of the service that no version changes.
    pub fn meta(&self, name: &str) -> ObjectMeta {
        meta::owned(self.app, name, self.labels(SERVICE))
    }

    /// The metadata of an object that becomes ready in a version: a workload or a Job.
    pub fn versioned_meta(&self, name: &str, component: &str) -> ObjectMeta {
        let mut labels = self.labels(component);
        labels.insert(names::VERSION_LABEL.to_owned(), self.version());
        meta::owned(self.app, name, labels)
    }

    /// Selects the service's serving pods: not those of its migrations, which have no
    /// track, and not those of a canary, which have another.
    pub fn selector(&self) -> LabelSelector {
        LabelSelector {
            match_labels: Some(self.selector_labels()),
            ..LabelSelector::default()
        }
    }

    /// The labels that the selector names.
    pub fn selector_labels(&self) -> BTreeMap<String, String> {
        let mut labels = names::selector(&self.app.name, self.name());
        labels.insert(names::TRACK_LABEL.to_owned(), "stable".to_owned());
        labels
    }

    /// The ports at which it speaks to servers and to no service: these are not of its mesh.
    pub fn past_mesh(&self) -> BTreeSet<i32> {
        &self.bindings.ports - &self.dialled
    }

    /// What the pods of the service and of its migration wait for: its databases.
    pub fn database_needs(&self) -> BTreeSet<NodeId> {
        self.bindings.needs.clone()
    }

    fn warnings(&self) -> Vec<String> {
        let name = self.name();
        let mut warnings: Vec<String> = self
            .settings
            .above_limits()
            .map(|(resource, request, limit)| format!("{name}: all layers together, its request of {request} {resource} is above its limit of {limit}, and the API server refuses such pods: raise resources.limits.{resource} where the request was raised"))
            .collect();
        let entry = self.app.services.get(name);
        let stated = entry.and_then(|entry| entry.replicas);
        if let Some(number) = stated.filter(|_| !self.serves()) {
            warnings.push(format!("{name}: replicas: {number} of the app is not used, for a cron or job has no pods that run on: take it out"));
        }
        warnings.extend(mesh::warnings(self));
        warnings.extend(source::warnings(self));
        if self.service.security.run_as_root == Some(true) {
            warnings.push(format!("{name} runs as root (security.runAsRoot): a namespace under Pod Security restricted refuses its pods"));
        }
        warnings
    }
}

/// The port at which other services reach it; `None` when it takes no requests.
pub(super) fn address(service: &ValidService) -> Option<i32> {
    match service.type_ {
        ServiceType::Cron | ServiceType::Job => None,
        ServiceType::Api | ServiceType::Web | ServiceType::Worker => service
            .port
            .map(|port| service.service_port.unwrap_or(port)),
    }
}

/// The dependencies that are there and take requests, with the ports of their pods.
fn calls<'a>(service: &'a ValidService, resolution: &Resolution) -> BTreeMap<&'a str, i32> {
    let callee = |name: &'a String| {
        let callee = resolution.services.get(name)?.service.as_ref();
        address(callee)?;
        Some((name.as_str(), callee.port?))
    };
    service.dependencies.keys().filter_map(callee).collect()
}

/// The ports of the Kubernetes Services of these.
fn dialled(service: &ValidService, resolution: &Resolution) -> BTreeSet<i32> {
    let callees = service.dependencies.keys();
    callees
        .filter_map(|name| address(&resolution.services.get(name)?.service))
        .collect()
}

/// The ordered dependencies that are there: an optional one may be absent.
fn ordered<'a>(service: &'a ValidService, resolution: &Resolution) -> BTreeSet<&'a str> {
    service
        .dependencies
        .iter()
        .filter(|(name, dependency)| dependency.ordered && resolution.services.contains_key(*name))
        .map(|(name, _)| name.as_str())
        .collect()
}
