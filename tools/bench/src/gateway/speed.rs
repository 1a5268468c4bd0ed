//! Requests a second, and how long they take: by a route of Gravity's, by one that a person
//! wrote, without a gateway, and of the gateway alone.

use e2e::{Desk, Request};

use super::Stand;
use super::wrk::{self, Run, SECONDS};
use crate::Error;
use crate::statistics::Sample;
use crate::table::{Line, times};

/// What is asked for: the service does nothing for it.
const PATH: &str = "/health";

/// The goals, where the machine lets Traefik reach them by a minimal route.
const A_SECOND: f64 = 10_000.0;
const P95: f64 = 0.05;

/// By this one all are told apart: Gravity's, the minimal one, straight, Traefik alone.
const WAYS: usize = 4;

const MINIMAL: &str = "minimal.example.com";
const ALONE: &str = "alone.example.com";

/// In turns, so that what else the machine does meets all of them.
pub(super) async fn measure(stand: &Stand, rounds: usize) -> Result<Vec<Line>, Error> {
    for host in [Desk::HOST, MINIMAL, ALONE] {
        stand.serves(&Request::get(host, PATH));
    }
    let gateway = format!("http://{}{PATH}", stand.gateway.address(false));
    let straight = stand.bed.way(stand.kubectl()).url("counter") + PATH;
    let ways: [(&str, &str); WAYS] = [
        (&gateway, Desk::HOST),
        (&gateway, MINIMAL),
        (&straight, MINIMAL),
        (&gateway, ALONE),
    ];
    let mut runs: [Vec<Run>; WAYS] = Default::default();
    for (url, host) in ways {
        wrk::run(url, host, 1).await?;
    }
    for _ in 0..rounds.max(1) {
        for ((url, host), runs) in ways.iter().zip(&mut runs) {
            runs.push(wrk::run(url, host, SECONDS).await?);
        }
    }
    Ok(lines(&runs))
}

fn lines(runs: &[Vec<Run>; WAYS]) -> Vec<Line> {
    let [speed, p50, p95, p99]: [[Sample; WAYS]; 4] = [
        sample(runs, |run| run.a_second),
        sample(runs, |run| run.p50),
        sample(runs, |run| run.p95),
        sample(runs, |run| run.p99),
    ];
    let beside = |told: [String; WAYS]| {
        let [_, minimal, straight, alone] = told;
        format!("minimal route {minimal}; no gateway {straight}; Traefik alone {alone}")
    };
    let line = |figure: &str, told: [String; WAYS]| {
        Line::new(figure, told[0].clone(), beside(told.clone()))
    };
    let (reached, possible) = (speed[0].median(), speed[1].median());
    let share = 100.0 * reached / possible;
    let mut speed_line = line(
        "requests a second, Gravity's route",
        speed.each_ref().map(rates),
    );
    // What it does not do by the least route is no goal by another one.
    let mut p95_line = line("their p95", p95.each_ref().map(times));
    if possible >= A_SECOND {
        speed_line = speed_line.goal("≥ 10,000", reached >= A_SECOND);
        p95_line = p95_line.goal("< 50 ms", p95[0].median() < P95);
    }
    vec![
        speed_line,
        Line::new(
            "of what a minimal route reaches",
            format!("{share:.1} %"),
            "",
        ),
        line("their p50", p50.each_ref().map(times)),
        p95_line,
        line("their p99", p99.each_ref().map(times)),
        line("answers of 400 and above, or none", errors(runs)),
    ]
}

fn sample(runs: &[Vec<Run>; WAYS], of: impl Fn(&Run) -> f64) -> [Sample; WAYS] {
    runs.each_ref().map(|runs| runs.iter().map(&of).collect())
}

fn errors(runs: &[Vec<Run>; WAYS]) -> [String; WAYS] {
    let sum = |runs: &Vec<Run>| runs.iter().map(|run| run.errors).sum::<u64>();
    runs.each_ref().map(|runs| sum(runs).to_string())
}

/// The median and the spread, in whole requests.
fn rates(sample: &Sample) -> String {
    let (least, most) = sample.spread();
    format!("{:.0} ({least:.0} to {most:.0})", sample.median())
}
