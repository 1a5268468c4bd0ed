//! `local-cluster`: a real control plane for a shell.

mod command;
mod output;

use std::process::ExitCode;

use clap::Parser as _;
use command::{Arguments, Task};
use local_cluster::{Error, LocalCluster};
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(log_filter())
        .init();
    let result = Runtime::new().map_err(Failure::from).and_then(|runtime| {
        let result = runtime.block_on(run(Arguments::parse()));
        // Else a signal would wait for a build of the programs that is under way.
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(code) => code,
        Err(error) => {
            output::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// The client calls every unanswered question of the start an error; RUST_LOG shows them.
fn log_filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,kube_client=off"))
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.task {
        Task::Up { cluster, output } => up(cluster, output).await,
        Task::Run { cluster, command } => command::run(cluster.into(), &command).await,
    }
}

/// Keeps a cluster until a signal comes.
async fn up(
    options: command::ClusterArguments,
    format: output::Format,
) -> Result<ExitCode, Failure> {
    let mut signals = command::Signals::listen()?;
    let cluster = tokio::select! {
        cluster = LocalCluster::start(options.into()) => cluster?,
        _ = signals.next() => return Ok(ExitCode::FAILURE),
    };
    output::ready(&cluster, format)?;
    let ended = tokio::select! {
        ended = until_a_program_ends(&cluster) => Err(ended.into()),
        _ = signals.next() => Ok(ExitCode::SUCCESS),
    };
    cluster.stop().await;
    ended
}

async fn until_a_program_ends(cluster: &LocalCluster) -> Error {
    loop {
        if let Err(error) = cluster.check() {
            return error;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

/// What ends the program with an error.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Cluster(#[from] Error),
    #[error("{0} could not be run: {1}")]
    Command(String, std::io::Error),
    #[error(transparent)]
    Other(#[from] std::io::Error),
}
