//! How soon a circuit opens when a service fails, and when it is closed again.

use std::time::{Duration, Instant};

use e2e::{Load, Request, Sent};

use super::Stand;
use crate::table::{Line, time};

const HOST: &str = "breaking.example.com";

const CLIENTS: usize = 4;
const PACE: Duration = Duration::from_millis(20);

/// What `e2e/apps/limits.yaml` says of `breaking`: how long the service is left alone, and how
/// long it is asked by more and more.
const FALLBACK: f64 = 10.0;
const RECOVERY: f64 = 10.0;

/// How long is watched, and how much later than that it may be.
const FAILING: Duration = Duration::from_secs(2);
const HEALING: Duration = Duration::from_secs(22);
const LATE: f64 = 1.0;

/// First every answer is a failure, and then none.
pub(super) async fn measure(stand: &Stand) -> Line {
    stand.serves(&Request::get(HOST, "/answers/200"));
    let failing = load(stand, "/answers/503", FAILING).await;
    let healthy = load(stand, "/answers/200", HEALING).await;
    let Some(opened) = failing.iter().find(|one| is_the_gateways(one)) else {
        return Line::new("a circuit opens", "not at all", "").goal("it does", false);
    };
    let since = |moment: Instant| moment.duration_since(opened.at).as_secs_f64();
    let began = failing.first().map_or(opened.at, |one| one.at);
    let first = healthy.iter().find(|one| one.status() == Some(200));
    let last = healthy.iter().rfind(|one| is_the_gateways(one));
    let first = first.map_or(f64::NAN, |one| since(one.at));
    let closed = last.map_or(f64::NAN, |one| since(one.at));
    let met = first >= FALLBACK - LATE && closed <= FALLBACK + RECOVERY + LATE;
    let opened_after = opened.at.duration_since(began).as_secs_f64();
    let figure = "a circuit opens after, lets one through, and is closed again";
    let measured = format!("{}; {}; {}", time(opened_after), time(first), time(closed));
    let beside = format!("{FALLBACK} s of fallback and {RECOVERY} s of recovery are set");
    Line::new(figure, measured, beside).goal("as set, within 1 s", met)
}

async fn load(stand: &Stand, path: &str, lasts: Duration) -> Vec<Sent> {
    let load = Load::start(&stand.gateway, &Request::get(HOST, path), CLIENTS, PACE);
    tokio::time::sleep(lasts).await;
    load.end().await
}

/// The service's own answer names it.
fn is_the_gateways(sent: &Sent) -> bool {
    let reply = sent.answer.as_ref();
    reply.is_ok_and(|reply| reply.status == 503 && reply.body.get("service").is_none())
}
