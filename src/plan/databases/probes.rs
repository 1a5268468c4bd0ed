//! The probes of a server.

use k8s_openapi::api::core::v1::{ExecAction, Probe, TCPSocketAction};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::places::Server;

/// How long a server may take to start: after a crash it recovers from its log first, and
/// one that is killed for that starts over. CloudNativePG has the same hour.
const PATIENCE: i32 = 3600;

/// Asks until the server works for the first time; the others do not ask before. It asks
/// oftener than they do, for somebody waits: RabbitMQ is up after six seconds, and whoever
/// asks every thirty learns of it after thirty-one.
pub(super) fn startup(server: &Server<'_>) -> Probe {
    let period = startup_period(server.profile().probes.period);
    Probe {
        period_seconds: Some(period),
        failure_threshold: Some(PATIENCE / period),
        ..ready(server)
    }
}

/// Rarer where a question is costly, as it is later.
fn startup_period(period: i32) -> i32 {
    (period / 5).max(1)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::Engine;

    #[test]
    fn a_server_of_any_engine_is_noticed_soon_after_its_start() {
        for engine in Engine::BUILT_IN {
            let period = startup_period(engine.profile().probes.period);
            assert!((1..=6).contains(&period), "{engine}: {period}");
        }
    }
}
