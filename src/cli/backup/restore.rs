//! `gravity restore`: restores a backup to a new database, or in place of what is there.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;
use k8s_openapi::jiff::Timestamp;

use super::super::cluster::{self, Connection};
use super::super::{namespace, output};
use super::name::{self, Name};
use super::run::Run;
use super::template::{Task, Template};
use super::{BackupError, Error};

/// The arguments of `gravity restore`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity restore 20261121T020000Z.shop-postgresql-15.auth_db --to auth_db_restored
  gravity restore 20261121T020000Z.shop-postgresql-15.auth_db --to auth_db -n shop --yes

A database that is there is replaced only where it is the one that the backup is of, and only
after it was backed up once more. Its sessions may end; what is written to it in the meantime
is lost.")]
pub struct Arguments {
    /// The backup, as gravity backups shows it
    #[arg(value_name = "BACKUP", value_parser = Name::parse)]
    backup: Name,
    /// The database on the same server: a new one, or the one that the backup is of
    #[arg(long, value_name = "DATABASE", value_parser = name::database)]
    to: String,
    /// Replace the database without being asked
    #[arg(short, long)]
    yes: bool,
    /// The namespace; that of the context when absent
    #[arg(short, long, value_name = "NAME", value_parser = namespace::parse)]
    namespace: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

/// Restores a backup.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let replace = arguments.to == arguments.backup.database;
    if replace && !arguments.yes {
        confirm(&arguments.backup)?;
    }
    let said = cluster::block_on(restore(arguments, replace))?;
    output::plain(&said)?;
    Ok(ExitCode::SUCCESS)
}

async fn restore(arguments: &Arguments, replace: bool) -> Result<String, Error> {
    let cluster = arguments.connection.connect().await?;
    let namespace = arguments.namespace.as_ref().unwrap_or(&cluster.namespace);
    let (backup, to) = (arguments.backup.text.as_str(), arguments.to.as_str());
    let server = Some(arguments.backup.server.as_str());
    let templates = Template::all(&cluster, namespace, None, server).await?;
    let task = Task::Restore {
        backup,
        to,
        replace,
    };
    let mut said = String::new();
    for template in templates {
        let job = template.job(task, Timestamp::now());
        let run = Run::start(&cluster, namespace, &job).await?;
        said += &run.done(None).await?;
    }
    Ok(said)
}

/// Asks a person; where nobody can be asked, nothing is replaced.
fn confirm(backup: &Name) -> Result<(), BackupError> {
    let (database, server) = (&backup.database, &backup.server);
    if !io::stdin().is_terminal() {
        let (database, server) = (database.clone(), server.clone());
        return Err(BackupError::NotConfirmed { database, server });
    }
    let question = format!(
        "{database} on {server} is backed up once more, and then replaced by what it was at {}. Go on? [y/N] ",
        backup.taken
    );
    let mut answer = String::new();
    let asked = io::stderr()
        .write_all(question.as_bytes())
        .and_then(|()| io::stdin().lock().read_line(&mut answer));
    match (asked, answer.trim().to_ascii_lowercase().as_str()) {
        (Ok(_), "y" | "yes") => Ok(()),
        _ => Err(BackupError::Declined),
    }
}
