//! One run of the load, phase by phase, and the table of what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::Stand;
use crate::keepers::{KEEPERS, Keeper};
use crate::passwords::tells_of_one;
use crate::writers::{Load, Outcome, Refusal};

/// Whether a request may fail in a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusals {
    Allowed,
    Forbidden,
}

/// What is known at the end of a phase.
struct Phase {
    name: &'static str,
    refusals: Refusals,
    began: Instant,
    took: Duration,
    /// Acknowledged then or earlier, and not to be found any more.
    lost: BTreeSet<String>,
    /// Lines of logs.
    wrong_passwords: Vec<String>,
}

/// The load, and the phases so far.
pub(crate) struct Run {
    load: Load,
    phases: Vec<Phase>,
    /// How much the logs had told before the present phase.
    told: usize,
}

impl Run {
    /// Begins to write.
    pub(crate) fn begin(stand: &Stand) -> Self {
        let url = |service: &'static str| (service, stand.app.way.url(service));
        let services: BTreeMap<_, _> = KEEPERS.iter().map(|keeper| url(keeper.service)).collect();
        Self {
            load: Load::start(&services),
            phases: Vec::new(),
            // Wrong passwords that were tried to see that they are told.
            told: stand.logs.found().len(),
        }
    }

    /// Lets something happen, and sees what came of it.
    pub(crate) async fn phase(
        &mut self,
        name: &'static str,
        refusals: Refusals,
        stand: &mut Stand,
        disturbance: impl AsyncFnOnce(&mut Stand),
    ) {
        self.load.next_phase();
        let began = Instant::now();
        disturbance(stand).await;
        let took = began.elapsed();
        let lost = self.lost(stand);
        let told = stand.logs.found();
        self.phases.push(Phase {
            name,
            refusals,
            began,
            took,
            lost,
            wrong_passwords: told[self.told..].to_vec(),
        });
        self.told = told.len();
    }

    /// What was acknowledged and cannot be found, and was not missed before.
    fn lost(&self, stand: &Stand) -> BTreeSet<String> {
        let outcomes = self.load.outcomes();
        let mut lost = BTreeSet::new();
        for keeper in &KEEPERS {
            let acknowledged = outcomes
                .iter()
                .filter_map(|it| it.acknowledged.get(keeper.service));
            let acknowledged: BTreeSet<String> = acknowledged.flatten().cloned().collect();
            assert!(
                !acknowledged.is_empty(),
                "nothing was ever written to {}",
                keeper.service
            );
            lost.extend(&acknowledged - &stand.app.kept(keeper));
        }
        let missed = self.phases.iter().flat_map(|phase| &phase.lost);
        &lost - &missed.cloned().collect()
    }

    /// Ends the load, and sees that both promises were kept.
    pub(crate) fn end(self) {
        let outcomes = self.outcomes();
        let rows = std::iter::zip(&self.phases, &outcomes);
        let faults: Vec<String> = rows
            .flat_map(|(phase, outcome)| faults(phase, outcome))
            .collect();
        drop(self);
        let first: Vec<&str> = faults.iter().map(String::as_str).take(20).collect();
        let all = faults.len();
        assert!(
            faults.is_empty(),
            "{all} faults, the first:\n{}",
            first.join("\n")
        );
    }

    /// Those of the phases: the first is of the time before.
    fn outcomes(&self) -> Vec<Outcome> {
        self.load.outcomes().split_off(1)
    }
}

/// The table is told of a run that was cut short, too.
impl Drop for Run {
    fn drop(&mut self) {
        let outcomes = self.outcomes();
        let rows: Vec<_> = std::iter::zip(&self.phases, &outcomes).collect();
        print(&table(&rows));
    }
}

/// What must not have been.
fn faults(phase: &Phase, outcome: &Outcome) -> Vec<String> {
    let lost = phase
        .lost
        .iter()
        .map(|id| format!("{id} was acknowledged, and is lost"));
    let wrong = wrong_passwords(phase, outcome);
    let wrong = wrong
        .iter()
        .map(|line| format!("somebody was turned away: {line}"));
    let is_silent = |keeper: &&Keeper| !outcome.acknowledged.contains_key(keeper.service);
    let silent = KEEPERS.iter().filter(is_silent);
    let silent = silent.map(|keeper| format!("{} wrote nothing at all", keeper.service));
    let all = lost
        .chain(wrong)
        .chain(silent)
        .chain(refusals(phase, outcome));
    all.map(|fault| format!("{}: {fault}", phase.name))
        .collect()
}

/// Requests that failed where none may.
fn refusals(phase: &Phase, outcome: &Outcome) -> Vec<String> {
    let refused = outcome.refused.iter();
    let refused = refused.filter(|_| phase.refusals == Refusals::Forbidden);
    let told = refused.map(|Refusal { service, at, why }| {
        let seconds = at.duration_since(phase.began).as_secs_f64();
        format!(
            "{service} did not write after {seconds:.1} s: {}",
            why.trim_end()
        )
    });
    told.collect()
}

/// Those that logs tell of, and those that came as an answer.
fn wrong_passwords(phase: &Phase, outcome: &Outcome) -> Vec<String> {
    let answers = outcome.refused.iter().map(|refusal| refusal.why.clone());
    let answers = answers.filter(|why| tells_of_one(why));
    phase
        .wrong_passwords
        .iter()
        .cloned()
        .chain(answers)
        .collect()
}

fn table(rows: &[(&Phase, &Outcome)]) -> String {
    let title = row(
        "phase",
        &[
            "seconds",
            "acknowledged",
            "refused",
            "lost",
            "wrong passwords",
        ]
        .map(str::to_owned),
    );
    let numbers = rows.iter().map(|(phase, outcome)| {
        let acknowledged: usize = outcome.acknowledged.values().map(Vec::len).sum();
        row(
            phase.name,
            &[
                format!("{:.1}", phase.took.as_secs_f64()),
                acknowledged.to_string(),
                outcome.refused.len().to_string(),
                phase.lost.len().to_string(),
                wrong_passwords(phase, outcome).len().to_string(),
            ],
        )
    });
    std::iter::once(title).chain(numbers).collect()
}

fn row(name: &str, numbers: &[String; 5]) -> String {
    let [seconds, acknowledged, refused, lost, wrong] = numbers;
    format!("{name:<21}{seconds:>8}{acknowledged:>14}{refused:>9}{lost:>6}{wrong:>17}\n")
}

#[allow(clippy::print_stderr, reason = "the table is for who runs the suite")]
fn print(table: &str) {
    eprint!("{table}");
}
