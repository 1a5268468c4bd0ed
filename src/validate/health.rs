//! Probes.

use super::report::Report;
use super::service::Probe;
use super::value::name;
use crate::api::service::{Health, PathOrProbe};

/// The probes of a service: liveness, readiness, startup.
#[derive(Default)]
pub(super) struct Probes {
    pub liveness: Option<Probe>,
    pub readiness: Option<Probe>,
    pub startup: Option<Probe>,
}

pub(super) fn probes(health: &Health, has_port: bool, report: &mut Report) -> Probes {
    let Health {
        liveness,
        readiness,
        startup,
    } = health;
    let stated = [liveness, readiness, startup]
        .into_iter()
        .any(Option::is_some);
    if stated && !has_port {
        report.add(
            "spec.health",
            "there is no port to ask at: add port, or take health out",
        );
    }
    Probes {
        liveness: probe(liveness.as_ref(), "spec.health.liveness", true, report),
        readiness: probe(readiness.as_ref(), "spec.health.readiness", false, report),
        startup: probe(startup.as_ref(), "spec.health.startup", true, report),
    }
}

fn probe(
    stated: Option<&PathOrProbe>,
    at: &str,
    is_once: bool,
    report: &mut Report,
) -> Option<Probe> {
    let probe = match stated? {
        PathOrProbe::Path(path) => Probe {
            path: Some(path.clone()),
            ..Probe::default()
        },
        PathOrProbe::Probe(probe) => Probe {
            path: probe.path.clone(),
            initial_delay: probe.initial_delay_seconds,
            period: probe.period_seconds,
            timeout: probe.timeout_seconds,
            failures: probe.failure_threshold,
            successes: probe.success_threshold,
        },
        PathOrProbe::Other(value) => {
            report.add(at, format!("{value} is no probe: write a path, as /health, or a map of path, initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold and successThreshold"));
            return None;
        }
    };
    check(&probe, at, is_once, report);
    Some(probe)
}

fn check(probe: &Probe, at: &str, is_once: bool, report: &mut Report) {
    if let Some(path) = &probe.path {
        let field = if probe
            == &(Probe {
                path: Some(path.clone()),
                ..Probe::default()
            }) {
            at.to_owned()
        } else {
            format!("{at}.path")
        };
        report.check(field, name::url_path(path));
    }
    let numbers = [
        ("initialDelaySeconds", probe.initial_delay, 0),
        ("periodSeconds", probe.period, 1),
        ("timeoutSeconds", probe.timeout, 1),
        ("failureThreshold", probe.failures, 1),
        ("successThreshold", probe.successes, 1),
    ];
    for (field, number, least) in numbers {
        if let Some(number) = number.filter(|number| *number < least) {
            report.add(
                format!("{at}.{field}"),
                format!("{number} is too small: write {least} or more"),
            );
        }
    }
    // Kubernetes takes no other number for these two.
    if let Some(successes) = probe
        .successes
        .filter(|successes| is_once && *successes > 1)
    {
        report.add(
            format!("{at}.successThreshold"),
            format!("{successes} is for readiness only: write 1, or take the line out"),
        );
    }
}
