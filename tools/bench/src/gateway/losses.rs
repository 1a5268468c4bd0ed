//! Requests that are lost while something happens to the service.

use std::time::{Duration, Instant};

use e2e::{Desk, Load, Request, lost};

use super::Stand;
use crate::table::{Line, time};

const CLIENTS: usize = 8;
const PACE: Duration = Duration::from_millis(20);

/// What happens to the service, by which host it is asked meanwhile, and how it happens.
type Disturbance = (&'static str, &'static str, fn(&Desk));

/// By a route of Gravity's, but for the pod that is killed without a word: there what never
/// reached it is sent to another one, by a middleware.
pub(super) async fn measure(stand: &Stand) -> Vec<Line> {
    const RETRIED: &str = "retried.example.com";
    let disturbances: [Disturbance; 5] = [
        ("a rolling update", Desk::HOST, |desk| {
            desk.rolls_out("1.1.0")
        }),
        ("a scale from 3 to 1", Desk::HOST, |desk| {
            desk.scales("1.1.0", 1)
        }),
        ("a scale from 1 to 3", Desk::HOST, |desk| {
            desk.scales("1.1.0", 3)
        }),
        ("the deletion of a pod", Desk::HOST, Desk::loses_a_pod),
        (
            "the kill of a pod's processes, with retries",
            RETRIED,
            Desk::is_killed,
        ),
    ];
    let mut lines = Vec::new();
    for (what, host, disturb) in disturbances {
        let request = Request::get(host, "/answers/200");
        stand.serves(&request);
        let started = Instant::now();
        let load = Load::start(&stand.gateway, &request, CLIENTS, PACE);
        let sent = load.during(|| disturb(&stand.desk)).await;
        let lost = lost(&sent).len();
        let beside = format!(
            "of {} in {}",
            sent.len(),
            time(started.elapsed().as_secs_f64())
        );
        let line = Line::new(format!("requests lost, {what}"), lost.to_string(), beside);
        lines.push(line.goal("0", lost == 0));
    }
    lines
}
