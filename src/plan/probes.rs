//! The probes of a service: the owner's figures where they are stated, else these.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, HTTPGetAction, Probe, TCPSocketAction};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::validate::{self, ValidService};

/// The name of the container's port, by which probes and the Service refer to it.
pub(super) const PORT_NAME: &str = "http";

/// The container with its probes. One without a port has nothing to ask, and gets none.
pub(super) fn probed(service: &ValidService, container: Container) -> Container {
    if service.port.is_none() {
        return container;
    }
    Container {
        startup_probe: Some(startup(service)),
        readiness_probe: Some(readiness(service)),
        liveness_probe: liveness(service),
        ..container
    }
}

/// Until it has passed, the other two do not ask, so liveness cannot kill a slow start;
/// it gives the start as long as the startup timeout. It asks every second, for what
/// depends on the service waits for the answer; the kubelet asks for readiness at once
/// when it has passed. It asks what liveness would: readiness may wait for others, which
/// is no reason to restart.
fn startup(service: &ValidService) -> Probe {
    let stated = service.startup.clone().unwrap_or_default();
    let path = [&service.startup, &service.liveness, &service.readiness]
        .into_iter()
        .flatten()
        .find_map(|probe| probe.path.clone());
    let period = stated.period.unwrap_or(1);
    let delay = stated.initial_delay.unwrap_or(0);
    let failures = failures(service.startup_timeout, delay, period);
    Probe {
        failure_threshold: Some(stated.failures.unwrap_or(failures)),
        ..probe(
            &validate::Probe { path, ..stated },
            Timing { period, timeout: 3 },
        )
    }
}

/// Every five seconds, so that a sick pod is out of the Service soon; three seconds to
/// answer, for one (Kubernetes' own default) is passed by a single pause of a collector.
/// Without a path, a port that accepts connections is what can be known.
fn readiness(service: &ValidService) -> Probe {
    let stated = service.readiness.clone().unwrap_or_default();
    let timing = Timing {
        period: 5,
        timeout: 3,
    };
    probe(&stated, timing)
}

/// Only where the owner states one: a restart on a guess turns a slow answer into an
/// outage.
fn liveness(service: &ValidService) -> Option<Probe> {
    let timing = Timing {
        period: 10,
        timeout: 5,
    };
    service
        .liveness
        .as_ref()
        .map(|stated| probe(stated, timing))
}

/// The figures of a probe that states none, in seconds.
struct Timing {
    period: i32,
    timeout: i32,
}

fn probe(stated: &validate::Probe, timing: Timing) -> Probe {
    let port = IntOrString::String(PORT_NAME.to_owned());
    let tcp = stated.path.is_none().then(|| TCPSocketAction {
        port: port.clone(),
        ..TCPSocketAction::default()
    });
    Probe {
        http_get: stated.path.clone().map(|path| HTTPGetAction {
            path: Some(path),
            port,
            ..HTTPGetAction::default()
        }),
        tcp_socket: tcp,
        // The API server keeps no delay of zero, and what it does not keep looks like drift.
        initial_delay_seconds: stated.initial_delay.filter(|delay| *delay > 0),
        period_seconds: Some(stated.period.unwrap_or(timing.period)),
        timeout_seconds: Some(stated.timeout.unwrap_or(timing.timeout)),
        failure_threshold: stated.failures,
        success_threshold: stated.successes,
        ..Probe::default()
    }
}

/// So many probes as fill the timeout.
fn failures(timeout: Duration, delay: i32, period: i32) -> i32 {
    let seconds = i32::try_from(timeout.as_secs()).unwrap_or(i32::MAX);
    let left = seconds.saturating_sub(delay).max(1);
    let period = period.max(1);
    left / period + i32::from(left % period > 0)
}
