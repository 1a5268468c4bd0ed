//! The probes of a server.

use k8s_openapi::api::core::v1::{ExecAction, Probe, TCPSocketAction};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::places::Server;

/// How long a server may take to start: after a crash it recovers from its log first, and
/// one that is killed for that starts over. CloudNativePG has the same hour.
const PATIENCE: i32 = 3600;

/// Asks until the server works for the first time; the others do not ask before.
pub(super) fn startup(server: &Server<'_>) -> Probe {
    let period = server.profile().probes.period;
    Probe {
        failure_threshold: Some(PATIENCE / period),
        ..ready(server)
    }
}

/// Asks by the engine's own client whether the server takes requests.
pub(super) fn ready(server: &Server<'_>) -> Probe {
    let probes = &server.profile().probes;
    let command = probes.ready.iter().map(|&word| word.to_owned()).collect();
    Probe {
        exec: Some(ExecAction {
            command: Some(command),
        }),
        period_seconds: Some(probes.period),
        timeout_seconds: Some(probes.timeout),
        failure_threshold: Some(3),
        ..Probe::default()
    }
}

/// Asks whether the process lives, and no more: a server under load that answers late
/// gets no better by being killed.
pub(super) fn live(server: &Server<'_>) -> Probe {
    let port = server.profile().ports.first();
    Probe {
        tcp_socket: port.map(|port| TCPSocketAction {
            port: IntOrString::String(port.name.to_owned()),
            ..TCPSocketAction::default()
        }),
        period_seconds: Some(10),
        timeout_seconds: Some(5),
        failure_threshold: Some(6),
        ..Probe::default()
    }
}
