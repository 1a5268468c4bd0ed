//! The resolver on a catalogue full of conflicts, made by the same numbers as
//! `cargo bench --bench resolver`.

use std::hint::black_box;
use std::time::Instant;

use gravity::resolve::{Lock, resolve_measured};

use crate::say;
use crate::seeded::{Conflicts, made};
use crate::statistics::Sample;
use crate::table::{Line, time, times};

const RUNS: usize = 21;
const SERVICES: u64 = 1_000;
const VERSIONS: u64 = 20;
const SEED: u64 = 1;

/// Measures with conflicts, and beside it without any.
pub fn measure() -> Vec<Line> {
    say("resolver");
    let (backtracks, with) = resolved(Conflicts::Many);
    let (_, without) = resolved(Conflicts::None);
    let median = with.median();
    let line = Line::new(
        format!("resolve 1,000 services of 20 versions, {backtracks} back-tracks"),
        times(&with),
        format!("without conflicts {}", time(without.median())),
    );
    vec![line.goal("< 50 ms", median < 0.05)]
}

fn resolved(conflicts: Conflicts) -> (u64, Sample) {
    let (app, catalogue) = made(SERVICES, VERSIONS, SEED, conflicts);
    let lock = Lock::new();
    let mut backtracks = 0;
    let run = |_| {
        let start = Instant::now();
        let (outcome, effort) = black_box(resolve_measured(black_box(&app), &catalogue, &lock));
        let time = start.elapsed().as_secs_f64();
        backtracks = effort.backtracks;
        drop(outcome);
        time
    };
    let sample = (0..RUNS).map(run).collect();
    (backtracks, sample)
}
