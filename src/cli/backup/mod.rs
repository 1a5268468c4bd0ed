//! `gravity backup`: backs databases up now. Its siblings list backups and restore one.

mod error;
pub mod listing;
mod name;
pub mod restore;
mod run;
mod template;

use std::process::ExitCode;

use clap::Args;
pub use error::BackupError;
use futures::future::join_all;
use k8s_openapi::jiff::Timestamp;
use run::Run;
use template::{Task, Template};

use super::cluster::{self, Cluster, Connection};
use super::{Error, namespace, output};

/// Which servers are meant.
#[derive(Debug, Args)]
pub struct Which {
    /// The GravityApp; all of the namespace when absent
    #[arg(value_name = "APP")]
    app: Option<String>,
    /// The database server, as shop-postgresql-15; all when absent
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// The namespace; that of the context when absent
    #[arg(short, long, value_name = "NAME", value_parser = namespace::parse)]
    namespace: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

impl Which {
    /// The cluster, the namespace, and what backups of the servers are made from.
    async fn find(&self) -> Result<(Cluster, String, Vec<Template>), Error> {
        let cluster = self.connection.connect().await?;
        let namespace = self.namespace.as_ref().unwrap_or(&cluster.namespace);
        let namespace = namespace.clone();
        let (app, server) = (self.app.as_deref(), self.server.as_deref());
        let templates = Template::all(&cluster, &namespace, app, server).await?;
        Ok((cluster, namespace, templates))
    }
}

/// The arguments of `gravity backup`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity backup
  gravity backup shop -n shop --wait
  gravity backup --server shop-postgresql-15 --wait

Backs up what the GravityApp says under databases.<engine>.backup, as its schedule does.")]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Wait until the backups are made, and fail if one is not
    #[arg(long)]
    wait: bool,
}

/// Backs databases up now.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    cluster::block_on(back_up(arguments))?;
    Ok(ExitCode::SUCCESS)
}

/// All servers at once, and one that fails costs the others nothing.
async fn back_up(arguments: &Arguments) -> Result<(), Error> {
    let (cluster, namespace, templates) = arguments.which.find().await?;
    let all = templates.iter();
    let runs = all.map(|template| one(&cluster, &namespace, template, arguments.wait));
    let mut failed = None;
    for ended in join_all(runs).await {
        match ended {
            Ok(text) => output::plain(&text)?,
            Err(error) => {
                if let Some(before) = failed.replace(error) {
                    output::error(&Error::Backup(before));
                }
            }
        }
    }
    failed.map_or(Ok(()), |error| Err(error.into()))
}

async fn one(
    cluster: &Cluster,
    namespace: &str,
    template: &Template,
    wait: bool,
) -> Result<String, BackupError> {
    let job = template.job(Task::Backup, Timestamp::now());
    let run = Run::start(cluster, namespace, &job).await?;
    if wait {
        return run.done(None).await;
    }
    let (server, name) = (&template.server, &run.name);
    Ok(format!(
        "{server}: Job {name} has started; its log: kubectl logs -f job/{name} -n {namespace}\n"
    ))
}
