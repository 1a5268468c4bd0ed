//! `gravity-bench`: measures Gravity beside what it is compared to, in the same run on the
//! same machine, and prints a table. Times are the API server's, from its audit log.
//!
//! ```text
//!  bed (a fresh cluster) ──▶ operator | oracle | rivals ──▶ audit log ──▶ gates ──▶ table
//! ```

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints"
)]

mod audit;
mod bed;
mod bring_up;
mod error;
mod gates;
mod gateway;
mod operator;
mod oracle;
mod platform;
mod render;
mod resolver;
mod rivals;
#[path = "../../../benches/seeded/mod.rs"]
#[allow(
    dead_code,
    clippy::indexing_slicing,
    reason = "shared with the tests of the resolver"
)]
mod seeded;
mod statistics;
mod steady;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
pub use error::Error;
use local_cluster::Readiness;
use table::Line;

/// How long a service takes that is not ready at once.
const DELAY: Duration = Duration::from_secs(2);

/// Measures Gravity beside what it is compared to, in the same run.
#[derive(Debug, Parser)]
#[command(name = "gravity-bench", version)]
struct Arguments {
    /// Measure only this; may be given many times
    #[arg(long, value_enum)]
    only: Vec<Scenario>,
    /// How often each bring-up is measured; the median is told
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many seconds the operator is watched at rest; its watches are renewed after 295
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    steady: u64,
    /// Print the table as Markdown
    #[arg(long)]
    markdown: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// 1,000 services of 20 versions with conflicts
    Resolver,
    /// `gravity render` beside `helm template`
    Render,
    /// The bring-up, each pod ready at once; the gates and what it costs
    Instant,
    /// The bring-up, each pod ready after 2 s
    Delayed,
    /// Requests and memory at rest
    Steady,
    /// The way in, on a real node; only when it is named, for it takes root
    Gateway,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (lines, outcome) = measure(&arguments).await;
    print!("{}", table::table(&lines, arguments.markdown));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gravity-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures what was asked for; what was measured before a failure is still told.
async fn measure(arguments: &Arguments) -> (Vec<Line>, Result<(), Error>) {
    let mut lines = Vec::new();
    for scenario in Scenario::value_variants() {
        if !scenario.is_wanted(&arguments.only) {
            continue;
        }
        match one(*scenario, arguments).await {
            Ok(more) => lines.extend(more),
            Err(error) => return (lines, Err(error)),
        }
    }
    (lines, Ok(()))
}

impl Scenario {
    fn is_wanted(self, only: &[Self]) -> bool {
        only.contains(&self) || only.is_empty() && self != Self::Gateway
    }
}

async fn one(scenario: Scenario, arguments: &Arguments) -> Result<Vec<Line>, Error> {
    match scenario {
        Scenario::Resolver => Ok(resolver::measure()),
        Scenario::Render => render::measure().await,
        Scenario::Instant => bring_up::measure(Readiness::Instant, arguments.rounds).await,
        Scenario::Delayed => bring_up::measure(Readiness::After(DELAY), arguments.rounds).await,
        Scenario::Steady => steady::measure(Duration::from_secs(arguments.steady)).await,
        Scenario::Gateway => gateway::measure(arguments.rounds).await,
    }
}

/// Tells what is being done.
pub fn say(text: &str) {
    eprintln!("{text}");
}
