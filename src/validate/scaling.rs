//! How many pods, and what each may use.

use std::collections::BTreeMap;

use super::report::Report;
use super::service::Scaling;
use super::value::quantity::{Quantity, amount};
use crate::api::IntOrText;
use crate::api::service::{Resources, Scaling as Stated, ScalingMetric};

/// The most pods of one service that Gravity takes: above, a typing error is likelier.
const MOST: i32 = 1_000;

/// The most cores that a bare number is taken for as the average of one pod: a whole large
/// node. Shares of a request, which are mistaken for cores, are above it.
const MOST_CORES: Quantity = Quantity::whole(16);

/// The least memory that a bare number is taken for: one mebibyte, below which no pod runs.
const LEAST_MEMORY: Quantity = Quantity::whole(1 << 20);

pub(super) fn scaling(stated: &Stated, report: &mut Report) -> Scaling {
    let at = "spec.scaling";
    replicas(stated.min_replicas, &format!("{at}.minReplicas"), report);
    replicas(stated.max_replicas, &format!("{at}.maxReplicas"), report);
    // One pod is what works for every service; two would break those that may run once only.
    let min = stated.min_replicas.unwrap_or(1);
    let max = stated.max_replicas.unwrap_or(min);
    if min > max {
        report.add(
            format!("{at}.minReplicas"),
            format!(
                "{min} is above maxReplicas ({max}): write {max} or less, or raise maxReplicas"
            ),
        );
    }
    let types = stated.metrics.iter().map(|metric| metric.type_.as_str());
    report.unique("spec.scaling.metrics", "type", "one", types);
    for (index, metric) in stated.metrics.iter().enumerate() {
        check_metric(metric, &format!("{at}.metrics[{index}]"), report);
    }
    if !stated.metrics.is_empty() && max <= min {
        report.add(format!("{at}.metrics"), format!("there is nothing to scale between {min} and {max}: raise maxReplicas, or take the metrics out"));
    }
    Scaling {
        min,
        max,
        metrics: metrics(stated, max > min),
    }
}

fn metrics(stated: &Stated, is_scaled: bool) -> Vec<ScalingMetric> {
    if stated.metrics.is_empty() && is_scaled {
        // Kubernetes' own default: a fifth is left for the time that a new pod takes.
        let target = IntOrText::Text("80%".to_owned());
        return vec![ScalingMetric {
            type_: "cpu".to_owned(),
            target,
        }];
    }
    stated.metrics.clone()
}

/// A number of pods, where one is stated.
pub(super) fn replicas(number: Option<i32>, field: &str, report: &mut Report) {
    if let Some(number) = number.filter(|number| !(1..=MOST).contains(number)) {
        report.add(
            field,
            format!("{number} is out of range: write 1 to {MOST}"),
        );
    }
}

fn check_metric(metric: &ScalingMetric, at: &str, report: &mut Report) {
    let name = metric.type_.as_str();
    let begins =
        name.starts_with(|first: char| first.is_ascii_alphabetic() || "_:".contains(first));
    let rest = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_:".contains(&byte));
    if !begins || !rest {
        report.add(format!("{at}.type"), format!("{name:?} is no metric: write cpu, memory, or the name of a Pods metric, as http_requests_per_second"));
        return;
    }
    report.check(
        format!("{at}.target"),
        target(name, &metric.target.to_string()),
    );
}

fn target(metric: &str, text: &str) -> Result<(), String> {
    let is_resource = matches!(metric, "cpu" | "memory");
    let Some(share) = text.strip_suffix('%') else {
        return average(metric, text);
    };
    if !is_resource {
        return Err(format!(
            "{text} is a share of what is requested, and nobody requests {metric}: write the average for each pod, as 1000"
        ));
    }
    match share.parse::<u16>() {
        Ok(1..=1_000) => Ok(()),
        _ => Err(format!("{text} is no share: write 1% to 1000%, as 70%")),
    }
}

/// What a pod should have on average, as a quantity.
fn average(metric: &str, text: &str) -> Result<(), String> {
    let quantity = amount(metric, text).map_err(|problem| match metric {
        "cpu" | "memory" => format!("{problem}, or a share of what is requested, as 70%"),
        _ => problem,
    })?;
    if quantity.is_zero() {
        return Err("0 can be no target: write what a pod should have on average".to_owned());
    }
    forgotten_percent(metric, text, quantity).map_or(Ok(()), Err)
}

/// `target: 70` is a quantity, 70 cores for each pod, and 70% was meant: no pod would ever
/// come near it, and nothing would scale. Whoever means so many cores says it by a unit.
fn forgotten_percent(metric: &str, text: &str, quantity: Quantity) -> Option<String> {
    let has_unit = text.ends_with(|last: char| last.is_ascii_alphabetic());
    let (is_implausible, read_as, with_unit) = match metric {
        "cpu" => (
            quantity > MOST_CORES,
            "cores",
            "thousandths of a core, as 20000m",
        ),
        "memory" => (
            quantity < LEAST_MEMORY,
            "bytes",
            "a number with its unit, as 512Mi",
        ),
        _ => return None,
    };
    let share = match text.parse::<u16>() {
        Ok(share @ 1..=100) => format!("{share}%"),
        _ => "70%".to_owned(),
    };
    (is_implausible && !has_unit).then(|| {
        format!(
            "{text} is {text} {read_as} for each pod: write {share} for a share of what is requested, or else {with_unit}"
        )
    })
}

/// Checks quantities, and that no request is above its limit.
pub(super) fn resources(stated: &Resources, at: &str, report: &mut Report) {
    let requests = quantities(&stated.requests, &format!("{at}.requests"), report);
    let limits = quantities(&stated.limits, &format!("{at}.limits"), report);
    for (name, request) in &requests {
        if let Some(limit) = limits.get(name).filter(|limit| *limit < request) {
            let _ = limit;
            let (request, limit) = (&stated.requests[*name], &stated.limits[*name]);
            report.add(format!("{at}.requests.{name}"), format!("{request} is above the limit of {limit}: write {limit} or less, or raise the limit"));
        }
    }
}

/// Whether one quantity of a resource is above another. Each layer is checked by itself;
/// what the layers come to together is for the plan to ask.
pub(crate) fn is_above(resource: &str, one: &str, other: &str) -> bool {
    match (amount(resource, one), amount(resource, other)) {
        (Ok(one), Ok(other)) => one > other,
        _ => false,
    }
}

fn quantities<'a>(
    stated: &'a BTreeMap<String, IntOrText>,
    at: &str,
    report: &mut Report,
) -> BTreeMap<&'a str, Quantity> {
    let mut quantities = BTreeMap::new();
    for (name, value) in stated {
        let field = format!("{at}.{name}");
        if !is_resource(name) {
            let near = super::nearest(name, ["cpu", "memory", "ephemeral-storage"]);
            let hint = near.map_or(
                "write cpu, memory, ephemeral-storage, or an extended resource, as nvidia.com/gpu"
                    .to_owned(),
                |near| format!("write {near}"),
            );
            report.add(field, format!("{name} is no resource of a pod: {hint}"));
        } else if let Some(quantity) = report.check(field, amount(name, &value.to_string())) {
            quantities.insert(name.as_str(), quantity);
        }
    }
    quantities
}

fn is_resource(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage")
        || name.contains('/')
        || name.starts_with("hugepages-")
}

/// The size of a claim.
pub(super) fn size(value: &IntOrText) -> Result<(), String> {
    let quantity = amount("storage", &value.to_string())?;
    if quantity.is_zero() {
        return Err("0 is no size: write one as 10Gi".to_owned());
    }
    Ok(())
}
