//! The HorizontalPodAutoscaler of a service.

use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpec, MetricIdentifier, MetricSpec,
    MetricTarget, PodsMetricSource, ResourceMetricSource,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::graph::PlannedObject;
use super::meta;
use super::settings::Replicas;
use super::wanted::Wanted;
use crate::api::objects::Kind;
use crate::api::service::ScalingMetric;

/// The autoscaler, where the number of pods is a range.
pub(super) fn autoscaler(wanted: &Wanted) -> Option<PlannedObject> {
    let Replicas::Scaled { min, max, metrics } = &wanted.settings.replicas else {
        return None;
    };
    let workload = wanted.workload();
    let object = HorizontalPodAutoscaler {
        metadata: wanted.meta(wanted.name()),
        spec: Some(HorizontalPodAutoscalerSpec {
            scale_target_ref: CrossVersionObjectReference {
                api_version: Some(workload.api_version()),
                kind: workload.to_string(),
                name: wanted.name().to_owned(),
            },
            min_replicas: Some(*min),
            max_replicas: *max,
            metrics: Some(metrics.iter().map(metric).collect()),
            behavior: Some(behavior()),
        }),
        ..HorizontalPodAutoscaler::default()
    };
    let kind = Kind::HorizontalPodAutoscaler;
    Some(meta::planned(wanted.app, kind, wanted.name(), &object))
}

fn metric(stated: &ScalingMetric) -> MetricSpec {
    let target = target(&stated.target.to_string());
    match stated.type_.as_str() {
        "cpu" | "memory" => MetricSpec {
            type_: "Resource".to_owned(),
            resource: Some(ResourceMetricSource {
                name: stated.type_.clone(),
                target,
            }),
            ..MetricSpec::default()
        },
        name => MetricSpec {
            type_: "Pods".to_owned(),
            pods: Some(PodsMetricSource {
                metric: MetricIdentifier {
                    name: name.to_owned(),
                    ..MetricIdentifier::default()
                },
                target,
            }),
            ..MetricSpec::default()
        },
    }
}

/// A percentage is a share of what is requested, anything else an average for each pod.
fn target(stated: &str) -> MetricTarget {
    match stated.strip_suffix('%').map(str::parse) {
        Some(Ok(percent)) => MetricTarget {
            type_: "Utilization".to_owned(),
            average_utilization: Some(percent),
            ..MetricTarget::default()
        },
        _ => MetricTarget {
            type_: "AverageValue".to_owned(),
            average_value: Some(Quantity(stated.to_owned())),
            ..MetricTarget::default()
        },
    }
}

/// Up at once, for requests wait, and as fast as Kubernetes does by default. Down to what
/// the last five minutes needed at the most, and by a half a minute, for a gap between two
/// waves of requests, or in the metrics, is soon over.
fn behavior() -> HorizontalPodAutoscalerBehavior {
    HorizontalPodAutoscalerBehavior {
        scale_up: Some(rules(
            0,
            vec![policy("Percent", 100, 15), policy("Pods", 4, 15)],
        )),
        scale_down: Some(rules(
            300,
            vec![policy("Percent", 50, 60), policy("Pods", 1, 60)],
        )),
    }
}

/// Of several policies the one counts that allows the most.
fn rules(window: i32, policies: Vec<HPAScalingPolicy>) -> HPAScalingRules {
    HPAScalingRules {
        stabilization_window_seconds: Some(window),
        select_policy: Some("Max".to_owned()),
        policies: Some(policies),
        ..HPAScalingRules::default()
    }
}

/// What may be added or taken in so many seconds.
fn policy(type_: &str, value: i32, period_seconds: i32) -> HPAScalingPolicy {
    HPAScalingPolicy {
        type_: type_.to_owned(),
        value,
        period_seconds,
    }
}
