//! `gravity start`: the application is applied, and waited for until it runs.

mod apply;
mod wait;

use std::process::ExitCode;
use std::time::Duration;

pub use apply::{forget, of_project};
use clap::Args;
use kube::ResourceExt;

use super::RunningError;
use crate::api::app::Updates;
use crate::cli::cluster::{self, Connection};
use crate::cli::input::{Application, Input};
use crate::cli::project::lock;
use crate::cli::screen::Screen;
use crate::cli::{Error, duration, output};
use crate::resolve::Resolution;
use wait::Waited;

/// What a shell reports of a process that was ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// The arguments of `gravity start`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "All is checked before anything is written. The versions are those that `gravity install` shows. The namespace is made where it is not there. Services that
an earlier start has applied and that the files no longer have are taken out of the cluster's
catalogue. Ctrl-C ends the waiting; the cluster goes on.

Examples:
  gravity start
  gravity start --environment staging -n shop-staging --timeout 5m
  gravity start -f examples/shop --no-wait"
)]
pub struct Arguments {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    connection: Connection,
    /// Do not wait until it runs
    #[arg(long)]
    no_wait: bool,
    /// How long to wait
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "10m")]
    timeout: Duration,
    /// Take fields over that somebody else has set
    #[arg(long)]
    force_conflicts: bool,
}

/// Applies and waits.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    cluster::block_on(start(arguments))
}

/// The cluster takes the versions that `install` shows, whatever ran there before: those of
/// the files, for what the files no longer have goes out of its catalogue.
fn lock(application: &mut Application, resolution: &Resolution) {
    if application.app.spec.updates != Some(Updates::Automatic) {
        application.app.spec.lock = lock::versions(resolution);
    }
}

async fn start(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments {
        input,
        connection,
        no_wait,
        timeout,
        force_conflicts,
    } = arguments;
    let cluster = connection.connect().await?;
    let mut application = input.read(None, &cluster.namespace)?;
    // What would stand still in the cluster is told here, where it can be mended.
    let planned = application.planned()?;
    lock(&mut application, &planned.resolution);
    let applied = apply::apply(&cluster, &application, *force_conflicts).await?;
    output::tell(&applied.text());
    if *no_wait {
        return Ok(ExitCode::SUCCESS);
    }
    let app = applied.app;
    let mut screen = Screen::new();
    match wait::until_ready(&cluster, &app, *timeout, &mut screen).await? {
        Waited::Ready => {
            screen.last()?;
            Ok(ExitCode::SUCCESS)
        }
        Waited::Interrupted => {
            let name = app.name_any();
            output::tell(&format!(
                "Nobody waits any more; the cluster goes on: `gravity status {name}` shows how far it is."
            ));
            Ok(ExitCode::from(INTERRUPTED))
        }
        Waited::Stalled(message) => Err(RunningError::Stalled {
            app: app.name_any(),
            message,
        }
        .into()),
    }
}
