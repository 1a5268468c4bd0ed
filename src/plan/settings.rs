//! The values of a service from all layers: the app's entry for it, then the chosen
//! environment, then the manifest, then Gravity's default. The first that states a value
//! wins, of variables and resources each key by itself.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::api::IntOrText;
use crate::api::secrets::RemoteRef;
use crate::api::service::{Resources, ScalingMetric};
use crate::validate::{Layer, ValidApp, ValidService, ValueSource, is_above};

/// What the layers come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    pub replicas: Replicas,
    pub env: BTreeMap<String, Stated>,
    pub resources: ResourceRequirements,
}

impl Settings {
    /// The variables whose values stand somewhere else.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &ValueSource)> {
        self.env
            .iter()
            .filter_map(|(name, stated)| match &stated.value {
                Value::From(source) => Some((name.as_str(), source)),
                Value::Text(_) => None,
            })
    }

    /// Those that stand in the app's secret store.
    pub fn remote(&self) -> Vec<(&str, &RemoteRef)> {
        let remote = self.sources().filter_map(|(name, source)| match source {
            ValueSource::Remote(remote) => Some((name, remote)),
            ValueSource::Secret(_) | ValueSource::ConfigMap(_) => None,
        });
        remote.collect()
    }

    /// The resources of which more is requested than is allowed: name, request, limit.
    /// Each layer is right by itself, but one may raise what another bounds.
    pub fn above_limits(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let limits = self.resources.limits.as_ref();
        let requests = self.resources.requests.iter().flatten();
        requests.filter_map(move |(name, request)| {
            let limit = limits?.get(name)?;
            is_above(name, &request.0, &limit.0).then_some((name.as_str(), &*request.0, &*limit.0))
        })
    }
}

/// How many pods run.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Replicas {
    /// So many.
    Fixed(i32),
    /// As many as the autoscaler finds right.
    Scaled {
        min: i32,
        max: i32,
        metrics: Vec<ScalingMetric>,
    },
}

impl Replicas {
    /// The fewest pods.
    pub fn least(&self) -> i32 {
        match self {
            Self::Fixed(number) => *number,
            Self::Scaled { min, .. } => *min,
        }
    }

    /// The most pods.
    pub fn most(&self) -> i32 {
        match self {
            Self::Fixed(number) => *number,
            Self::Scaled { max, .. } => *max,
        }
    }

    /// The number that the workload states: none where an autoscaler owns it.
    pub fn stated(&self) -> Option<i32> {
        match self {
            Self::Fixed(number) => Some(*number),
            Self::Scaled { .. } => None,
        }
    }

    /// The number to state once, at creation, where an autoscaler owns it afterwards.
    pub fn initial(&self) -> Option<i32> {
        match self {
            Self::Fixed(_) => None,
            Self::Scaled { min, .. } => Some(*min),
        }
    }
}

/// What a variable is, and the layer that states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    pub value: Value,
    pub source: Source,
}

/// What a variable is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    From(ValueSource),
}

impl Value {
    /// The field that states it.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Text(_) => "env",
            Self::From(_) => "envValueFrom",
        }
    }
}

impl fmt::Display for Stated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.value.field(), self.source)
    }
}

/// A layer, from the weakest to the strongest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Manifest,
    Environment(String),
    App,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest => formatter.write_str("its manifest"),
            Self::Environment(name) => write!(formatter, "the environment {name}"),
            Self::App => formatter.write_str("the app"),
        }
    }
}

/// Merges the layers of a service.
pub(super) fn settings(app: &ValidApp, service: &ValidService) -> Settings {
    let absent = Layer::default();
    let entry = app.services.get(&service.name).unwrap_or(&absent);
    Settings {
        replicas: replicas(service, [&app.overlay, entry]),
        env: env(app, service, entry),
        resources: resources([&service.resources, &app.overlay.resources, &entry.resources]),
    }
}

/// A number in a stronger layer than the manifest fixes it: there is no autoscaler then,
/// for the two would pull at one field.
fn replicas(service: &ValidService, weakest_first: [&Layer; 2]) -> Replicas {
    let fixed = weakest_first.iter().rev().find_map(|layer| layer.replicas);
    let scaling = &service.scaling;
    match fixed {
        Some(number) => Replicas::Fixed(number),
        None if scaling.max > scaling.min => Replicas::Scaled {
            min: scaling.min,
            max: scaling.max,
            metrics: scaling.metrics.clone(),
        },
        None => Replicas::Fixed(scaling.min),
    }
}

fn env(app: &ValidApp, service: &ValidService, entry: &Layer) -> BTreeMap<String, Stated> {
    let environment = Source::Environment(app.environment.clone().unwrap_or_default());
    let layers = [
        (&service.env, &service.env_value_from, Source::Manifest),
        (&app.overlay.env, &app.overlay.env_value_from, environment),
        (&entry.env, &entry.env_value_from, Source::App),
    ];
    let mut merged = BTreeMap::new();
    for (texts, sources, source) in layers {
        let texts = texts.iter();
        let texts = texts.map(|(name, text)| (name, Value::Text(text.clone())));
        let sources = sources.iter();
        let sources = sources.map(|(name, from)| (name, Value::From(from.clone())));
        for (name, value) in texts.chain(sources) {
            let source = source.clone();
            merged.insert(name.clone(), Stated { value, source });
        }
    }
    merged
}

/// Requests have a default, for the scheduler cannot place what asks for nothing and the
/// autoscaler has no percentage of nothing: 100m and 128Mi, what a small web service
/// takes. A stated limit without a request gets none, for Kubernetes then takes the limit
/// as the request, and a default could lie above it.
///
/// Limits have no default. One that nobody measured kills a process that is well; without
/// it, a node that runs out of memory evicts first what is furthest above its request
/// (kubernetes.io, "Node-pressure Eviction"), and a namespace that wants limits has its
/// own LimitRange, which a default of ours would override.
fn resources(weakest_first: [&Resources; 3]) -> ResourceRequirements {
    let limits = merged(weakest_first.map(|layer| &layer.limits));
    let mut requests = merged(weakest_first.map(|layer| &layer.requests));
    for (name, default) in [("cpu", "100m"), ("memory", "128Mi")] {
        if !limits.contains_key(name) {
            requests
                .entry(name.to_owned())
                .or_insert_with(|| Quantity(default.to_owned()));
        }
    }
    ResourceRequirements {
        limits: (!limits.is_empty()).then_some(limits),
        requests: (!requests.is_empty()).then_some(requests),
        ..ResourceRequirements::default()
    }
}

fn merged(weakest_first: [&BTreeMap<String, IntOrText>; 3]) -> BTreeMap<String, Quantity> {
    weakest_first
        .into_iter()
        .flatten()
        .map(|(name, quantity)| (name.clone(), Quantity(quantity.to_string())))
        .collect()
}
