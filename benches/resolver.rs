//! How fast versions are resolved: a catalogue full of conflicts beside one of the same
//! size without any, in the same run. `cargo bench --bench resolver`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark prints, and may end at what cannot be"
)]

mod seeded;

use std::hint::black_box;
use std::time::{Duration, Instant};

use gravity::resolve::{Effort, Lock, resolve_measured};
use gravity::validate::{Catalogue, ValidApp};
use seeded::{Conflicts, made};

const RUNS: usize = 21;
const SEED: u64 = 1;

fn main() {
    println!(
        "{:<22} {:>9} {:>9} {:>11} {:>9} {:>8} {:>10} {:>10} {:>10}",
        "catalogue",
        "services",
        "versions",
        "back-tracks",
        "undone",
        "chosen",
        "fastest",
        "median",
        "slowest"
    );
    let mut medians = Vec::new();
    for (title, services, conflicts) in [
        ("without conflicts", 1_000, Conflicts::None),
        ("many conflicts", 1_000, Conflicts::Many),
        ("without conflicts", 100, Conflicts::None),
        ("many conflicts", 100, Conflicts::Many),
    ] {
        let versions = 20;
        let (app, catalogue) = made(services, versions, SEED, conflicts);
        let (effort, chosen, times) = measured(&app, &catalogue);
        println!(
            "{title:<22} {services:>9} {versions:>9} {:>11} {:>9} {chosen:>8} {:>10} {:>10} {:>10}",
            effort.backtracks,
            effort.undone,
            milliseconds(times[0]),
            milliseconds(times[RUNS / 2]),
            milliseconds(times[RUNS - 1]),
        );
        medians.push(times[RUNS / 2].as_secs_f64());
    }
    println!(
        "\n1,000 services: conflicts cost {:.1} times the same without",
        medians[1] / medians[0]
    );
}

/// The effort, the number of services chosen, and the times of all runs, sorted.
fn measured(app: &ValidApp, catalogue: &Catalogue) -> (Effort, usize, Vec<Duration>) {
    let lock = Lock::new();
    let (outcome, effort) = resolve_measured(app, catalogue, &lock);
    let chosen = outcome
        .expect("a made catalogue can be resolved")
        .services
        .len();
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(resolve_measured(
                black_box(app),
                black_box(catalogue),
                &lock,
            ))
            .0
            .unwrap();
            start.elapsed()
        })
        .collect();
    times.sort();
    (effort, chosen, times)
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}
