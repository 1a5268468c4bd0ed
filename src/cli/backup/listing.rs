//! `gravity backups`: the backups that are there. A Job looks where they are kept, so what is
//! listed is what could be restored, and not what some Job once said.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use futures::future::try_join_all;
use k8s_openapi::jiff::Timestamp;
use owo_colors::Style;
use serde::Serialize;

use super::super::age::age;
use super::super::cluster::{self, Cluster};
use super::super::output;
use super::super::table::{Cell, Table};
use super::name::Name;
use super::run::Run;
use super::template::{Task, Template};
use super::{BackupError, Error, Which};

/// A pod starts in seconds, and an image may have to be pulled first.
const LIMIT: Duration = Duration::from_secs(180);

/// The arguments of `gravity backups`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  gravity backups
  gravity backups shop -n shop
  gravity backups --server shop-postgresql-15 --output json

A Job looks where the backups are kept; it is gone when the list is there.")]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A row a backup, the newest first
    Table,
    /// {"backups": [{"name", "server", "database", "engine", "series", "taken", "bytes", "sha256", "state"}]}
    Json,
    /// The same as YAML
    Yaml,
}

#[derive(Debug, Serialize)]
struct View {
    backups: Vec<Listed>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Listed {
    name: String,
    server: String,
    database: String,
    engine: String,
    series: String,
    taken: String,
    bytes: u64,
    sha256: String,
    /// Whole; Damaged, where the file has another size than was written; or Missing.
    state: String,
}

/// Prints the backups that are there.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let (view, namespace) = cluster::block_on(look(&arguments.which))?;
    match arguments.output {
        Format::Table if view.backups.is_empty() => {
            output::styled(&format!("No backup in namespace {namespace} yet.\n"))?;
        }
        Format::Table => output::styled(&text(&view, Timestamp::now(), output::width()))?,
        Format::Json => output::json(&view)?,
        Format::Yaml => output::yaml(&view)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn look(which: &Which) -> Result<(View, String), Error> {
    let (cluster, namespace, templates) = which.find().await?;
    let lists = templates
        .iter()
        .map(|template| list(&cluster, &namespace, template));
    let mut backups: Vec<Listed> = try_join_all(lists).await?.into_iter().flatten().collect();
    backups.sort_by(|one, other| other.name.cmp(&one.name));
    Ok((View { backups }, namespace))
}

async fn list(
    cluster: &Cluster,
    namespace: &str,
    template: &Template,
) -> Result<Vec<Listed>, BackupError> {
    let job = template.job(Task::List, Timestamp::now());
    let run = Run::start(cluster, namespace, &job).await?;
    let log = run.done(Some(LIMIT)).await;
    run.take_away().await;
    let log = log?;
    read(&log).ok_or(BackupError::Failed {
        job: run.name,
        says: format!("its list is not whole: {log}"),
    })
}

/// What the Job has said; nothing where it did not come to its end.
fn read(log: &str) -> Option<Vec<Listed>> {
    let lines = log.lines();
    let listed = lines.filter_map(|line| line.strip_prefix("backup\t"));
    let listed: Option<Vec<Listed>> = listed.map(one).collect();
    listed.filter(|_| log.lines().next_back() == Some("end"))
}

fn one(line: &str) -> Option<Listed> {
    let [name, database, engine, series, bytes, sha256, state] =
        line.split('\t').collect::<Vec<_>>().try_into().ok()?;
    let name = Name::parse(name).ok()?;
    Some(Listed {
        server: name.server,
        taken: name.taken,
        name: name.text,
        database: database.to_owned(),
        engine: engine.to_owned(),
        series: series.to_owned(),
        bytes: bytes.parse().ok()?,
        sha256: sha256.to_owned(),
        state: state.to_owned(),
    })
}

fn text(view: &View, now: Timestamp, width: Option<usize>) -> String {
    let mut table = Table::new(["BACKUP", "ENGINE", "SIZE", "AGE", "STATE"]);
    for backup in &view.backups {
        let style = match backup.state.as_str() {
            "Whole" => Style::new(),
            _ => Style::new().red(),
        };
        table.row([
            backup.name.as_str().into(),
            format!("{} {}", backup.engine, backup.series).into(),
            size(backup.bytes).into(),
            age(&backup.taken, now).into(),
            Cell::styled(backup.state.as_str(), style),
        ]);
    }
    table.text(width)
}

/// As people read it: 512 B, 1.5 MiB.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // Tenths of a unit, so that nothing is rounded up to what is not there.
    let (mut tenths, mut unit) = (bytes * 10 / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "backup\t20261121T020000Z.shop-postgresql-15.auth_db\tauth_db\tpostgresql\t15\t1819\tc7c3\tWhole\nbackup\t20261120T020000Z.shop-postgresql-15.auth_db\tauth_db\tpostgresql\t15\t5368709120\tc7c4\tDamaged\nend\n";

    #[test]
    fn a_list_is_a_row_a_backup() {
        let view = View {
            backups: read(LOG).unwrap(),
        };
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let text = anstream::adapter::strip_str(&text(&view, now, None)).to_string();
        insta::assert_snapshot!(text, @"
        BACKUP                                       ENGINE         SIZE     AGE  STATE
        20261121T020000Z.shop-postgresql-15.auth_db  postgresql 15  1.7 KiB  10h  Whole
        20261120T020000Z.shop-postgresql-15.auth_db  postgresql 15  5.0 GiB  34h  Damaged
        ");
    }

    #[test]
    fn a_list_that_breaks_off_is_none() {
        let (half, _) = LOG.split_once("end").unwrap();
        assert_eq!(read(half), None);
        assert_eq!(read(&LOG.replace("1819", "many")), None);
        assert_eq!(read("end"), Some(Vec::new()));
    }

    #[test]
    fn a_size_is_read_by_people() {
        let cases = [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (1_572_864, "1.5 MiB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(size(bytes), expected);
        }
    }
}
