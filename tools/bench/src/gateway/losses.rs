//! Requests that are lost while something happens to the service.

use std::time::{Duration, Instant};

use e2e::{Desk, Load, Request, lost};

use super::Stand;
use crate::say;
use crate::table::{Line, time};

const CLIENTS: usize = 8;
const PACE: Duration = Duration::from_millis(20);

/// What happens to the service.
struct Disturbance {
    what: &'static str,
    happens: fn(&Desk),
    /// How many requests may be lost.
    most: usize,
}

/// What a pod that is killed without a word was answering is lost: nobody but its client knows
/// whether it may be done twice.
const DISTURBANCES: [Disturbance; 5] = [
    calm("a rolling update", |desk| desk.rolls_out("1.1.0")),
    calm("a scale from 3 to 1", |desk| desk.scales("1.1.0", 1)),
    calm("a scale from 1 to 3", |desk| desk.scales("1.1.0", 3)),
    calm("the deletion of a pod", Desk::loses_a_pod),
    Disturbance {
        what: "the kill of a pod's processes",
        happens: Desk::is_killed,
        most: CLIENTS,
    },
];

const fn calm(what: &'static str, happens: fn(&Desk)) -> Disturbance {
    Disturbance {
        what,
        happens,
        most: 0,
    }
}

/// One after another.
pub(super) async fn measure(stand: &Stand) -> Vec<Line> {
    let mut lines = Vec::new();
    for disturbance in DISTURBANCES {
        lines.push(lost_during(stand, &disturbance).await);
    }
    lines
}

async fn lost_during(stand: &Stand, disturbance: &Disturbance) -> Line {
    let Disturbance {
        what,
        happens,
        most,
    } = *disturbance;
    let request = Request::get(Desk::HOST, "/answers/200");
    stand.serves(&request);
    let started = Instant::now();
    let load = Load::start(&stand.gateway, &request, CLIENTS, PACE);
    let sent = load.during(|| happens(&stand.desk)).await;
    let took = time(started.elapsed().as_secs_f64());
    let lost = lost(&sent);
    for told in &lost {
        say(&format!("lost, {what}: {told}"));
    }
    let goal = match most {
        0 => "0".to_owned(),
        most => format!("≤ {most}, those under way"),
    };
    Line::new(
        format!("requests lost, {what}"),
        lost.len().to_string(),
        format!("of {} in {took}", sent.len()),
    )
    .goal(goal, lost.len() <= most)
}
