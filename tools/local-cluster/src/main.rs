//! `local-cluster`: a real control plane for a shell.

mod command;
mod output;

use std::process::ExitCode;

use clap::Parser as _;
use command::{Arguments, Task};
use local_cluster::{Error, LocalCluster, Operator, OperatorOptions, Options};
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
        Task::Up {
            cluster,
            operator,
            output,
        } => up(cluster.try_into()?, operator.into(), output).await,
        Task::Run {
            cluster,
            operator,
            command,
        } => command::run(cluster.try_into()?, operator.into(), &command).await,
    }
}

/// Keeps a cluster until a signal comes.
async fn up(
    options: Options,
    operator: Option<OperatorOptions>,
    format: output::Format,
) -> Result<ExitCode, Failure> {
    let mut signals = command::Signals::listen()?;
    let (cluster, mut operator) = tokio::select! {
        started = command::start(options, operator) => started?,
        _ = signals.next() => return Ok(ExitCode::FAILURE),
    };
    output::ready(&cluster, operator.as_ref(), format)?;
    let ended = tokio::select! {
        ended = until_a_program_ends(&cluster, operator.as_mut()) => Err(ended.into()),
        _ = signals.next() => Ok(ExitCode::SUCCESS),
    };
    command::stop(cluster, operator).await;
    ended
}

async fn until_a_program_ends(
    cluster: &LocalCluster,
    mut operator: Option<&mut Operator>,
) -> Error {
    loop {
        let operator = operator.as_mut().map_or(Ok(()), |one| one.check());
        if let Err(error) = cluster.check().and(operator) {
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
    #[error("--images is for a real node, which runs them; add --node real")]
    ImagesWithoutNode,
    #[error("{0} could not be run: {1}")]
    Command(String, std::io::Error),
    #[error(transparent)]
    Other(#[from] std::io::Error),
}
