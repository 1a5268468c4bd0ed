//! What the operator counts and measures, as Prometheus reads it.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// The `Content-Type` of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// In seconds. A reconcile waits for nothing, so a slow one takes milliseconds.
const BUCKETS: [f64; 13] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
];

/// How a reconcile left its app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As wanted.
    Ready,
    /// On the way.
    Progressing,
    /// Somebody must act.
    Stalled,
    /// Gone, or on the way to that.
    Deleting,
}

/// What was asked of the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A server-side apply.
    Apply,
    /// A creation.
    Create,
    /// A deletion.
    Delete,
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteResult {
    /// The API server took it.
    Taken,
    /// It failed in a way that passes, and is tried again.
    Retried,
    /// The API server refused it, and somebody must act.
    Refused,
}

/// The operator's metrics. Each method may be called from any thread.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    reconciles: Family<OutcomeLabel, Counter>,
    reconcile_duration: Histogram,
    writes: Family<WriteLabels, Counter>,
    app_ready: Family<AppLabels, Gauge>,
    app_services: Family<AppLabels, Gauge>,
    app_services_ready: Family<AppLabels, Gauge>,
    objects: Gauge,
    leader: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WriteLabels {
    kind: &'static str,
    verb: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AppLabels {
    namespace: String,
    app: String,
}

impl Metrics {
    /// Metrics of this version of Gravity, all of them zero.
    pub fn new(version: &str) -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("gravity"),
            reconciles: Family::default(),
            reconcile_duration: Histogram::new(BUCKETS),
            writes: Family::default(),
            app_ready: Family::default(),
            app_services: Family::default(),
            app_services_ready: Family::default(),
            objects: Gauge::default(),
            leader: Gauge::default(),
        };
        metrics.register_work();
        metrics.register_apps();
        let build = Info::new(vec![("version", version.to_owned())]);
        let help = "The version of Gravity that runs";
        metrics.registry.register("build", help, build);
        metrics
    }

    /// A reconcile took so long and left its app so.
    pub fn reconciled(&self, duration: Duration, outcome: Outcome) {
        let outcome = outcome.label();
        self.reconciles
            .get_or_create(&OutcomeLabel { outcome })
            .inc();
        self.reconcile_duration.observe(duration.as_secs_f64());
    }

    /// A write was answered. The kind is Kubernetes' name of it, as `Deployment`.
    pub fn wrote(&self, kind: &'static str, verb: Verb, result: WriteResult) {
        let labels = WriteLabels {
            kind,
            verb: verb.label(),
            result: result.label(),
        };
        self.writes.get_or_create(&labels).inc();
    }

    /// Where an app stands: whether it is ready, of how many services, and how many of
    /// these are.
    pub fn app(&self, namespace: &str, name: &str, ready: bool, services: usize, up: usize) {
        let labels = AppLabels::new(namespace, name);
        let set = |family: &Family<AppLabels, Gauge>, number| {
            family.get_or_create(&labels).set(number);
        };
        set(&self.app_ready, i64::from(ready));
        set(&self.app_services, whole(services));
        set(&self.app_services_ready, whole(up));
    }

    /// An app is gone: its series end, or they would tell its last state for ever.
    pub fn forget_app(&self, namespace: &str, name: &str) {
        let labels = AppLabels::new(namespace, name);
        for family in [
            &self.app_ready,
            &self.app_services,
            &self.app_services_ready,
        ] {
            family.remove(&labels);
        }
    }

    /// So many objects are in the caches.
    pub fn objects(&self, number: usize) {
        self.objects.set(whole(number));
    }

    /// Whether this process holds the Lease.
    pub fn leader(&self, held: bool) {
        self.leader.set(i64::from(held));
    }

    /// All of them as OpenMetrics text, of the type [`CONTENT_TYPE`].
    ///
    /// # Errors
    /// A label could not be formatted, which none of ours does.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn register_work(&mut self) {
        let registry = &mut self.registry;
        let help = "Reconciles of an app, by how they left it";
        registry.register("reconciles", help, self.reconciles.clone());
        let help = "How long a reconcile takes, without the writes that it starts";
        let duration = self.reconcile_duration.clone();
        registry.register_with_unit("reconcile_duration", help, Unit::Seconds, duration);
        let help = "Writes that the API server answered";
        registry.register("writes", help, self.writes.clone());
        let help = "Objects in the caches";
        registry.register("objects", help, self.objects.clone());
        let help = "Whether this process holds the Lease and writes";
        registry.register("leader", help, self.leader.clone());
    }

    fn register_apps(&mut self) {
        let registry = &mut self.registry;
        let help = "Whether all of an app is ready";
        registry.register("app_ready", help, self.app_ready.clone());
        let help = "Services of an app";
        registry.register("app_services", help, self.app_services.clone());
        let help = "Services of an app that are ready";
        registry.register("app_services_ready", help, self.app_services_ready.clone());
    }
}

impl Outcome {
    const fn label(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Progressing => "progressing",
            Self::Stalled => "stalled",
            Self::Deleting => "deleting",
        }
    }
}

impl Verb {
    const fn label(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Create => "create",
            Self::Delete => "delete",
        }
    }
}

impl WriteResult {
    const fn label(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Retried => "retried",
            Self::Refused => "refused",
        }
    }
}

impl AppLabels {
    fn new(namespace: &str, app: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            app: app.to_owned(),
        }
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Metrics {
        let metrics = Metrics::new("1.2.3");
        metrics.reconciled(Duration::from_millis(2), Outcome::Progressing);
        metrics.wrote("Deployment", Verb::Apply, WriteResult::Taken);
        metrics.app("shop", "shop", false, 10, 4);
        metrics.objects(51);
        metrics.leader(true);
        metrics
    }

    #[test]
    fn the_text_that_prometheus_reads() {
        insta::assert_snapshot!(filled().encode().unwrap());
    }

    #[test]
    fn an_app_that_is_gone_leaves_no_series() {
        let metrics = filled();
        metrics.app("shop", "blog", true, 1, 1);
        metrics.forget_app("shop", "shop");
        let text = metrics.encode().unwrap();
        assert!(!text.contains(r#"app="shop""#), "{text}");
        assert_eq!(text.matches(r#"namespace="shop",app="blog""#).count(), 3);
    }
}
