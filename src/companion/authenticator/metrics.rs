//! What an authenticator counts.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::answer::Answer;

/// From a signature that is checked to a service that is slow, in seconds.
const BUCKETS: [f64; 8] = [0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    policy: String,
    answer: &'static str,
}

/// The counters.
pub struct Metrics {
    registry: Registry,
    checks: Family<Labels, Counter>,
    duration: Histogram,
}

impl Metrics {
    /// Nothing is counted yet.
    pub fn new() -> Self {
        let (checks, duration) = (Family::default(), Histogram::new(BUCKETS));
        let mut registry = Registry::with_prefix("gravity_authenticator");
        registry.register("checks", "Requests that were checked", checks.clone());
        registry.register(
            "check_duration_seconds",
            "How long a check took",
            duration.clone(),
        );
        Self {
            registry,
            checks,
            duration,
        }
    }

    /// Counts one check.
    pub fn checked(&self, policy: &str, answer: &Answer, took: Duration) {
        let labels = Labels {
            policy: policy.to_owned(),
            answer: answer.word(),
        };
        self.checks.get_or_create(&labels).inc();
        self.duration.observe(took.as_secs_f64());
    }

    /// All of them, as Prometheus reads them.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
