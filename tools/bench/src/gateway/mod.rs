//! What the way in costs and promises, on a real node: requests go through Traefik, and
//! beside them to the same service straight, by a route that a person wrote, and to Traefik
//! alone.
//!
//! Traefik keeps no access log meanwhile. All of it shares the machine's processors: the load, the gateway, the service, the node.

mod circuit;
mod limits;
mod losses;
mod opening;
mod speed;
mod wrk;

use std::time::Duration;

use e2e::{Bed, Desk, Kubectl, Reply, Request, Traefik};

use crate::table::Line;
use crate::{Error, say};

/// What a person wrote, beside what Gravity makes of the apps.
const OBJECTS: &str = include_str!("objects.yaml");

/// How long a route may take to be served.
const LIMIT: Duration = Duration::from_secs(60);

/// A cluster with the operator, the gateway and a service behind it. What goes wrong with any
/// of them ends the program: it is no figure.
struct Stand {
    bed: Bed,
    gateway: Traefik,
    desk: Desk,
}

/// Measures all of it.
pub async fn measure(rounds: usize) -> Result<Vec<Line>, Error> {
    let stand = Stand::start().await;
    say("gateway: requests a second");
    let mut lines = speed::measure(&stand, rounds).await?;
    say("gateway: from ready to served");
    lines.push(opening::measure(&stand, rounds).await?);
    say("gateway: requests lost");
    lines.extend(losses::measure(&stand).await);
    say("gateway: the circuit");
    lines.push(circuit::measure(&stand).await);
    say("gateway: the limits");
    lines.extend(limits::measure(&stand).await);
    stand.bed.stop().await;
    Ok(lines)
}

impl Stand {
    async fn start() -> Self {
        say("gateway: the node, Traefik and a service of three replicas");
        let bed = Bed::with_gateways().await;
        let gateway = Traefik::silent(&bed, 1);
        let desk = Desk::start(&bed);
        let stand = Self { bed, gateway, desk };
        stand.kubectl().answer(&["apply", "--filename=-"], OBJECTS);
        let limits = stand.bed.namespace("limits");
        limits.answer(&["apply", "--filename=-"], &Bed::app("limits.yaml"));
        let ready = [
            "wait",
            "gravityapp",
            "limits",
            "--for=condition=Ready",
            "--timeout=5s",
        ];
        limits.wait(LIMIT, &ready);
        stand
    }

    fn kubectl(&self) -> &Kubectl {
        self.desk.kubectl()
    }

    /// Waits until the gateway serves a host.
    fn serves(&self, request: &Request) {
        let is_served = |reply: &Reply| reply.status == 200;
        self.gateway.wait(LIMIT, request, is_served);
    }
}
